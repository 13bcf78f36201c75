use super::api::{PhoneAnswer, PhoneForm, TakePhoneOrder};
use crate::components::{CardField, CountryField, Shown, ThingRows, delivered_words, order_within, parcels_words, ready_words, slot_words};
use crate::error::ApiError;
use crate::ui::{Button, ErrorNote, TextField};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::orders::views::{AppointmentOption, BasketQuote, DeliveryOption, PickupOption, ServiceOption};
use waybill::slots::SlotView;

/// `/desk/orders/new`: an order that somebody places by phone.
#[derive(Debug)]
pub struct NewOrderPage;

/// Different things that the form has room for.
const ROWS: usize = 8;

impl NewOrderPage {
    pub(super) fn view() -> AnyView {
        let action = ServerAction::<TakePhoneOrder>::new();
        let error = Signal::derive(move || action.value().get().and_then(Result::err));
        // What was told last stays while the form is mended.
        let quote = Memo::new(move |before: Option<&Option<BasketQuote>>| match action.value().get() {
            Some(Ok(PhoneAnswer::Quote(quote))) => Some(*quote),
            _ => before.cloned().flatten(),
        });
        let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e: ApiError| e.of_field(pointer)));
        // An order whose card was declined is over: the next try is another order.
        let once = Memo::new(move |before: Option<&String>| {
            let declined = error.get().and_then(|e| e.of_field("/payment_token")).is_some();
            before.filter(|_| !declined).cloned().unwrap_or_else(PhoneForm::new_key)
        });
        view! {
            <Title text="Take an order"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/desk/orders">"Orders"</a></nav>
            <h1 class="page-title pt-1 pb-6">"Take an order by phone"</h1>
            <ActionForm action attr:class="grid gap-8 lg:grid-cols-[1fr_26rem] items-start" attr:novalidate="">
                <div class="grid gap-6 max-w-xl">
                    <input type="hidden" name="form[once]" prop:value=once value=once/>
                    {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                    <section>
                        <h2 class="font-semibold text-lg mb-3">"What is it?"</h2>
                        <ThingRows rows=ROWS error/>
                        <p class="mt-2 text-sm"><a class="link" href="/catalog" target="_blank">"Look a SKU up"</a></p>
                    </section>
                    <fieldset class="grid gap-5">
                        <legend class="font-semibold text-lg mb-3">"Who is it for?"</legend>
                        <TextField name="form[name]" label="Name" required=true error=of("/contact/name")/>
                        <div class="grid gap-5 sm:grid-cols-2 items-start">
                            <TextField name="form[email]" label="E-mail" kind="email" error=of("/contact/email")/>
                            <TextField name="form[phone]" label="Phone" kind="tel" error=of("/contact/phone")/>
                        </div>
                        <TextField name="form[street]" label="Street and number" error=of("/contact/street")/>
                        <div class="grid gap-5 sm:grid-cols-3 items-start">
                            <TextField name="form[city]" label="Town or city" error=of("/contact/city")/>
                            <TextField name="form[postcode]" label="Postcode" error=of("/contact/postcode")/>
                            <CountryField name="form[country]" selected="GB" error=of("/contact/country")/>
                        </div>
                    </fieldset>
                    <TextField name="form[order_type]" label="Type" hint="Such as sample or replacement; standard where it is left empty. Routing rules can ask for it." error=of("/order_type")/>
                    <TextField name="form[tags]" label="Tags" hint="Such as press, vip: with commas between them. Routing rules can ask for them." error=of("/tags")/>
                    <CardField name="form[card]" error=of("/payment_token")/>
                </div>
                <div class="grid gap-4 lg:sticky lg:top-4">
                    <p><button class="button-quiet" name="form[intent]" value="quote">"Show prices and dates"</button></p>
                    <div aria-live="polite">{move || quote.get().map(|quote| view! { <Choices quote/> })}</div>
                    {move || quote.get().is_some().then(|| view! { <p><Button pending=action.pending()>"Place the order"</Button></p> })}
                </div>
            </ActionForm>
        }
        .into_any()
    }
}

/// What can be told on the phone, and chosen.
#[component]
fn Choices(quote: BasketQuote) -> impl IntoView {
    let lines = quote
        .lines
        .iter()
        .map(|l| view! {
            <li class="flex justify-between gap-4"><span>{format!("{} × {}", l.quantity, l.name)}{l.problem.clone().map(|p| view! { <span class="block text-sm text-bad font-medium">{p}</span> })}</span><span class="tabular-nums">{l.amount.to_string()}</span></li>
        })
        .collect_view();
    let first = quote.deliveries.iter().position(|d| d.promise.is_some());
    let deliveries =
        quote.deliveries.iter().enumerate().map(|(n, d)| view! { <Delivery option=d.clone() chosen={Some(n) == first}/> }).collect_view();
    let stores = quote.pickups.iter().map(|s| view! { <Store option=s.clone()/> }).collect_view();
    let visits = quote.appointments.iter().map(|a| view! { <Visit option=a.clone()/> }).collect_view();
    let has_visits = !quote.appointments.is_empty();
    let only_visits = !quote.is_sent();
    view! {
        <section class="card grid gap-4" aria-label="How it can be had">
            <input type="hidden" name="form[goods]" value=quote.goods.minor.to_string()/>
            <ul class="grid gap-1">{lines}</ul>
            <p class="flex justify-between border-t border-line pt-3 font-semibold"><span>"Goods"</span><span class="tabular-nums">{quote.goods.to_string()}</span></p>
            {if only_visits {
                view! { <input type="hidden" name="form[choice]" value=PhoneForm::only_services()/> }.into_any()
            } else {
                view! {
                    <fieldset class="grid gap-2"><legend class="font-semibold mb-2">"Delivered"</legend>{deliveries}</fieldset>
                    <fieldset class="grid gap-2"><legend class="font-semibold mb-2">"Collected, free"</legend>{stores}</fieldset>
                }.into_any()
            }}
            {has_visits.then(|| view! { <fieldset class="grid gap-3"><legend class="font-semibold mb-2">"Done at the address"</legend>{visits}</fieldset> })}
        </section>
    }
}

/// What a rule leaves to a person is taken all the same.
const FOR_A_PERSON: &str = "Somebody decides where it comes from: no date can be told yet.";

#[component]
fn Delivery(option: DeliveryOption, chosen: bool) -> impl IntoView {
    let value = PhoneForm::ship(&option);
    let is_off = option.promise.is_none() && !option.for_a_person;
    let price = option.price.map(|p| p.to_string()).unwrap_or_default();
    let when = match &option.slots {
        Some(_) => "at the time below".to_owned(),
        None => option.promise.as_ref().map(delivered_words).unwrap_or_default(),
    };
    let times = option.slots.clone().map(|slots| view! { <Times code=option.code.clone() name=option.name.clone() slots/> });
    let more = option.promise.as_ref().filter(|_| option.slots.is_none()).and_then(order_within);
    let more = more.or(if option.for_a_person { Some(FOR_A_PERSON.to_owned()) } else { option.problem.clone() });
    let from = option.promise.as_ref().map(|p| {
        let places: Vec<String> = p.parcels.iter().map(|parcel| parcel.location_name.clone()).collect();
        format!("From {}", places.join(", "))
    });
    let several = option.promise.as_ref().and_then(parcels_words);
    let services = option
        .services
        .iter()
        .map(|s: &ServiceOption| {
            let words = s.promise.as_ref().map(delivered_words).or(s.problem.clone()).unwrap_or_default();
            view! { <li>{format!("{}, {}: {words}", s.carrier, s.name)}</li> }
        })
        .collect_view();
    view! {
        <label class="choice"><input type="radio" name="form[choice]" value=value checked=chosen disabled=is_off/>
            <span class="grow">
                <span class="flex justify-between gap-3"><strong>{option.name}{option.promise.is_some().then(|| format!(": {when}"))}</strong><span class="tabular-nums">{price}</span></span>
                <span class="block text-sm text-ink-soft">{more}</span>
                <span class="block text-sm text-ink-soft">{from}</span>
                <span class="block text-sm text-ink-soft">{several}</span>
                <ul class="text-sm text-ink-soft">{services}</ul>
            </span></label>
        {times}
    }
}

#[component]
fn Store(option: PickupOption) -> impl IntoView {
    let value = PhoneForm::pickup(&option);
    let is_off = option.promise.is_none() && !option.for_a_person;
    let problem = if option.for_a_person { Some(FOR_A_PERSON.to_owned()) } else { option.problem.clone() };
    let words = option.promise.as_ref().map(ready_words).or(problem).unwrap_or_default();
    let times = option.slots.clone().map(|slots| view! { <Times code=option.code.clone() name=option.name.clone() slots/> });
    let left = option.left.filter(|_| !is_off).map(|n| format!(", {n} there"));
    view! {
        <label class="choice"><input type="radio" name="form[choice]" value=value disabled=is_off/>
            <span><strong>{option.name}</strong><span class="block text-sm text-ink-soft">{words}{left}</span></span></label>
        {times}
    }
}

/// A service, with the time of its appointment.
#[component]
fn Visit(option: AppointmentOption) -> impl IntoView {
    let options = option.slots.iter().map(|slot| view! { <option value=Shown::of_time(slot).value()>{slot_words(slot)}</option> }).collect_view();
    let label = format!("Time of {}", option.name);
    match option.problem {
        Some(problem) => view! { <p><strong>{option.name}</strong><span class="block text-sm text-bad font-medium">{problem}</span></p> }.into_any(),
        None => view! {
            <p><strong>{option.name}</strong></p>
            <select class="field" name=format!("form[visits][{}]", option.sku) aria-label=label>{options}</select>
        }
        .into_any(),
    }
}

/// The times of a choice, of which one is to be chosen with it.
#[component]
fn Times(code: String, name: String, slots: Vec<SlotView>) -> impl IntoView {
    let options = slots.iter().map(|slot| view! { <option value=Shown::of_time(slot).value()>{slot_words(slot)}</option> }).collect_view();
    (!slots.is_empty()).then(|| {
        view! {
            <select class="field" name=format!("form[times][{code}]") aria-label=format!("Time of {name}")>{options}</select>
        }
    })
}
