//! Keeping a slot while somebody decides, and what becomes of it: an order's, given back, or over.

use super::list::{bookable, place_of, view};
use super::{KEPT_MINUTES, Kept};
use crate::identity::{Act, Permission};
use crate::ids::{BookingId, LocationId, OrderId};
use crate::inventory::Network;
use crate::jobs::{self, Job};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// A booking that is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    pub booking: BookingId,
    pub plan: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// A booking that becomes an order's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordered {
    pub booking: BookingId,
    pub order: OrderId,
    /// The line that is an appointment, and who comes.
    pub appointment: Option<(i32, LocationId)>,
    /// The order's parcels come in it.
    pub brings_order: bool,
}

/// Keeps a slot of a plan for a while, under an id that the caller chose, in place of the one that `before` keeps. Refused where it cannot be booked any
/// more, or somebody was faster; then `before` stays as it was.
pub async fn book_slot(
    conn: &mut PgConnection,
    act: &Act,
    network: &Network,
    id: BookingId,
    plan: &str,
    starts_at: DateTime<Utc>,
    before: Option<BookingId>,
) -> Result<Kept> {
    act.require(Permission::CaptureOrders)?;
    let settings = network.delivery.slots.get(plan).ok_or_else(|| Refusal::field("/slot", "There are no such times. Choose one that is offered."))?;
    let slot = bookable(network, settings, act.now).into_iter().find(|s| s.starts_at == starts_at);
    let slot = slot.ok_or_else(|| Refusal::field("/slot", "This time cannot be booked any more. Choose another."))?;
    // Given back first: whoever books what they have keeps it.
    if let Some(before) = before {
        release_booking(conn, act, before).await?;
    }
    let claimed = sqlx::query!(
        "insert into slot_days (plan, starts_at, taken, capacity)
        select $1, $2, 1, $3 where $3 >= 1
        on conflict (plan, starts_at) do update
        set taken = slot_days.taken + 1, capacity = greatest(excluded.capacity, slot_days.taken + 1)
        where slot_days.taken + 1 <= excluded.capacity",
        plan,
        slot.starts_at,
        slot.capacity
    )
    .execute(&mut *conn)
    .await?;
    if claimed.rows_affected() == 0 {
        let refusal = Refusal::field("/slot", "Somebody was faster: this time is taken. Choose another.");
        return Err(Error::Refused(Refusal { code: RefusalCode::NoCapacity, ..refusal }));
    }
    let until = act.now + TimeDelta::minutes(KEPT_MINUTES);
    sqlx::query!(
        "insert into slot_bookings (booking_id, plan, starts_at, ends_at, state, booked_at, expires_at) values ($1, $2, $3, $4, 'open', $5, $6)",
        id.0,
        plan,
        slot.starts_at,
        slot.ends_at,
        act.now,
        until
    )
    .execute(&mut *conn)
    .await?;
    jobs::enqueue(conn, &[(Job::ExpireBooking { booking_id: id }, until)]).await?;
    let clock = place_of(network, settings).map_or(chrono_tz::UTC, |place| place.calendar.zone);
    Ok(Kept { booking: id, slot: view(plan, clock, slot, 0), until })
}

/// Gives a slot back that nobody has ordered with. Nothing happens where there is no such booking, or it is over, or an order's.
pub async fn release_booking(conn: &mut PgConnection, act: &Act, id: BookingId) -> Result<()> {
    end(conn, act.now, &[id], "released", None).await
}

/// The time to decide is over.
pub async fn expire_booking(conn: &mut PgConnection, act: &Act, id: BookingId) -> Result<()> {
    end(conn, act.now, &[id], "expired", Some(act.now)).await
}

/// Ends open bookings; those only that are over by a moment, where one is named.
async fn end(conn: &mut PgConnection, now: DateTime<Utc>, ids: &[BookingId], state: &str, over_by: Option<DateTime<Utc>>) -> Result<()> {
    sqlx::query!(
        "with ended as (
            update slot_bookings
            set state = $2, ended_at = $3
            where booking_id = any ($1) and state = 'open' and ($4::timestamptz is null or expires_at <= $4)
            returning plan, starts_at
        ),
        counted as (select plan, starts_at, count(*)::integer as gone from ended group by plan, starts_at)
        update slot_days d set taken = d.taken - c.gone from counted c where d.plan = c.plan and d.starts_at = c.starts_at",
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        state,
        now,
        over_by
    )
    .execute(&mut *conn)
    .await?;
    jobs::forget(conn, &ids.iter().map(|id| Job::ExpireBooking { booking_id: *id }).collect::<Vec<_>>()).await
}

/// Locks what is taken of slots, those that are known, in their order: for those who change more than one.
pub async fn lock_days(conn: &mut PgConnection, slots: &[(&str, DateTime<Utc>)]) -> Result<()> {
    sqlx::query!(
        "select d.taken
        from slot_days d
        join unnest($1::text[], $2::timestamptz[]) as w (plan, starts_at) on w.plan = d.plan and w.starts_at = d.starts_at
        order by d.plan, d.starts_at
        for update of d",
        &slots.iter().map(|s| s.0.to_owned()).collect::<Vec<_>>(),
        &slots.iter().map(|s| s.1).collect::<Vec<_>>()
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Locks bookings that are open still. Those that are not are left out.
pub async fn lock_bookings(conn: &mut PgConnection, ids: &[BookingId], now: DateTime<Utc>) -> Result<Vec<Booked>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as!(
        Booked,
        r#"select booking_id as "booking: BookingId", plan, starts_at, ends_at
        from slot_bookings
        where booking_id = any ($1) and state = 'open' and expires_at > $2
        order by booking_id
        for update"#,
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        now
    )
    .fetch_all(conn)
    .await?)
}

/// Bookings that are locked become orders'.
pub async fn become_ordered(conn: &mut PgConnection, bookings: &[Ordered]) -> Result<()> {
    if bookings.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update slot_bookings b
        set state = 'ordered', order_id = w.order_id, line_no = w.line_no, location_id = w.location_id, brings_order = w.brings_order
        from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::uuid[], $5::boolean[])
            as w (booking_id, order_id, line_no, location_id, brings_order)
        where b.booking_id = w.booking_id",
        &bookings.iter().map(|b| b.booking.0).collect::<Vec<_>>(),
        &bookings.iter().map(|b| b.order.0).collect::<Vec<_>>(),
        &bookings.iter().map(|b| b.appointment.map(|a| a.0)).collect::<Vec<_>>() as _,
        &bookings.iter().map(|b| b.appointment.map(|a| a.1.0)).collect::<Vec<_>>() as _,
        &bookings.iter().map(|b| b.brings_order).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    jobs::forget(conn, &bookings.iter().map(|b| Job::ExpireBooking { booking_id: b.booking }).collect::<Vec<_>>()).await
}

/// Gives back an order's booking that it has another one in place of. The caller holds its lock.
pub async fn release_ordered(conn: &mut PgConnection, act: &Act, id: BookingId) -> Result<()> {
    sqlx::query!(
        "with ended as (
            update slot_bookings set state = 'released', ended_at = $2 where booking_id = $1 and state = 'ordered' returning plan, starts_at
        )
        update slot_days d set taken = d.taken - 1 from ended e where d.plan = e.plan and d.starts_at = e.starts_at",
        id.0,
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives back what an order has that is called off, unless a part of it is on its way to be there then; of appointments those whose line is not open
/// any more. The caller holds its lock.
pub async fn give_back(conn: &mut PgConnection, act: &Act, order: OrderId) -> Result<()> {
    sqlx::query!(
        "with ended as (
            update slot_bookings b
            set state = 'released', ended_at = $2
            where b.order_id = $1 and b.state = 'ordered'
                and case
                    when b.line_no is null
                    then not exists (select from fulfilment_orders f where f.order_id = $1 and f.state in ('shipped', 'delivered', 'arrived', 'collected'))
                    else exists (select from order_lines l where l.order_id = $1 and l.line_no = b.line_no and l.open = 0)
                end
            returning plan, starts_at
        ),
        counted as (select plan, starts_at, count(*)::integer as gone from ended group by plan, starts_at),
        locked as (
            select d.plan, d.starts_at, c.gone
            from slot_days d
            join counted c on c.plan = d.plan and c.starts_at = d.starts_at
            order by d.plan, d.starts_at
            for update of d
        )
        update slot_days d set taken = d.taken - l.gone from locked l where d.plan = l.plan and d.starts_at = l.starts_at",
        order.0,
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}
