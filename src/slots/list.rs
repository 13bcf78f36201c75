//! Reading what is left of slots.

use super::{BookingState, BookingView, Kept, SlotView};
use crate::carriers::{DeliveryMethod, Destination, Slot, SlotPlan, SlotUse};
use crate::clock::shown_at;
use crate::identity::{Act, Permission};
use crate::ids::{BookingId, OrderId};
use crate::inventory::{Location, Network};
use crate::promising::Span;
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The plan that a way of delivery needs a slot of; none where it needs none. Inside, none where the plan does not serve the destination.
pub fn slots_of_method<'a>(network: &'a Network, method: &'a DeliveryMethod, to: &Destination<'_>) -> Option<Option<&'a str>> {
    if method.slots.is_empty() {
        return None;
    }
    let plan = network.delivery.slots.get(&method.slots).filter(|plan| plan.serves == SlotUse::Delivery);
    // Its times are said by the clocks of the location, which are the customer's own.
    let serves = |plan: &SlotPlan, place: &Location| place.calendar.zone == to.time_zone() && plan.reaches(&network.delivery, &place.country, to);
    let serves = plan.is_some_and(|plan| place_of(network, plan).is_some_and(|place| serves(plan, place)));
    Some(serves.then_some(method.slots.as_str()))
}

/// The plan of windows in which orders are collected at a store; none where they are at any time.
pub fn slots_of_store<'a>(network: &'a Network, store: &Location) -> Option<&'a str> {
    let is_its = |plan: &SlotPlan| plan.serves == SlotUse::Pickup && plan.location == store.code;
    network.delivery.slots.iter().find(|(_, plan)| is_its(plan)).map(|(code, _)| code.as_str())
}

/// The plans of appointments with a skill that a destination is served by.
pub fn slots_of_skill<'a>(network: &'a Network, skill: &str, to: &Destination<'_>) -> Vec<&'a str> {
    let serves = |plan: &SlotPlan| {
        let place = place_of(network, plan).filter(|place| place.calendar.zone == to.time_zone());
        plan.serves == SlotUse::Appointment && plan.skill == skill && place.is_some_and(|p| plan.reaches(&network.delivery, &p.country, to))
    };
    network.delivery.slots.iter().filter(|(_, plan)| serves(plan)).map(|(code, _)| code.as_str()).collect()
}

/// The codes of all plans of appointments.
pub fn appointment_plans(network: &Network) -> impl Iterator<Item = &str> {
    network.delivery.slots.iter().filter(|(_, plan)| plan.serves == SlotUse::Appointment).map(|(code, _)| code.as_str())
}

/// The location that does what a plan is for.
pub fn place_of<'a>(network: &'a Network, plan: &SlotPlan) -> Option<&'a Location> {
    network.locations.iter().find(|l| l.code == plan.location)
}

/// The slots of a plan that can be booked at a moment.
pub(super) fn bookable(network: &Network, plan: &SlotPlan, now: DateTime<Utc>) -> Vec<Slot> {
    let Some(place) = place_of(network, plan) else { return Vec::new() };
    // Whoever collects finds somebody there.
    let is_open = |slot: &Slot| place.calendar.closes_after(slot.starts_at).is_some_and(|closes| slot.ends_at <= closes);
    let all = plan.slots(place.calendar.zone, &place.country, &network.delivery, now);
    all.into_iter().filter(|slot| plan.serves != SlotUse::Pickup || is_open(slot)).collect()
}

pub(super) fn view(code: &str, clock: Tz, slot: Slot, left: i32) -> SlotView {
    let (local_from, local_until) = (shown_at(clock, slot.starts_at), shown_at(clock, slot.ends_at));
    SlotView { plan: code.to_owned(), starts_at: slot.starts_at, ends_at: slot.ends_at, local_from, local_until, left }
}

/// Slots of some plans, by code, that can be booked at a moment and have room; those that `own` keeps among them.
pub async fn free_slots(
    conn: &mut PgConnection,
    network: &Network,
    plans: &[&str],
    own: &[BookingId],
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Vec<SlotView>>> {
    let mut free = BTreeMap::new();
    if plans.is_empty() {
        return Ok(free);
    }
    let codes: Vec<String> = plans.iter().map(|p| (*p).to_owned()).collect();
    let taken: BTreeMap<(String, DateTime<Utc>), i32> = sqlx::query!(
        r#"select d.plan, d.starts_at, d.taken - count(b.booking_id)::integer as "taken!"
            from slot_days d
            left join slot_bookings b on b.booking_id = any ($3) and b.state = 'open' and b.plan = d.plan and b.starts_at = d.starts_at
            where d.plan = any ($1) and d.starts_at >= $2
            group by d.plan, d.starts_at"#,
        &codes,
        now,
        &own.iter().map(|own| own.0).collect::<Vec<_>>()
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(|r| ((r.plan, r.starts_at), r.taken))
    .collect();
    for code in codes {
        let Some(plan) = network.delivery.slots.get(&code) else { continue };
        let clock = place_of(network, plan).map_or(Tz::UTC, |place| place.calendar.zone);
        let left = |slot: &Slot| slot.capacity - taken.get(&(code.clone(), slot.starts_at)).copied().unwrap_or(0);
        let slots =
            bookable(network, plan, now).into_iter().filter(|slot| left(slot) > 0).map(|slot| view(&code, clock, slot, left(&slot))).collect();
        free.insert(code, slots);
    }
    Ok(free)
}

/// The slots of some bookings that are kept still; those whose time is over are left out.
pub async fn kept_slots(conn: &mut PgConnection, network: &Network, bookings: &[BookingId], now: DateTime<Utc>) -> Result<Vec<Kept>> {
    let rows = sqlx::query!(
        r#"select booking_id as "booking: BookingId", plan, starts_at, ends_at, expires_at
        from slot_bookings
        where booking_id = any ($1) and state = 'open' and expires_at > $2"#,
        &bookings.iter().map(|id| id.0).collect::<Vec<_>>(),
        now
    )
    .fetch_all(conn)
    .await?;
    let kept = rows.into_iter().map(|r| {
        let clock = network.delivery.slots.get(&r.plan).and_then(|plan| place_of(network, plan)).map_or(Tz::UTC, |place| place.calendar.zone);
        let slot = Slot { starts_at: r.starts_at, ends_at: r.ends_at, capacity: 0 };
        Kept { booking: r.booking, slot: view(&r.plan, clock, slot, 0), until: r.expires_at }
    });
    Ok(kept.collect())
}

/// The time that an order is to be there at, where its customer chose one.
pub async fn slot_of_order(conn: &mut PgConnection, order: OrderId) -> Result<Option<Span>> {
    let row = sqlx::query!("select starts_at, ends_at from slot_bookings where order_id = $1 and state = 'ordered' and brings_order", order.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|r| (r.starts_at, r.ends_at)))
}

/// A booking, whatever has become of it.
pub async fn read_booking(conn: &mut PgConnection, act: &Act, booking: BookingId) -> Result<BookingView> {
    act.require(Permission::CaptureOrders)?;
    let row = sqlx::query!(
        r#"select b.plan, b.starts_at, b.ends_at, b.state as "state: BookingState", b.expires_at, o.number as "number?"
        from slot_bookings b
        left join orders o on o.order_id = b.order_id
        where b.booking_id = $1"#,
        booking.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such booking"))?;
    let (plan, starts_at, ends_at) = (row.plan, row.starts_at, row.ends_at);
    Ok(BookingView { booking, plan, starts_at, ends_at, state: row.state, expires_at: row.expires_at, order_number: row.number })
}
