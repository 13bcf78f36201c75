//! Reading orders: the list with its filters, and one order whole.

use super::hold_order::holds_on;
use super::number::read_number;
use super::planning::PlanningCache;
use super::substitutes::missing_of;
use super::track_order::{can_cancel, tracking_link};
use super::views::{AppointmentView, ContactView, KitView, LineView, OrderDetail, OrderHistory, OrderRow, PaymentView, PromisedView, ReturnView};
use super::{Method, OrderStatus};
use crate::clock::shown_at;
use crate::events;
use crate::fulfilment::{self, views::WishView};
use crate::geo;
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::money::{Currency, Money, UnitPrice};
use crate::page::{Page, containing, read_time_key, time_key};
use crate::payments::PaymentState;
use crate::refusal::{Refusal, Result};
use crate::routing::{self, Queue};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::PgConnection;
use uuid::Uuid;

/// What the list shows. All of it is in the page's address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderFilter {
    /// Part of a number, name, e-mail address, phone, postcode, SKU or tracking number.
    pub search: Option<String>,
    pub status: Option<OrderStatus>,
    pub channel: Option<String>,
    /// Why something of it waits.
    pub queue: Option<Queue>,
    /// Where the page before ended.
    pub after: Option<String>,
}

const PAGE: usize = 50;

/// Orders, newest first, a page at a time.
pub async fn list_orders(conn: &mut PgConnection, act: &Act, filter: &OrderFilter) -> Result<Page<OrderRow>> {
    act.require(Permission::ReadOrders)?;
    let (at, id) = read_time_key::<Uuid>(filter.after.as_deref())?;
    // Every word must be found; wildcards that were typed mean themselves.
    let words: Vec<String> = filter.search.as_deref().unwrap_or_default().split_whitespace().map(containing).collect();
    let (status, queue) = (filter.status.map(OrderStatus::as_str), filter.queue.map(Queue::as_str));
    let rows =
        sqlx::query_file!("src/orders/sql/list_orders.sql", &words, status, filter.channel, at, id, PAGE as i64 + 1, queue).fetch_all(conn).await?;
    let rows = rows
        .into_iter()
        .map(|r| OrderRow {
            order_id: r.order_id,
            number: r.number,
            channel: r.channel,
            customer: r.customer,
            city: r.city,
            method: r.method,
            status: r.status,
            units: r.units,
            total: Money::new(r.total_minor, Currency::from_code(&r.currency).unwrap_or(Currency::GBP)),
            placed_at: r.placed_at,
        })
        .collect();
    Ok(Page::cut(rows, PAGE, |row: &OrderRow| time_key(row.placed_at, row.order_id)))
}

/// The id behind an order number or an id in text.
pub async fn find_order_id(conn: &mut PgConnection, act: &Act, reference: &str) -> Result<OrderId> {
    act.require(Permission::ReadOrders)?;
    if let Ok(id) = reference.parse::<OrderId>() {
        return Ok(id);
    }
    sqlx::query_scalar!(r#"select order_id as "id: OrderId" from order_numbers where number = $1"#, read_number(reference))
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("order {reference}")).into())
}

/// The newest order; none where there is none.
pub async fn newest_order(conn: &mut PgConnection, act: &Act) -> Result<Option<OrderId>> {
    act.require(Permission::ReadOrders)?;
    Ok(sqlx::query_scalar!(r#"select order_id as "id: OrderId" from orders order by placed_at desc, order_id desc limit 1"#)
        .fetch_optional(conn)
        .await?)
}

pub(super) async fn lines_of_order(conn: &mut PgConnection, order_id: OrderId, currency: Currency, clock: Tz) -> Result<Vec<LineView>> {
    let rows = sqlx::query!(
        r#"select order_lines.line_no, sku_code, order_lines.name, quantity, cancelled, open, shipped, collected, performed, unit_price_micros, amount_minor,
            queue as "queue: Queue", kit_no, kit_code, kit_name, kit_quantity, personalisation, gift_wrap_micros,
            promised_from, promised_by, first_promised_by, order_lines.instead_of,
            (select r.name from order_lines r where r.order_id = order_lines.order_id and r.line_no = order_lines.instead_of) as replaced, a.starts_at as "starts_at?", a.ends_at as "ends_at?", v.name as "appointment_location?",
            (
                select max((b.expected_at at time zone v.time_zone)::date)
                from backorders b
                join location_versions v on v.location_id = b.location_id and upper_inf(v.valid)
                where b.order_id = order_lines.order_id and b.line_no = order_lines.line_no and b.closed_at is null
            ) as expected_on
        from order_lines
        left join slot_bookings a on a.order_id = order_lines.order_id and a.line_no = order_lines.line_no and a.state in ('ordered', 'performed')
        left join location_versions v on v.location_id = a.location_id and upper_inf(v.valid)
        where order_lines.order_id = $1
        order by order_lines.line_no"#,
        order_id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| LineView {
            line_no: r.line_no,
            sku: r.sku_code,
            name: r.name,
            quantity: r.quantity,
            cancelled: r.cancelled,
            open: r.open,
            shipped: r.shipped,
            collected: r.collected,
            performed: r.performed,
            unit_price: UnitPrice::from_micros(r.unit_price_micros).map(|p| p.to_string()).unwrap_or_default(),
            amount: Money::new(r.amount_minor, currency),
            queue: r.queue,
            expected_on: r.expected_on,
            promised: promised(clock, r.promised_from, r.promised_by, r.first_promised_by),
            wish: WishView { personalisation: r.personalisation, gift_wrap: r.gift_wrap_micros.is_some(), kit: None },
            gift_wrap_price: r.gift_wrap_micros.and_then(|m| UnitPrice::from_micros(m).ok()).filter(|p| *p > UnitPrice::FREE).map(|p| p.to_string()),
            kit: match (r.kit_no, r.kit_code, r.kit_name, r.kit_quantity) {
                (Some(no), Some(code), Some(name), Some(quantity)) => Some(KitView { no, code, name, quantity }),
                _ => None,
            },
            appointment: match (r.starts_at, r.ends_at, r.appointment_location) {
                (Some(starts_at), Some(ends_at), Some(location)) => {
                    let (local_from, local_until) = (shown_at(clock, starts_at), shown_at(clock, ends_at));
                    Some(AppointmentView { starts_at, ends_at, local_from, local_until, location })
                }
                _ => None,
            },
            instead_of: r.instead_of.zip(r.replaced),
        })
        .collect())
}

/// The clocks of the place where an order is received: a store, or a country.
pub(super) fn clock_of(country: &str, pickup_zone: Option<&str>) -> Tz {
    let there = geo::country_by_code(country).map_or(Tz::UTC, |c| c.time_zone);
    pickup_zone.and_then(|zone| zone.parse().ok()).unwrap_or(there)
}

fn promised(clock: Tz, from: Option<DateTime<Utc>>, by: Option<DateTime<Utc>>, first: Option<DateTime<Utc>>) -> Option<PromisedView> {
    let local = |at: DateTime<Utc>| at.with_timezone(&clock).naive_local();
    let (from, by) = (from?, by?);
    let (local_from, local_by) = (local(from), local(by));
    let first_day = first.filter(|first| *first != by).map(|first| local(first).date());
    Some(PromisedView { day: local_from.date(), local_from, local_by, from, by, first_day })
}

/// One order as it stands. `key` signs the customer's link.
pub async fn order_detail(conn: &mut PgConnection, act: &Act, planning: &PlanningCache, key: &[u8], order_id: OrderId) -> Result<OrderDetail> {
    act.require_order(order_id, Permission::ReadOrders)?;
    let o = sqlx::query!(
        r#"select o.number, o.external_id, o.channel, o.status as "status: OrderStatus", o.method as "method: Method", o.placed_at, o.held_until,
            o.currency, o.gift_message, o.tags, o.order_type, o.ship_by, o.release_at, o.goods_minor, o.shipping_minor, o.tax_minor, o.total_minor,
            c.name, c.email, c.phone, c.street, c.city, c.postcode, c.country, v.name as "pickup_location?", v.time_zone as "pickup_zone?",
            delivery_name(o.delivery_method, o.placed_at) as delivery,
            p.state as "payment_state?: PaymentState", p.amount_minor as "amount?", p.authorised_minor as "authorised?", p.captured_minor as "captured?",
            p.refunded_minor as "refunded?", p.failure as "failure?"
        from orders o
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        left join location_versions v on v.location_id = o.pickup_location_id and v.valid @> $2::timestamptz
        left join payments p on p.order_id = o.order_id
        where o.order_id = $1"#,
        order_id.0,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such order"))?;
    let currency = Currency::from_code(&o.currency).unwrap_or(Currency::GBP);
    let money = |minor: i64| Money::new(minor, currency);
    let lines = lines_of_order(conn, order_id, currency, clock_of(&o.country, o.pickup_zone.as_deref())).await?;
    let fulfilments = fulfilment::fulfilments_of_orders(conn, act.now, order_id).await?;
    let missing = missing_of(conn, act.now, planning, order_id, &lines).await?;
    let payment = match (o.payment_state, o.amount, o.authorised, o.captured, o.refunded) {
        (Some(state), Some(amount), Some(authorised), Some(captured), Some(refunded)) => Some(PaymentView {
            state,
            amount: money(amount),
            authorised: money(authorised),
            captured: money(captured),
            refunded: money(refunded),
            failure: o.failure,
        }),
        _ => None,
    };
    Ok(OrderDetail {
        order_id,
        number: o.number,
        external_id: o.external_id,
        channel: o.channel,
        status: o.status,
        method: o.method,
        placed_at: o.placed_at,
        held_until: o.held_until,
        customer: ContactView {
            name: o.name,
            email: o.email,
            phone: o.phone,
            street: o.street,
            city: o.city,
            postcode: o.postcode,
            country: o.country,
        },
        pickup_location: o.pickup_location,
        delivery: o.delivery,
        release_at: o.release_at.filter(|at| *at > act.now),
        gift_message: o.gift_message,
        tags: o.tags,
        order_type: o.order_type,
        ship_by: o.ship_by,
        holds: holds_on(conn, order_id).await?,
        can_hold: lines.iter().any(|line| line.open > 0) || fulfilments.iter().any(is_on_its_way_to_be_collected),
        can_cancel: can_cancel(lines.iter().any(|l| l.open > 0), fulfilments.iter().map(|f| f.state)),
        lines,
        missing,
        fulfilments,
        goods: money(o.goods_minor),
        shipping: money(o.shipping_minor),
        tax: money(o.tax_minor),
        total: money(o.total_minor),
        payment,
        tracking_path: tracking_link(key, order_id),
    })
}

/// What happened to an order, why it goes where it goes, and what came back of it. Explained is the decision of that number, or the latest.
pub async fn order_history(conn: &mut PgConnection, act: &Act, order_id: OrderId, decision: Option<i32>) -> Result<OrderHistory> {
    act.require_order(order_id, Permission::ReadOrders)?;
    let timeline = events::read_stream(conn, order_id.0).await?;
    let decisions = routing::decisions_of(conn, order_id).await?;
    if decision.is_some_and(|no| decisions.iter().all(|d| d.no != no)) {
        return Err(Refusal::not_found("such decision about this order").into());
    }
    let explanation = routing::explain_decision(conn, order_id, decision).await?;
    let returns = sqlx::query!(
        r#"select r.external_id, s.code, r.quantity, r.amount_minor, r.currency, r.returned_at
        from historic_returns r
        join skus s using (sku_id)
        where r.order_id = $1
        order by r.returned_at"#,
        order_id.0
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(|r| ReturnView {
        external_id: r.external_id,
        sku: r.code,
        quantity: r.quantity,
        amount: Money::new(r.amount_minor, Currency::from_code(&r.currency).unwrap_or(Currency::GBP)),
        returned_at: r.returned_at,
    })
    .collect();
    Ok(OrderHistory { timeline, decisions, explanation, returns })
}

/// What was sent to a store, and is still to be handed out there.
fn is_on_its_way_to_be_collected(work: &fulfilment::views::FulfilmentView) -> bool {
    work.way == fulfilment::Way::ToStore && matches!(work.state, fulfilment::FulfilmentState::Shipped | fulfilment::FulfilmentState::Arrived)
}
