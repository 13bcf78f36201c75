use leptos::prelude::*;

/// What is offered, SKU by SKU, for the form that takes it: nothing else is sent then.
#[component]
pub fn Offered(skus: Vec<String>) -> impl IntoView {
    skus.into_iter().enumerate().map(|(n, sku)| view! { <input type="hidden" name=format!("offered[{n}]") value=sku/> }).collect_view()
}
