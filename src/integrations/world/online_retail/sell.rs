//! A sales invoice becomes an order that was sent and delivered.

use super::super::history::{Added, Fate, PastLine, PastOrder};
use super::super::{draw, seed_of};
use super::Import;
use super::file::{Line, Meaning, meaning};
use crate::fulfilment::Method;
use crate::money::{Currency, UnitPrice};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// More than twenty lines is a phone order; else by lot.
fn channel_of(invoice: &str, lines: usize) -> &'static str {
    match (lines, draw(seed_of(invoice), 100)) {
        (21.., _) => "phone",
        (_, 0..=74) => "web",
        (_, 75..=89) => "store",
        _ => "marketplace",
    }
}

impl Import {
    pub(super) async fn sell(&mut self, conn: &mut PgConnection, invoice: &str, at: DateTime<Utc>, members: &[&Line]) -> Result<()> {
        let mut goods: Vec<(PastLine, &Line)> = Vec::new();
        let mut delivery: Vec<&Line> = Vec::new();
        for line in members {
            self.totals.sales_file.add(line.micros());
            match (meaning(line), self.skus.get(&line.code), line.price) {
                (Meaning::Goods, Some(item), Some(price)) => {
                    let quantity = i32::try_from(line.quantity).unwrap_or(0);
                    let past = PastLine {
                        sku: item.id,
                        code: line.code.clone(),
                        name: item.name.clone(),
                        quantity,
                        unit_price: price,
                        amount_minor: price.amount(quantity, Currency::GBP).map_or(0, |m| m.minor),
                        weight_grams: item.weight_grams,
                    };
                    goods.push((past, line));
                }
                (Meaning::Delivery, ..) => delivery.push(line),
                (Meaning::Rejected(reason), ..) => self.reject_sale(line, reason),
                (Meaning::Goods, ..) => self.reject_sale(line, "not in the catalogue"),
            }
        }
        if goods.is_empty() {
            delivery.iter().for_each(|line| self.reject_sale(line, "delivery charge without goods"));
            return Ok(());
        }
        let who = self.people.meet(conn, members[0], invoice).await?;
        let delivery_micros: i64 = delivery.iter().map(|l| l.micros()).sum();
        let shipping_minor = UnitPrice::from_micros(delivery_micros).ok().and_then(|p| p.amount(1, Currency::GBP)).map_or(0, |m| m.minor);
        let order = PastOrder {
            channel: channel_of(invoice, goods.len()),
            external_id: Some(format!("{invoice}@{}", at.format("%Y%m%d%H%M"))),
            customer: who.customer,
            contact: who.contact,
            destination: who.point,
            country: who.country.to_owned(),
            postcode: who.postcode,
            method: Method::Ship,
            pickup_location: None,
            lines: goods.iter().map(|g| g.0.clone()).collect(),
            shipping_minor,
            placed_at: at,
            fate: Fate::Runs,
            seed: seed_of(invoice),
        };
        let lines = goods.iter().map(|g| g.1).chain(delivery);
        match self.writer.add(&order) {
            Added::Taken => {
                self.totals.orders += 1;
                lines.for_each(|line| self.totals.sales_imported.add(line.micros()));
                self.totals.sales_booked_minor += shipping_minor + order.lines.iter().map(|l| l.amount_minor).sum::<i64>();
            }
            Added::Unfillable => lines.for_each(|line| self.reject_sale(line, "no stock for the whole order at the time")),
        }
        Ok(())
    }

    fn reject_sale(&mut self, line: &Line, reason: &'static str) {
        self.totals.sales_rejected.add(line.micros());
        self.reject(line, reason);
    }
}
