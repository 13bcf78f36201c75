use super::Icon;
use leptos::prelude::*;

/// What a colour means; a word or a shape always says it, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Neutral,
    Progress,
    Good,
    Warn,
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "badge badge-neutral",
            Self::Progress => "badge badge-progress",
            Self::Good => "badge badge-good",
            Self::Warn => "badge badge-warn",
            Self::Bad => "badge badge-bad",
        }
    }
}

/// A short state.
#[component]
pub fn Badge(tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    view! { <span class=tone.class()>{text}</span> }
}

/// Something went wrong: what, and what to do.
#[component]
pub fn ErrorNote(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <div class="note-bad" role="alert">
            <Icon name="triangle-alert"/>
            <p>{text}</p>
        </div>
    }
}

/// Nothing here, and what to do about it.
#[component]
pub fn EmptyState(icon: &'static str, #[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="grid justify-items-center gap-3 px-6 py-16 text-center">
            <span class="text-ink-soft"><Icon name=icon/></span>
            <p class="text-lg font-semibold">{title}</p>
            <div class="text-ink-soft max-w-md">{children()}</div>
        </div>
    }
}

/// One number that matters, with what it was before.
#[component]
pub fn Stat(label: &'static str, #[prop(into)] value: String, #[prop(optional, into)] change: Option<String>) -> impl IntoView {
    view! {
        <div class="card">
            <p class="text-sm text-ink-soft">{label}</p>
            <p class="mt-1 text-3xl font-semibold tracking-tight tabular-nums">{value}</p>
            {change.map(|text| view! { <p class="mt-1 text-sm text-ink-soft">{text}</p> })}
        </div>
    }
}
