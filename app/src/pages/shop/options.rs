//! How a thing or a basket can be had: delivered when, for how much, or collected where.

use super::api::SetPlace;
use crate::components::{CountryField, delivered_words, order_within, parcels_words, ready_words, slot_words};
use crate::ui::{ErrorNote, Icon, TextField};
use leptos::form::ActionForm;
use leptos::prelude::*;
use waybill::geo::country_by_code;
use waybill::orders::views::{AppointmentOption, BasketQuote, DeliveryOption, PickupOption};

/// The ways of delivery to the shopper's place, the stores nearby, and a form to say where that is. `back` is the page that it is on.
#[component]
pub fn Options(quote: BasketQuote, #[prop(into)] back: String) -> impl IntoView {
    let deliveries = quote.deliveries.iter().map(|option| view! { <Delivery option=option.clone()/> }).collect_view();
    let has_stores = !quote.pickups.is_empty();
    let has_goods = !quote.deliveries.is_empty();
    let appointments = quote.appointments.iter().map(|option| view! { <Appointment option=option.clone()/> }).collect_view();
    let has_services = !quote.appointments.is_empty();
    let stores = quote.pickups.iter().map(|option| view! { <Store option=option.clone()/> }).collect_view();
    view! {
        <section class="card" aria-label="Delivery and collection">
            <h2 class="font-semibold flex items-center gap-2"><Icon name="truck"/>{if has_goods { "Delivery" } else { "At your address" }}</h2>
            <PlaceForm country=quote.country postcode=quote.postcode back/>
            <ul class="mt-3 grid gap-3 empty:hidden">{deliveries}</ul>
            {has_services.then(|| view! { <ul class="mt-3 grid gap-3">{appointments}</ul> })}
            {has_stores.then(|| view! {
                <h2 class="mt-6 font-semibold flex items-center gap-2"><Icon name="store"/>"Collect it, free"</h2>
                <ul class="mt-3 grid gap-2">{stores}</ul>
            })}
        </section>
    }
}

#[component]
fn Delivery(option: DeliveryOption) -> impl IntoView {
    let price = option.price.map(|p| if p.minor == 0 { "free".to_owned() } else { p.to_string() });
    let when = match (&option.slots, &option.promise) {
        (Some(slots), Some(_)) => slots.first().map(|slot| format!("At a time you choose, the first {}", slot_words(slot))),
        (_, promise) => promise.as_ref().map(|p| format!("Get it {}", delivered_words(p))),
    };
    let within = option.promise.as_ref().filter(|_| option.slots.is_none()).and_then(order_within).map(|words| format!(", {words}"));
    let parcels = option.promise.as_ref().and_then(parcels_words);
    let is_off = option.problem.is_some();
    view! {
        <li class="flex justify-between gap-4" data-delivery=option.code>
            <span>
                <span class="font-medium">{option.name}</span>
                <span class="block text-sm">{when.map(|when| view! { <strong>{when}</strong> })}{within}
                    {option.problem.map(|problem| view! { <span class="text-ink-soft">{problem}</span> })}</span>
                {parcels.map(|words| view! { <span class="block text-sm text-ink-soft">{words}</span> })}
            </span>
            {(!is_off).then(|| view! { <span class="tabular-nums">{price}</span> })}
        </li>
    }
}

/// A service, at a time that is chosen when it is ordered.
#[component]
fn Appointment(option: AppointmentOption) -> impl IntoView {
    let first = option.slots.first().map(|slot| format!("At a time you choose, the first {}", slot_words(slot)));
    view! {
        <li data-appointment=option.sku>
            <span class="font-medium">{option.name}</span>
            <span class="block text-sm">{first.map(|when| view! { <strong>{when}</strong> })}{option.problem.map(|p| view! { <span class="text-ink-soft">{p}</span> })}</span>
        </li>
    }
}

#[component]
fn Store(option: PickupOption) -> impl IntoView {
    let first = option.slots.as_ref().and_then(|slots| slots.first());
    let words = match (&option.promise, option.left) {
        (Some(_), _) if first.is_some() => first.map(|slot| format!("at a time you choose, the first {}", slot_words(slot))).unwrap_or_default(),
        (Some(promise), Some(left)) if left > 0 => format!("{}, {left} left", ready_words(promise)),
        (Some(promise), _) => ready_words(promise),
        (None, Some(0)) => "none there now".to_owned(),
        (None, _) => option.problem.clone().unwrap_or_default(),
    };
    let is_off = option.promise.is_none();
    view! {
        <li class="flex flex-wrap justify-between gap-x-4" data-store=option.code>
            <span class="font-medium">{option.name}</span>
            <span class="text-sm" class:text-ink-soft=is_off>{words}</span>
        </li>
    }
}

/// Where things are wanted, and a form to change that.
#[component]
pub fn PlaceForm(country: String, postcode: String, #[prop(into)] back: String) -> impl IntoView {
    let action = ServerAction::<SetPlace>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let name = country_by_code(&country).map_or("", |c| c.name);
    let place = if postcode.is_empty() { name.to_owned() } else { format!("{postcode}, {name}") };
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let failed = move || error.get().is_some();
    view! {
        <details class="mt-1 text-sm" open=failed>
            <summary class="min-h-6 w-fit cursor-pointer">"To "<strong>{place}</strong>" · "<span class="link">"Change"</span></summary>
            <ActionForm action attr:class="mt-3 flex flex-wrap items-end gap-3" attr:novalidate="" attr:data-keep="">
                <input type="hidden" name="back" value=back/>
                <CountryField name="country" label="Deliver to" scope="place" selected=country error=of("/country")/>
                <div class="w-40"><TextField name="postcode" label="Its postcode" scope="place" autocomplete="postal-code" value=postcode error=of("/postcode")/></div>
                <button class="button-quiet">"Show dates"</button>
            </ActionForm>
            {move || error.get().map(|e| view! { <div class="mt-3"><ErrorNote text=e.everything()/></div> })}
        </details>
    }
}
