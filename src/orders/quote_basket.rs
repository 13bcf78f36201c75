//! What a basket comes to, before anybody has said who they are.

use super::planning::Planning;
use super::views::{BasketLine, BasketQuote};
use crate::catalog::{self, Wanted};
use crate::geo::Zone;
use crate::identity::{Act, Permission};
use crate::money::Money;
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Prices a basket of (SKU code, quantity) for a channel. What is not sold any more is left out.
pub async fn quote_basket(conn: &mut PgConnection, act: &Act, planning: &Planning, channel: &str, basket: &[(String, i32)]) -> Result<BasketQuote> {
    act.require(Permission::ReadCatalog)?;
    let currency = planning.terms.channels.get(channel).ok_or_else(|| Refusal::not_found(format_args!("channel {channel}")))?.currency;
    let wanted: Vec<Wanted<'_>> = basket.iter().map(|(code, _)| Wanted { channel, currency, code, customer_group: None }).collect();
    let prices = catalog::price_skus(conn, act.now, &wanted).await?;
    let codes: Vec<String> = basket.iter().map(|(code, _)| code.clone()).collect();
    let handles = catalog::products_by_codes(conn, act, &codes).await?;
    let mut lines = Vec::new();
    let mut grams = 0;
    for (code, quantity) in basket {
        let Some(sku) = prices.sku(channel, code, None) else { continue };
        let Some(amount) = sku.unit_price.and_then(|p| p.amount(*quantity, currency)) else { continue };
        let one = planning
            .network
            .kits
            .get(&sku.id)
            .map_or(i64::from(sku.weight_grams), |parts| parts.iter().map(|p| i64::from(p.weight_grams) * i64::from(p.quantity)).sum());
        grams += one * i64::from(*quantity);
        lines.push(BasketLine {
            code: code.clone(),
            name: sku.name.clone(),
            handle: handles.iter().find(|(c, _)| c == code).map(|(_, handle)| handle.clone()).unwrap_or_default(),
            quantity: *quantity,
            amount,
        });
    }
    let charge = |zone| planning.terms.delivery_charge(zone, currency, grams).map(|minor| Money::new(minor, currency));
    let goods: i64 = lines.iter().map(|l| l.amount.minor).sum();
    Ok(BasketQuote {
        lines,
        goods: Money::new(goods, currency),
        shipping: charge(Zone::Domestic),
        shipping_europe: charge(Zone::Europe),
        shipping_world: charge(Zone::World),
    })
}
