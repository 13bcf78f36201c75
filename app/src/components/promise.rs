//! When something is there, as people say it.

use crate::ui::{day_seen_from, long_day, span_words};
use chrono::Timelike as _;
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
    format!("{}, {} to {}", long_day(slot.local_from.date()), clock(slot.local_from), clock(slot.local_until))
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
