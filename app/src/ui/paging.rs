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
