//! What a disruption did to orders, undone when it is over: what is sent from elsewhere is sent from where it was, what leaves with another carrier service
//! leaves with its own, as far as nobody has begun with it and what was promised last is kept; and what was promised for later is promised for as soon as it can
//! be there, though not sooner than it was at first. Customers whose date moves are told in the same transaction.

use super::assign::Claiming;
use super::disrupted::{DISRUPTED, DisruptedWork, Disruption};
use super::hold_order::holds_on;
use super::planning::Planning;
use super::project_order::lock_order;
use super::promises::{NOT_KNOWN, NewPromise, PromiseReason, keep_promises};
use super::reroute_order::{Rerouted, Whither};
use super::views::{DisruptedOutcome, Replanned};
use super::watch_promises::{Place, expected, promised_parcel, received_at, send_otherwise, tell_another_date};
use crate::events::Change;
use crate::fulfilment::{self, FulfilmentState, Watched};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId};
use crate::inventory::Location;
use crate::promising::Schedule;
use crate::refusal::Result;
use crate::routing::Promise;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

impl Disruption {
    /// What became of work that is looked at once more when it is over. What stayed where it was is promised sooner whether orders are to be brought back or not.
    pub const fn brings_back_what(&self) -> &'static [DisruptedOutcome] {
        if self.brings_back {
            &[DisruptedOutcome::Moved, DisruptedOutcome::OtherService, DisruptedOutcome::Stays]
        } else {
            &[DisruptedOutcome::Stays]
        }
    }
}

/// Work of a disruption, as it was left.
struct Left {
    outcome: DisruptedOutcome,
    told: Replanned,
    location: LocationId,
    service: Option<String>,
    not_begun: bool,
}

/// Undoes what a disruption that is over did to a piece of work, as far as that can be. True where something was.
pub async fn bring_back(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    disruption: &Disruption,
    work: &DisruptedWork,
    claiming: Claiming,
) -> Result<bool> {
    lock_order(conn, work.order).await?;
    let row = sqlx::query!(
        r#"select d.outcome as "outcome!: DisruptedOutcome", d.told as "told!: Json<Replanned>", f.location_id as "location: LocationId", f.service,
            not exists (
                select from fulfilment_orders n
                where n.order_id = d.order_id and n.state not in ('planned', 'released')
                    and d.told -> 'numbers' @> to_jsonb(n.fulfilment_no)
            ) as "not_begun!"
        from disrupted_orders d
        join fulfilment_orders f using (order_id, fulfilment_no)
        where d.disruption_id = $1 and d.no = $2 and d.outcome is not null"#,
        disruption.id.0,
        work.no
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let left = Left { outcome: row.outcome, told: row.told.0, location: row.location, service: row.service, not_begun: row.not_begun };
    let is_back = match left.outcome {
        DisruptedOutcome::Moved => from_where_it_was(conn, act, planning, disruption, work, &left, claiming).await?,
        DisruptedOutcome::OtherService => by_its_own_service(conn, act, planning, work, &left).await?,
        DisruptedOutcome::Stays => as_soon_as_it_can_be(conn, act, planning, work.order, work.fulfilment_no).await?,
        DisruptedOutcome::Waits | DisruptedOutcome::Gone | DisruptedOutcome::Back => false,
    };
    if is_back {
        sqlx::query!("update disrupted_orders set outcome = 'back' where disruption_id = $1 and no = $2", disruption.id.0, work.no)
            .execute(conn)
            .await?;
    }
    Ok(is_back)
}

/// Sends work from where it came before, where that keeps the promise and nobody has begun with it.
async fn from_where_it_was(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    disruption: &Disruption,
    work: &DisruptedWork,
    left: &Left,
    claiming: Claiming,
) -> Result<bool> {
    if !left.not_begun || left.told.numbers.is_empty() {
        return Ok(false);
    }
    let lines = fulfilment::lines_of(conn, work.order, &left.told.numbers).await?;
    let goes_back = |to: &Whither| to.location == left.location && (!disruption.kind.is_of_carriage() || to.service == left.service);
    let accepts = |rerouted: &Rerouted| rerouted.takes(&lines) && !rerouted.is_later(&lines) && rerouted.assigned.iter().any(goes_back);
    if !send_otherwise(conn, act, planning, work.order, &left.told.numbers, DISRUPTED, claiming, accepts).await? {
        return Ok(false);
    }
    let last = left.told.numbers.iter().copied().max().unwrap_or(0);
    let again = sqlx::query_scalar!(
        "select fulfilment_no from fulfilment_orders where order_id = $1 and fulfilment_no > $2 and state in ('planned', 'released') order by fulfilment_no",
        work.order.0,
        last
    )
    .fetch_all(&mut *conn)
    .await?;
    for no in again {
        as_soon_as_it_can_be(conn, act, planning, work.order, no).await?;
    }
    Ok(true)
}

/// Has work that has not left go by the carrier service that it was to go by at first, where that has it there by when it is promised now.
async fn by_its_own_service(conn: &mut PgConnection, act: &Act, planning: &Planning, work: &DisruptedWork, left: &Left) -> Result<bool> {
    let Some(service) = left.told.from.service.clone() else { return Ok(false) };
    let Some((watched, place, location)) = to_be_sent(conn, planning, work.order, work.fulfilment_no).await? else { return Ok(false) };
    // Somebody has chosen another since.
    if left.told.to.iter().all(|to| to.service != watched.service) {
        return Ok(false);
    }
    let by_own = Watched { service: Some(service.clone()), ..watched };
    let Some((schedule, from, by)) = expected(planning, &place, location, &by_own, act.now) else { return Ok(false) };
    if by > by_own.promised_by {
        return Ok(false);
    }
    fulfilment::change_service(conn, work.order, by_own.no, &service, schedule.expected_by).await?;
    if !promise_sooner(conn, act, planning, &place, location, &by_own, (schedule.clone(), from, by)).await? && by_own.is_promised() {
        let milestones = place.milestones(planning, location, by_own.way, Some(&service), by_own.promised_by).unwrap_or(by_own.milestones);
        fulfilment::promise_fulfilments(conn, &[(work.order, by_own.no, by_own.promised_by, milestones)]).await?;
        let promise = Promise { parcels: vec![promised_parcel(&by_own, schedule, milestones)] };
        keep_promises(conn, &[NewPromise { order: work.order, at: act.now, reason: PromiseReason::Replanned, promise: &promise }]).await?;
    }
    Ok(true)
}

/// Promises work that was promised for later for as soon as it can be there now.
async fn as_soon_as_it_can_be(conn: &mut PgConnection, act: &Act, planning: &Planning, order: OrderId, no: i32) -> Result<bool> {
    let Some((watched, place, location)) = to_be_sent(conn, planning, order, no).await? else { return Ok(false) };
    let Some(expected) = expected(planning, &place, location, &watched, act.now) else { return Ok(false) };
    promise_sooner(conn, act, planning, &place, location, &watched, expected).await
}

/// Work that has not left, where its order is received, and the location that it is with.
async fn to_be_sent<'p>(conn: &mut PgConnection, planning: &'p Planning, order: OrderId, no: i32) -> Result<Option<(Watched, Place, &'p Location)>> {
    let Some(watched) = fulfilment::watched_or_not(conn, order, no).await? else { return Ok(None) };
    let is_here = matches!(watched.state, FulfilmentState::Planned | FulfilmentState::Released | FulfilmentState::Picking | FulfilmentState::Packed);
    let place = received_at(conn, order).await?;
    Ok(place.zip(planning.network.location(watched.location)).filter(|_| is_here).map(|(place, location)| (watched, place, location)))
}

/// Promises work that was promised for later than at first for a sooner date: when it is expected, but not sooner than its lines were promised at first. The
/// customer is told. A line of which another parcel comes later is not sooner. True where something is promised sooner.
async fn promise_sooner(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    place: &Place,
    location: &Location,
    work: &Watched,
    (schedule, from, by): (Schedule, DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    let lines: Vec<i32> = work.lines.iter().map(|(line_no, _)| *line_no).collect();
    let first =
        sqlx::query_scalar!("select min(first_promised_by) from order_lines where order_id = $1 and line_no = any ($2)", work.order.0, &lines)
            .fetch_one(&mut *conn)
            .await?;
    let Some(first) = first else { return Ok(false) };
    let by = by.max(first);
    // Of what is held, nobody knows when it goes on.
    if by >= work.promised_by || !holds_on(conn, work.order).await?.is_empty() {
        return Ok(false);
    }
    let known = place.milestones(planning, location, work.way, work.service.as_deref(), by);
    let Some(milestones) = known.or(work.is_promised().then_some(work.milestones)) else { return Ok(false) };
    let moved = sqlx::query!(
        r#"update order_lines l
        set promised_by = w.last, promised_from = least(case when w.last > $4 then coalesce(l.promised_from, $3) else $3 end, w.last)
        from order_lines before
        cross join lateral (
            select greatest($4, before.first_promised_by, max(f.promised_by)) as last
            from fulfilment_lines x
            join fulfilment_orders f using (order_id, fulfilment_no)
            where x.order_id = before.order_id and x.line_no = before.line_no and f.fulfilment_no <> $5 and f.state not in ('rejected', 'cancelled')
        ) w
        where l.order_id = $1 and l.line_no = any ($2) and before.order_id = l.order_id and before.line_no = l.line_no and l.queue is null
            and (l.promised_by is null or l.promised_by > w.last)
        returning l.line_no, before.promised_by as "before?", l.promised_by as "after!""#,
        work.order.0,
        &lines,
        from,
        by,
        work.no
    )
    .fetch_all(&mut *conn)
    .await?;
    fulfilment::promise_fulfilments(conn, &[(work.order, work.no, by, milestones)]).await?;
    let promise = Promise { parcels: vec![promised_parcel(work, schedule, milestones)] };
    keep_promises(conn, &[NewPromise { order: work.order, at: act.now, reason: PromiseReason::Moved, promise: &promise }]).await?;
    let changes = moved.into_iter().map(|line| Change {
        field: format!("line {}", line.line_no),
        before: line.before.map_or_else(|| NOT_KNOWN.to_owned(), |before| before.to_rfc3339()),
        after: line.after.to_rfc3339(),
    });
    tell_another_date(conn, act, work.order, changes.collect()).await?;
    Ok(true)
}
