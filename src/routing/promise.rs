//! When a plan has things there: what customers are promised, worked out from the plan that will be carried out.

use super::sending::{Chosen, Sending};
use super::{Plan, PlanOrder};
use crate::carriers::Parcel;
use crate::fulfilment::{Method, Milestones};
use crate::ids::LocationId;
use crate::inventory::{Location, Network, Snapshot};
use crate::promising::{Schedule, Span, collect, collect_milestones};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What is promised of an order, parcel by parcel, with how it was computed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    pub parcels: Vec<PromisedParcel>,
}

/// Things that come together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromisedParcel {
    pub location: LocationId,
    /// (line, units)
    pub lines: Vec<(i32, i32)>,
    /// When they are expected at the location, where they are not there yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<DateTime<Utc>>,
    pub schedule: Schedule,
    /// Code of the carrier service by which it comes to the store in which it is collected, from elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brought_by: Option<String>,
    pub milestones: Milestones,
    /// What the carrier takes, in minor units of its rate card; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_minor: Option<i64>,
}

/// A window that something is promised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub day: NaiveDate,
    pub from: DateTime<Utc>,
    /// The moment by which it is on time.
    pub by: DateTime<Utc>,
}

impl PromisedParcel {
    /// Code of the carrier service that brings it, to the customer or to the store; none where it is collected from where it is.
    pub fn service(&self) -> Option<&String> {
        self.schedule.service.as_ref().or(self.brought_by.as_ref())
    }
}

impl Promise {
    /// When the last of it is there; none where nothing is promised.
    pub fn window(&self) -> Option<Window> {
        last(self.parcels.iter())
    }

    /// When the last of a line is there.
    pub fn of_line(&self, line_no: i32) -> Option<Window> {
        last(self.parcels.iter().filter(|p| p.lines.iter().any(|(no, _)| *no == line_no)))
    }

    /// True where a part of it is there only after the slot that the customer chose is over.
    pub fn is_too_late_for_its_slot(&self) -> bool {
        self.parcels.iter().any(|p| p.schedule.slot_missed)
    }

    /// When work begins on what is to be brought at a time that is chosen, so that it does not arrive on a day before: when the location opens on the day
    /// of the last moment. None of what is yet to come.
    pub fn begins_for_slot(&self, network: &Network) -> Option<DateTime<Utc>> {
        let begins = |p: &PromisedParcel| Some(network.location(p.location)?.calendar.opens_on_day_of(p.milestones.release_by));
        self.parcels.iter().filter(|p| p.expected_at.is_none()).filter_map(begins).min()
    }

    /// The parcel of what is there at a location.
    pub fn at(&self, location: LocationId) -> Option<&PromisedParcel> {
        self.parcels.iter().find(|p| p.location == location && p.expected_at.is_none())
    }

    /// Until when the order can be placed and nothing of it comes later. `wait` is how long it is held before it is released. None where all of it is
    /// yet to come: then it is the same whenever it is ordered.
    pub fn cut_off(&self, wait: TimeDelta) -> Option<DateTime<Utc>> {
        self.parcels.iter().filter(|p| p.expected_at.is_none()).map(|p| p.schedule.cut_off - wait).min()
    }
}

fn last<'a>(parcels: impl Iterator<Item = &'a PromisedParcel>) -> Option<Window> {
    parcels.map(|p| &p.schedule).max_by_key(|s| s.by()).map(|s| Window { day: s.day, from: s.from, by: s.by() })
}

/// When something comes, and how.
struct Timed {
    schedule: Schedule,
    brought_by: Option<String>,
    milestones: Milestones,
    cost_minor: Option<i64>,
}

/// What of a plan comes together.
struct Part {
    location: LocationId,
    expected_at: Option<DateTime<Utc>>,
    lines: Vec<(i32, i32)>,
}

/// What can be promised of a plan. Nothing is said of parcels that nobody can say it of: sent by whatever the location has, or from a location that is
/// not open as far as is known.
pub fn promise(order: &PlanOrder, plan: &Plan, snapshot: &Snapshot<'_>) -> Promise {
    let sending = Sending::of(order, snapshot);
    let store = order.pickup_location.and_then(|store| snapshot.network.location(store));
    let to_store =
        store.filter(|_| plan.assignments.iter().any(|a| order.brought_to(a.location).is_some())).map(|store| order.sent_to(store, snapshot));
    let bringing = to_store.as_ref().and_then(|to_store| Sending::of(to_store, snapshot));
    let mut parts: Vec<Part> = Vec::new();
    let mut add = |location, expected_at, line_no, units| match parts.iter_mut().find(|p| (p.location, p.expected_at) == (location, expected_at)) {
        Some(part) => part.lines.push((line_no, units)),
        None => parts.push(Part { location, expected_at, lines: vec![(line_no, units)] }),
    };
    for a in &plan.assignments {
        add(a.location, None, a.line_no, a.quantity);
    }
    for w in &plan.waiting {
        if let (Some(location), Some(expected_at)) = (w.location, w.expected_at) {
            add(location, Some(expected_at), w.line_no, w.quantity);
        }
    }
    let parcels = parts.into_iter().filter_map(|Part { location, expected_at, lines }| {
        let place = snapshot.network.location(location)?;
        // Whoever is asked first has time to answer.
        let asked = plan.offer.as_ref().map_or(TimeDelta::zero(), |offer| TimeDelta::minutes(offer.minutes.into()));
        let released_at = order.release_at.unwrap_or(snapshot.at).max(snapshot.at) + asked;
        let released_at = expected_at.map_or(released_at, |at| released_at.max(at));
        let promised_by = lines.iter().filter_map(|(no, _)| order.lines.iter().find(|l| l.line_no == *no)?.promised_by).min();
        let Timed { schedule, brought_by, milestones, cost_minor } = match order.method {
            Method::Pickup if order.brought_to(location).is_some() => {
                brought(bringing.as_ref()?, order, (place, store?), &lines, released_at, promised_by)?
            }
            Method::Pickup => {
                let schedule = in_slot(collect(place, released_at).ok()?, order.slot, place.calendar.zone);
                let milestones = collect_milestones(place, order.kept_to(promised_by, schedule.from));
                Timed { schedule, brought_by: None, milestones, cost_minor: None }
            }
            Method::Ship => sent(sending.as_ref()?, order, place, &lines, released_at, promised_by)?,
        };
        Some(PromisedParcel { location, lines, expected_at, schedule, brought_by, milestones, cost_minor })
    });
    Promise { parcels: parcels.collect() }
}

fn sent<'a>(
    sending: &Sending<'a>,
    order: &PlanOrder,
    place: &'a Location,
    lines: &[(i32, i32)],
    released_at: DateTime<Utc>,
    promised_by: Option<DateTime<Utc>>,
) -> Option<Timed> {
    let Chosen { reach, schedule, cost_minor } = sending.choose(place, &parcel_of(order, lines), released_at, promised_by).ok()?;
    let milestones = reach.milestones(place, order.kept_to(promised_by, schedule.until))?;
    Some(Timed { schedule, brought_by: None, milestones, cost_minor })
}

/// What is sent to the store first, and made ready there when it has come.
fn brought(
    bringing: &Sending<'_>,
    order: &PlanOrder,
    (place, store): (&Location, &Location),
    lines: &[(i32, i32)],
    released_at: DateTime<Utc>,
    promised_by: Option<DateTime<Utc>>,
) -> Option<Timed> {
    let come_by = promised_by.map(|by| come_by(store, by));
    let Chosen { reach, schedule: sent, cost_minor } = bringing.choose(place, &parcel_of(order, lines), released_at, come_by).ok()?;
    let ready = in_slot(collect(store, sent.until).ok()?, order.slot, store.calendar.zone);
    let expected_by = collect(store, sent.expected_by).ok()?.ready_at;
    let (released_at, handed_over_at, transit_days, cut_off) = (sent.released_at, sent.handed_over_at, sent.transit_days, sent.cut_off);
    let schedule = Schedule { released_at, handed_over_at, transit_days, cut_off, expected_by, ..ready };
    let milestones = reach.milestones(place, self::come_by(store, order.kept_to(promised_by, schedule.from)))?;
    Some(Timed { schedule, brought_by: sent.service, milestones, cost_minor })
}

/// By when something has to have come to a store that is collected there from a moment on.
pub fn come_by(store: &Location, collected_from: DateTime<Utc>) -> DateTime<Utc> {
    collect_milestones(store, collected_from).release_by
}

/// A schedule of what is collected in the slot that the customer chose: of a slot that has begun before it is ready, the rest is left.
fn in_slot(schedule: Schedule, slot: Option<Span>, clock: Tz) -> Schedule {
    match slot {
        None => schedule,
        Some((_, until)) if until <= schedule.from => Schedule { slot_missed: true, ..schedule },
        Some((from, until)) => {
            let from = from.max(schedule.from);
            Schedule { day: from.with_timezone(&clock).date_naive(), from, until, ..schedule }
        }
    }
}

/// Some units of an order's lines as prices see them.
pub fn parcel_of(order: &PlanOrder, lines: &[(i32, i32)]) -> Parcel {
    let size_of = |line_no: i32| order.lines.iter().find(|l| l.line_no == line_no).map(|l| l.size);
    Parcel::of(lines.iter().filter_map(|(line_no, units)| Some((size_of(*line_no)?, *units))))
}
