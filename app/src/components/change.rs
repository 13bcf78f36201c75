//! A change that is looked at, is to come, or was made.

use crate::ui::{Badge, Tone, When};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use waybill::events::{Change, ChangePreview, Told};

/// Before and after, field by field.
#[component]
fn Changes(changes: Vec<Change>) -> impl IntoView {
    let rows = changes
        .into_iter()
        .map(|c| {
            // What is new was nothing before.
            let before = (!c.before.is_empty()).then(|| view! { <s class="text-ink-soft">{c.before}</s>" → " });
            view! { <li><span class="text-ink-soft">{c.field}": "</span>{before}<strong>{c.after}</strong></li> }
        })
        .collect_view();
    view! { <ul class="grid gap-1 text-sm">{rows}</ul> }
}

/// What a change would do.
#[component]
pub fn PreviewNote(preview: ChangePreview) -> impl IntoView {
    let sentences = preview.consequences.into_iter().map(|s| view! { <li>{s}</li> }).collect_view();
    let nothing = preview.changes.is_empty();
    view! {
        <section class="border-y border-line py-4 grid gap-3" aria-label="What it does" aria-live="polite">
            {if nothing {
                view! { <p>"Nothing is different yet."</p> }.into_any()
            } else {
                view! { <p class="font-semibold">"From "<When at=preview.from/></p><Changes changes=preview.changes/> }.into_any()
            }}
            <ul class="list-disc pl-5 text-sm grid gap-1 empty:hidden">{sentences}</ul>
        </section>
    }
}

/// A change that is still to come, if there is one.
#[component]
pub fn Scheduled(scheduled: Option<(DateTime<Utc>, Vec<Change>)>) -> impl IntoView {
    scheduled.map(|(from, changes)| {
        view! {
            <div class="mt-3 grid gap-2"><p class="text-sm"><Badge tone=Tone::Progress text="To come"/>" from "<When at=from/></p><Changes changes/></div>
        }
    })
}

/// What the button says that takes the last change back.
pub const fn undo_words(to_come: bool) -> &'static str {
    if to_come { "Call off what is to come" } else { "Undo the last change of settings" }
}

/// What was changed, newest first; `nothing` says that nothing was.
#[component]
pub fn ChangeLog(history: Vec<Told>, nothing: &'static str) -> impl IntoView {
    if history.is_empty() {
        return view! { <p class="mt-3 text-sm text-ink-soft">{nothing}</p> }.into_any();
    }
    let items = history
        .into_iter()
        .map(|e| {
            view! {
                <li class="timeline-item">
                    <p>{e.kind.label()}{e.reason.map(|r| format!(" ({r})"))}</p>
                    <Changes changes=e.changes/>
                    <p class="text-sm text-ink-soft">{e.who}", "<When at=e.at/></p>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline mt-4">{items}</ol> }.into_any()
}
