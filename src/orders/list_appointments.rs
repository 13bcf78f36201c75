//! The services that a location's people are to do.

use super::list::clock_of;
use super::views::AppointmentRow;
use crate::clock::shown_at;
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId};
use crate::refusal::Result;
use sqlx::PgConnection;

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
