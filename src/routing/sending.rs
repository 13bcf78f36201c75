//! How an order's parcels could be brought: the carrier services that it may go by, each as it sees the address, worked out once for all locations.

use super::PlanOrder;
use crate::carriers::{Destination, Parcel, Tariff};
use crate::inventory::{Location, Snapshot};
use crate::promising::{CannotSend, Piece, Reach, Schedule, reaches};
use chrono::{DateTime, TimeDelta, Utc};

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Sending<'a> {
    reaches: Vec<Reach<'a>>,
    to: Destination<'a>,
    snapshot: &'a Snapshot<'a>,
    piece: Piece,
    release_at: DateTime<Utc>,
}

/// The service that a parcel goes by.
#[derive(Debug)]
pub(super) struct Chosen<'s, 'a> {
    pub reach: &'s Reach<'a>,
    pub schedule: Schedule,
    /// What it costs us; none where that is not known.
    pub cost_minor: Option<i64>,
}

/// What parcels from a location cost us, by the cheapest service for each.
#[derive(Debug, Default)]
pub(super) struct Carriage<'a> {
    tariffs: Vec<Tariff<'a>>,
}

impl Carriage<'_> {
    /// Minor units; none where that is not known.
    pub fn of(&self, parcel: &Parcel) -> Option<i64> {
        self.tariffs.iter().filter_map(|tariff| tariff.total(parcel).ok()).min()
    }

    /// The weights above which it may be more, grams.
    pub fn weights(&self) -> impl Iterator<Item = i64> {
        self.tariffs.iter().flat_map(Tariff::weights)
    }
}

impl<'a> Sending<'a> {
    /// None where the order does not say how it may go.
    pub fn of(order: &'a PlanOrder, snapshot: &'a Snapshot<'a>) -> Option<Self> {
        let to = Destination { country: &order.country, postcode: &order.postcode, point: order.destination };
        let reaches =
            reaches(&snapshot.network.delivery, order.services.as_deref()?, to).into_iter().map(|reach| reach.in_slot(order.slot)).collect();
        let piece = Piece {
            grams: order.lines.iter().map(|l| l.size.grams).max().unwrap_or(0),
            longest_mm: order.lines.iter().map(|l| l.size.longest_mm).max().unwrap_or(0),
        };
        Some(Self { reaches, to, snapshot, piece, release_at: order.release_at.unwrap_or(snapshot.at).max(snapshot.at) })
    }

    /// Why none of its services could bring it from a location, whatever the calendar says: what the first of them says.
    pub fn reaches(&self, location: &Location) -> Result<(), CannotSend> {
        let mut first = None;
        for reach in &self.reaches {
            match reach.zone(location, self.piece) {
                Ok(_) => return Ok(()),
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or(CannotSend::NotThere))
    }

    /// When the fastest of its services would have it there.
    pub fn earliest(&self, location: &'a Location) -> Result<DateTime<Utc>, CannotSend> {
        self.earliest_after(location, TimeDelta::zero())
    }

    /// The same, where the work begins so much later.
    pub fn earliest_after(&self, location: &'a Location, wait: TimeDelta) -> Result<DateTime<Utc>, CannotSend> {
        let all = self.reaches.iter().map(|reach| reach.schedule(location, self.piece, self.release_at + wait).map(|s| s.by()));
        all.reduce(|best, next| match (best, next) {
            (Ok(best), Ok(next)) => Ok(best.min(next)),
            (Ok(found), Err(_)) | (Err(_), Ok(found)) => Ok(found),
            (Err(why), Err(_)) => Err(why),
        })
        .unwrap_or(Err(CannotSend::NotThere))
    }

    /// The zones in which its services that collect at a location see the address.
    pub fn zones<'s>(&'s self, location: &'s Location) -> impl Iterator<Item = &'a str> + 's {
        self.reaches.iter().filter_map(|reach| Some(reach.zone(location, self.piece).ok()?.0))
    }

    /// The codes of its services that go there from a location.
    pub fn services<'s>(&'s self, location: &'s Location) -> impl Iterator<Item = &'a str> + 's {
        self.reaches.iter().filter(|reach| reach.zone(location, self.piece).is_ok()).map(|reach| reach.code)
    }

    /// The services that a parcel from a location may go by, of which the cheapest is taken: those that keep what was promised; the fastest of all where
    /// none does.
    fn ways<'s>(&'s self, location: &'a Location, promised_by: Option<DateTime<Utc>>) -> Vec<&'s Reach<'a>> {
        let all = self.reaches.iter().filter_map(|reach| Some((reach, reach.schedule(location, self.piece, self.release_at).ok()?)));
        let all: Vec<_> = all.collect();
        let in_time = |schedule: &Schedule| !schedule.slot_missed && promised_by.is_none_or(|by| schedule.by() <= by);
        let kept: Vec<_> = all.iter().filter(|(_, schedule)| in_time(schedule)).map(|(reach, _)| *reach).collect();
        if kept.is_empty() { all.iter().min_by_key(|(_, schedule)| schedule.by()).map(|(reach, _)| *reach).into_iter().collect() } else { kept }
    }

    /// What those services take from a location.
    pub fn carriage(&self, location: &'a Location, promised_by: Option<DateTime<Utc>>) -> Carriage<'a> {
        let delivery = &self.snapshot.network.delivery;
        let tariff = |reach: &Reach<'a>| delivery.tariff(&reach.service.rate_card, &location.country, &self.to, 0).ok();
        Carriage { tariffs: self.ways(location, promised_by).into_iter().filter_map(tariff).collect() }
    }

    /// What a parcel with the whole order costs from a location, minor units; none where that is not known.
    pub fn cost_of_all(&self, location: &'a Location, order: &PlanOrder) -> Option<i64> {
        let all = Parcel::of(order.lines.iter().map(|line| (line.size, line.quantity)));
        self.carriage(location, order.promised_by()).of(&all)
    }

    /// The service for a parcel of a location: of those that keep what was promised the cheapest, of those that cost the same the fastest; the fastest
    /// of all where none keeps it.
    pub fn choose(
        &self,
        location: &'a Location,
        parcel: &Parcel,
        released_at: DateTime<Utc>,
        promised_by: Option<DateTime<Utc>>,
    ) -> Result<Chosen<'_, 'a>, CannotSend> {
        let mut best = None;
        let mut why_not = CannotSend::NotThere;
        for reach in &self.reaches {
            match reach.schedule(location, self.piece, released_at) {
                Err(why) => why_not = why,
                Ok(schedule) => {
                    let delivery = &self.snapshot.network.delivery;
                    let cost_minor = delivery.charge(&reach.service.rate_card, &location.country, &self.to, parcel, 0).ok().map(|c| c.total_minor);
                    let is_late = schedule.slot_missed || promised_by.is_some_and(|by| schedule.by() > by);
                    // Late, what it costs does not count.
                    let rank = (is_late, if is_late { 0 } else { cost_minor.unwrap_or(i64::MAX) }, schedule.by());
                    if best.as_ref().is_none_or(|(other, _)| rank < *other) {
                        best = Some((rank, Chosen { reach, schedule, cost_minor }));
                    }
                }
            }
        }
        best.map(|(_, chosen)| chosen).ok_or(why_not)
    }
}
