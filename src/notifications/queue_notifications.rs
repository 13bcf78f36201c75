//! From events to messages: each event that calls for one gets it, once.

use super::{Facts, NotificationKind, compose};
use crate::events::{self, Cursor, Event, EventKind, StreamKind};
use crate::fulfilment::FulfilmentState;
use crate::identity::Act;
use crate::ids::{ContactId, NotificationId, OrderId};
use crate::money::{Currency, Money};
use crate::orders::views::{LineView, Missing};
use crate::orders::{self, PlanningCache, tracking_link};
use crate::refusal::Result;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// The reader's name.
const READER: &str = "notifications";
/// Events that are read in one go: whoever reads events waits for the oldest transaction, so this one is short.
const BATCH: i64 = 50;
/// Nobody is told of what happened longer ago: histories that are brought in are not news.
const NEWS: TimeDelta = TimeDelta::days(2);

/// What an event calls for.
const fn called_for(kind: EventKind) -> Option<NotificationKind> {
    match kind {
        EventKind::PaymentAuthorised => Some(NotificationKind::Confirmed),
        EventKind::Shipped => Some(NotificationKind::Shipped),
        EventKind::ReadyForPickup => Some(NotificationKind::Ready),
        EventKind::PromiseMoved => Some(NotificationKind::DateMoved),
        EventKind::CustomerAsked => Some(NotificationKind::Asked),
        EventKind::LineSubstituted => Some(NotificationKind::Substituted),
        EventKind::AppointmentMoved => Some(NotificationKind::AppointmentMoved),
        EventKind::Delivered => Some(NotificationKind::Delivered),
        EventKind::StaffTold => Some(NotificationKind::Staff),
        _ => None,
    }
}

/// Only what happens from now on is news: for those who have brought a history in.
pub async fn start_from_now(conn: &mut PgConnection) -> Result<()> {
    let cursor = events::horizon(conn).await?;
    sqlx::query!(
        "insert into event_readers (reader, horizon, position) values ($1, $2, $3)
        on conflict (reader) do update set horizon = excluded.horizon, position = excluded.position",
        READER,
        cursor.horizon,
        cursor.position
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What messages are written with.
#[derive(Clone, Copy, Debug)]
pub struct Writing<'a> {
    /// The address of the website.
    pub site: &'a str,
    /// Signs the customers' links.
    pub key: &'a [u8],
    pub planning: &'a PlanningCache,
}

/// Writes the messages that the next events call for. One node does it at a time; another finds nothing to do. Returns how many events were read.
pub async fn queue_notifications(conn: &mut PgConnection, now: DateTime<Utc>, with: Writing<'_>) -> Result<usize> {
    sqlx::query!("insert into event_readers (reader, horizon, position) values ($1, 0, 0) on conflict do nothing", READER)
        .execute(&mut *conn)
        .await?;
    let cursor = sqlx::query!("select horizon, position from event_readers where reader = $1 for update skip locked", READER)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(cursor) = cursor.map(|c| Cursor { horizon: c.horizon, position: c.position }) else { return Ok(0) };
    let read = events::read_after(conn, None, cursor, BATCH).await?;
    let Some((last, _)) = read.last() else { return Ok(0) };
    sqlx::query!("update event_readers set horizon = $2, position = $3 where reader = $1", READER, last.horizon, last.position)
        .execute(&mut *conn)
        .await?;
    let news = read.iter().filter(|(_, e)| e.stream_kind == StreamKind::Order && e.occurred_at > now - NEWS);
    for (event, kind) in news.filter_map(|(_, event)| Some((event, called_for(event.kind)?))) {
        if kind == NotificationKind::Staff {
            write_to_staff(conn, now, with, event).await?;
        } else {
            write_message(conn, now, with, event, kind).await?;
        }
    }
    Ok(read.len())
}

/// Such as `2 × Brass lantern`; of a service with its time.
fn line_words(line: &LineView) -> String {
    let when = line.appointment.as_ref().map(|a| {
        let (from, until) = (a.local_from.format("%H:%M"), a.local_until.format("%H:%M"));
        format!(", on {} between {from} and {until}", a.local_from.format("%A, %-d %B %Y"))
    });
    format!("{} × {}{}", line.quantity, line.name, when.unwrap_or_default())
}

async fn write_message(conn: &mut PgConnection, now: DateTime<Utc>, with: Writing<'_>, event: &Event, kind: NotificationKind) -> Result<()> {
    let order_id = OrderId(event.stream_id);
    let act = Act::system(now);
    let order = sqlx::query!(
        r#"select o.number, o.contact_id as "contact: ContactId", o.contact_version, o.total_minor, o.currency, e.name as company, c.email
        from orders o
        join legal_entities e using (legal_entity_id)
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        where o.order_id = $1"#,
        order_id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(order) = order.filter(|o| o.email.is_some()) else { return Ok(()) };
    let seen = orders::track_order(conn, &act, with.planning, order_id).await?;
    // They have answered, or it was found.
    if kind == NotificationKind::Asked && seen.missing.is_empty() {
        return Ok(());
    }
    let parcel = event.details.tracking_number.clone().map(|number| {
        let carrier = seen.parcels.iter().find(|p| p.tracking_number.as_ref() == Some(&number)).and_then(|p| p.carrier.clone());
        (carrier.unwrap_or_else(|| "the carrier".to_owned()), number)
    });
    let currency = Currency::from_code(&order.currency).unwrap_or(Currency::GBP);
    let facts = Facts {
        company: order.company,
        first_name: seen.first_name,
        missing: seen.missing.iter().map(Missing::with_offer).collect(),
        has_offers: seen.missing.iter().any(|m| m.instead.is_some()),
        lines: seen.lines.iter().map(line_words).collect(),
        total: Money::new(order.total_minor, currency).to_string(),
        delivery: seen.delivery,
        store: seen.pickup_location.clone(),
        pickup_code: seen.pickup_code,
        more_comes: seen.parcels.iter().any(|p| !p.state.is_to_collect() && (!p.state.is_out() || p.state == FulfilmentState::Shipped)),
        day: seen.promised.as_ref().map(|p| p.day),
        from: seen.promised.as_ref().map(|p| p.local_from.format("%H:%M").to_string()),
        until: seen.promised.as_ref().map(|p| p.local_by.format("%H:%M").to_string()),
        first_day: seen.promised.as_ref().and_then(|p| p.first_day),
        parcel,
        link: format!("{}{}", with.site.trim_end_matches('/'), tracking_link(with.key, order_id)),
        number: order.number,
        note: event.details.reason.clone().unwrap_or_default(),
        comes_sooner: event.details.comes_sooner(),
    };
    keep(conn, now, event, kind, To::Customer(order.contact, order.contact_version), &facts).await
}

/// A rule has something written to people of the company.
async fn write_to_staff(conn: &mut PgConnection, now: DateTime<Utc>, with: Writing<'_>, event: &Event) -> Result<()> {
    let Some(address) = event.details.to.as_deref() else { return Ok(()) };
    let number = sqlx::query_scalar!("select number from orders where order_id = $1", event.stream_id).fetch_one(&mut *conn).await?;
    let link = format!("{}/desk/orders/{number}", with.site.trim_end_matches('/'));
    let facts = Facts { note: event.details.reason.clone().unwrap_or_default(), link, number, ..Facts::default() };
    keep(conn, now, event, NotificationKind::Staff, To::Staff(address), &facts).await
}

/// Whom a message is to.
enum To<'a> {
    Customer(ContactId, i32),
    /// An address of the company's own.
    Staff(&'a str),
}

/// Keeps a message that an event calls for, to be sent; once, however often it is called for.
async fn keep(conn: &mut PgConnection, now: DateTime<Utc>, event: &Event, kind: NotificationKind, to: To<'_>, facts: &Facts) -> Result<()> {
    let letter = compose(kind, facts);
    let (contact, version, address) = match to {
        To::Customer(contact, version) => (Some(contact.0), Some(version), None),
        To::Staff(address) => (None, None, Some(address)),
    };
    sqlx::query!(
        "insert into notifications (notification_id, order_id, event_version, kind, contact_id, contact_version, subject, body, state, due_at, created_at, address)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $9, $10)
        on conflict (order_id, event_version) do nothing",
        NotificationId::new(now).0,
        event.stream_id,
        event.version,
        kind.as_str(),
        contact,
        version,
        letter.subject,
        letter.body,
        now,
        address
    )
    .execute(conn)
    .await?;
    Ok(())
}
