use super::api::{PlaceOrder, basket, checkout_options};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, EmptyState, ErrorNote, SelectField, TextField};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::geo::COUNTRIES;
use waybill::inventory::views::LocationChoice;
use waybill::money::Money;
use waybill::orders::views::BasketQuote;

/// `/checkout`: one page, no account.
#[component]
pub fn CheckoutPage() -> impl IntoView {
    let needed = load(|| (), |()| async { Ok((basket().await?, checkout_options().await?)) });
    view! {
        <Title text="Check out"/>
        <h1 class="page-title py-6">"Check out"</h1>
        <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
            {move || needed.get().map(|answer: Result<_, crate::error::ApiError>| match answer {
                Ok((quote, _)) if quote.lines.is_empty() => view! {
                    <EmptyState icon="shopping-basket" title="Your basket is empty"><p><a class="link" href="/">"Look round the shop"</a></p></EmptyState>
                }.into_any(),
                Ok((quote, stores)) => view! { <CheckoutForm quote stores/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Suspense>
    }
}

#[component]
fn CheckoutForm(quote: BasketQuote, stores: Vec<LocationChoice>) -> impl IntoView {
    let action = ServerAction::<PlaceOrder>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let once = waybill::random_token();
    let countries = COUNTRIES.iter().map(|c| (c.code.to_owned(), c.name.to_owned())).collect::<Vec<_>>();
    let shops = stores.iter().map(|s| (s.code.clone(), format!("{}, {}", s.name, s.city))).collect::<Vec<_>>();
    let cards = [
        ("tok_ok", "Card ending 4242"),
        ("tok_late", "Card of a slow bank (confirms after some seconds)"),
        ("tok_declined", "Card that is declined"),
    ]
    .map(|(value, words)| (value.to_owned(), words.to_owned()))
    .to_vec();
    let lines = quote
        .lines
        .iter()
        .map(|l| view! { <li class="flex justify-between gap-4"><span>{format!("{} × {}", l.quantity, l.name)}</span><span class="tabular-nums">{l.amount.to_string()}</span></li> })
        .collect_view();
    let goods = quote.goods.to_string();
    let shipping = quote.shipping.map_or_else(|| "too heavy".to_owned(), |s| s.to_string());
    let prices = [("in the United Kingdom", quote.shipping), ("in Europe", quote.shipping_europe), ("elsewhere", quote.shipping_world)]
        .iter()
        .filter_map(|(place, price)| Some(format!("{} {place}", (*price)?)))
        .collect::<Vec<_>>();
    let prices = if prices.is_empty() { "Too heavy to send: order less, or collect it".to_owned() } else { prices.join(", ") };
    let delivered =
        quote.shipping.map(|s| Money::new(quote.goods.minor + s.minor, quote.goods.currency).to_string()).unwrap_or_else(|| "–".to_owned());
    view! {
        <div class="grid gap-10 lg:grid-cols-[1fr_22rem]">
            <ActionForm action attr:class="grid gap-6 max-w-xl" attr:novalidate="">
                <input type="hidden" name="form[once]" value=once/>
                {move || error.get().map(|e| view! { <ErrorNote text=summary(&e)/> })}
                <fieldset class="grid gap-3">
                    <legend class="font-semibold text-lg mb-3">"How would you like to get it?"</legend>
                    <label class="choice"><input type="radio" name="form[method]" value="ship" checked=true/>
                        <span><strong>"Send it to me"</strong><span class="block text-sm text-ink-soft">{prices}</span></span></label>
                    <label class="choice"><input type="radio" name="form[method]" value="pickup"/>
                        <span><strong>"I collect it in a store"</strong><span class="block text-sm text-ink-soft">"Free, as soon as it is packed"</span></span></label>
                </fieldset>
                <div class="only-pickup">
                    <SelectField name="form[store]" label="Store" options=shops error=of("/pickup_location")/>
                </div>
                <fieldset class="grid gap-5">
                    <legend class="font-semibold text-lg mb-3">"Who is it for?"</legend>
                    <TextField name="form[name]" label="Name" autocomplete="name" required=true error=of("/contact/name")/>
                    <TextField name="form[email]" label="E-mail" kind="email" autocomplete="email" required=true hint="We tell you here how the order is going." error=of("/contact/email")/>
                    <TextField name="form[phone]" label="Phone" kind="tel" autocomplete="tel" error=of("/contact/phone")/>
                    <div class="only-ship grid gap-5">
                        <TextField name="form[street]" label="Street and number" autocomplete="street-address" required=true error=of("/contact/street")/>
                        <div class="grid gap-5 sm:grid-cols-2">
                            <TextField name="form[city]" label="Town or city" autocomplete="address-level2" required=true error=of("/contact/city")/>
                            <TextField name="form[postcode]" label="Postcode" autocomplete="postal-code" required=true error=of("/contact/postcode")/>
                        </div>
                        <SelectField name="form[country]" label="Country" options=countries selected="GB" error=of("/contact/country")/>
                    </div>
                </fieldset>
                <SelectField name="form[card]" label="Pay with" options=cards error=of("/payment_token")/>
                <Button pending=action.pending()>{move || if action.pending().get() { "Asking the bank…" } else { "Place the order" }}</Button>
            </ActionForm>
            <aside class="card h-fit" aria-label="Your order">
                <h2 class="font-semibold">"Your order"</h2>
                <ul class="mt-4 grid gap-2 text-sm">{lines}</ul>
                <p class="mt-4 flex justify-between border-t border-line pt-4"><span>"Goods"</span><span class="tabular-nums">{goods.clone()}</span></p>
                <p class="mt-1 flex justify-between"><span>"Delivery"<span class="only-ship">" in the United Kingdom"</span></span>
                    <span class="tabular-nums"><span class="only-ship">{shipping}</span><span class="only-pickup">"Free"</span></span></p>
                <p class="mt-1 flex justify-between font-semibold"><span>"Total"<span class="only-ship">" in the United Kingdom"</span></span>
                    <span class="tabular-nums"><span class="only-ship">{delivered}</span><span class="only-pickup">{goods.clone()}</span></span></p>
                <p class="mt-4 text-sm text-ink-soft">"Prices include VAT. The shop's bank and its cards are part of the demonstration: no money moves."</p>
            </aside>
        </div>
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
