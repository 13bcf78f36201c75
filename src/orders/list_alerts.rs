//! Reading which promises are in danger.

use super::Method;
use super::views::AlertRow;
use crate::identity::{Act, Permission};
use crate::refusal::Result;
use sqlx::PgConnection;

/// Nobody works through more at once.
const MOST: i64 = 500;

/// Promises in danger now, those promised first before the others; of one location, by code, where it is named.
pub async fn list_alerts(conn: &mut PgConnection, act: &Act, location: Option<&str>) -> Result<Vec<AlertRow>> {
    act.require(Permission::ReadOrders)?;
    Ok(sqlx::query_as!(
        AlertRow,
        r#"select o.number as order_number, c.name as customer, nullif(a.fulfilment_no, 0) as fulfilment_no, v.name as "location?",
            o.method as "method: Method", a.step, a.due_by, a.promised_by, a.expected_by, a.raised_at
        from promise_alerts a
        join orders o using (order_id)
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        left join fulfilment_orders f on f.order_id = a.order_id and f.fulfilment_no = a.fulfilment_no
        left join locations l on l.location_id = f.location_id
        left join location_versions v on v.location_id = f.location_id and v.valid @> $1::timestamptz
        where a.cleared_at is null and ($2::text is null or l.code = $2)
        order by a.promised_by, a.order_id, a.fulfilment_no
        limit $3"#,
        act.now,
        location,
        MOST
    )
    .fetch_all(conn)
    .await?)
}
