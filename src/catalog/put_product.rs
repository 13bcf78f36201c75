//! Adds products in bulk, from an import or a seed.

use crate::identity::Act;
use crate::ids::{ProductId, SkuId};
use crate::money::{Currency, UnitPrice};
use crate::refusal::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// A product with one SKU and its price.
#[derive(Clone, Debug)]
pub struct NewProduct {
    pub sku_id: SkuId,
    pub code: String,
    pub name: String,
    pub description: String,
    pub category: String,
    pub gtin: Option<String>,
    pub weight_grams: i32,
    /// Hundredths of a percent.
    pub tax_rate_bp: i32,
    pub unit_price: UnitPrice,
}

/// Adds products, each with one SKU, at the same price in every channel from `act.now` on. Those whose code is known are left as they are.
pub async fn put_products(conn: &mut PgConnection, act: &Act, channels: &[&str], currency: Currency, products: &[NewProduct]) -> Result<()> {
    let ids: Vec<Uuid> = products.iter().map(|_| ProductId::new(act.now).0).collect();
    let skus: Vec<Uuid> = products.iter().map(|p| p.sku_id.0).collect();
    let codes: Vec<String> = products.iter().map(|p| p.code.clone()).collect();
    let handles: Vec<String> = products.iter().map(|p| handle(&p.name, &p.code)).collect();
    let names: Vec<String> = products.iter().map(|p| p.name.clone()).collect();
    let descriptions: Vec<String> = products.iter().map(|p| p.description.clone()).collect();
    let categories: Vec<String> = products.iter().map(|p| p.category.clone()).collect();
    let gtins: Vec<Option<String>> = products.iter().map(|p| p.gtin.clone()).collect();
    let weights: Vec<i32> = products.iter().map(|p| p.weight_grams).collect();
    let rates: Vec<i32> = products.iter().map(|p| p.tax_rate_bp).collect();
    let prices: Vec<i64> = products.iter().map(|p| p.unit_price.micros()).collect();
    let channels: Vec<String> = channels.iter().map(|c| (*c).to_owned()).collect();
    sqlx::query_file!(
        "src/catalog/sql/put_products.sql",
        &ids,
        &skus,
        &codes,
        &handles,
        &names,
        &descriptions,
        &categories,
        &gtins as &[Option<String>],
        &weights,
        &rates,
        &prices,
        &channels,
        currency.code(),
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A part of the address: lower case, words joined by hyphens, made unique by the code.
fn handle(name: &str, code: &str) -> String {
    let mut text = String::new();
    for c in name.chars().chain(std::iter::once(' ')).chain(code.chars()) {
        if c.is_ascii_alphanumeric() {
            text.push(c.to_ascii_lowercase());
        } else if !text.ends_with('-') && !text.is_empty() {
            text.push('-');
        }
    }
    text
}
