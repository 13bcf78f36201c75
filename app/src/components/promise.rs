//! When something is there, as people say it.

use crate::ui::{day_seen_from, long_day, span_words};
use chrono::{DateTime, NaiveDateTime, Timelike as _, Utc};
use waybill::orders::views::PromiseView;
use waybill::slots::SlotView;

/// `16:00`.
pub fn clock(at: chrono::NaiveDateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `tomorrow, Fri 4 Dec`: when it is delivered.
pub fn delivered_words(promise: &PromiseView) -> String {
    day_seen_from(promise.day, promise.today)
}

/// `today from 16:00`: when it can be collected.
pub fn ready_words(promise: &PromiseView) -> String {
    format!("{} from {}", day_seen_from(promise.day, promise.today), clock(promise.local_from))
}

/// `Fri 4 Dec 2026, 18:00 to 20:00`: a time that can be chosen.
pub fn slot_words(slot: &SlotView) -> String {
    hours_words(slot.local_from, slot.local_until)
}

/// The same of any span of a day, by the clocks there.
pub fn hours_words(from: NaiveDateTime, until: NaiveDateTime) -> String {
    format!("{}, {} to {}", long_day(from.date()), clock(from), clock(until))
}

/// `if you order within 2 h 14 min`; nothing where it makes no difference, or not before long.
pub fn order_within(promise: &PromiseView) -> Option<String> {
    let cut_off = promise.cut_off?;
    (cut_off > promise.asked_at).then(|| format!("if you order within {}", span_words(promise.asked_at, cut_off)))
}

/// Where it comes from, for those who may like to know why it takes longer: several parcels, or things that are still to come.
pub fn parcels_words(promise: &PromiseView) -> Option<String> {
    match promise.parcels.len() {
        0 | 1 => None,
        n => Some(format!("In {n} parcels; the last arrives then.")),
    }
}

/// What was shown of a choice; of a time, the plan that it is of and when it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub code: String,
    pub price_minor: Option<i64>,
    pub by: Option<DateTime<Utc>>,
}

impl Shown {
    /// A time of a plan.
    pub fn of_time(slot: &SlotView) -> Self {
        Self { code: slot.plan.clone(), price_minor: None, by: Some(slot.starts_at) }
    }

    /// As a form's value: `express 695 1796320800`.
    pub fn value(&self) -> String {
        let number = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        format!("{} {} {}", self.code, number(self.price_minor), number(self.by.map(|by| by.timestamp_micros())))
    }

    pub fn read(value: &str) -> Self {
        let mut parts = value.split(' ');
        let code = parts.next().unwrap_or_default().to_owned();
        let mut number = || parts.next().and_then(|text| text.parse::<i64>().ok());
        Self { code, price_minor: number(), by: number().and_then(DateTime::from_timestamp_micros) }
    }
}
