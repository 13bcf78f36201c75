use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// A moment: in UTC as the server sends it, in the reader's own zone as soon as the page is live, exact to the second on hover.
#[component]
pub fn When(at: DateTime<Utc>) -> impl IntoView {
    let text = RwSignal::new(at.format("%-d %b %Y, %H:%M UTC").to_string());
    Effect::new(move |_| {
        if let Some(local) = in_local_zone(at) {
            text.set(local);
        }
    });
    view! { <time datetime=at.to_rfc3339() title=at.format("%-d %B %Y, %H:%M:%S UTC").to_string()>{text}</time> }
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
