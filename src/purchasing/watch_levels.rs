//! Looking at the levels: an alert is raised once for each time that one crosses its point.

use crate::events::{self, EventDetails, EventKind, Happened, NewEvent, StreamKind};
use crate::identity::Act;
use crate::ids::{LocationId, SkuId, new_uuid};
use crate::refusal::Result;
use sqlx::PgConnection;

/// Ends the alerts of what is above its point again, and raises one for what is at or below it and has none. Whoever looks at the same time on another
/// node raises none twice. Returns how many were raised.
pub async fn watch_levels(conn: &mut PgConnection, act: &Act) -> Result<usize> {
    let crossed = sqlx::query_file!("src/purchasing/sql/crossed_levels.sql", act.now).fetch_all(&mut *conn).await?;
    let mut raised = Vec::new();
    for level in crossed {
        let id = new_uuid(act.now);
        let is_new = sqlx::query!(
            "insert into stock_alerts (alert_id, sku_id, location_id, point, level, raised_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (sku_id, location_id) where ended_at is null do nothing",
            id,
            level.sku.0,
            level.location.0,
            level.point,
            level.level,
            act.now
        )
        .execute(&mut *conn)
        .await?;
        if is_new.rows_affected() > 0 {
            let reason = Some(format!("{} at {}: {} left, to be ordered at {}", level.code, level.place, level.level, level.point));
            let details = EventDetails { reason, ..EventDetails::default() };
            raised.push(Happened { act, stream: id, events: vec![NewEvent { kind: EventKind::StockLow, details }] });
        }
    }
    let count = raised.len();
    events::append_all(conn, StreamKind::StockAlert, raised).await?;
    Ok(count)
}
