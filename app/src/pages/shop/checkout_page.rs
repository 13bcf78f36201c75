use super::api::{CheckoutChoices, CheckoutForm as Form, KeptBasket, PlaceOrder, basket, checkout_options};
use super::basket_page::{LineNote, kept_words};
use crate::components::WishNote;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, EmptyState, ErrorNote, SelectField, SelectFrame, TextArea, TextField};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::geo::{COUNTRIES, zone};
use waybill::money::Money;
use waybill::orders::views::BasketQuote;

/// `/checkout`: one page, no account.
#[component]
pub fn CheckoutPage() -> impl IntoView {
    let needed = load(|| (), |()| async { Ok((basket(true).await?, checkout_options().await?)) });
    view! {
        <Title text="Check out"/>
        <h1 class="page-title py-6">"Check out"</h1>
        <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
            {move || needed.get().map(|answer: Result<_, crate::error::ApiError>| match answer {
                Ok((basket, _)) if basket.quote.lines.is_empty() => view! {
                    <EmptyState icon="shopping-basket" title="Your basket is empty"><p><a class="link" href="/">"Look round the shop"</a></p></EmptyState>
                }.into_any(),
                Ok((basket, options)) => view! { <CheckoutForm basket options/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Suspense>
    }
}

/// Where the shop sells from; other countries pay by zone.
const HOME: &str = "GB";

#[component]
fn CheckoutForm(basket: KeptBasket, options: CheckoutChoices) -> impl IntoView {
    let KeptBasket { quote, kept_minutes } = basket;
    let action = ServerAction::<PlaceOrder>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let once = waybill::random_token();
    // What was typed comes back with what is wrong with it, and only then.
    let typed = if error.get_untracked().is_some() { options.typed } else { Form::default() };
    let country = if typed.country.is_empty() { HOME.to_owned() } else { typed.country };
    let shops = options.stores.iter().map(|s| (s.code.clone(), format!("{}, {}", s.name, s.city))).collect::<Vec<_>>();
    let cards = [
        ("tok_ok", "Card ending 4242"),
        ("tok_late", "Card of a slow bank (confirms after some seconds)"),
        ("tok_declined", "Card that is declined"),
    ]
    .map(|(value, words)| (value.to_owned(), words.to_owned()))
    .to_vec();
    let wrapped = quote.lines.iter().any(|l| l.wish.gift_wrap);
    let pickup = typed.method == "pickup";
    let delivery_prices = prices(&quote);
    view! {
        <div class="grid gap-10 lg:grid-cols-[1fr_22rem]">
            <ActionForm action attr:class="grid gap-6 max-w-xl" attr:novalidate="">
                <input type="hidden" name="form[once]" value=once/>
                {move || error.get().map(|e| view! { <ErrorNote text=summary(&e)/> })}
                <fieldset class="grid gap-3">
                    <legend class="font-semibold text-lg mb-3">"How would you like to get it?"</legend>
                    <label class="choice"><input type="radio" name="form[method]" value="ship" checked=!pickup/>
                        <span><strong>"Send it to me"</strong><span class="block text-sm text-ink-soft">{delivery_prices}</span></span></label>
                    <label class="choice"><input type="radio" name="form[method]" value="pickup" checked=pickup/>
                        <span><strong>"I collect it in a store"</strong><span class="block text-sm text-ink-soft">"Free, as soon as it is packed"</span></span></label>
                </fieldset>
                <div class="only-pickup">
                    <SelectField name="form[store]" label="Store" options=shops selected=typed.store error=of("/pickup_location")/>
                </div>
                <fieldset class="grid gap-5">
                    <legend class="font-semibold text-lg mb-3">"Who is it for?"</legend>
                    <TextField name="form[name]" label="Name" autocomplete="name" required=true value=typed.name error=of("/contact/name")/>
                    <TextField name="form[email]" label="E-mail" kind="email" autocomplete="email" required=true value=typed.email hint="We tell you here how the order is going." error=of("/contact/email")/>
                    <TextField name="form[phone]" label="Phone" kind="tel" autocomplete="tel" value=typed.phone error=of("/contact/phone")/>
                    <div class="only-ship grid gap-5">
                        <TextField name="form[street]" label="Street and number" autocomplete="street-address" required=true value=typed.street error=of("/contact/street")/>
                        <div class="grid gap-5 sm:grid-cols-2 items-start">
                            <TextField name="form[city]" label="Town or city" autocomplete="address-level2" required=true value=typed.city error=of("/contact/city")/>
                            <TextField name="form[postcode]" label="Postcode" autocomplete="postal-code" required=true value=typed.postcode error=of("/contact/postcode")/>
                        </div>
                        <CountryField selected=country error=of("/contact/country")/>
                    </div>
                </fieldset>
                {wrapped.then(|| view! {
                    <TextArea name="form[gift_message]" label="Message on the gift card (optional)" rows=3 prose=true value=typed.gift_message hint="Up to 500 characters, written on a card that goes with it." error=of("/gift_message")/>
                })}
                <SelectField name="form[card]" label="Pay with" options=cards error=of("/payment_token")/>
                <Button pending=action.pending()>{move || if action.pending().get() { "Asking the bank…" } else { "Place the order" }}</Button>
            </ActionForm>
            <Summary quote kept_minutes/>
        </div>
    }
}

/// What delivery costs, zone by zone.
fn prices(quote: &BasketQuote) -> String {
    let prices = [("in the United Kingdom", quote.shipping), ("in Europe", quote.shipping_europe), ("elsewhere", quote.shipping_world)];
    let prices: Vec<String> = prices.into_iter().filter_map(|(place, price)| Some(format!("{} {place}", price?))).collect();
    if prices.is_empty() { "Too heavy to send: order less, or collect it".to_owned() } else { prices.join(", ") }
}

/// The country carries its zone, so that the style sheet alone shows the total that goes with it: no script is needed.
#[component]
fn CountryField(selected: String, error: Signal<Option<String>>) -> impl IntoView {
    let options = COUNTRIES
        .iter()
        .map(|c| view! { <option value=c.code data-zone=zone(HOME, c.code).as_str() selected={c.code == selected}>{c.name}</option> })
        .collect_view();
    view! { <SelectFrame name="form[country]" label="Country" error>{options}</SelectFrame> }
}

#[component]
fn Summary(quote: BasketQuote, kept_minutes: Option<i64>) -> impl IntoView {
    let lines = quote
        .lines
        .iter()
        .map(|l| {
            view! {
                <li class="flex justify-between gap-4">
                    <span>{format!("{} × {}", l.quantity, l.name)}<WishNote wish=l.wish.clone()/><LineNote line=l.clone()/></span>
                    <span class="tabular-nums">{l.amount.to_string()}</span>
                </li>
            }
        })
        .collect_view();
    let goods = quote.goods;
    let total = |charge: Option<Money>| charge.map_or_else(|| "–".to_owned(), |c| Money::new(goods.minor + c.minor, goods.currency).to_string());
    let charge = |charge: Option<Money>| charge.map_or_else(|| "too heavy to send".to_owned(), |c| c.to_string());
    let by_zone = |words: &dyn Fn(Option<Money>) -> String| {
        view! {
            <span class="only-ship">
                <span class="zone zone-domestic">{words(quote.shipping)}</span>
                <span class="zone zone-europe">{words(quote.shipping_europe)}</span>
                <span class="zone zone-world">{words(quote.shipping_world)}</span>
            </span>
        }
    };
    view! {
        <aside class="card h-fit" aria-label="Your order">
            <h2 class="font-semibold">"Your order"</h2>
            <ul class="mt-4 grid gap-2 text-sm">{lines}</ul>
            <p class="mt-4 flex justify-between border-t border-line pt-4"><span>"Goods"</span><span class="tabular-nums">{goods.to_string()}</span></p>
            <p class="mt-1 flex justify-between"><span>"Delivery"</span>
                <span class="tabular-nums">{by_zone(&charge)}<span class="only-pickup">"Free"</span></span></p>
            <p class="mt-1 flex justify-between font-semibold"><span>"Total"</span>
                <span class="tabular-nums" data-testid="total">{by_zone(&total)}<span class="only-pickup">{goods.to_string()}</span></span></p>
            {kept_minutes.map(|minutes| view! { <p class="mt-4 text-sm">{kept_words(minutes)}</p> })}
            <p class="mt-4 text-sm text-ink-soft">"Prices include VAT. The shop's bank and its cards are part of the demonstration: no money moves."</p>
        </aside>
    }
}

/// The message above the form: what is wrong with things that have no field of their own.
fn summary(error: &crate::error::ApiError) -> String {
    match error {
        crate::error::ApiError::Refused(refusal) => {
            let loose: Vec<&str> = refusal
                .fields
                .iter()
                .filter(|f| f.field.starts_with("/lines") || f.field.starts_with("/total"))
                .map(|f| f.message.as_str())
                .collect();
            if loose.is_empty() { refusal.message.clone() } else { loose.join(" ") }
        }
        other => other.to_string(),
    }
}
