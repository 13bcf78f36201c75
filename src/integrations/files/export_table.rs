//! Tables out, in the columns that an import reads: what was taken away can be changed and brought back.

use super::workbook;
use super::{TableFormat, TableKind};
use crate::carriers::{self, Delivery, RateCard, RateRow};
use crate::identity::{Act, Permission};
use crate::money::{Currency, Money, UnitPrice};
use crate::refusal::Result;
use sqlx::PgConnection;

/// The whole table of a kind: products by handle, prices by SKU and channel, stock by SKU and location, what is set about delivery by code.
pub async fn export_table(conn: &mut PgConnection, act: &Act, kind: TableKind, format: TableFormat) -> Result<Vec<u8>> {
    let own: Vec<&str> = kind.columns().iter().map(|c| c.name).collect();
    let (header, rows) = match kind {
        TableKind::Products => {
            act.require(Permission::ReadCatalog)?;
            (own, products(conn).await?)
        }
        TableKind::Prices => {
            act.require(Permission::ReadCatalog)?;
            (own, prices(conn, act).await?)
        }
        TableKind::Rates | TableKind::Zones | TableKind::Transit => {
            act.require(Permission::ManageNetwork)?;
            (own, delivery(kind, &carriers::delivery_at(conn, act.now).await?))
        }
        TableKind::Stock => {
            act.require(Permission::ReadStock)?;
            (vec!["sku", "location", "on_hand", "reserved", "backordered", "quarantined", "damaged"], stock(conn).await?)
        }
    };
    Ok(workbook::write(format, kind.label(), &header, &rows)?)
}

async fn products(conn: &mut PgConnection) -> Result<Vec<Vec<String>>> {
    let rows = sqlx::query_file!("src/integrations/files/sql/products.sql").fetch_all(conn).await?;
    let number = |n: Option<i32>| n.map(|n| n.to_string()).unwrap_or_default();
    let rows = rows.into_iter().map(|r| {
        vec![
            r.code,
            r.handle,
            r.name,
            r.description,
            r.category,
            r.brand,
            r.tags,
            r.options,
            r.sku_name,
            r.option_values,
            r.gtin,
            r.weight_grams.to_string(),
            percent(r.tax_rate_bp),
            r.unit,
            number(r.length_mm),
            number(r.width_mm),
            number(r.height_mm),
            number(r.personalisation_max),
            r.skill,
            r.handling,
            r.substitutes,
            if r.retired { "yes" } else { "no" }.to_owned(),
        ]
    });
    Ok(rows.collect())
}

/// What is set about delivery, row by row.
fn delivery(kind: TableKind, all: &Delivery) -> Vec<Vec<String>> {
    match kind {
        TableKind::Rates => {
            let row = |code: &String, card: &RateCard, r: &RateRow| {
                let currency = Currency::from_code(&card.currency).unwrap_or(Currency::GBP);
                let amount = |minor| UnitPrice::of_amount(Money::new(minor, currency), 1).map(|p| p.to_string()).unwrap_or_default();
                let from = if r.from_value_minor > 0 { amount(r.from_value_minor) } else { String::new() };
                let up_to = r.up_to_grams.map(|g| (f64::from(g) / 1_000.0).to_string()).unwrap_or_default();
                let (name, zone_map) = (card.name.clone(), card.zone_map.clone());
                vec![code.clone(), r.zone.clone(), up_to, from, amount(r.amount_minor), name, card.currency.clone(), zone_map]
            };
            all.rate_cards.iter().flat_map(|(code, card)| card.rows.iter().map(move |r| row(code, card, r))).collect()
        }
        TableKind::Zones => {
            let places = all.zone_maps.iter().flat_map(|(code, map)| map.places.iter().map(move |p| (code, p)));
            places.map(|(code, p)| vec![code.clone(), p.zone.clone(), p.from.clone(), p.to.clone(), p.postcode.clone()]).collect()
        }
        _ => {
            let transit = all.services.iter().flat_map(|(code, service)| service.transit.iter().map(move |t| (code, t)));
            transit.map(|(code, t)| vec![code.clone(), t.zone.clone(), t.days.to_string()]).collect()
        }
    }
}

/// Hundredths of a percent as percent: 2000 is `20`, 2050 is `20.5`.
fn percent(bp: i32) -> String {
    let text = format!("{}.{:02}", bp / 100, bp % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

async fn prices(conn: &mut PgConnection, act: &Act) -> Result<Vec<Vec<String>>> {
    let rows = sqlx::query!(
        "select s.code, p.channel, p.customer_group, p.unit_price_micros
        from prices p
        join skus s using (sku_id)
        where p.valid @> $1::timestamptz
        order by s.code, p.channel, p.customer_group nulls first",
        act.now
    )
    .fetch_all(conn)
    .await?;
    let price = |micros| UnitPrice::from_micros(micros).map(|p| p.to_string()).unwrap_or_default();
    Ok(rows.into_iter().map(|r| vec![r.code, r.channel, r.customer_group.unwrap_or_default(), price(r.unit_price_micros)]).collect())
}

async fn stock(conn: &mut PgConnection) -> Result<Vec<Vec<String>>> {
    let rows = sqlx::query!(
        "select k.code, l.code as location, s.on_hand, s.reserved, s.backordered, s.quarantined, s.damaged
        from stock s
        join skus k using (sku_id)
        join locations l on l.location_id = s.location_id
        order by k.code, l.code"
    )
    .fetch_all(conn)
    .await?;
    let figures = |r: [i32; 5]| r.map(|n| n.to_string());
    Ok(rows
        .into_iter()
        .map(|r| [r.code, r.location].into_iter().chain(figures([r.on_hand, r.reserved, r.backordered, r.quarantined, r.damaged])).collect())
        .collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn rates_read_like_percent() {
        assert_eq!([2_000, 2_050, 5, 0].map(super::percent), ["20", "20.5", "0.05", "0"]);
    }
}
