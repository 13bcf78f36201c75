//! The products of the file.

use super::super::network::{CHANNELS, TAX_RATE_BP};
use super::super::{draw, seed_of};
use super::file::{Line, Meaning, meaning};
use crate::catalog::{NewProduct, put_products};
use crate::identity::Act;
use crate::ids::SkuId;
use crate::money::{Currency, UnitPrice};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};

/// Weights of real products (Olist, MIT), if there is a file of them; else drawn from their distribution.
#[derive(Clone, Debug, Default)]
pub struct Weights(Vec<i32>);

impl Weights {
    /// Reads `product_weight_g` of the Olist products table.
    pub fn read(csv_text: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(csv_text);
        let column = reader.headers().ok().and_then(|h| h.iter().position(|name| name == "product_weight_g"));
        let Some(column) = column else { return Self::default() };
        Self(reader.records().flatten().filter_map(|r| r.get(column)?.parse().ok()).filter(|g| *g > 0).collect())
    }

    fn of(&self, code: &str) -> i32 {
        let seed = seed_of(code);
        if !self.0.is_empty() {
            return self.0[usize::try_from(draw(seed, self.0.len() as u64)).unwrap_or(0)];
        }
        // Between the percentiles 0, 10, 50, 90 and 99 of that table.
        const POINTS: [(u64, u64); 5] = [(0, 50), (10, 175), (50, 700), (90, 6_300), (100, 22_550)];
        let at = draw(seed, 100);
        let upper = POINTS.iter().position(|p| p.0 > at).unwrap_or(4);
        let ((x0, y0), (x1, y1)) = (POINTS[upper - 1], POINTS[upper]);
        i32::try_from(y0 + (y1 - y0) * (at - x0) / (x1 - x0)).unwrap_or(700)
    }
}

/// A SKU as the import needs it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub id: SkuId,
    pub name: String,
    pub weight_grams: i32,
}

/// Puts every product of the file into the catalogue: the longest of its descriptions as its name, the last of its prices.
pub(super) async fn put_catalogue(conn: &mut PgConnection, start: DateTime<Utc>, lines: &[Line], weights: &Weights) -> Result<HashMap<String, Item>> {
    let mut found: BTreeMap<&str, (&str, UnitPrice)> = BTreeMap::new();
    for line in lines.iter().filter(|l| meaning(l) == Meaning::Goods) {
        let Some(price) = line.price else { continue };
        let entry = found.entry(&line.code).or_insert(("", price));
        if line.description.len() > entry.0.len() {
            entry.0 = &line.description;
        }
        if price.micros() > 0 {
            entry.1 = price;
        }
    }
    let products: Vec<NewProduct> = found
        .iter()
        .map(|(code, (name, price))| NewProduct {
            sku_id: SkuId::new(start),
            code: (*code).to_owned(),
            name: readable(if name.is_empty() { code } else { name }),
            description: String::new(),
            category: "Online Retail".to_owned(),
            gtin: None,
            weight_grams: weights.of(code),
            tax_rate_bp: TAX_RATE_BP,
            unit_price: *price,
        })
        .collect();
    let channels: Vec<&str> = CHANNELS.iter().map(|c| c.0).collect();
    put_products(conn, &Act::system(start), &channels, Currency::GBP, &products).await?;
    let codes: Vec<String> = products.into_iter().map(|p| p.code).collect();
    let rows =
        sqlx::query!(r#"select sku_id as "id: SkuId", code, name, weight_grams from skus where code = any ($1)"#, &codes).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (r.code, Item { id: r.id, name: r.name, weight_grams: r.weight_grams })).collect())
}

/// The file shouts: "WHITE METAL LANTERN" becomes "White metal lantern".
fn readable(name: &str) -> String {
    let lower = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
