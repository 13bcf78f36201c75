//! Read models of the catalogue.

use super::{ProductInput, SkuInput};
use crate::ids::{ImageId, ProductId, SkuId};
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
    /// The first of its pictures.
    pub image: Option<ImageView>,
    /// Nobody has it on a shelf: it is done at a time that is booked.
    pub is_service: bool,
}

/// A product's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductPage {
    pub product_id: ProductId,
    pub handle: String,
    pub name: String,
    pub description: String,
    pub category: String,
    /// What its variants differ in.
    pub options: Vec<String>,
    pub images: Vec<ImageView>,
    pub skus: Vec<SkuView>,
}

/// One thing that can be put in a basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkuView {
    pub sku_id: SkuId,
    pub code: String,
    pub name: String,
    /// One for each of the product's options.
    pub option_values: Vec<String>,
    pub price: Money,
    pub weight_grams: i32,
    /// How many characters can be put on each unit; none where it takes no text.
    pub personalisation_max: Option<i32>,
    /// Nobody has it on a shelf: it is done at a time that is booked.
    pub is_service: bool,
}

/// A picture of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    pub id: ImageId,
    /// What it shows, for those who do not see it.
    pub description: String,
    /// Of the large one, in pixels.
    pub width: i32,
    pub height: i32,
}

impl ImageView {
    /// Where the picture is, at most 480 pixels to a side. It never changes there.
    pub fn small(&self) -> String {
        format!("/images/{}-small.jpg", self.id)
    }

    /// Where the picture is, at most 1,200 pixels to a side. It never changes there.
    pub fn large(&self) -> String {
        format!("/images/{}-large.jpg", self.id)
    }
}

/// A product as those who look after it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRecord {
    pub handle: String,
    /// Its SKUs stand in `skus`.
    pub product: ProductInput,
    pub images: Vec<ImageView>,
    pub skus: Vec<SkuRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuRecord {
    pub sku: SkuInput,
    pub prices: Vec<PriceRow>,
    /// What a kit is made of, empty for a thing of its own: (code, name, units in one kit).
    pub parts: Vec<(String, String, i32)>,
}

/// What a SKU costs in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    pub channel: String,
    /// None is everybody.
    pub customer_group: Option<String>,
    pub currency: String,
    /// A decimal.
    pub price: String,
}

/// A product in the list of those who look after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRow {
    pub handle: String,
    pub name: String,
    pub category: String,
    /// The first few of its SKUs.
    pub codes: Vec<String>,
    pub skus: i64,
    /// Channels in which it has a price.
    pub channels: i64,
    /// One of its SKUs is a kit.
    pub kit: bool,
    /// None of its SKUs is sold any more.
    pub retired: bool,
}
