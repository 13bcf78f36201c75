use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use leptos::prelude::*;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `22 Nov 2026`. Written out here: chrono's own formatter would be downloaded by every customer.
pub fn day_words(day: NaiveDate) -> String {
    format!("{} {} {}", day.day(), MONTHS[day.month0() as usize % 12], day.year())
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `Thu 10 Dec 2026`.
pub fn long_day(day: NaiveDate) -> String {
    format!("{} {}", WEEKDAYS[day.weekday().num_days_from_monday() as usize % 7], day_words(day))
}

/// A day as it is said on another: `today`, `tomorrow, Fri 4 Dec`, `Thu 10 Dec`.
pub fn day_seen_from(day: NaiveDate, today: NaiveDate) -> String {
    let plain = format!("{} {} {}", WEEKDAYS[day.weekday().num_days_from_monday() as usize % 7], day.day(), MONTHS[day.month0() as usize % 12]);
    match (day - today).num_days() {
        0 => "today".to_owned(),
        1 => format!("tomorrow, {plain}"),
        2..300 => plain,
        _ => format!("{plain} {}", day.year()),
    }
}

/// How long it is until a moment: `2 h 14 min`, `3 days`.
pub fn span_words(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let minutes = (to - from).num_minutes().max(0);
    match (minutes / (24 * 60), minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, 0, _) => "1 day".to_owned(),
        (1, hours, _) => format!("1 day {hours} h"),
        (days, ..) => format!("{days} days"),
    }
}

/// A moment: in UTC as the server sends it, in the reader's own zone as soon as the page is live, exact to the second on hover.
#[component]
pub fn When(at: DateTime<Utc>) -> impl IntoView {
    let (day, time) = (at.date_naive(), at.time());
    let text = RwSignal::new(format!("{}, {:02}:{:02} UTC", day_words(day), time.hour(), time.minute()));
    Effect::new(move |_| {
        if let Some(local) = in_local_zone(at) {
            text.set(local);
        }
    });
    let exact = format!("{}, {:02}:{:02}:{:02} UTC", day_words(day), time.hour(), time.minute(), time.second());
    let machine = format!("{day:?}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second());
    view! { <time datetime=machine title=exact>{text}</time> }
}

/// The browser's own formatting: no time zone data in the bundle.
fn in_local_zone(at: DateTime<Utc>) -> Option<String> {
    use wasm_bindgen::JsValue;
    let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    let options = js_sys::Object::new();
    for (key, value) in [("day", "numeric"), ("month", "short"), ("year", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")] {
        js_sys::Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    Some(date.to_locale_string("en-GB", &options).into())
}
