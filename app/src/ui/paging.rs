use leptos::prelude::*;

/// The link to the next page, or the end. `href` is none on the last page.
#[component]
pub fn NextPage(href: Option<String>, first: bool, first_href: String) -> impl IntoView {
    view! {
        <nav class="flex items-center justify-between gap-4 py-4" aria-label="Pages">
            {(!first).then(|| view! { <a class="button-quiet" href=first_href>"First page"</a> })}
            <span></span>
            {href.map(|href| view! { <a class="button-quiet" href=href rel="next">"Next page"</a> })}
        </nav>
    }
}

/// Links to parts of the same list, the one that is shown marked.
#[component]
pub fn Chips(label: &'static str, chips: Vec<Chip>) -> impl IntoView {
    let links = chips
        .into_iter()
        .map(|Chip { href, words, count, shown }| {
            let count = count.map(|n| view! { " "<span class="tabular-nums text-ink-soft">{n}</span> });
            view! { <a class="chip" href=href aria-current=shown.then_some("page")>{words}{count}</a> }
        })
        .collect_view();
    view! { <nav class="flex flex-wrap gap-2 py-5" aria-label=label>{links}</nav> }
}

/// One of [`Chips`].
#[derive(Clone, Debug)]
pub struct Chip {
    pub href: String,
    pub words: String,
    /// How many there are in it, where that is known.
    pub count: Option<i64>,
    pub shown: bool,
}

/// Percent-encodes a query value (RFC 3986).
pub fn encode(value: &str) -> String {
    value.bytes().map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
