use leptos::prelude::*;
use waybill::orders::views::Missing;

/// What is offered in the place of what is missing, SKU by SKU, for the form that takes it: nothing else is sent then.
#[component]
pub fn Offered(missing: Vec<Missing>) -> impl IntoView {
    let skus = missing.into_iter().filter_map(|missing| missing.instead).map(|(code, _)| code);
    skus.enumerate().map(|(n, sku)| view! { <input type="hidden" name=format!("offered[{n}]") value=sku/> }).collect_view()
}
