//! What a basket comes to, before anybody has said who they are.

use super::validate::shipping_charge;
use super::views::{BasketLine, BasketQuote};
use crate::catalog;
use crate::geo::Zone;
use crate::identity::{Act, Permission};
use crate::money::Money;
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Prices a basket of (SKU code, quantity) for a channel. What is not sold any more is left out.
pub async fn quote_basket(conn: &mut PgConnection, act: &Act, channel: &str, basket: &[(String, i32)]) -> Result<BasketQuote> {
    act.require(Permission::ReadCatalog)?;
    let terms = catalog::channel_terms(conn, channel).await?.ok_or_else(|| Refusal::not_found(format_args!("channel {channel}")))?;
    let codes: Vec<String> = basket.iter().map(|(code, _)| code.clone()).collect();
    let skus = catalog::price_skus(conn, act, channel, terms.currency, &codes).await?;
    let handles = catalog::products_by_codes(conn, act, &codes).await?;
    let mut lines = Vec::new();
    let mut grams = 0;
    for (code, quantity) in basket {
        let Some(sku) = skus.iter().find(|s| s.code == *code) else { continue };
        let Some(amount) = sku.unit_price.and_then(|p| p.amount(*quantity, terms.currency)) else { continue };
        grams += i64::from(sku.weight_grams) * i64::from(*quantity);
        lines.push(BasketLine {
            code: code.clone(),
            name: sku.name.clone(),
            handle: handles.iter().find(|(c, _)| c == code).map(|(_, handle)| handle.clone()).unwrap_or_default(),
            quantity: *quantity,
            amount,
        });
    }
    let mut charges = [None; 3];
    for (charge, zone) in charges.iter_mut().zip([Zone::Domestic, Zone::Europe, Zone::World]) {
        *charge = shipping_charge(conn, act, zone, terms.currency, grams).await?.map(|minor| Money::new(minor, terms.currency));
    }
    let [shipping, shipping_europe, shipping_world] = charges;
    let goods: i64 = lines.iter().map(|l| l.amount.minor).sum();
    Ok(BasketQuote { lines, goods: Money::new(goods, terms.currency), shipping, shipping_europe, shipping_world })
}
