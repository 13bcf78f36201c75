use super::api::{TryDelivery, trial_places};
use crate::components::{CountryField, clock};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, ErrorNote, SelectField, TextField, day_words};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::inventory::views::LocationChoice;
use waybill::promising::views::{Tried, TriedMethod, TriedPrice, TriedService, TriedWay};

/// `/admin/delivery/try`: what a parcel costs, and when it arrives.
#[derive(Debug)]
pub struct TryPage;

impl TryPage {
    pub(super) fn view() -> AnyView {
        let places = load(|| (), |()| trial_places());
        let action = ServerAction::<TryDelivery>::new();
        view! {
            <Title text="Try a parcel"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/delivery">"Delivery"</a></nav>
            <h1 class="page-title pt-1 pb-6">"Try a parcel"</h1>
            <Suspense fallback=|| view! { <div class="skeleton h-64" aria-busy="true"></div> }>
                {move || places.get().map(|answer| match answer {
                    Ok(places) => view! { <Form places action/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
            <div aria-live="polite">{move || action.value().get().and_then(Result::ok).map(|tried| view! { <Answer tried/> })}</div>
        }
        .into_any()
    }
}

#[component]
fn Form(places: Vec<LocationChoice>, action: ServerAction<TryDelivery>) -> impl IntoView {
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let places = places.into_iter().map(|p| (p.code, format!("{} ({})", p.name, p.city))).collect::<Vec<_>>();
    view! {
        <ActionForm action attr:class="grid gap-5 max-w-3xl" attr:novalidate="">
            {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
            <div class="grid gap-5 sm:grid-cols-3 items-start">
                <SelectField name="trial[location]" label="From" options=places error=of("/location")/>
                <CountryField name="trial[country]" label="To" selected="GB" error=of("/country")/>
                <TextField name="trial[postcode]" label="Postcode" error=of("/postcode")/>
                <TextField name="trial[kg]" label="Weight, kg" required=true value="1" error=of("/grams")/>
                <TextField name="trial[goods]" label="Goods come to" hint="For prices that depend on it." error=of("/goods_minor")/>
                <TextField name="trial[at]" label="Released" kind="datetime-local" hint="Empty: now." error=of("/at")/>
                <TextField name="trial[length_mm]" label="Length, mm" kind="number" error=of("/length_mm")/>
                <TextField name="trial[width_mm]" label="Width, mm" kind="number" error=of("/width_mm")/>
                <TextField name="trial[height_mm]" label="Height, mm" kind="number" error=of("/height_mm")/>
            </div>
            <p><Button pending=action.pending()>"What does it cost, and when does it arrive?"</Button></p>
        </ActionForm>
    }
}

#[component]
fn Answer(tried: Tried) -> impl IntoView {
    let services = tried.services.into_iter().map(|service| view! { <Service service/> }).collect_view();
    let methods = tried.methods.into_iter().map(|method| view! { <Method method/> }).collect_view();
    view! {
        <section class="pt-10">
            <h2 class="font-semibold text-lg pb-3">"What the customer pays"</h2>
            <div class="table-wrap" tabindex="0"><table class="table">
                <thead><tr><th scope="col">"Way of delivery"</th><th scope="col">"How it comes about"</th><th scope="col" class="num">"Price"</th></tr></thead>
                <tbody>{methods}</tbody>
            </table></div>
            <h2 class="font-semibold text-lg pt-8 pb-3">"Carrier services"</h2>
            <div class="table-wrap" tabindex="0"><table class="table">
                <thead><tr><th scope="col">"Service"</th><th scope="col">"On its way"</th><th scope="col">"Arrives"</th><th scope="col">"How the cost comes about"</th><th scope="col" class="num">"Costs us"</th></tr></thead>
                <tbody>{services}</tbody>
            </table></div>
        </section>
    }
}

fn parts(price: Option<&TriedPrice>) -> String {
    let Some(price) = price else { return String::new() };
    let zone = price.zone.as_ref().map(|zone| format!("zone {zone}, ")).unwrap_or_default();
    let grams = price.billable_grams;
    let parts = price.parts.iter().map(|(of, amount)| format!("{} {amount}", of.to_lowercase())).collect::<Vec<_>>().join(" + ");
    format!("{zone}charged as {}.{:03} kg: {parts}", grams / 1_000, grams % 1_000)
}

#[component]
fn Method(method: TriedMethod) -> impl IntoView {
    let words = method.why_not.clone().unwrap_or_else(|| parts(method.price.as_ref()));
    view! { <tr><th scope="row">{method.name}</th><td>{words}</td><td class="num">{method.price.map(|p| p.amount.to_string())}</td></tr> }
}

#[component]
fn Service(service: TriedService) -> impl IntoView {
    let moment = |at: chrono::NaiveDateTime| format!("{}, {}", day_words(at.date()), clock(at));
    let steps = |way: &TriedWay| {
        let days = if way.transit_days == 1 { "1 day".to_owned() } else { format!("{} days", way.transit_days) };
        let padding = if way.padding_days > 0 { format!(" and {} on top", way.padding_days) } else { String::new() };
        format!(
            "Ready {}, collected {}, {days}{padding} in zone {}. The same if released by {}.",
            moment(way.ready_at),
            moment(way.handed_over_at),
            way.zone,
            moment(way.cut_off)
        )
    };
    let way = service.way.as_ref().map(steps).or(service.why_not.map(|why| format!("The location {why}."))).unwrap_or_default();
    let arrives = service.way.as_ref().map(|w| format!("{}, {} to {}", day_words(w.day), clock(w.from), clock(w.until)));
    let cost = parts(service.cost.as_ref());
    view! {
        <tr data-service=service.code>
            <th scope="row">{service.name}<span class="block font-normal text-ink-soft">{service.carrier}</span></th>
            <td>{way}</td><td>{arrives}</td><td>{cost}</td><td class="num">{service.cost.map(|c| c.amount.to_string())}</td>
        </tr>
    }
}
