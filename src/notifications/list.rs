//! Reading messages.

use super::views::{NotificationRow, NotificationView};
use super::{NotificationKind, NotificationState};
use crate::identity::{Act, Permission};
use crate::ids::{NotificationId, OrderId};
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use uuid::Uuid;

const PAGE: usize = 50;

/// What the list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    pub state: Option<NotificationState>,
    /// An order's number.
    pub order: Option<String>,
    pub after: Option<String>,
}

/// Messages, the newest first, a page at a time.
pub async fn list_notifications(conn: &mut PgConnection, act: &Act, filter: &NotificationFilter) -> Result<Page<NotificationRow>> {
    act.require(Permission::ReadOrders)?;
    let (at, id) = read_time_key::<Uuid>(filter.after.as_deref())?;
    let order = filter.order.as_deref().map(|n| n.trim().to_ascii_uppercase()).filter(|n| !n.is_empty());
    let rows = sqlx::query_as!(
        NotificationRow,
        r#"select n.notification_id as "id: NotificationId", o.number as order_number, n.kind as "kind: NotificationKind", coalesce(n.address, c.email, '') as "to!",
            n.subject, n.state as "state: NotificationState", n.attempts, n.last_error, n.created_at, n.ended_at
        from notifications n
        join orders o using (order_id)
        left join contacts c on c.contact_id = n.contact_id and c.version = n.contact_version
        where ($1::text is null or n.state = $1)
            and ($2::text is null or n.order_id = (select order_id from order_numbers where number = $2))
            and ($3::timestamptz is null or (n.created_at, n.notification_id) < ($3, $4))
        order by n.created_at desc, n.notification_id desc
        limit $5"#,
        filter.state.map(NotificationState::as_str),
        order,
        at,
        id,
        PAGE as i64 + 1
    )
    .fetch_all(conn)
    .await?;
    Ok(Page::cut(rows, PAGE, |row: &NotificationRow| time_key(row.created_at, row.id.0)))
}

/// What was told about an order, in the order in which it was.
pub async fn notifications_of_order(conn: &mut PgConnection, act: &Act, order: OrderId) -> Result<Vec<NotificationRow>> {
    act.require_order(order, Permission::ReadOrders)?;
    Ok(sqlx::query_as!(
        NotificationRow,
        r#"select n.notification_id as "id: NotificationId", o.number as order_number, n.kind as "kind: NotificationKind", coalesce(n.address, c.email, '') as "to!",
            n.subject, n.state as "state: NotificationState", n.attempts, n.last_error, n.created_at, n.ended_at
        from notifications n
        join orders o using (order_id)
        left join contacts c on c.contact_id = n.contact_id and c.version = n.contact_version
        where n.order_id = $1
        order by n.event_version"#,
        order.0
    )
    .fetch_all(conn)
    .await?)
}

/// One message.
pub async fn read_notification(conn: &mut PgConnection, act: &Act, id: NotificationId) -> Result<NotificationView> {
    act.require(Permission::ReadOrders)?;
    let r = sqlx::query!(
        r#"select n.notification_id as "id: NotificationId", o.number, n.kind as "kind: NotificationKind", coalesce(n.address, c.email, '') as "to!", n.subject, n.body,
            n.state as "state: NotificationState", n.attempts, n.last_error, n.created_at, n.ended_at
        from notifications n
        join orders o using (order_id)
        left join contacts c on c.contact_id = n.contact_id and c.version = n.contact_version
        where n.notification_id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such message"))?;
    let row = NotificationRow {
        id: r.id,
        order_number: r.number,
        kind: r.kind,
        to: r.to,
        subject: r.subject,
        state: r.state,
        attempts: r.attempts,
        last_error: r.last_error,
        created_at: r.created_at,
        ended_at: r.ended_at,
    };
    Ok(NotificationView { row, body: r.body })
}
