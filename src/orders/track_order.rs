//! The customer's view of an order, by signed link or by number with e-mail, postcode or phone number. No sign-in.

use super::number::read_number;
use super::planning::PlanningCache;
use super::substitutes::missing_of;
use super::views::{PromisedView, TrackingView};
use super::{Method, OrderStatus, list};
use crate::events::{self, EventKind};
use crate::fulfilment::{self, FulfilmentState};
use crate::geo::GeoPoint;
use crate::identity::{self, Act, Permission};
use crate::ids::OrderId;
use crate::money::{Currency, Money};
use crate::refusal::{Refusal, Result};
use crate::secret::{sign, signature_is_valid};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// The path of an order's tracking page. Whoever has it may follow, and cancel, this one order.
pub fn tracking_link(key: &[u8], order: OrderId) -> String {
    format!("/track/o/{}.{}", order.0.simple(), sign(key, order.0.as_bytes()))
}

/// The order a tracking link's token opens; none where the signature is wrong.
pub fn open_tracking_link(key: &[u8], token: &str) -> Option<OrderId> {
    let (id, signature) = token.split_once('.')?;
    let order: OrderId = id.parse().ok()?;
    signature_is_valid(key, order.0.as_bytes(), signature).then_some(order)
}

/// Finds an order by its number and the e-mail address, postcode or phone number it was placed with. Says the same whether the number or the rest is
/// wrong. A wrong guess leaves a row behind that must be kept: the caller commits on a refusal, too.
pub async fn look_up_order(conn: &mut PgConnection, now: DateTime<Utc>, number: &str, proof: &str) -> Result<Result<OrderId, Refusal>> {
    let number = read_number(number);
    let proof: String = proof.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let subject = format!("track:{number}");
    if let Err(refusal) = identity::check_guesses(conn, now, &subject).await? {
        return Ok(Err(refusal));
    }
    let found = sqlx::query_scalar!(
        r#"select o.order_id as "id: OrderId"
        from order_numbers n
        join orders o using (order_id)
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        where n.number = $1 and $2 <> ''
            and ($2 in (lower(c.email), lower(replace(c.postcode, ' ', ''))) or (length($3) >= 6 and $3 = regexp_replace(c.phone, '[^0-9]', '', 'g')))"#,
        number,
        proof,
        proof.chars().filter(char::is_ascii_digit).collect::<String>()
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(order) = found {
        return Ok(Ok(order));
    }
    identity::note_wrong_guess(conn, now, &subject).await?;
    Ok(Err(Refusal::field(
        "/number",
        "We found no order with this number and this e-mail address, postcode or phone number. Check both: they are in your confirmation.",
    )))
}

/// What the customer sees.
pub async fn track_order(conn: &mut PgConnection, act: &Act, planning: &PlanningCache, order_id: OrderId) -> Result<TrackingView> {
    act.require_order(order_id, Permission::ReadOrders)?;
    let header = sqlx::query!(
        r#"select o.number, o.status as "status: OrderStatus", o.method as "method: Method", o.placed_at, o.currency, o.gift_message, o.shipping_minor, o.total_minor,
            c.name, c.city, c.country, c.latitude, c.longitude, v.name as "pickup_location?",
            v.time_zone as "pickup_zone?", delivery_name(o.delivery_method, o.placed_at) as delivery, case when p.state in ('failed', 'expired') then p.failure end as "failure?",
            (select pickup_code from fulfilment_orders f where f.order_id = o.order_id and f.state in ('ready', 'arrived')
                and not exists (select from order_holds h where h.order_id = o.order_id and h.released_at is null) limit 1) as "pickup_code?"
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
    let currency = Currency::from_code(&header.currency).unwrap_or(Currency::GBP);
    let lines = list::lines_of_order(conn, order_id, currency, list::clock_of(&header.country, header.pickup_zone.as_deref())).await?;
    let parcels = fulfilment::fulfilments_of_orders(conn, act.now, order_id).await?;
    let mut timeline = events::read_stream(conn, order_id.0).await?;
    timeline.retain(|event| event.kind.is_for_customers());
    // By which rule it was decided is nobody else's business.
    timeline.iter_mut().filter(|event| event.kind == EventKind::OrderPlanned).for_each(|event| event.details.reason = None);
    let missing = missing_of(conn, act.now, planning, order_id, &lines).await?;
    Ok(TrackingView {
        number: header.number,
        live_topic: order_id.to_string(),
        status: header.status,
        method: header.method,
        placed_at: header.placed_at,
        first_name: header.name.split_whitespace().next().unwrap_or_default().to_owned(),
        city: header.city,
        destination: GeoPoint { latitude: header.latitude, longitude: header.longitude },
        pickup_location: header.pickup_location,
        pickup_code: header.pickup_code,
        // Once a part of it is on its way, calling off the rest is for the people at the desk.
        can_cancel: can_cancel(lines.iter().any(|l| l.open > 0), parcels.iter().map(|p| p.state)) && !parcels.iter().any(|p| p.state.is_out()),
        parcels: parcels.into_iter().filter(|p| !p.state.is_given_up()).collect(),
        delivery: header.delivery,
        promised: PromisedView::of_all(&lines),
        missing,
        lines,
        gift_message: header.gift_message,
        shipping: Money::new(header.shipping_minor, currency),
        total: Money::new(header.total_minor, currency),
        payment_failure: header.failure,
        timeline,
    })
}

/// What is left of an order can be called off while something is open and nobody has begun to pick it. The command asks again, under lock.
pub(super) fn can_cancel(open: bool, mut states: impl Iterator<Item = FulfilmentState>) -> bool {
    open && !states.any(|s| matches!(s, FulfilmentState::Picking | FulfilmentState::Packed | FulfilmentState::Ready))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_order_only() {
        let (a, b) = (OrderId(uuid::Uuid::from_u128(1)), OrderId(uuid::Uuid::from_u128(2)));
        let token = tracking_link(b"key", a).trim_start_matches("/track/o/").to_owned();
        assert_eq!(open_tracking_link(b"key", &token), Some(a));
        assert_eq!(open_tracking_link(b"other", &token), None);
        let forged = format!("{}.{}", b.0.simple(), token.split_once('.').unwrap().1);
        assert_eq!(open_tracking_link(b"key", &forged), None);
    }
}
