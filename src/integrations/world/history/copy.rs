//! Rows on their way into the database: COPY reads them by the table, which costs far less than a statement each.

use crate::ids::{ContactId, CustomerId, LegalEntityId, LocationId, OperationId, OrderId, ReservationId, SkuId};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Rows of all tables that have not been written yet.
#[derive(Default)]
pub(super) struct Tables(BTreeMap<Table, Rows>);

impl Tables {
    pub fn add(&mut self, table: Table, fields: &[&dyn Field]) {
        self.0.entry(table).or_default().add(fields);
    }

    /// Writes all of them, in the order of their foreign keys, and is empty.
    pub async fn write(&mut self, conn: &mut PgConnection) -> Result<()> {
        for (table, rows) in std::mem::take(&mut self.0) {
            let mut copy = conn.copy_in_raw(table.statement()).await?;
            copy.send(rows.0.as_bytes()).await?;
            copy.finish().await?;
        }
        Ok(())
    }
}

/// Rows of one table, as COPY reads them.
#[derive(Default)]
struct Rows(String);

impl Rows {
    fn add(&mut self, fields: &[&dyn Field]) {
        for (i, field) in fields.iter().enumerate() {
            if i > 0 {
                self.0.push('\t');
            }
            field.write(&mut self.0);
        }
        self.0.push('\n');
    }
}

/// One value in COPY's text format.
pub(super) trait Field {
    fn write(&self, out: &mut String);
}

macro_rules! plain_fields {
    ($($kind:ty),+) => {$(
        impl Field for $kind {
            fn write(&self, out: &mut String) {
                // Writing to a String cannot fail.
                let _ = write!(out, "{self}");
            }
        }
    )+};
}
plain_fields!(i16, i32, i64, uuid::Uuid, OrderId, SkuId, LocationId, ContactId, CustomerId, ReservationId, OperationId, LegalEntityId);

impl Field for str {
    fn write(&self, out: &mut String) {
        for c in self.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\t' => out.push_str("\\t"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                c => out.push(c),
            }
        }
    }
}

impl Field for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

impl Field for &str {
    fn write(&self, out: &mut String) {
        (**self).write(out);
    }
}

impl Field for DateTime<Utc> {
    fn write(&self, out: &mut String) {
        out.push_str(&self.to_rfc3339());
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("\\N"),
        }
    }
}

/// In the order of their foreign keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Orders,
    Numbers,
    ExternalIds,
    Lines,
    Decisions,
    Payments,
    Operations,
    Ledger,
    Fulfilments,
    Tracking,
    FulfilmentLines,
    Reservations,
    Movements,
    Events,
    Jobs,
}

impl Table {
    const fn statement(self) -> &'static str {
        match self {
            Self::Orders => {
                "copy orders (order_id, number, channel, legal_entity_id, external_id, customer_id, contact_id, contact_version, method, pickup_location_id, \
                 delivery_method, currency, goods_minor, shipping_minor, tax_minor, total_minor, placed_at, held_until, updated_at) from stdin"
            }
            Self::Numbers => "copy order_numbers (number, order_id) from stdin",
            Self::ExternalIds => "copy order_external_ids (channel, external_id, order_id) from stdin",
            Self::Lines => {
                "copy order_lines (order_id, line_no, sku_id, sku_code, name, quantity, cancelled, open, shipped, collected, unit_price_micros, amount_minor, \
                 tax_minor) from stdin"
            }
            Self::Decisions => {
                "copy order_decisions (order_id, decision_no, ruleset_id, ruleset_version, engine_version, decided_at, record) from stdin"
            }
            Self::Payments => {
                "copy payments (order_id, payment_no, token, gateway_reference, state, currency, amount_minor, authorised_minor, captured_minor) from stdin"
            }
            Self::Operations => {
                "copy payment_operations (order_id, operation_id, payment_no, kind, amount_minor, fulfilment_no, state, requested_at, answered_at) from stdin"
            }
            Self::Ledger => "copy ledger_entries (order_id, journal_id, account, amount_minor, currency, occurred_at) from stdin",
            Self::Fulfilments => {
                "copy fulfilment_orders (order_id, fulfilment_no, location_id, method, state, carrier, tracking_number, pickup_code, planned_at, released_at, \
                 picked_at, packed_at, ready_at, fulfilled_at, delivered_at, closed_at, reason) from stdin"
            }
            Self::Tracking => "copy tracking_numbers (tracking_number, order_id, fulfilment_no) from stdin",
            Self::FulfilmentLines => "copy fulfilment_lines (order_id, fulfilment_no, line_no, sku_id, quantity, reservation_id) from stdin",
            Self::Reservations => {
                "copy reservations (sku_id, reservation_id, location_id, quantity, order_id, line_no, opened_at, closed_at, outcome) from stdin"
            }
            Self::Movements => "copy stock_movements (sku_id, location_id, quantity, reason, order_id, actor_kind, occurred_at) from stdin",
            Self::Events => "copy events (horizon, partition, stream_kind, stream_id, version, kind, actor_kind, payload, occurred_at) from stdin",
            Self::Jobs => "copy jobs (kind, dedupe_key, payload, run_at) from stdin",
        }
    }
}
