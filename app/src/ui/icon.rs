use leptos::prelude::*;

/// An icon of the sprite. It says nothing to screen readers: words stand beside it.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" width="20" height="20">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}
