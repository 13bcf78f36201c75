//! Who is not asked again for an order that they turned down.

use super::PlanOrder;
use crate::fulfilment::Method;
use crate::ids::{LocationId, SkuId};
use crate::inventory::{LocationKind, Network};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The store that a customer chose is asked again after this long: nobody else can take its place.
const ASKED_AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

/// A location's no to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnedDown {
    pub location: LocationId,
    pub at: DateTime<Utc>,
    /// What it did not have; none: it would do none of it.
    pub lacking: Option<Vec<SkuId>>,
}

/// A SKU that a location is not asked for, whatever its books say, before a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotBefore {
    pub sku: SkuId,
    pub location: LocationId,
    pub until: DateTime<Utc>,
}

impl PlanOrder {
    /// Leaves out, in the place of whom it left out before, those that have turned it down: for all of it whoever would do none of it, but for a day only where
    /// the customer collects it; for so many days whoever did not have something, for that. A warehouse that did not have one has others: it counts, and a
    /// store or vendor guesses.
    pub fn leave_out(&mut self, refusals: &[TurnedDown], not_again_days: u16, network: &Network, now: DateTime<Utc>) {
        let none_of_it = |no: &&TurnedDown| no.lacking.is_none() && (self.method == Method::Ship || no.at > now - ASKED_AGAIN_AFTER);
        let mut excluded: Vec<LocationId> = refusals.iter().filter(none_of_it).map(|no| no.location).collect();
        excluded.sort_unstable();
        excluded.dedup();
        self.excluded = excluded;
        self.leave_out_lacking(refusals, not_again_days, network, now);
    }

    /// Says anew what locations are not asked for since they did not have it.
    pub fn leave_out_lacking(&mut self, refusals: &[TurnedDown], not_again_days: u16, network: &Network, now: DateTime<Utc>) {
        let guesses = |location| network.location(location).is_some_and(|l| matches!(l.kind, LocationKind::Store | LocationKind::Vendor));
        let mut not_before: Vec<NotBefore> = Vec::new();
        for no in refusals.iter().filter(|no| self.pickup_location != Some(no.location) && guesses(no.location)) {
            let until = no.at + TimeDelta::days(not_again_days.into());
            if until > now {
                not_before.extend(no.lacking.iter().flatten().map(|sku| NotBefore { sku: *sku, location: no.location, until }));
            }
        }
        self.not_before = not_before;
    }

    /// True where a location is asked for a SKU at a moment.
    pub(super) fn may_ask(&self, location: LocationId, sku: SkuId, at: DateTime<Utc>) -> bool {
        let is_too_soon = |no: &NotBefore| (no.location, no.sku) == (location, sku) && at < no.until;
        !self.excluded.contains(&location) && !self.not_before.iter().any(is_too_soon)
    }
}
