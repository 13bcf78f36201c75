//! Services: lines that nobody has on a shelf, done by people with a skill at a time that is booked.

use super::advance_fulfilment::{Fulfilled, fulfil_lines};
use super::list::clock_of;
use super::planning::Planning;
use super::project_order::{lock_order, project_order};
use super::views::{AppointmentChoice, AppointmentRow};
use crate::carriers::Destination;
use crate::clock::shown_at;
use crate::customers::Contact;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::geo::GeoPoint;
use crate::identity::{Act, Permission};
use crate::ids::{BookingId, LocationId, OrderId};
use crate::inventory::Network;
use crate::payments::{self, PaymentState, RecordedOperation};
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::slots::{self, Booked, BookingState, SlotView};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A booking in which a service is done, and by whom.
#[derive(Clone, Debug)]
pub(super) struct Appointment {
    pub booked: Booked,
    pub location: LocationId,
    /// Those who come bring the order's parcels.
    pub brings_goods: bool,
}

impl Appointment {
    /// A booking for a service at a destination; what to do where nobody who can do it comes there then.
    fn at(network: &Network, skill: &str, to: &Destination<'_>, booked: Booked) -> Result<Self, String> {
        let plan = network.delivery.slots.get(&booked.plan).filter(|_| slots::slots_of_skill(network, skill, to).contains(&booked.plan.as_str()));
        let found = plan.and_then(|plan| Some((plan, slots::place_of(network, plan)?)));
        let (plan, place) = found.ok_or("Nobody who can do this comes to the address at that time. Choose another.")?;
        Ok(Self { booked, location: place.id, brings_goods: plan.brings_goods })
    }

    /// The same at the address of whoever orders.
    pub fn of(network: &Network, skill: &str, contact: &Contact, booked: Booked) -> Result<Self, String> {
        Self::at(network, skill, &Destination { country: &contact.country, postcode: &contact.postcode, point: contact.point }, booked)
    }
}

/// The most that a board shows.
const MOST: i64 = 100;
/// Nobody prepares for what is further away.
const DAYS_AHEAD: i32 = 14;

/// The appointments of a location that are to come or should have been, those that begin first before the others. Those of unpaid orders are not its
/// work yet.
pub async fn list_appointments(conn: &mut PgConnection, act: &Act, location: LocationId) -> Result<Vec<AppointmentRow>> {
    act.require_location(location, Permission::ReadFulfilment)?;
    let rows = sqlx::query!(
        r#"select b.order_id as "order_id!: OrderId", o.number, b.line_no as "line_no!", l.name as service, l.skill as "skill!", b.starts_at, b.ends_at,
            c.name as customer, c.phone, c.street, c.city, c.postcode, c.country
        from slot_bookings b
        join orders o using (order_id)
        join order_lines l on l.order_id = b.order_id and l.line_no = b.line_no
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        where b.location_id = $1 and b.state = 'ordered' and b.line_no is not null and b.starts_at < $2::timestamptz + make_interval(days => $3)
            and exists (select from payments p where p.order_id = b.order_id and p.state in ('authorised', 'partly_captured', 'captured'))
        order by b.starts_at, b.booking_id
        limit $4"#,
        location.0,
        act.now,
        DAYS_AHEAD,
        MOST
    )
    .fetch_all(conn)
    .await?;
    let row = rows.into_iter().map(|r| {
        let clock = clock_of(&r.country, None);
        AppointmentRow {
            order_id: r.order_id,
            order_number: r.number,
            line_no: r.line_no,
            service: r.service,
            skill: r.skill,
            starts_at: r.starts_at,
            ends_at: r.ends_at,
            local_from: shown_at(clock, r.starts_at),
            local_until: shown_at(clock, r.ends_at),
            is_over: r.ends_at <= act.now,
            customer: r.customer,
            phone: r.phone,
            street: r.street,
            city: r.city,
            postcode: r.postcode,
        }
    });
    Ok(row.collect())
}

/// An order's appointment that is still to come, and all that is known of its line. The caller holds the order's lock.
struct ToCome {
    booking: BookingId,
    plan: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    location: LocationId,
    brings_goods: bool,
    service: String,
    skill: String,
    country: String,
    postcode: String,
    point: GeoPoint,
    /// When the last of the order's goods is there.
    goods_by: Option<DateTime<Utc>>,
    /// Nobody knows when all of them are.
    is_unknown: bool,
    payment: Option<PaymentState>,
}

async fn to_come(conn: &mut PgConnection, order_id: OrderId, line_no: i32) -> Result<ToCome> {
    let row = sqlx::query!(
        r#"select b.booking_id as "booking: BookingId", b.plan, b.state as "state: BookingState", b.starts_at, b.ends_at,
            b.location_id as "location!: LocationId", b.brings_order, l.name as service, l.skill as "skill!", c.country, c.postcode, c.latitude, c.longitude,
            (select max(g.promised_by) from order_lines g where g.order_id = b.order_id and g.skill is null and g.cancelled < g.quantity) as goods_by,
            exists (
                select from order_lines g
                where g.order_id = b.order_id and g.skill is null and g.open > 0 and g.promised_by is null and g.first_promised_by is not null
            ) as "is_unknown!",
            p.state as "payment?: PaymentState"
        from slot_bookings b
        join orders o using (order_id)
        join order_lines l on l.order_id = b.order_id and l.line_no = b.line_no
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        left join payments p on p.order_id = b.order_id
        where b.order_id = $1 and b.line_no = $2
        order by b.state in ('ordered', 'performed') desc, b.booked_at desc
        limit 1"#,
        order_id.0,
        line_no
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such appointment"))?;
    let over = |words: &str| Err(Refusal::new(RefusalCode::IllegalTransition, words).into());
    match row.state {
        BookingState::Ordered => {}
        BookingState::Performed => return over("This appointment was kept: nothing more can be done with it."),
        _ => return over("This appointment was called off: nothing more can be done with it."),
    }
    Ok(ToCome {
        booking: row.booking,
        plan: row.plan,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        location: row.location,
        brings_goods: row.brings_order,
        service: row.service,
        skill: row.skill,
        country: row.country,
        postcode: row.postcode,
        point: GeoPoint { latitude: row.latitude, longitude: row.longitude },
        goods_by: row.goods_by,
        is_unknown: row.is_unknown,
        payment: row.payment,
    })
}

impl ToCome {
    fn destination(&self) -> Destination<'_> {
        Destination { country: &self.country, postcode: &self.postcode, point: self.point }
    }
}

/// The service of an order's line was done: it is invoiced, and the capture of its price is recorded, to be sent after the commit.
pub async fn perform_appointment(conn: &mut PgConnection, act: &Act, order_id: OrderId, line_no: i32) -> Result<Option<RecordedOperation>> {
    lock_order(conn, order_id).await?;
    let one = to_come(conn, order_id, line_no).await?;
    act.require_location(one.location, Permission::WorkFulfilment)?;
    if !one.payment.is_some_and(PaymentState::is_certain) {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "The order is not paid. Nothing is done for it yet.").into());
    }
    sqlx::query!("update slot_bookings set state = 'performed', ended_at = $2 where booking_id = $1", one.booking.0, act.now)
        .execute(&mut *conn)
        .await?;
    let owed = fulfil_lines(conn, act, order_id, Fulfilled::Performed, &[(line_no, 1)]).await?;
    let capture = if owed > 0 { Some(payments::request_capture(conn, act, order_id, owed, None).await?) } else { None };
    let details = EventDetails { reason: Some(one.service), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::AppointmentPerformed, details }]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    Ok(capture)
}

/// Books another slot of a plan for a service, under an id that the caller chose, in place of the one that it has, which others can have now.
pub async fn move_appointment(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    (order_id, line_no): (OrderId, i32),
    booking: BookingId,
    (plan, starts_at): (&str, DateTime<Utc>),
) -> Result<()> {
    act.require(Permission::CaptureOrders)?;
    lock_order(conn, order_id).await?;
    let before = to_come(conn, order_id, line_no).await?;
    if before.brings_goods {
        let words = "Those who come bring the goods: another time is another way for all of it. Call the order off and take it anew.";
        return Err(Refusal::new(RefusalCode::IllegalTransition, words).into());
    }
    let wrong = |message: String| Refusal::field("/slot", message);
    slots::lock_days(conn, &[(&before.plan, before.starts_at), (plan, starts_at)]).await?;
    slots::book_slot(conn, act, &planning.network, booking, plan, starts_at, None).await?;
    let booked = slots::lock_bookings(conn, &[booking], act.now).await?.pop();
    let booked = booked.ok_or_else(|| wrong("This time is not kept for you any more. Choose a time again.".to_owned()))?;
    let after = Appointment::at(&planning.network, &before.skill, &before.destination(), booked).map_err(wrong)?;
    if after.brings_goods || before.is_unknown || before.goods_by.is_some_and(|by| after.booked.starts_at < by) {
        return Err(wrong("The order's things are not there by then. Choose a later time.".to_owned()).into());
    }
    slots::release_ordered(conn, act, before.booking).await?;
    let ordered = slots::Ordered { booking, order: order_id, appointment: Some((line_no, after.location)), brings_order: false };
    slots::become_ordered(conn, &[ordered]).await?;
    sqlx::query!(
        "update order_lines set promised_from = $3, promised_by = $4 where order_id = $1 and line_no = $2",
        order_id.0,
        line_no,
        after.booked.starts_at,
        after.booked.ends_at
    )
    .execute(&mut *conn)
    .await?;
    let change = Change { field: format!("line {line_no}"), before: before.ends_at.to_rfc3339(), after: after.booked.ends_at.to_rfc3339() };
    let details = EventDetails { reason: Some(before.service), changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::AppointmentMoved, details }]).await?;
    project_order(conn, act.now, &[order_id]).await
}

/// The times that an order's appointment could be moved to. None where it is not to come any more, or those who come bring the goods.
pub async fn appointment_choice(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order_id: OrderId,
    line_no: i32,
) -> Result<Option<AppointmentChoice>> {
    act.require(Permission::CaptureOrders)?;
    let one = match to_come(conn, order_id, line_no).await {
        Ok(one) => one,
        Err(error) if error.refusal().is_some() => return Ok(None),
        Err(error) => return Err(error),
    };
    if one.brings_goods {
        return Ok(None);
    }
    let plans = slots::slots_of_skill(&planning.network, &one.skill, &one.destination());
    let free = slots::free_slots(conn, &planning.network, &plans, &[], act.now).await?;
    let fits = |slot: &SlotView| !one.is_unknown && one.goods_by.is_none_or(|by| slot.starts_at >= by) && slot.starts_at != one.starts_at;
    let mut slots: Vec<SlotView> = free.into_values().flatten().filter(fits).collect();
    slots.sort_by_key(|slot| slot.starts_at);
    Ok(Some(AppointmentChoice { line_no, service: one.service, starts_at: one.starts_at, slots }))
}
