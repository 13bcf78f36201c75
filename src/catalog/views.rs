//! Read models of the catalogue.

use crate::ids::{ProductId, SkuId};
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductCard {
    pub handle: String,
    /// Codes of its SKUs.
    pub skus: Vec<String>,
    pub name: String,
    pub category: String,
    /// The lowest price of its SKUs.
    pub price: Money,
}

/// A product's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductPage {
    pub product_id: ProductId,
    pub handle: String,
    pub name: String,
    pub description: String,
    pub category: String,
    pub skus: Vec<SkuView>,
}

/// One thing that can be put in a basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkuView {
    pub sku_id: SkuId,
    pub code: String,
    pub name: String,
    pub price: Money,
    pub weight_grams: i32,
}
