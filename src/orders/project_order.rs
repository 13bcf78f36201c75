//! The header is written here and nowhere else.

use super::OrderStatus;
use super::validate::ValidOrder;
use crate::ids::{ContactId, LocationId, OrderId};
use crate::payments::PaymentState;
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Takes the order's lock: the first statement of every use case that changes it.
pub async fn lock_order(conn: &mut PgConnection, order: OrderId) -> Result<()> {
    sqlx::query!(r#"select order_id from orders where order_id = $1 for update"#, order.0)
        .fetch_optional(conn)
        .await?
        .map(|_| ())
        .ok_or_else(|| Refusal::not_found("such order").into())
}

/// Takes the locks of some orders, always in the order of their ids. Those that do not exist are passed over.
pub(super) async fn lock_orders(conn: &mut PgConnection, orders: &[OrderId]) -> Result<()> {
    let ids: Vec<_> = orders.iter().map(|o| o.0).collect();
    sqlx::query!("select from orders where order_id = any ($1) order by order_id for update", &ids).execute(conn).await?;
    Ok(())
}

/// Brings the headers of some orders in line with their lines, fulfilments and payments. The last statement of every change.
pub async fn project_order(conn: &mut PgConnection, now: DateTime<Utc>, orders: &[OrderId]) -> Result<()> {
    let ids: Vec<_> = orders.iter().map(|o| o.0).collect();
    sqlx::query_file!("src/orders/sql/project_order.sql", &ids, now).execute(conn).await?;
    Ok(())
}

/// The header of an order that has just come in.
#[derive(Debug)]
pub(super) struct NewHeader<'a> {
    pub order_id: OrderId,
    pub number: &'a str,
    pub order: &'a ValidOrder,
    pub contact_id: ContactId,
    pub placed_at: DateTime<Utc>,
    pub held_until: DateTime<Utc>,
    /// When it becomes a location's work; none is at once.
    pub release_at: Option<DateTime<Utc>>,
    /// Where its fulfilment orders are.
    pub locations: BTreeSet<LocationId>,
}

/// Writes the headers of new orders as their lines, fulfilments and payments will make them: nothing has happened yet but that they were
/// planned, so that their projection is known before any of it is written. Doctor compares the two as it does for every order.
pub(super) async fn open_headers(conn: &mut PgConnection, headers: &[NewHeader<'_>]) -> Result<()> {
    macro_rules! column {
        ($header:ident => $value:expr) => {
            &headers.iter().map(|$header| $value).collect::<Vec<_>>()
        };
    }
    let search = |h: &NewHeader<'_>| {
        let contact = &h.order.contact;
        let codes: Vec<&str> = h.order.lines.iter().map(|l| l.sku.code.as_str()).collect();
        let parts = [Some(h.number), h.order.external_id.as_deref(), Some(&contact.name), contact.email.as_deref(), contact.phone.as_deref()];
        let mut text: Vec<&str> = parts.into_iter().flatten().collect();
        let codes = codes.join(" ");
        text.extend([contact.postcode.as_str(), &codes]);
        text.join(" ")
    };
    sqlx::query_file!(
        "src/orders/sql/open_headers.sql",
        column!(h => h.order_id.0),
        column!(h => h.number.to_owned()),
        column!(h => h.order.channel.clone()),
        column!(h => h.order.legal_entity.0),
        column!(h => h.order.external_id.clone()) as _,
        column!(h => h.contact_id.0),
        column!(h => h.order.method.to_string()),
        column!(h => h.order.pickup_location.map(|l| l.0)) as _,
        column!(h => h.order.currency.code().to_owned()),
        column!(h => h.order.goods_minor()),
        column!(h => h.order.shipping_minor),
        column!(h => h.order.lines.iter().map(|l| l.tax_minor).sum::<i64>()),
        column!(h => h.placed_at),
        column!(h => h.held_until),
        OrderStatus::PendingPayment.as_str(),
        PaymentState::Pending.as_str(),
        column!(h => h.order.lines.iter().map(|l| l.quantity).sum::<i32>()),
        column!(h => i32::try_from(h.locations.len()).unwrap_or(i32::MAX)),
        column!(h => h.locations.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
        column!(h => search(h)),
        column!(h => h.order.customer_group.clone()) as _,
        column!(h => h.order.gift_message.clone()) as _,
        column!(h => h.order.delivery.as_ref().map(|(code, _)| code.clone())) as _,
        column!(h => h.release_at) as _,
        column!(h => h.order.origin.to_owned()),
        column!(h => h.order.marks.tags.join("\n")),
        column!(h => h.order.marks.priority),
        column!(h => h.order.marks.attributes.join("\n")),
        column!(h => h.order.marks.customer_tags.join("\n")),
        column!(h => h.order.marks.type_or_standard().to_owned()),
        column!(h => h.order.marks.ship_by) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
