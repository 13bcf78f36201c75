//! What customers were promised: kept per line with how it was computed, and told anew where it cannot be kept.

use crate::events::{Change, EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::OrderId;
use crate::refusal::Result;
use crate::routing::{PlanOrder, Promise};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Why a promise was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PromiseReason {
    /// With the order.
    Placed,
    /// It is sent otherwise, on time as before.
    Replanned,
    /// For another date than before.
    Moved,
}

impl PromiseReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Replanned => "replanned",
            Self::Moved => "moved",
        }
    }
}

/// Stands for a date in what is told of changes.
pub(super) const NOT_KNOWN: &str = "not known";

/// A promise to be kept with its order.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewPromise<'a> {
    pub order: OrderId,
    pub at: DateTime<Utc>,
    pub reason: PromiseReason,
    pub promise: &'a Promise,
}

/// Stores promises, each behind those that its order has. Those that promise nothing are left out. The caller holds the orders' locks.
pub(super) async fn keep_promises(conn: &mut PgConnection, promises: &[NewPromise<'_>]) -> Result<()> {
    let told: Vec<&NewPromise<'_>> = promises.iter().filter(|p| !p.promise.parcels.is_empty()).collect();
    if told.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into order_promises (order_id, promise_no, made_at, reason, content)
        select p.order_id, coalesce((select max(promise_no) from order_promises o where o.order_id = p.order_id), 0) + 1, p.at, p.reason, p.content
        from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::jsonb[]) as p (order_id, at, reason, content)",
        &told.iter().map(|p| p.order.0).collect::<Vec<_>>(),
        &told.iter().map(|p| p.at).collect::<Vec<_>>(),
        &told.iter().map(|p| p.reason.as_str().to_owned()).collect::<Vec<_>>(),
        &told.iter().map(|p| serde_json::to_value(p.promise).unwrap_or_default()).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Brings the promises of an order that was planned anew in line with its plan: lines that come in time keep theirs, later ones are told another date,
/// and those that had none get one. What happened, if anything did: the customer is told of it. The caller holds the order's lock.
pub(super) async fn promise_anew(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    order: &PlanOrder,
    promise: &Promise,
) -> Result<Option<NewEvent>> {
    let told: Vec<_> = order
        .lines
        .iter()
        .filter_map(|line| Some((line, promise.of_line(line.line_no)?)))
        .filter(|(line, window)| line.promised_by.is_none_or(|before| window.by > before))
        .collect();
    // Whoever was told that nobody knows is told when somebody does.
    let lost = sqlx::query_scalar!(
        "select line_no from order_lines where order_id = $1 and promised_by is null and first_promised_by is not null",
        order_id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "update order_lines l
        set promised_from = w.from_at, promised_by = w.by_at, first_promised_by = coalesce(l.first_promised_by, w.by_at)
        from unnest($2::integer[], $3::timestamptz[], $4::timestamptz[]) as w (line_no, from_at, by_at)
        where l.order_id = $1 and l.line_no = w.line_no",
        order_id.0,
        &told.iter().map(|(line, _)| line.line_no).collect::<Vec<_>>(),
        &told.iter().map(|(_, window)| window.from).collect::<Vec<_>>(),
        &told.iter().map(|(_, window)| window.by).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let moved: Vec<Change> = told
        .iter()
        .filter_map(|(line, window)| {
            let not_known = || lost.contains(&line.line_no).then(|| NOT_KNOWN.to_owned());
            let before = line.promised_by.map(|before| before.to_rfc3339()).or_else(not_known)?;
            Some(Change { field: format!("line {}", line.line_no), before, after: window.by.to_rfc3339() })
        })
        .collect();
    let reason = if moved.is_empty() { PromiseReason::Replanned } else { PromiseReason::Moved };
    keep_promises(conn, &[NewPromise { order: order_id, at: act.now, reason, promise }]).await?;
    let details = EventDetails { changes: moved, ..EventDetails::default() };
    Ok((reason == PromiseReason::Moved).then_some(NewEvent { kind: EventKind::PromiseMoved, details }))
}
