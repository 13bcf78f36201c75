//! A cancellation invoice comes back against the customer's latest earlier sales of the same things, or blind where there are none.

use super::file::{Line, Meaning, meaning};
use super::{Import, SOURCE};
use crate::ids::{CustomerId, OrderId, SkuId, new_uuid};
use crate::money::{Currency, share};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Units that came back, and the order's line they were sold with; None where it is not known.
struct Part {
    sale: Option<(OrderId, i32)>,
    units: i32,
}

impl Import {
    pub(super) async fn take_back(&mut self, conn: &mut PgConnection, invoice: &str, at: DateTime<Utc>, members: &[&Line]) -> Result<()> {
        for line in members {
            self.totals.cancellations_file.add(line.micros());
            let (sku, price) = match (meaning(line), self.skus.get(&line.code), line.price) {
                (Meaning::Goods, Some(item), Some(price)) => (item.id, price),
                (Meaning::Rejected(reason), ..) => {
                    self.reject_cancellation(line, reason);
                    continue;
                }
                (Meaning::Delivery, ..) => {
                    self.reject_cancellation(line, "delivery charge given back: no goods");
                    continue;
                }
                (Meaning::Goods, ..) => {
                    self.reject_cancellation(line, "never sold in this file: not in the catalogue");
                    continue;
                }
            };
            let units = i32::try_from(-line.quantity).unwrap_or(0);
            let booked = price.amount(units, Currency::GBP).map_or(0, |m| m.minor);
            self.totals.cancellations_imported.add(line.micros());
            self.totals.cancellations_booked_minor -= booked;
            let customer = match line.customer {
                Some(_) => self.people.meet(conn, line, invoice).await?.customer,
                None => None,
            };
            let parts = match_sales(conn, customer, sku, units, at).await?;
            self.totals.matched_returns += parts.iter().filter(|p| p.sale.is_some()).count() as u64;
            self.totals.blind_returns += parts.iter().filter(|p| p.sale.is_none()).count() as u64;
            keep_return(conn, invoice, line, customer, sku, &parts, booked).await?;
        }
        Ok(())
    }

    fn reject_cancellation(&mut self, line: &Line, reason: &'static str) {
        self.totals.cancellations_rejected.add(line.micros());
        self.reject(line, reason);
    }
}

/// Divides what came back over the customer's earlier sales, the latest first; the rest is blind.
async fn match_sales(conn: &mut PgConnection, customer: Option<CustomerId>, sku: SkuId, units: i32, at: DateTime<Utc>) -> Result<Vec<Part>> {
    let sales = sqlx::query!(
        r#"select l.order_id as "order: OrderId", l.line_no, l.shipped + l.collected - l.returned as "free!"
        from orders o
        join order_lines l using (order_id)
        where o.customer_id = $1 and l.sku_id = $2 and o.placed_at < $3 and l.shipped + l.collected > l.returned
        order by o.placed_at desc, l.line_no"#,
        customer.map(|c| c.0),
        sku.0,
        at
    )
    .fetch_all(conn)
    .await?;
    let mut left = units;
    let mut parts = Vec::new();
    for sale in sales {
        let units = left.min(sale.free);
        if units > 0 {
            left -= units;
            parts.push(Part { sale: Some((sale.order, sale.line_no)), units });
        }
    }
    if left > 0 {
        parts.push(Part { sale: None, units: left });
    }
    Ok(parts)
}

async fn keep_return(
    conn: &mut PgConnection,
    invoice: &str,
    line: &Line,
    customer: Option<CustomerId>,
    sku: SkuId,
    parts: &[Part],
    booked_minor: i64,
) -> Result<()> {
    let whole: i32 = parts.iter().map(|p| p.units).sum();
    let (mut units_before, mut given) = (0, 0i64);
    for (no, part) in (0i32..).zip(parts) {
        units_before += part.units;
        // Shares of one line add up to it.
        let amount = share(booked_minor, units_before, whole) - given;
        given += amount;
        if let Some((order, line_no)) = part.sale {
            sqlx::query!("update order_lines set returned = returned + $3 where order_id = $1 and line_no = $2", order.0, line_no, part.units)
                .execute(&mut *conn)
                .await?;
        }
        sqlx::query!(
            "insert into historic_returns (return_id, channel, external_id, line_no, part, order_id, order_line_no, customer_id, sku_id, quantity,
                amount_minor, currency, returned_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'GBP', $12)",
            new_uuid(line.at),
            SOURCE,
            invoice,
            i32::try_from(line.file_line).unwrap_or(0),
            no,
            part.sale.map(|s| s.0.0),
            part.sale.map(|s| s.1),
            customer.map(|c| c.0),
            sku.0,
            part.units,
            amount,
            line.at
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
