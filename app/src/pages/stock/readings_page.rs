use super::api::{ReportReadings, reading_places};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, ErrorNote, SelectField, TextArea, TextField, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::orders::views::ReadingsTaken;

/// `/stock/readings`: another system's list of what stands at a location, pasted.
#[derive(Debug)]
pub struct ReadingsPage;

impl ReadingsPage {
    pub(super) fn view() -> AnyView {
        let report = ServerAction::<ReportReadings>::new();
        let places = load(|| (), |()| reading_places());
        let error = Signal::derive(move || report.value().get().and_then(Result::err));
        let taken = move || report.value().get().and_then(Result::ok);
        let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
        view! {
            <Title text="Report stock"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
            <header class="pt-1 pb-6">
                <h1 class="page-title">"Report stock"</h1>
                <p class="text-ink-soft max-w-prose">"What a till, a warehouse system or a vendor says stands at a location. The books are brought in line with it; what has come and gone since stays on top."</p>
            </header>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || places.get().map(|answer| match answer {
                    Ok(places) => {
                        let places = places.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
                        view! {
                            <ActionForm action=report attr:class="grid gap-6 max-w-xl" attr:novalidate="">
                                {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                                <div role="status">{move || taken().map(|taken| view! { <Taken taken/> })}</div>
                                <div class="grid gap-5 sm:grid-cols-2">
                                    <SelectField name="location" label="Where" options=places error=of("/location")/>
                                    <TextField name="as_of" label="As it was at" kind="datetime-local" hint="The location's own time. Empty: now." error=of("/as_of")/>
                                </div>
                                <TextArea name="lines" label="What stands there" rows=10 hint="A SKU or GTIN and how many can be sold: LI100 12. One a line; things that are not in the list stay as they are."/>
                                <p><Button pending=report.pending()>"Report"</Button></p>
                            </ActionForm>
                        }.into_any()
                    }
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

#[component]
fn Taken(taken: ReadingsTaken) -> impl IntoView {
    let ReadingsTaken { corrected, agreed, stale, rerouted, not_taken } = taken;
    let row = |label: &'static str, n: usize| view! { <dt>{label}</dt><dd class="text-right font-semibold tabular-nums">{n}</dd> };
    view! {
        <div class="card">
            <p class="font-semibold text-good">"Taken in."</p>
            <dl class="mt-3 grid grid-cols-[1fr_auto] gap-x-6 gap-y-1">
                {row("Corrected", corrected)}{row("The books said the same", agreed)}
                {(!stale.is_empty()).then(|| row("Left alone: something newer is known", stale.len()))}
                {(rerouted > 0).then(|| row("Orders that counted on these units and are routed anew", rerouted))}
            </dl>
            {(!not_taken.is_empty()).then(|| view! {
                <p class="mt-3">"Packed and about to leave, so not taken in: "
                    {not_taken.into_iter().map(|code| view! { <a class="link code" href=format!("/stock/{}", encode(&code))>{code.clone()}</a>" " }).collect_view()}
                    "Report them again once they have left."</p>
            })}
        </div>
    }
}
