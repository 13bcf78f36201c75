use super::api::{CheckoutForm as Form, KeepTime, KeptBasket, KeptTime, PlaceOrder, basket, typed_before};
use super::basket_page::{LineNote, kept_words, minutes_words};
use super::options::PlaceForm;
use crate::components::{CardField, CountryField, Shown, WishNote, delivered_words, order_within, parcels_words, ready_words, slot_words};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, EmptyState, ErrorNote, SelectField, TextArea, TextField};
use chrono::{DateTime, Utc};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::money::Money;
use waybill::orders::views::{AppointmentOption, BasketQuote, DeliveryOption, PickupOption, PromiseView};
use waybill::slots::SlotView;

/// `/checkout`: one page, no account.
#[component]
pub fn CheckoutPage() -> impl IntoView {
    let needed = load(|| (), |()| async { Ok((basket(true).await?, typed_before().await?)) });
    view! {
        <Title text="Check out"/>
        <h1 class="page-title py-6">"Check out"</h1>
        <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
            {move || needed.get().map(|answer: Result<_, crate::error::ApiError>| match answer {
                Ok((basket, _)) if basket.quote.lines.is_empty() => view! {
                    <EmptyState icon="shopping-basket" title="Your basket is empty"><p><a class="link" href="/">"Look round the shop"</a></p></EmptyState>
                }.into_any(),
                Ok((basket, typed)) => view! { <CheckoutForm basket typed/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Suspense>
    }
}

#[component]
fn CheckoutForm(basket: KeptBasket, typed: Form) -> impl IntoView {
    let KeptBasket { quote, kept_minutes, kept_times } = basket;
    let kept_time = kept_times.iter().find(|kept| kept.sku.is_empty()).map(|kept| kept.slot.clone());
    let action = ServerAction::<PlaceOrder>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let once = waybill::random_token();
    // What was typed comes back with what is wrong with it, and only then.
    let typed = if error.get_untracked().is_some() { typed } else { Form::default() };
    let country = if typed.country.is_empty() { quote.country.clone() } else { typed.country };
    let postcode = if typed.postcode.is_empty() { quote.postcode.clone() } else { typed.postcode };
    let ready = |store: &PickupOption| {
        let promise = store.promise.as_ref()?;
        let (by, when) = match &store.slots {
            None => (Some(promise.by), format!("ready {}", ready_words(promise))),
            Some(slots) => time_of(slots, promise, kept_time.as_ref()),
        };
        let shown = Shown { code: store.code.clone(), price_minor: Some(0), by };
        Some((shown.value(), format!("{}, {}: {when}", store.name, store.city)))
    };
    let shops: Vec<(String, String)> = quote.pickups.iter().filter_map(ready).collect();
    let chosen_store = Shown::read(&typed.store).code;
    let chosen_store = shops.iter().map(|(value, _)| value.clone()).find(|value| Shown::read(value).code == chosen_store);
    let wrapped = quote.lines.iter().any(|l| l.wish.gift_wrap);
    let pickup = typed.method == "pickup";
    let plans = times(&quote);
    let times = (!plans.is_empty()).then(|| view! { <Times plans kept=kept_times/> });
    let deliveries = deliveries(&quote, &Shown::read(&typed.method).code, pickup, kept_time.as_ref());
    let can_collect = !shops.is_empty();
    let only_services = !quote.is_sent();
    let why_not = quote.appointments.first().map_or_else(|| "No store has all of it".to_owned(), |a| format!("{} is done at your address", a.name));
    let place = (quote.country.clone(), quote.postcode.clone());
    let goods = quote.goods.minor.to_string();
    view! {
        <div class="pb-6 grid gap-6"><PlaceForm country=place.0 postcode=place.1 back="/checkout"/>{times}</div>
        <div class="grid gap-10 lg:grid-cols-[1fr_22rem]">
            <ActionForm action attr:class="grid gap-6 max-w-xl" attr:novalidate="">
                <input type="hidden" name="form[once]" value=once/>
                {move || error.get().map(|e| view! { <ErrorNote text=summary(&e)/> })}
                <input type="hidden" name="form[goods]" value=goods/>
                {if only_services {
                    view! {
                        <input type="hidden" name="form[only_services]" value="true"/>
                        <input type="hidden" name="form[method]" value=Shown { code: String::new(), price_minor: Some(0), by: None }.value()/>
                    }.into_any()
                } else {
                    view! {
                        <fieldset class="grid gap-3">
                            <legend class="font-semibold text-lg mb-3">"How would you like to get it?"</legend>
                            {deliveries}
                            <label class="choice"><input type="radio" name="form[method]" value="pickup" data-option="0" checked=pickup disabled=!can_collect/>
                                <span><strong>"I collect it in a store"</strong><span class="block text-sm text-ink-soft">
                                    {if can_collect { "Free, as soon as it is packed".to_owned() } else { why_not }}</span></span></label>
                            {move || error.get().and_then(|e| ["/delivery_method", "/promised_by", "/slot"].iter().find_map(|field| e.of_field(field))).map(|text| view! { <p class="text-sm text-bad font-medium">{text}</p> })}
                        </fieldset>
                    }.into_any()
                }}
                <div class="only-pickup">
                    <SelectField name="form[store]" label="Store" options=shops selected=chosen_store.unwrap_or_default() error=of("/pickup_location")/>
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
                            <TextField name="form[postcode]" label="Postcode" autocomplete="postal-code" required=true value=postcode error=of("/contact/postcode")/>
                        </div>
                        <CountryField name="form[country]" selected=country error=of("/contact/country")/>
                    </div>
                </fieldset>
                {wrapped.then(|| view! {
                    <TextArea name="form[gift_message]" label="Message on the gift card (optional)" rows=3 prose=true value=typed.gift_message hint="Up to 500 characters, written on a card that goes with it." error=of("/gift_message")/>
                })}
                <CardField name="form[card]" error=of("/payment_token")/>
                <Button pending=action.pending()>{move || if action.pending().get() { "Asking the bank…" } else { "Place the order" }}</Button>
            </ActionForm>
            <Summary quote kept_minutes/>
        </div>
    }
}

/// The ways of delivery to choose from, those that cannot be had with the reason. What is shown goes along with the choice, so that nobody pays another
/// price, or gets it later, than they saw.
fn deliveries(quote: &BasketQuote, chosen: &str, pickup: bool, kept: Option<&SlotView>) -> impl IntoView + use<> {
    let can_be_had = |d: &&DeliveryOption| d.problem.is_none() && d.price.is_some();
    let is_kept_for =
        |d: &&DeliveryOption| d.slots.as_ref().zip(d.promise.as_ref()).is_some_and(|(slots, promise)| time_of(slots, promise, kept).0.is_some());
    let options = || quote.deliveries.iter().filter(can_be_had);
    let chosen = options().find(|d| d.code == chosen).or_else(|| options().find(is_kept_for)).or_else(|| options().next());
    let chosen = chosen.filter(|_| !pickup).map(|d| d.code.clone());
    (1..)
        .zip(&quote.deliveries)
        .map(|(n, option)| {
            let (by, when) = match (&option.slots, &option.promise) {
                (Some(slots), Some(promise)) => {
                    let (by, words) = time_of(slots, promise, kept);
                    (by, Some(words))
                }
                (_, promise) => (promise.as_ref().map(|p| p.by), promise.as_ref().map(delivered_words)),
            };
            let shown = Shown { code: option.code.clone(), price_minor: option.price.map(|p| p.minor), by };
            let (problem, is_chosen) = (option.problem.clone(), chosen.as_ref() == Some(&option.code));
            let cut_off = option.promise.as_ref().filter(|_| option.slots.is_none()).and_then(order_within);
            let note = problem.clone().or(cut_off).unwrap_or_default();
            let several = option.promise.as_ref().and_then(parcels_words);
            let price = option.price.map(|p| if p.minor == 0 { "free".to_owned() } else { p.to_string() });
            view! {
                <label class="choice"><input type="radio" name="form[method]" value=shown.value() data-option=n.to_string() checked=is_chosen disabled=problem.is_some()/>
                    <span class="grow">
                        <span class="flex flex-wrap justify-between gap-x-4"><strong>{option.name.clone()}{when.map(|when| format!(": {when}"))}</strong><span class="tabular-nums">{price}</span></span>
                        <span class="block text-sm text-ink-soft">{note}</span>
                        {several.map(|words| view! { <span class="block text-sm text-ink-soft">{words}</span> })}
                    </span></label>
            }
        })
        .collect_view()
}

/// When it is there, of a choice that comes at a time that is chosen: the end of the time that is kept, and how that is said.
fn time_of(slots: &[SlotView], promise: &PromiseView, kept: Option<&SlotView>) -> (Option<DateTime<Utc>>, String) {
    let kept = kept.filter(|kept| slots.first().is_some_and(|slot| slot.plan == kept.plan) && kept.ends_at > promise.from);
    (kept.map(|kept| kept.ends_at), kept.map_or_else(|| "choose a time above".to_owned(), slot_words))
}

/// Times that can be chosen: what they are of, a service by its code or else the order itself, and why there are none.
#[derive(Clone, Debug)]
struct ToChoose {
    name: String,
    sku: String,
    slots: Vec<SlotView>,
    problem: Option<String>,
}

/// The times that are to be chosen of a basket: for the order, and for each service in it.
fn times(quote: &BasketQuote) -> Vec<ToChoose> {
    let of_order = times_of_order(quote).into_iter().map(|(name, slots)| ToChoose { name, sku: String::new(), slots, problem: None });
    let of_service =
        |a: &AppointmentOption| ToChoose { name: a.name.clone(), sku: a.sku.clone(), slots: a.slots.clone(), problem: a.problem.clone() };
    of_order.chain(quote.appointments.iter().map(of_service)).collect()
}

/// The plans of times that can be chosen, each with what it is of; what it is of that comes first has its times.
fn times_of_order(quote: &BasketQuote) -> Vec<(String, Vec<SlotView>)> {
    let deliveries = quote.deliveries.iter().map(|d| (&d.name, &d.slots));
    let stores = quote.pickups.iter().map(|s| (&s.name, &s.slots));
    let mut plans: Vec<(String, Vec<SlotView>)> = Vec::new();
    for (name, slots) in deliveries.chain(stores) {
        let Some(first) = slots.as_ref().and_then(|slots| slots.first()) else { continue };
        match plans.iter_mut().find(|(_, known)| known.first().is_some_and(|slot| slot.plan == first.plan)) {
            Some((names, known)) => {
                names.push_str(&format!(" or {name}"));
                known.extend(slots.iter().flatten().filter(|slot| !known.contains(slot)).cloned().collect::<Vec<_>>());
                known.sort_by_key(|slot| slot.starts_at);
            }
            None => plans.push((name.clone(), slots.clone().unwrap_or_default())),
        }
    }
    plans
}

/// The times to choose. One is kept for a while, so that nobody else takes it.
#[component]
fn Times(plans: Vec<ToChoose>, kept: Vec<KeptTime>) -> impl IntoView {
    let action = ServerAction::<KeepTime>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let kept_of = |one: &ToChoose| {
        let of_plan = |k: &&KeptTime| !one.sku.is_empty() || one.slots.first().is_some_and(|slot| slot.plan == k.slot.plan);
        kept.iter().filter(|k| k.sku == one.sku).find(of_plan).cloned()
    };
    let plans = plans
        .into_iter()
        .map(|one| {
            let kept = kept_of(&one);
            view! { <Plan one kept action/> }
        })
        .collect_view();
    view! {
        {move || error.get().map(|e| view! { <div class="max-w-xl"><ErrorNote text=e.everything()/></div> })}
        {plans}
    }
}

/// The times of one plan.
#[component]
fn Plan(one: ToChoose, kept: Option<KeptTime>, action: ServerAction<KeepTime>) -> impl IntoView {
    let ToChoose { name, sku, slots, problem } = one;
    let scope = if sku.is_empty() { slots.first().map(|slot| slot.plan.clone()).unwrap_or_default() } else { sku.clone() };
    let left = |slot: &SlotView| if slot.left <= 3 { format!(" ({} left)", slot.left) } else { String::new() };
    let options: Vec<(String, String)> =
        slots.iter().map(|slot| (Shown::of_time(slot).value(), format!("{}{}", slot_words(slot), left(slot)))).collect();
    let (label, button) = if kept.is_some() { ("Another time", "Keep this one instead") } else { ("Time", "Keep this time") };
    let heading = format!("{name}: when?");
    view! {
        <section class="card max-w-xl" aria-label=format!("{name}: when")>
            <h2 class="font-semibold">{heading}</h2>
            {kept.map(|kept| view! { <p class="mt-2" role="status"><strong>{slot_words(&kept.slot)}</strong>{format!(" is kept for you for {}.", minutes_words(kept.minutes))}</p> })}
            {match problem {
                Some(problem) => view! { <p class="mt-2 text-bad font-medium">{problem}</p> }.into_any(),
                None => view! {
                    <ActionForm action attr:class="mt-3 flex flex-wrap items-end gap-3" attr:novalidate="" attr:data-keep="">
                        <input type="hidden" name="sku" value=sku/>
                        <SelectField name="time" label options scope/>
                        <button class="button-quiet">{button}</button>
                    </ActionForm>
                }.into_any(),
            }}
        </section>
    }
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
    let is_sent = quote.is_sent();
    let total = |charge: Money| Money::new(goods.minor + charge.minor, goods.currency).to_string();
    // What goes with the chosen way of delivery: the style sheet shows it, no script is needed.
    let by_option = |words: &dyn Fn(Money) -> String| {
        let priced = (1..).zip(&quote.deliveries).filter_map(|(n, option)| Some((n, option.price?)));
        priced.map(|(n, price)| view! { <span class=format!("option option-{n}")>{words(price)}</span> }).collect_view()
    };
    let free = Money::new(0, goods.currency);
    view! {
        <aside class="card h-fit" aria-label="Your order">
            <h2 class="font-semibold">"Your order"</h2>
            <ul class="mt-4 grid gap-2 text-sm">{lines}</ul>
            <p class="mt-4 flex justify-between border-t border-line pt-4"><span>"Goods"</span><span class="tabular-nums">{goods.to_string()}</span></p>
            {is_sent.then(|| view! {
                <p class="mt-1 flex justify-between"><span>"Delivery"</span>
                    <span class="tabular-nums">{by_option(&|price| if price == free { "Free".to_owned() } else { price.to_string() })}<span class="option option-0">"Free"</span></span></p>
            })}
            <p class="mt-1 flex justify-between font-semibold"><span>"Total"</span>
                <span class="tabular-nums" data-testid="total">{by_option(&total)}<span class={if is_sent { "option option-0" } else { "" }}>{goods.to_string()}</span></span></p>
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
                .filter(|f| ["/lines", "/total", "/promised_by", "/delivery_method", "/slot"].iter().any(|start| f.field.starts_with(start)))
                .map(|f| f.message.as_str())
                .collect();
            if loose.is_empty() { refusal.message.clone() } else { loose.join(" ") }
        }
        other => other.to_string(),
    }
}
