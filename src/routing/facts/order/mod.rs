//! What can be asked about an order.

use super::{Fact, OfOrder};
use crate::inventory::Snapshot;
use chrono::{DateTime, Datelike as _, Utc};

facts! { Fact<OfOrder>:
    channel, origin, order_type, method, delivery_method, slot, country, region, postcode, zone, address_placed, value, currency, lines, units, weight,
    volume, gift, priority, tag, attribute, customer_group, customer_tag, promised_in, ship_by, age, attempts, rejected_by, payment, hold,
    date, weekday, hour,
}

/// Days from a moment until another; below zero where that is before.
pub(super) fn days_until(now: DateTime<Utc>, then: DateTime<Utc>) -> f64 {
    (then - now).num_minutes() as f64 / 1_440.0
}

/// Days since 1 January 1970 of the day that it is, in the company's time.
pub(super) fn day_number(snapshot: &Snapshot<'_>) -> f64 {
    f64::from(snapshot.at.with_timezone(&snapshot.network.clock).date_naive().num_days_from_ce() - EPOCH_FROM_CE)
}

/// 1 January 1970, in days of the common era.
const EPOCH_FROM_CE: i32 = 719_163;
