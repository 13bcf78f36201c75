//! How long things take.

use super::super::draw;
use crate::fulfilment::{FulfilmentState, Method};
use chrono::{DateTime, TimeDelta, Utc};

/// Steps of one fulfilment order in time; those after `now` have not happened.
pub(super) struct Course {
    pub released: DateTime<Utc>,
    pub picked: DateTime<Utc>,
    pub packed: DateTime<Utc>,
    pub out: DateTime<Utc>,
    pub delivered: DateTime<Utc>,
}

impl Course {
    /// Drawn from the seed: hours at the location, days on the road.
    pub fn of(placed: DateTime<Utc>, seed: u64) -> Self {
        let minutes = |salt: u64, least: u64, most: u64| TimeDelta::minutes(i64::try_from(least + draw(seed ^ salt, most - least)).unwrap_or(0));
        let released = placed + TimeDelta::seconds(20);
        let picked = released + minutes(1, 20, 20 * 60);
        let packed = picked + minutes(2, 5, 90);
        let out = packed + minutes(3, 30, 10 * 60);
        Self { released, picked, packed, out, delivered: out + minutes(4, 18 * 60, 80 * 60) }
    }

    pub fn state(&self, method: Method, now: DateTime<Utc>) -> FulfilmentState {
        match method {
            Method::Ship if self.delivered <= now => FulfilmentState::Delivered,
            Method::Ship if self.out <= now => FulfilmentState::Shipped,
            Method::Pickup if self.delivered <= now => FulfilmentState::Collected,
            Method::Pickup if self.out <= now => FulfilmentState::Ready,
            _ if self.packed <= now => FulfilmentState::Packed,
            _ if self.picked <= now => FulfilmentState::Picking,
            _ => FulfilmentState::Released,
        }
    }

    /// When the goods left the building.
    pub fn left(&self, method: Method, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let at = match method {
            Method::Ship => self.out,
            Method::Pickup => self.delivered,
        };
        (at <= now).then_some(at)
    }
}
