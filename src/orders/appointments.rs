//! Services: lines that nobody has on a shelf, done by people with a skill at a time that is booked. What their use cases share.

use crate::carriers::Destination;
use crate::customers::Contact;
use crate::geo::GeoPoint;
use crate::ids::{BookingId, LocationId, OrderId};
use crate::inventory::Network;
use crate::payments::PaymentState;
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::slots::{self, Booked, BookingState};
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
    pub fn at(network: &Network, skill: &str, to: &Destination<'_>, booked: Booked) -> Result<Self, String> {
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

/// An order's appointment that is still to come, and all that is known of its line. The caller holds the order's lock.
#[derive(Debug)]
pub(super) struct ToCome {
    pub booking: BookingId,
    pub plan: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub location: LocationId,
    pub brings_goods: bool,
    pub service: String,
    pub skill: String,
    country: String,
    postcode: String,
    point: GeoPoint,
    /// When the last of the order's goods is there.
    pub goods_by: Option<DateTime<Utc>>,
    /// Nobody knows when all of them are.
    pub is_unknown: bool,
    pub payment: Option<PaymentState>,
}

/// Reads it; refused where it was kept, or called off.
pub(super) async fn to_come(conn: &mut PgConnection, order_id: OrderId, line_no: i32) -> Result<ToCome> {
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
    pub fn destination(&self) -> Destination<'_> {
        Destination { country: &self.country, postcode: &self.postcode, point: self.point }
    }
}
