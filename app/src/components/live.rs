use leptos::ev::Custom;
use leptos::prelude::*;

/// Counts up whenever something the page is about has changed. Put it into a resource's source, and `data-live=topic` on an element: the
/// browser's one shared event stream (live.js) does the rest.
pub fn use_live() -> ReadSignal<u32> {
    let (changes, changed) = signal(0);
    Effect::new(move |_| {
        let listener = window_event_listener(Custom::<leptos::web_sys::CustomEvent>::new("waybill:live"), move |_| changed.update(|n| *n += 1));
        on_cleanup(move || listener.remove());
    });
    changes
}
