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

/// Percent-encodes a query value (RFC 3986).
pub fn encode(value: &str) -> String {
    value.bytes().map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
