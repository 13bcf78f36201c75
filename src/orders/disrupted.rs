//! Work that counts on what is out of order: found, and planned anew. When it is over, it is brought back: see [`super::bring_back`].
//!
//! What can be sent otherwise is. What cannot keeps its place and its units where it is, since nobody else could have them there sooner; where the books of a
//! shelf are wrong it waits instead. Customers whose date moves are told in the same transaction.

use super::assign::{Claiming, lock_if_certain};
use super::planning::Planning;
use super::project_order::{lock_order, lock_orders};
use super::reroute_order::{DISRUPTION, Rerouted};
use super::views::{DisruptedOutcome, DisruptedRow, DisruptionCounts, DisruptionView, Replanned, Whence};
use super::watch_promises::{Otherwise, expected, promise_later, received_at, send_faster, send_otherwise, send_sooner};
use crate::fulfilment::{self, FulfilmentState};
use crate::identity::{Act, Permission};
use crate::ids::{DisruptionId, LocationId, OrderId, SkuId};
use crate::inventory::disruptions::{self, DisruptionKind};
use crate::money::COMPANY_CURRENCY;
use crate::page::Page;
use crate::refusal::{Refusal, Result};
use crate::routing::Promise;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

pub(super) const DISRUPTED: Otherwise<'_> = Otherwise { reason: DISRUPTION, taken_by: None };

/// A disruption, as whoever plans its orders anew sees it.
#[derive(Clone, Debug)]
pub struct Disruption {
    pub id: DisruptionId,
    pub kind: DisruptionKind,
    pub is_over: bool,
    /// When it is over, what is sent otherwise goes back.
    pub brings_back: bool,
}

/// One piece of work of a disruption.
#[derive(Clone, Copy, Debug)]
pub struct DisruptedWork {
    /// Its number within the disruption.
    pub no: i32,
    pub order: OrderId,
    pub fulfilment_no: i32,
}

/// Notes the work that counts on what is out of order, behind what is noted already.
pub async fn note_disrupted(conn: &mut PgConnection, id: DisruptionId) -> Result<()> {
    sqlx::query_file!("src/orders/sql/note_disrupted.sql", id.0).execute(conn).await?;
    Ok(())
}

/// Takes the locks that planning some work anew needs, all at once and in one order with everybody else: for whoever plans more than one piece in one
/// transaction.
pub async fn lock_disrupted(conn: &mut PgConnection, planning: &Planning, works: &[DisruptedWork], now: DateTime<Utc>) -> Result<()> {
    let orders: Vec<OrderId> = works.iter().map(|work| work.order).collect();
    lock_orders(conn, &orders).await?;
    let skus = sqlx::query_scalar!(
        r#"select distinct sku_id as "sku: SkuId" from order_lines where order_id = any ($1) and open > 0 and skill is null"#,
        &orders.iter().map(|order| order.0).collect::<Vec<_>>()
    )
    .fetch_all(&mut *conn)
    .await?;
    lock_if_certain(conn, planning, &skus, now, Claiming::Certain).await
}

/// A disruption by its id.
pub async fn read_disrupting(conn: &mut PgConnection, id: DisruptionId) -> Result<Disruption> {
    let row = sqlx::query!(
        r#"select kind as "kind: DisruptionKind", upper_inf(valid) as "is_open!", brings_back from disruptions where disruption_id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such disruption"))?;
    Ok(Disruption { id, kind: row.kind, is_over: !row.is_open, brings_back: row.brings_back })
}

/// Work of a disruption behind a number that has come to one of some outcomes, or, where none are named, that nobody has looked at yet; the most urgent
/// first, at most so much.
pub async fn disrupted_work(
    conn: &mut PgConnection,
    id: DisruptionId,
    outcomes: &[DisruptedOutcome],
    after: i32,
    most: i64,
) -> Result<Vec<DisruptedWork>> {
    Ok(sqlx::query_as!(
        DisruptedWork,
        r#"select no, order_id as "order: OrderId", fulfilment_no
        from disrupted_orders
        where disruption_id = $1 and (outcome = any ($2) or (outcome is null and cardinality($2) = 0)) and no > $3
        order by no
        limit $4"#,
        id.0,
        &outcomes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        after,
        most
    )
    .fetch_all(conn)
    .await?)
}

/// Orders of a disruption with units that wait.
pub async fn waiting_work(conn: &mut PgConnection, id: DisruptionId) -> Result<Vec<OrderId>> {
    let rows = sqlx::query_scalar!(
        r#"select distinct order_id as "order: OrderId" from disrupted_orders where disruption_id = $1 and outcome = 'waits'"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Work as it is before it is planned anew.
struct Before {
    state: FulfilmentState,
    place: Whence,
    location: LocationId,
    /// (line, units)
    lines: Vec<(i32, i32)>,
    promised_by: Option<DateTime<Utc>>,
    /// The order's last fulfilment order.
    last_no: i32,
    cost_minor: Option<i64>,
}

async fn before(conn: &mut PgConnection, now: DateTime<Utc>, work: &DisruptedWork) -> Result<Before> {
    let row = sqlx::query!(
        r#"select f.state as "state: FulfilmentState", f.location_id as "location: LocationId", f.service, v.name,
            sum(l.quantity)::integer as "units!", max(ol.promised_by) as promised_by,
            (select max(fulfilment_no) from fulfilment_orders where order_id = $1) as "last_no!"
        from fulfilment_orders f
        join fulfilment_lines l using (order_id, fulfilment_no)
        join order_lines ol using (order_id, line_no)
        join location_versions v on v.location_id = f.location_id and v.valid @> $3::timestamptz
        where f.order_id = $1 and f.fulfilment_no = $2
        group by f.order_id, f.fulfilment_no, v.name"#,
        work.order.0,
        work.fulfilment_no,
        now
    )
    .fetch_one(&mut *conn)
    .await?;
    let lines = fulfilment::lines_of(conn, work.order, &[work.fulfilment_no]).await?;
    let promise = latest_promise(conn, work.order).await?;
    let cost_minor = promise.and_then(|promise| promise.at(row.location)?.cost_minor);
    let place = Whence { location: row.name, units: row.units, service: row.service };
    Ok(Before { state: row.state, place, location: row.location, lines, promised_by: row.promised_by, last_no: row.last_no, cost_minor })
}

async fn latest_promise(conn: &mut PgConnection, order: OrderId) -> Result<Option<Promise>> {
    let row = sqlx::query_scalar!(
        r#"select content as "content: Json<Promise>" from order_promises where order_id = $1 order by promise_no desc limit 1"#,
        order.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|content| content.0))
}

/// Plans work anew that counts on what is out of order, and notes what became of it. Nothing happens where that was done, or where it is over.
pub async fn replan_disrupted(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    disruption: &Disruption,
    work: &DisruptedWork,
    claiming: Claiming,
) -> Result<()> {
    lock_order(conn, work.order).await?;
    // It does not end meanwhile: whoever ends it looks at all that was moved.
    let is_done = sqlx::query_scalar!(
        r#"select o.outcome is not null or not upper_inf(d.valid) as "is_done!"
        from disruptions d
        join disrupted_orders o using (disruption_id)
        where d.disruption_id = $1 and o.no = $2
        for share of d"#,
        disruption.id.0,
        work.no
    )
    .fetch_one(&mut *conn)
    .await?;
    if is_done {
        return Ok(());
    }
    let before = before(conn, act.now, work).await?;
    let outcome = decide(conn, act, planning, disruption, work, &before, claiming).await?;
    note(conn, act.now, disruption.id, work, outcome, before).await
}

/// What becomes of it.
async fn decide(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    disruption: &Disruption,
    work: &DisruptedWork,
    before: &Before,
    claiming: Claiming,
) -> Result<DisruptedOutcome> {
    let numbers = [work.fulfilment_no];
    let not_begun = matches!(before.state, FulfilmentState::Planned | FulfilmentState::Released);
    if before.state.is_given_up() || before.state.is_out() || (!not_begun && !disruption.kind.is_of_carriage()) {
        return Ok(DisruptedOutcome::Gone);
    }
    if disruption.kind == DisruptionKind::Sku {
        let mut is_sent = false;
        let whatever_comes = |rerouted: &Rerouted| {
            is_sent = rerouted.takes(&before.lines);
            true
        };
        send_otherwise(conn, act, planning, work.order, &numbers, DISRUPTED, claiming, whatever_comes).await?;
        return Ok(if is_sent { DisruptedOutcome::Moved } else { DisruptedOutcome::Waits });
    }
    let location = planning.network.location(before.location);
    let watched = fulfilment::watched(conn, work.order, work.fulfilment_no).await?;
    let place = received_at(conn, work.order).await?;
    let stays = match (&place, &watched, location) {
        (Some(place), Some(watched), Some(location)) => expected(planning, place, location, watched, act.now),
        _ => None,
    };
    let stays_by = stays.as_ref().map(|(.., by)| *by);
    if let Some(watched) = &watched
        && stays_by.is_some_and(|by| by <= watched.promised_by)
    {
        return Ok(DisruptedOutcome::Stays);
    }
    if not_begun {
        let lines = &before.lines;
        let sooner = |rerouted: &Rerouted| stays_by.is_none_or(|stays_by| rerouted.there_by(lines).is_some_and(|by| by < stays_by));
        let accepts = |rerouted: &Rerouted| rerouted.takes(lines) && (!rerouted.is_later(lines) || sooner(rerouted));
        if send_otherwise(conn, act, planning, work.order, &numbers, DISRUPTED, claiming, accepts).await? {
            return Ok(DisruptedOutcome::Moved);
        }
    }
    let (Some(place), Some(watched), Some(location)) = (place, watched, location) else { return Ok(DisruptedOutcome::Stays) };
    if disruption.kind.is_of_carriage()
        && (send_faster(conn, act, planning, &place, location, &watched).await?
            || send_sooner(conn, act, planning, &place, location, &watched, stays_by).await?)
    {
        return Ok(DisruptedOutcome::OtherService);
    }
    if let Some(stays) = stays {
        promise_later(conn, act, planning, &place, location, &watched, stays).await?;
    }
    Ok(DisruptedOutcome::Stays)
}

/// Notes what became of work.
async fn note(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    id: DisruptionId,
    work: &DisruptedWork,
    outcome: DisruptedOutcome,
    before: Before,
) -> Result<()> {
    let after = sqlx::query!(
        r#"select f.fulfilment_no, v.name, f.service, sum(l.quantity)::integer as "units!"
        from fulfilment_orders f
        join fulfilment_lines l using (order_id, fulfilment_no)
        join location_versions v on v.location_id = f.location_id and v.valid @> $4::timestamptz
        where f.order_id = $1 and (f.fulfilment_no > $2 or f.fulfilment_no = $3) and f.state not in ('rejected', 'cancelled')
        group by f.fulfilment_no, v.name, f.service
        order by f.fulfilment_no"#,
        work.order.0,
        before.last_no,
        work.fulfilment_no,
        now
    )
    .fetch_all(&mut *conn)
    .await?;
    let now_by = sqlx::query_scalar!(
        "select max(promised_by) from order_lines where order_id = $1 and line_no = any ($2)",
        work.order.0,
        &before.lines.iter().map(|(line_no, _)| *line_no).collect::<Vec<_>>()
    )
    .fetch_one(&mut *conn)
    .await?;
    let is_sent_otherwise = matches!(outcome, DisruptedOutcome::Moved | DisruptedOutcome::OtherService);
    let cost_after_minor = match latest_promise(conn, work.order).await? {
        Some(promise) if is_sent_otherwise => promise.parcels.iter().map(|parcel| parcel.cost_minor).sum(),
        _ => None,
    };
    let told = Replanned {
        from: before.place,
        numbers: after.iter().map(|f| f.fulfilment_no).collect(),
        to: after.into_iter().map(|f| Whence { location: f.name, units: f.units, service: f.service }).collect(),
        promised_by: before.promised_by,
        now_by,
        cost_before_minor: before.cost_minor,
        cost_after_minor,
    };
    sqlx::query!(
        "update disrupted_orders set outcome = $3, told = $4 where disruption_id = $1 and no = $2",
        id.0,
        work.no,
        outcome.as_str(),
        Json(told) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

const PAGE: usize = 50;

/// A disruption with what became of the work that counted on it: a page of it behind a number.
pub async fn read_disruption(conn: &mut PgConnection, act: &Act, id: DisruptionId, after: Option<&str>) -> Result<DisruptionView> {
    act.require(Permission::ReadRouting)?;
    let damaged = || Refusal::field("/after", "This page link is damaged. Start from the first page.");
    let after: i32 = after.map_or(Ok(0), |after| after.parse().map_err(|_| damaged()))?;
    let row = disruptions::disruption(conn, act, id).await?;
    let counts = sqlx::query_file_as!(DisruptionCounts, "src/orders/sql/disrupted_counts.sql", id.0).fetch_one(&mut *conn).await?;
    let rows = sqlx::query!(
        r#"select d.no, d.order_id as "order: OrderId", o.number, d.outcome as "outcome: DisruptedOutcome", d.told as "told: Json<Replanned>"
        from disrupted_orders d
        join orders o using (order_id)
        where d.disruption_id = $1 and d.no > $2
        order by d.no
        limit $3"#,
        id.0,
        after,
        i64::try_from(PAGE + 1).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await?;
    let rows = rows
        .into_iter()
        .map(|r| DisruptedRow { no: r.no, order: r.order, number: r.number, outcome: r.outcome, told: r.told.map(|told| told.0) })
        .collect();
    Ok(DisruptionView {
        row,
        counts,
        currency: COMPANY_CURRENCY.code().to_owned(),
        orders: Page::cut(rows, PAGE, |row: &DisruptedRow| row.no.to_string()),
        may_manage: act.actor.may(Permission::ManageNetwork),
    })
}
