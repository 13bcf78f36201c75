use super::api::{TryOrder, TryRead, read_trial};
use crate::components::{CountryField, ThingRows, Why};
use crate::error::ApiError;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, ErrorNote, SelectField, TextField, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::money::{Currency, Money};
use waybill::orders::views::TriedOrder;

/// `/routing/try`: where an order would come from that nobody has placed, by any rules. Nothing is reserved.
#[derive(Debug)]
pub struct TrialPage;

/// Different things that the form has room for.
const ROWS: usize = 4;

impl TrialPage {
    pub(super) fn view() -> AnyView {
        let trial = ServerAction::<TryOrder>::new();
        let read = load(|| (), |()| read_trial());
        view! {
            <Title text="Try an order"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/routing">"Routing"</a></nav>
            <header class="pt-1 pb-6"><h1 class="page-title">"Try an order"</h1>
                <p class="text-ink-soft mt-1 max-w-prose">"Where would it come from, on today’s stock? Nothing is reserved, kept or told to anybody."</p></header>
            <div class="grid gap-8 lg:grid-cols-[22rem_1fr] items-start pb-8">
                <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || read.get().map(|answer| match answer {
                        Ok(read) => view! { <Form read trial/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Suspense>
                <div aria-live="polite">{move || trial.value().get().and_then(Result::ok).map(|tried| view! { <Tried tried/> })}</div>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Form(read: TryRead, trial: ServerAction<TryOrder>) -> impl IntoView {
    let error = Signal::derive(move || trial.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e: ApiError| e.of_field(pointer)));
    let stores = std::iter::once((String::new(), "It is sent".to_owned()))
        .chain(read.locations.into_iter().map(|(code, name)| (code, format!("Collected at {name}"))))
        .collect();
    view! {
        <ActionForm action=trial attr:class="card grid gap-5" attr:novalidate="">
            {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
            <SelectField name="form[rules]" label="By which rules" options=read.rules/>
            <SelectField name="form[channel]" label="Channel" options=read.channels error=of("/channel")/>
            <fieldset><legend class="text-sm font-medium mb-1.5">"What is in it"</legend><ThingRows rows=ROWS error/></fieldset>
            <SelectField name="form[store]" label="How it is had" options=stores error=of("/pickup_location")/>
            <CountryField name="form[country]" selected="GB" error=of("/contact/country")/>
            <TextField name="form[postcode]" label="Postcode" error=of("/contact/postcode")/>
            <TextField name="form[order_type]" label="Type" hint="Standard where it is left empty." error=of("/order_type")/>
            <TextField name="form[promised_days]" label="Promised within, days" hint="The date that the customer was shown; none where it is left empty." error=of("/promised_by")/>
            <TextField name="form[ship_hours]" label="To be handed over within, hours" hint="As its channel asks for; nothing where it is left empty." error=of("/ship_by")/>
            <TextField name="form[tags]" label="Tags" hint="With commas between them." error=of("/tags")/>
            <p><Button pending=trial.pending()>"Try it"</Button></p>
        </ActionForm>
    }
}

#[component]
fn Tried(tried: TriedOrder) -> impl IntoView {
    let currency = Currency::from_code(&tried.currency).unwrap_or(Currency::GBP);
    let parcels = tried
        .parcels
        .into_iter()
        .map(|parcel| {
            let lines = parcel.lines.iter().map(|(code, units)| format!("{units} × {code}")).collect::<Vec<_>>().join(", ");
            let cost = parcel.cost_minor.map(|minor| format!(" · carriage {}", Money::new(minor, currency)));
            view! { <li><strong>{parcel.location}</strong>": "{lines}{cost}{parcel.there_by.map(|at| view! { <span class="block text-sm text-ink-soft">"there by "<When at/></span> })}</li> }
        })
        .collect_view();
    let waiting = tried
        .waiting
        .into_iter()
        .map(|(code, units, why, expected)| {
            let expected = expected.map(|at| view! { ", expected "<When at/> });
            view! { <li><strong>"Nobody yet"</strong>": "{format!("{units} × {code}, {why}")}{expected}</li> }
        })
        .collect_view();
    let why = if tried.is_late { "it would come later than was shown" } else { "there is too little" };
    let refused = (!tried.is_taken).then(|| view! { <div class="pb-4"><ErrorNote text=format!("The order would be refused: {why}.")/></div> });
    view! {
        {refused}
        <div class="grid gap-6"><section class="card"><h2 class="font-semibold">"What would become of it"</h2><ul class="mt-3 grid gap-2">{parcels}{waiting}</ul></section>
            <Why title="Why from there" explanation=tried.explanation/></div>
    }
}
