//! Reading the work of a location, and the parcels of orders.

use super::views::{FulfilmentLineView, FulfilmentView, OfferCard, Why, WorkCard, WorkCount, WorkLine};
use super::{FulfilmentState, Way};
use crate::geo::GeoPoint;
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId};
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

const PAGE: usize = 30;

/// A location's open work, oldest first, a page at a time, with what comes to it from elsewhere for customers who collect there; `state` narrows it to one
/// step.
pub async fn list_work(
    conn: &mut PgConnection,
    act: &Act,
    location: LocationId,
    state: Option<FulfilmentState>,
    after: Option<&str>,
) -> Result<Page<WorkCard>> {
    act.require_location(location, Permission::ReadFulfilment)?;
    let (at, key) = read_time_key::<WorkKey>(after)?;
    let rows = sqlx::query_file!(
        "src/fulfilment/sql/list_work.sql",
        location.0,
        state.map(FulfilmentState::as_str),
        at,
        key.map(|key| key.0),
        PAGE as i64 + 1,
        act.now,
        key.map(|key| key.1)
    )
    .fetch_all(conn)
    .await?;
    let cards = rows
        .into_iter()
        .map(|r| WorkCard {
            order_id: r.order_id,
            fulfilment_no: r.fulfilment_no,
            order_number: r.number,
            location_id: location,
            from: r.from,
            way: r.way,
            to_store: r.to_store,
            state: r.state,
            customer: r.customer,
            street: r.street,
            city: r.city,
            postcode: r.postcode,
            country: r.country,
            released_at: r.released_at,
            due_by: r.due_by,
            gift_message: r.gift_message,
            is_held: r.is_held,
            lines: r.lines.0,
            why: Why { rule: r.rule, places: r.places.unwrap_or(0), before: r.before.zip(r.before_reason) },
        })
        .collect();
    Ok(Page::cut(cards, PAGE, |card: &WorkCard| time_key(card.released_at.unwrap_or_default(), WorkKey(card.order_id.0, card.fulfilment_no))))
}

/// A fulfilment order in the key of a page: an order can have several of a moment.
#[derive(Clone, Copy)]
struct WorkKey(Uuid, i32);

impl std::fmt::Display for WorkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl std::str::FromStr for WorkKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (order, no) = text.split_once('.').ok_or(())?;
        Ok(Self(order.parse().map_err(|_| ())?, no.parse().map_err(|_| ())?))
    }
}

/// Work that a location is asked for and may still answer, what has to be answered first before the rest.
pub async fn list_offers(conn: &mut PgConnection, act: &Act, location: LocationId) -> Result<Vec<OfferCard>> {
    act.require_location(location, Permission::ReadFulfilment)?;
    let rows = sqlx::query_file!("src/fulfilment/sql/list_offers.sql", location.0, act.now).fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|r| OfferCard {
            order_id: r.order_id,
            fulfilment_no: r.fulfilment_no,
            order_number: r.order_number,
            city: r.city,
            country: r.country,
            until: r.until,
            promised_by: r.promised_by,
            gift_message: r.gift_message,
            others: r.others,
            lines: r.lines.0,
        })
        .collect())
}

/// How many fulfilment orders of a location are in each step.
pub async fn work_counts(conn: &mut PgConnection, act: &Act, location: LocationId) -> Result<Vec<WorkCount>> {
    act.require_location(location, Permission::ReadFulfilment)?;
    let rows = sqlx::query_as!(
        WorkCount,
        r#"select state as "state: FulfilmentState", count(*) as "count!"
        from fulfilment_orders
        where (location_id = $1 and state in ('released', 'picking', 'packed', 'ready')) or (to_location_id = $1 and state in ('shipped', 'arrived'))
        group by state"#,
        location.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// What fulfilment orders of an order are about: (line, units), each line once.
pub async fn lines_of(conn: &mut PgConnection, order: OrderId, numbers: &[i32]) -> Result<Vec<(i32, i32)>> {
    let rows = sqlx::query!(
        r#"select line_no, sum(quantity)::integer as "units!"
        from fulfilment_lines
        where order_id = $1 and fulfilment_no = any ($2)
        group by line_no
        order by line_no"#,
        order.0,
        numbers
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.line_no, r.units)).collect())
}

/// The parcels of an order, for its pages. The caller has checked who may see it.
pub async fn fulfilments_of_orders(conn: &mut PgConnection, now: DateTime<Utc>, order: OrderId) -> Result<Vec<FulfilmentView>> {
    let rows = sqlx::query_file!("src/fulfilment/sql/fulfilments_of_order.sql", order.0, now).fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|r| FulfilmentView {
            fulfilment_no: r.fulfilment_no,
            location_id: r.location_id,
            location: r.location,
            city: r.city,
            point: GeoPoint { latitude: r.latitude, longitude: r.longitude },
            way: r.way,
            to_store: r.to_store,
            state: r.state,
            carrier: r.carrier,
            tracking_number: r.tracking_number,
            fulfilled_at: r.fulfilled_at,
            service: r.service,
            promised_by: r.promised_by,
            due_by: r.due_by,
            offered_until: r.offered_until,
            lines: r.lines.0,
        })
        .collect())
}
