use super::api::{EndDisruption, read_disruption};
use super::work::Work;
use crate::components::{times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::orders::views::DisruptionView;

/// `/routing/disruptions/:id`: what is out of order and what became of its orders; `?after=` further ones.
#[derive(Debug)]
pub struct DisruptionPage;

impl DisruptionPage {
    pub(super) fn view() -> AnyView {
        let (params, query) = (use_params_map(), use_query_map());
        let live = use_live();
        let end = ServerAction::<EndDisruption>::new();
        let ended = times_done(end);
        let id = move || params.read().get("id").unwrap_or_default();
        let after = move || query.read().get("after").unwrap_or_default();
        let read = load(move || (id(), after(), live.get(), ended.get()), |(id, after, ..)| read_disruption(id, after));
        let trouble = move || end.value().get().and_then(Result::err);
        view! {
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/routing/disruptions">"Disruption desk"</a></nav>
                {move || trouble().map(|e| view! { <div class="pt-4"><ErrorNote text=e.everything()/></div> })}
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || read.get().map(|answer| match answer {
                        Ok(view) => view! { <Whole view end/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(view: DisruptionView, end: ServerAction<EndDisruption>) -> impl IntoView {
    let (row, counts, may_manage) = (view.row.clone(), view.counts, view.may_manage);
    let this = format!("/routing/disruptions/{}", row.id);
    let is_open = row.ended_at.is_none();
    let (tone, state) = if is_open { (Tone::Bad, "Out of order") } else { (Tone::Good, "In order again") };
    let until = match (row.ended_at, row.until) {
        (Some(at), _) => view! { ", over since "<When at/>{row.ended_by.map(|by| format!(" ({by})"))} }.into_any(),
        (None, Some(at)) => view! { ", expected to be over "<When at/> }.into_any(),
        (None, None) => view! { ", until further notice" }.into_any(),
    };
    let done = counts.work - counts.to_do;
    let progress = (is_open && counts.to_do > 0).then(|| {
        let words = format!("{done} of {} planned anew. You may leave this page.", counts.work);
        view! {
            <div class="grid gap-2 max-w-xl pb-6">
                <progress class="w-full" max=counts.work.to_string() value=done.to_string() aria-label="Orders"></progress>
                <p class="text-sm text-ink-soft">{words}</p>
            </div>
        }
    });
    let back = if row.brings_back {
        "Orders that were moved go back where nobody has begun with them and that keeps their promise, and parcels that have not left to their own carrier."
    } else {
        "Orders that were moved stay where they are."
    };
    let form = (is_open && may_manage).then(|| {
        view! {
            <section class="card mt-8"><h2 class="font-semibold">"It works again"</h2><p class="text-sm text-ink-soft pt-1 pb-4">{back}" Dates that were moved are moved back as far as can be, and what waits is planned anew."</p>
                <ActionForm action=end><input type="hidden" name="id" value=row.id.to_string()/><Button pending=end.pending()>"End it now"</Button></ActionForm></section>
        }
    });
    let by = row.started_by.map(|by| format!(" by {by}")).unwrap_or_default();
    view! {
        <Title text=format!("Disruption: {}", row.about)/>
        <header class="pt-1 pb-6"><h1 class="page-title">{row.about}</h1>
            <p class="mt-2">{row.reason}</p>
            <p class="text-ink-soft mt-2 flex flex-wrap items-center gap-2"><Badge tone text=state/><span>"Noted "<When at=row.since/>{by}{until}</span></p></header>
        {progress}
        <Work view this/>
        {form}
    }
}
