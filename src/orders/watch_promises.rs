//! Promises in danger: found before the customer notices, sent otherwise where that saves them, and told anew where nothing does.
//!
//! Every fulfilment order knows by when its next step keeps its promise. One that is past that is in danger: there is an alert, and while nobody has
//! begun with it another location may take it over. One whose last moment of hand-over is past cannot be in time any more: the customer is told the new
//! date at once. Units that wait for stock have no step; they are looked at when what they wait for moves, and when nobody could have them there in
//! time any more.

use super::Claiming;
use super::correct_stock::give_up;
use super::hold_order::holds_on;
use super::planning::Planning;
use super::project_order::{lock_order, lock_orders};
use super::promises::{NOT_KNOWN, NewPromise, PromiseReason, keep_promises};
use super::reroute_order::{Decides, LATE, Rerouted, route_waiting};
use crate::carriers::{Destination, Parcel};
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::fulfilment::{self, FulfilmentState, Method, Milestones, Refreshed, Watched, Way};
use crate::geo::GeoPoint;
use crate::identity::Act;
use crate::ids::{LocationId, OrderId};
use crate::inventory::Location;
use crate::inventory::backorders::{arrivals, postpone};
use crate::promising::{Piece, Reach, Schedule, Span, collect, collect_milestones, collect_worked_on, reach, reaches};
use crate::refusal::Result;
use crate::routing::{Promise, PromisedParcel, come_by};
use crate::slots;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection as _, PgConnection};

/// Stands for an order's waiting units where a fulfilment order's number would.
const WAITING: i32 = 0;
/// What waits is not looked at again before.
const LOOKED_AT_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Orders, each with a fulfilment order or 0 for what waits, whose promises are to be looked at: past a step's last moment and not known to be, or
/// past the last moment of all. Those that are due first before the others, at most so many.
pub async fn late_promises(conn: &mut PgConnection, now: DateTime<Utc>, most: i64) -> Result<Vec<(OrderId, i32)>> {
    let rows = sqlx::query_file!("src/orders/sql/late_promises.sql", now, most).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (OrderId(r.order_id), r.fulfilment_no)).collect())
}

/// Looks at one promise that may be in danger, and does what can be done. True where it was.
pub async fn look_at_promise(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order_id: OrderId,
    fulfilment_no: i32,
    claiming: Claiming,
) -> Result<bool> {
    lock_order(conn, order_id).await?;
    let Some(place) = received_at(conn, order_id).await? else { return Ok(false) };
    if fulfilment_no == WAITING {
        return look_at_waiting(conn, act, planning, order_id, &place).await;
    }
    let Some(work) = fulfilment::watched(conn, order_id, fulfilment_no).await? else { return Ok(false) };
    let Some((step, due_by)) = work.next_step().filter(|(_, due)| *due <= act.now) else { return Ok(false) };
    let Some(location) = planning.network.location(work.location) else { return Ok(false) };
    let expected = expected(planning, &place, location, &work, act.now);
    let expected_by = expected.as_ref().map(|e| e.2);
    let alert = Alert { order: order_id, no: fulfilment_no, step, due_by, promised_by: work.promised_by, expected_by };
    let is_new = raise(conn, act, &alert).await?;
    // Of what is held nothing moves, by whatever way.
    let is_held = !holds_on(conn, order_id).await?.is_empty();
    let not_begun = !is_held && matches!(work.state, FulfilmentState::Planned | FulfilmentState::Released);
    let in_time = |rerouted: &Rerouted| rerouted.found && !work.lines.iter().any(|(line, _)| rerouted.late.contains(line));
    if not_begun
        && work.way != Way::Pickup
        && send_otherwise(conn, act, planning, order_id, &[fulfilment_no], Otherwise { reason: LATE, taken_by: None }, claiming, in_time).await?
    {
        return Ok(true);
    }
    if !is_held && !work.state.is_out() && send_faster(conn, act, planning, &place, location, &work).await? {
        return Ok(true);
    }
    let is_over = match work.state {
        FulfilmentState::Shipped => true,
        // Nobody is there until then to hand it over: it cannot be in time any more.
        _ => location.calendar.open_from(act.now).is_none_or(|open| open >= work.milestones.hand_over_by),
    };
    if is_over && let Some(expected) = expected.filter(|(_, _, by)| *by > work.promised_by) {
        promise_later(conn, act, planning, &place, location, &work, expected).await?;
    } else if is_over && expected_by.is_none() {
        // Nobody knows: that, too, is told.
        let lines: Vec<i32> = work.lines.iter().map(|l| l.0).collect();
        let changes = move_date(conn, act, order_id, &lines, None, None).await?;
        tell_another_date(conn, act, order_id, changes).await?;
        fulfilment::forget_promise(conn, order_id, fulfilment_no).await?;
        close_alert(conn, act, order_id, fulfilment_no, "moved").await?;
    } else if is_new {
        let details = EventDetails { fulfilment_no: Some(fulfilment_no), location: Some(location.name.clone()), ..EventDetails::default() };
        events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::PromiseAtRisk, details }]).await?;
    }
    Ok(true)
}

/// Promises work for the later moment at which it is expected, and tells the customer.
pub(super) async fn promise_later(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    place: &Place,
    location: &Location,
    work: &Watched,
    (schedule, from, by): (Schedule, DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    let milestones = place.milestones(planning, location, work.way, work.service.as_deref(), by).unwrap_or(work.milestones);
    let lines: Vec<i32> = work.lines.iter().map(|l| l.0).collect();
    let parcel = promised_parcel(work, schedule, milestones);
    let changes = move_date(conn, act, work.order, &lines, Some((from, by)), Some(parcel)).await?;
    tell_another_date(conn, act, work.order, changes).await?;
    fulfilment::promise_fulfilments(conn, &[(work.order, work.no, by, milestones)]).await?;
    close_alert(conn, act, work.order, work.no, "moved").await
}

/// Work as it is promised, where what it costs is not known anew.
pub(super) fn promised_parcel(work: &Watched, schedule: Schedule, milestones: Milestones) -> PromisedParcel {
    let brought_by = work.service.clone().filter(|_| work.way == Way::ToStore);
    PromisedParcel { location: work.location, lines: work.lines.clone(), expected_at: None, schedule, brought_by, milestones, cost_minor: None }
}

/// Why work is sent otherwise, and by whom where one has taken it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Otherwise<'a> {
    pub reason: &'a str,
    pub taken_by: Option<LocationId>,
}

/// Plans work of an order anew that nobody has begun with. True where what comes of it is accepted; else nothing has changed.
pub(super) async fn send_otherwise(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order: OrderId,
    numbers: &[i32],
    otherwise: Otherwise<'_>,
    claiming: Claiming,
    accepts: impl FnOnce(&Rerouted) -> bool,
) -> Result<bool> {
    let mut tried = conn.begin().await?;
    let work: Vec<(OrderId, i32)> = numbers.iter().map(|no| (order, *no)).collect();
    give_up(&mut tried, act, &work, &[], otherwise.reason).await?;
    let decides = otherwise.taken_by.map_or(Decides::Rules, Decides::Taker);
    let rerouted = route_waiting(&mut tried, act, planning, order, decides, claiming).await;
    match rerouted {
        Ok(rerouted) if accepts(&rerouted) => {
            for no in numbers {
                close_alert(&mut tried, act, order, *no, "replanned").await?;
            }
            tried.commit().await?;
            Ok(true)
        }
        outcome => {
            tried.rollback().await?;
            // Others were faster: it is looked at once more, all of it.
            outcome.map(|_| false).or_else(|error| if error.refusal().is_some() && !error.is_retryable() { Ok(false) } else { Err(error) })
        }
    }
}

/// Has work that goes to the customer go by a faster service from where it is, where that still has it there in time; the cheapest of those. True where
/// there is one.
pub(super) async fn send_faster(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    place: &Place,
    location: &Location,
    work: &Watched,
) -> Result<bool> {
    let delivery = &planning.network.delivery;
    let to = place.destination();
    let parcel = Parcel::of(work.things.iter().copied());
    let in_time = other_ways(planning, place, location, work, act.now).into_iter().filter_map(|(reach, schedule)| {
        let milestones = reach.milestones(location, work.promised_by).filter(|_| schedule.by() <= work.promised_by)?;
        let cost_minor = delivery.charge(&reach.service.rate_card, &location.country, &to, &parcel, 0).ok().map(|c| c.total_minor);
        let (lines, code) = (work.lines.clone(), reach.code.to_owned());
        Some((code, PromisedParcel { location: work.location, lines, expected_at: None, schedule, brought_by: None, milestones, cost_minor }))
    });
    let rank = |(code, parcel): &(String, PromisedParcel)| (parcel.cost_minor.unwrap_or(i64::MAX), parcel.schedule.by(), code.clone());
    let Some((service, parcel)) = in_time.min_by_key(rank) else { return Ok(false) };
    fulfilment::change_service(conn, work.order, work.no, &service, parcel.schedule.expected_by).await?;
    fulfilment::promise_fulfilments(conn, &[(work.order, work.no, work.promised_by, parcel.milestones)]).await?;
    let promise = Promise { parcels: vec![parcel] };
    keep_promises(conn, &[NewPromise { order: work.order, at: act.now, reason: PromiseReason::Replanned, promise: &promise }]).await?;
    close_alert(conn, act, work.order, work.no, "replanned").await?;
    Ok(true)
}

/// Has work that goes to the customer go by whichever other service has it there first, where that is sooner than it would be otherwise, if it would be at
/// all; the customer is told when. True where there is one.
pub(super) async fn send_sooner(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    place: &Place,
    location: &Location,
    work: &Watched,
    otherwise_by: Option<DateTime<Utc>>,
) -> Result<bool> {
    let ways = other_ways(planning, place, location, work, act.now).into_iter();
    let first = ways.map(|(reach, schedule)| (schedule.by(), reach.code.to_owned(), schedule)).min_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let Some((by, service, schedule)) = first.filter(|(by, ..)| otherwise_by.is_none_or(|otherwise| *by < otherwise)) else { return Ok(false) };
    fulfilment::change_service(conn, work.order, work.no, &service, schedule.expected_by).await?;
    let work = Watched { service: Some(service), ..work.clone() };
    let from = schedule.from;
    promise_later(conn, act, planning, place, location, &work, (schedule, from, by)).await?;
    Ok(true)
}

/// How work that goes to the customer could come by other services than its own, from where it is.
fn other_ways<'a>(planning: &'a Planning, place: &'a Place, location: &Location, work: &Watched, now: DateTime<Utc>) -> Vec<(Reach<'a>, Schedule)> {
    if work.way != Way::Ship {
        return Vec::new();
    }
    let delivery = &planning.network.delivery;
    let begins = place.release_at.map_or(now, |at| at.max(now));
    let parcel = Parcel::of(work.things.iter().copied());
    let piece = Piece { grams: work.things.iter().map(|(size, _)| size.grams).max().unwrap_or(0), longest_mm: parcel.longest_mm };
    let codes = delivery.services.keys().filter(|code| Some(*code) != work.service.as_ref() && !delivery.stopped.contains_key(*code));
    let reaching = codes.filter_map(|code| reach(delivery, code, place.destination())).map(|reach| reach.in_slot(place.slot));
    reaching
        .filter_map(|reach| {
            let schedule = reach.worked_on(location, piece, begins, minutes_left(location, work.state)).ok()?;
            Some((reach, schedule))
        })
        .collect()
}

/// Minutes of work that are left on a fulfilment order.
const fn minutes_left(location: &Location, state: FulfilmentState) -> i32 {
    match state {
        FulfilmentState::Picking => location.handling_minutes / 2,
        FulfilmentState::Packed => 0,
        _ => location.handling_minutes,
    }
}

/// Where an order is received.
pub(super) struct Place {
    method: Method,
    /// The store that it is collected in.
    store: Option<LocationId>,
    country: String,
    postcode: String,
    point: GeoPoint,
    delivery_method: Option<String>,
    release_at: Option<DateTime<Utc>>,
    /// The time that the customer chose.
    slot: Option<Span>,
}

impl Place {
    /// A carrier service as it sees the place, or the store that something is sent to.
    fn reach<'a>(&'a self, planning: &'a Planning, way: Way, service: Option<&str>) -> Option<Reach<'a>> {
        let (code, _) = planning.network.delivery.services.get_key_value(service?)?;
        if way == Way::ToStore {
            let store = self.store(planning)?;
            return reach(&planning.network.delivery, code, Destination { country: &store.country, postcode: &store.postcode, point: store.point });
        }
        Some(reach(&planning.network.delivery, code, self.destination())?.in_slot(self.slot))
    }

    fn destination(&self) -> Destination<'_> {
        Destination { country: &self.country, postcode: &self.postcode, point: self.point }
    }

    /// The store in which it is collected.
    fn store<'a>(&self, planning: &'a Planning) -> Option<&'a Location> {
        planning.network.location(self.store?)
    }

    /// The latest moments at which the steps of a fulfilment order keep a promise.
    pub(super) fn milestones(
        &self,
        planning: &Planning,
        location: &Location,
        way: Way,
        service: Option<&str>,
        by: DateTime<Utc>,
    ) -> Option<Milestones> {
        match way {
            Way::Pickup => Some(collect_milestones(location, by)),
            Way::Ship => self.reach(planning, way, service)?.milestones(location, by),
            Way::ToStore => self.reach(planning, way, service)?.milestones(location, come_by(self.store(planning)?, by)),
        }
    }
}

/// None where the order's money is not certain: whoever has not paid is promised nothing.
pub(super) async fn received_at(conn: &mut PgConnection, order_id: OrderId) -> Result<Option<Place>> {
    let row = sqlx::query!(
        r#"select o.method as "method: Method", o.pickup_location_id as "store: LocationId", c.country, c.postcode, c.latitude, c.longitude,
            o.delivery_method, o.release_at
        from orders o
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        where o.order_id = $1
            and exists (select from payments p where p.order_id = o.order_id and p.state in ('authorised', 'partly_captured', 'captured'))"#,
        order_id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let slot = slots::slot_of_order(conn, order_id).await?;
    Ok(row.map(|r| Place {
        method: r.method,
        store: r.store,
        country: r.country,
        postcode: r.postcode,
        point: GeoPoint { latitude: r.latitude, longitude: r.longitude },
        delivery_method: r.delivery_method,
        release_at: r.release_at,
        slot,
    }))
}

/// When work will be there if everything goes on as usual from now: how, from when, and by when.
pub(super) fn expected(
    planning: &Planning,
    place: &Place,
    location: &Location,
    work: &Watched,
    now: DateTime<Utc>,
) -> Option<(Schedule, DateTime<Utc>, DateTime<Utc>)> {
    let minutes = minutes_left(location, work.state);
    let begins = place.release_at.map_or(now, |at| at.max(now));
    // What has not left waits for a carrier that takes nothing at the moment.
    let stopped = work.service.as_ref().filter(|_| !work.state.is_out()).and_then(|service| planning.network.delivery.stopped.get(service));
    let begins = match stopped {
        Some(until) => begins.max((*until)?),
        None => begins,
    };
    let schedule = match work.way {
        Way::Pickup => collect_worked_on(location, begins, minutes).ok()?,
        Way::Ship | Way::ToStore => {
            let reach = place.reach(planning, work.way, work.service.as_deref())?;
            let schedule = reach.worked_on(location, Piece::default(), begins, minutes).ok()?;
            if work.state == FulfilmentState::Shipped {
                let (from, until) = reach.late_arrival(now)?;
                Schedule { from, until, expected_by: until, ..schedule }
            } else {
                schedule
            }
        }
    };
    let schedule = match work.way {
        Way::ToStore => Schedule { released_at: schedule.released_at, ..collect(place.store(planning)?, schedule.until).ok()? },
        Way::Ship | Way::Pickup => schedule,
    };
    let (from, by) = (schedule.from, schedule.by());
    Some((schedule, from, by))
}

/// Promises lines of an order for another date, later than the one before; none where nobody knows. What has changed, for the customer to be told.
async fn move_date(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    lines: &[i32],
    window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    parcel: Option<PromisedParcel>,
) -> Result<Vec<Change>> {
    let moved = sqlx::query!(
        r#"update order_lines l
        set promised_from = $3, promised_by = $4
        from order_lines before
        where l.order_id = $1 and l.line_no = any ($2) and before.order_id = l.order_id and before.line_no = l.line_no
            and l.promised_by is not null and ($4::timestamptz is null or l.promised_by < $4)
        returning l.line_no, before.promised_by as "before!""#,
        order_id.0,
        lines,
        window.map(|w| w.0),
        window.map(|w| w.1)
    )
    .fetch_all(&mut *conn)
    .await?;
    if moved.is_empty() {
        return Ok(Vec::new());
    }
    let promise = Promise { parcels: parcel.into_iter().collect() };
    keep_promises(conn, &[NewPromise { order: order_id, at: act.now, reason: PromiseReason::Moved, promise: &promise }]).await?;
    let after = window.map_or_else(|| NOT_KNOWN.to_owned(), |w| w.1.to_rfc3339());
    let change = |line_no: i32, before: DateTime<Utc>| Change { field: format!("line {line_no}"), before: before.to_rfc3339(), after: after.clone() };
    Ok(moved.into_iter().map(|r| change(r.line_no, r.before)).collect())
}

/// Tells the customer once of all that has changed.
pub(super) async fn tell_another_date(conn: &mut PgConnection, act: &Act, order_id: OrderId, changes: Vec<Change>) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let details = EventDetails { changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::PromiseMoved, details }]).await
}

/// What waits for stock: where what it waits for is expected later than it was, the customer is told; where nobody could have it there in time any more,
/// too, though no date is known.
async fn look_at_waiting(conn: &mut PgConnection, act: &Act, planning: &Planning, order_id: OrderId, place: &Place) -> Result<bool> {
    let lines = sqlx::query!(
        r#"select line_no, promised_by as "by!" from order_lines where order_id = $1 and queue is not null and open > 0 and promised_by is not null"#,
        order_id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let Some(earliest) = lines.iter().map(|l| l.by).min() else { return Ok(false) };
    let services =
        place.delivery_method.as_deref().and_then(|code| planning.network.delivery.method(code)).map(|m| m.services.clone()).unwrap_or_default();
    let reaches: Vec<Reach<'_>> =
        reaches(&planning.network.delivery, &services, place.destination()).into_iter().map(|reach| reach.in_slot(place.slot)).collect();
    let owed = arrivals(conn, order_id).await?;
    let mut known: Vec<i32> = Vec::new();
    let mut changes: Vec<Change> = Vec::new();
    for (one, comes_at) in &owed {
        // What should have come and has not, nobody knows the day of.
        let Some(expected_at) = comes_at.filter(|at| *at > act.now) else { continue };
        // A line that comes on several days is known when all of them are.
        if owed.iter().filter(|(other, _)| other.line_no == one.line_no).all(|(_, at)| at.is_some_and(|at| at > act.now)) {
            known.push(one.line_no);
        }
        if expected_at <= one.expected_at {
            continue;
        }
        postpone(conn, act.now, one, expected_at).await?;
        let Some(location) = planning.network.location(one.location) else { continue };
        if let Some((schedule, milestones)) = from_arrival(place.method, &reaches, location, expected_at) {
            let window = Some((schedule.from, schedule.by()));
            let lines = vec![(one.line_no, one.quantity)];
            let parcel = PromisedParcel {
                location: one.location,
                lines,
                expected_at: Some(expected_at),
                schedule,
                brought_by: None,
                milestones,
                cost_minor: None,
            };
            changes.extend(move_date(conn, act, order_id, &[one.line_no], window, Some(parcel)).await?);
        }
    }
    let unknown: Vec<_> = lines.iter().filter(|l| !known.contains(&l.line_no)).collect();
    if unknown.is_empty() {
        tell_another_date(conn, act, order_id, changes).await?;
        close_alert(conn, act, order_id, WAITING, "caught_up").await?;
        return Ok(true);
    }
    // If it came this minute, who could have it there first?
    let may_have_it = |l: &&Location| l.closed.is_none() && (place.method == Method::Ship || place.store == Some(l.id));
    let places: Vec<&Location> = planning.network.locations.iter().filter(may_have_it).collect();
    let soonest = places.iter().filter_map(|l| from_arrival(place.method, &reaches, l, act.now)).map(|(s, _)| s.by()).min();
    let late: Vec<i32> = unknown.iter().filter(|l| soonest.is_none_or(|soonest| soonest > l.by)).map(|l| l.line_no).collect();
    let still = unknown.iter().filter(|l| !late.contains(&l.line_no)).map(|l| l.by).min();
    // Looked at again when it is the last moment at which it could come and still be there in time.
    let last_moment = |by: DateTime<Utc>| places.iter().flat_map(|l| last_releases(place.method, &reaches, l, by)).max();
    let due_by = still.and_then(last_moment).map_or(act.now, |last| last.max(act.now + LOOKED_AT_AGAIN_AFTER));
    let alert = Alert { order: order_id, no: WAITING, step: "waiting", due_by, promised_by: earliest, expected_by: None };
    if raise(conn, act, &alert).await? {
        events::append(conn, act, StreamKind::Order, order_id.0, vec![EventKind::PromiseAtRisk.into()]).await?;
    }
    if !late.is_empty() {
        changes.extend(move_date(conn, act, order_id, &late, None, None).await?);
        if still.is_none() {
            close_alert(conn, act, order_id, WAITING, "moved").await?;
        }
    }
    tell_another_date(conn, act, order_id, changes).await?;
    Ok(true)
}

/// The latest moments at which an order could be released at a location and be there by another, by each of some services.
fn last_releases(method: Method, reaches: &[Reach<'_>], location: &Location, by: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    match method {
        Method::Pickup => vec![collect_milestones(location, by).release_by],
        Method::Ship => reaches.iter().filter_map(|reach| reach.milestones(location, by)).map(|m| m.release_by).collect(),
    }
}

/// How a parcel comes from a location that has its goods at a moment; by the fastest of some services.
fn from_arrival(method: Method, reaches: &[Reach<'_>], location: &Location, at: DateTime<Utc>) -> Option<(Schedule, Milestones)> {
    if method == Method::Pickup {
        let schedule = collect(location, at).ok()?;
        let milestones = collect_milestones(location, schedule.from);
        return Some((schedule, milestones));
    }
    let sent = reaches.iter().filter_map(|reach| {
        let schedule = reach.schedule(location, Piece::default(), at).ok()?;
        let milestones = reach.milestones(location, schedule.by())?;
        Some((schedule, milestones))
    });
    sent.min_by_key(|(schedule, _)| schedule.by())
}

/// A promise in danger.
struct Alert {
    order: OrderId,
    no: i32,
    step: &'static str,
    due_by: DateTime<Utc>,
    promised_by: DateTime<Utc>,
    expected_by: Option<DateTime<Utc>>,
}

/// Raises an alert, or says anew what an open one is about. True where it is a new one.
async fn raise(conn: &mut PgConnection, act: &Act, alert: &Alert) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"insert into promise_alerts (order_id, fulfilment_no, raised_at, step, due_by, promised_by, expected_by)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (order_id, fulfilment_no) where cleared_at is null do update
        set step = excluded.step, due_by = excluded.due_by, promised_by = excluded.promised_by, expected_by = excluded.expected_by
        returning (xmax = 0) as "is_new!""#,
        alert.order.0,
        alert.no,
        act.now,
        alert.step,
        alert.due_by,
        alert.promised_by,
        alert.expected_by
    )
    .fetch_one(conn)
    .await?)
}

async fn close_alert(conn: &mut PgConnection, act: &Act, order_id: OrderId, no: i32, outcome: &str) -> Result<()> {
    sqlx::query!(
        "update promise_alerts set cleared_at = $3, outcome = $4 where order_id = $1 and fulfilment_no = $2 and cleared_at is null",
        order_id.0,
        no,
        act.now,
        outcome
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Clears alerts whose danger is over: the step was done, the work is elsewhere or called off, or it has arrived. Returns how many.
pub async fn clear_alerts(conn: &mut PgConnection, act: &Act) -> Result<usize> {
    let cleared = sqlx::query_file!("src/orders/sql/clear_alerts.sql", act.now).fetch_all(&mut *conn).await?;
    // In one order with everybody who writes to an order's stream.
    lock_orders(conn, &cleared.iter().map(|r| OrderId(r.order_id)).collect::<Vec<_>>()).await?;
    let safe: Vec<_> = cleared.iter().filter(|r| r.outcome == "caught_up").collect();
    let happened = safe
        .iter()
        .map(|r| {
            let details = EventDetails { fulfilment_no: Some(r.fulfilment_no).filter(|no| *no != WAITING), ..EventDetails::default() };
            events::Happened { act, stream: r.order_id, events: vec![NewEvent { kind: EventKind::PromiseSafe, details }] }
        })
        .collect();
    events::append_all(conn, StreamKind::Order, happened).await?;
    Ok(cleared.len())
}

/// Works out anew by when the steps of fulfilment orders keep their promises, as the network is now: those behind `after`, at most so many. Returns
/// where it stopped; none at the end.
pub async fn refresh_milestones(
    conn: &mut PgConnection,
    planning: &Planning,
    after: Option<(OrderId, i32)>,
    most: i64,
) -> Result<Option<(OrderId, i32)>> {
    let (order, no) = after.map_or((uuid::Uuid::nil(), 0), |(order, no)| (order.0, no));
    let rows = sqlx::query!(
        r#"select f.order_id as "order: OrderId", f.fulfilment_no, f.location_id as "location: LocationId", f.method as "way: Way", f.service,
            o.method as "method: Method", o.pickup_location_id as "store: LocationId", f.promised_by as "promised_by!", f.release_by, f.pick_by, f.pack_by, f.hand_over_by, c.country, c.postcode, c.latitude, c.longitude,
            b.starts_at as "slot_from?", b.ends_at as "slot_until?"
        from fulfilment_orders f
        join orders o using (order_id)
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        left join slot_bookings b on b.order_id = f.order_id and b.state = 'ordered' and b.brings_order
        where f.state in ('planned', 'released', 'picking', 'packed') and f.promised_by is not null and (f.order_id, f.fulfilment_no) > ($1, $2)
        order by f.order_id, f.fulfilment_no
        limit $3"#,
        order,
        no,
        most
    )
    .fetch_all(&mut *conn)
    .await?;
    let is_last = (rows.len() as i64) < most;
    let end = rows.last().map(|r| (r.order, r.fulfilment_no));
    let mut changed = Vec::new();
    for r in rows {
        let Some(location) = planning.network.location(r.location) else { continue };
        let point = GeoPoint { latitude: r.latitude, longitude: r.longitude };
        let place = Place {
            method: r.method,
            store: r.store,
            country: r.country,
            postcode: r.postcode,
            point,
            delivery_method: None,
            release_at: None,
            slot: r.slot_from.zip(r.slot_until),
        };
        let Some(new) = place.milestones(planning, location, r.way, r.service.as_deref(), r.promised_by) else { continue };
        if [r.release_by, r.pick_by, r.pack_by, r.hand_over_by]
            != [Some(new.release_by), Some(new.pick_by), Some(new.pack_by), Some(new.hand_over_by)]
        {
            let (order, no, promised_by, service) = (r.order, r.fulfilment_no, r.promised_by, r.service);
            changed.push(Refreshed { order, no, promised_by, service, milestones: new });
        }
    }
    // In one order with everybody who locks orders.
    lock_orders(conn, &changed.iter().map(|c| c.order).collect::<Vec<_>>()).await?;
    fulfilment::refresh_fulfilments(conn, &changed).await?;
    Ok(end.filter(|_| !is_last))
}
