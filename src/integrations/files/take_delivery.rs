//! Rows about delivery: prices of rate cards, places on zone maps, transit times. Each row is one change of the setting that it names.

use super::TableKind;
use super::take_rows::{Row, refused};
use crate::carriers::{self, PlaceRow, Rate, RateCard, RateRow, Transit, TransitRow, ZonePlace};
use crate::identity::Act;
use crate::money::{Currency, UnitPrice};
use crate::refusal::Result;
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeMap;

/// Takes rows in, each by itself; what is wrong, by line.
pub(super) async fn take_delivery(conn: &mut PgConnection, act: &Act, kind: TableKind, rows: &[Row]) -> Result<Vec<(i32, String)>> {
    let mut problems = Vec::new();
    let cards = carriers::delivery_at(conn, act.now).await?.rate_cards;
    for row in rows {
        let mut tried = conn.begin().await?;
        let taken = match kind {
            TableKind::Rates => match read_rate(row, &cards) {
                Ok(rate) => carriers::put_rate(&mut tried, act, &rate).await,
                Err(words) => {
                    problems.push((row.no, words));
                    continue;
                }
            },
            TableKind::Zones => carriers::put_place(&mut tried, act, &read_place(row)).await,
            _ => match cell(row, "transit", "days").parse() {
                Ok(days) => {
                    let transit = Transit { zone: cell(row, "transit", "zone"), days };
                    carriers::put_transit(&mut tried, act, &TransitRow { service: cell(row, "transit", "service"), transit }).await
                }
                Err(_) => {
                    problems.push((row.no, format!("days: “{}” is no whole number.", cell(row, "transit", "days"))));
                    continue;
                }
            },
        };
        match taken {
            Ok(()) => tried.commit().await?,
            Err(error) => {
                tried.rollback().await?;
                problems.push((row.no, refused(error)?.everything()));
            }
        }
    }
    Ok(problems)
}

fn cell(row: &Row, kind: &str, name: &str) -> String {
    row.cell(kind, name).unwrap_or_default().trim().to_owned()
}

fn read_place(row: &Row) -> PlaceRow {
    let cell = |name: &str| cell(row, "zones", name);
    let place = ZonePlace {
        zone: cell("zone"),
        from: cell("from_country").to_uppercase(),
        to: cell("to_country").to_uppercase(),
        postcode: cell("postcode").to_uppercase(),
    };
    PlaceRow { map: cell("map"), place }
}

fn read_rate(row: &Row, cards: &BTreeMap<String, RateCard>) -> Result<Rate, String> {
    let cell = |name: &str| cell(row, "rates", name);
    let code = cell("currency").to_uppercase();
    // A card that is there has its own.
    let known = cards.get(&cell("card")).map_or("GBP", |card| card.currency.as_str());
    let named = if code.is_empty() { known } else { &code };
    let currency = Currency::from_code(named).ok_or_else(|| format!("currency: “{named}” is not one."))?;
    let minor = |name: &str| -> Result<i64, String> {
        let text = cell(name);
        let price = text.parse::<UnitPrice>().map_err(|e| format!("{name}: “{text}” is not an amount: {e}."))?;
        price.amount(1, currency).map(|m| m.minor).ok_or_else(|| format!("{name}: “{text}” is too large."))
    };
    let up_to_grams = match cell("up_to_kg").replace(',', ".") {
        text if text.is_empty() => None,
        text => {
            let kg = text.parse::<f64>().ok().filter(|kg| (0.0..=1e5).contains(kg)).ok_or_else(|| format!("up_to_kg: “{text}” is not a weight."))?;
            Some((kg * 1_000.0).round() as i32)
        }
    };
    let from_value_minor = if cell("goods_from").is_empty() { 0 } else { minor("goods_from")? };
    let row = RateRow { zone: cell("zone"), up_to_grams, from_value_minor, amount_minor: minor("price")? };
    Ok(Rate { card: cell("card"), name: cell("name"), currency: code, zone_map: cell("zone_map"), row })
}
