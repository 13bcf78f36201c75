use super::api::{ChangeBasket, KeptBasket, basket};
use super::options::Options;
use crate::components::WishNote;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{EmptyState, ErrorNote, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::fulfilment::views::WishView;
use waybill::money::Money;
use waybill::orders::views::BasketLine;

/// `/basket`.
#[component]
pub fn BasketPage() -> impl IntoView {
    let change = ServerAction::<ChangeBasket>::new();
    let error = move || change.value().get().and_then(Result::err);
    let quote = load(move || change.version().get(), |_| basket(false));
    view! {
        <Title text="Basket"/>
        <h1 class="page-title py-6">"Your basket"</h1>
        {move || error().map(|e| view! { <div class="pb-6"><ErrorNote text=e.everything()/></div> })}
        <Transition fallback=|| view! { <div class="skeleton h-48" aria-busy="true"></div> }>
            {move || quote.get().map(|answer| match answer {
                Ok(basket) if basket.quote.lines.is_empty() => view! {
                    <EmptyState icon="shopping-basket" title="Your basket is empty">
                        <p><a class="link" href="/">"Look round the shop"</a></p>
                    </EmptyState>
                }.into_any(),
                Ok(basket) => view! { <Contents basket change/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn Contents(basket: KeptBasket, change: ServerAction<ChangeBasket>) -> impl IntoView {
    let KeptBasket { quote, kept_minutes, .. } = basket;
    let (goods, gift_wrap) = (quote.goods, quote.gift_wrap);
    let lines = quote.lines.iter().cloned().map(|line| view! { <Line line gift_wrap change/> }).collect_view();
    // Of what can be had the first: what is chosen for those who do not.
    let first = quote.deliveries.iter().find(|d| d.promise.is_some()).or(quote.deliveries.first()).cloned();
    // Services alone are not sent.
    let is_sent = quote.is_sent();
    let shipping = if is_sent { first.as_ref().and_then(|d| d.price) } else { Some(Money::new(0, goods.currency)) };
    let total = shipping.map(|shipping| Money::new(goods.minor + shipping.minor, goods.currency));
    let label = first.map_or_else(|| "Delivery".to_owned(), |d| d.name);
    view! {
        <ul class="border-t border-line">{lines}</ul>
        <div class="mt-8 grid gap-8 md:grid-cols-2 items-start">
        <Options quote back="/basket"/>
        <div>
        <dl class="ml-auto grid max-w-sm grid-cols-[1fr_auto] gap-y-2 tabular-nums">
            <dt class="text-ink-soft">"Goods"</dt><dd class="text-right">{goods.to_string()}</dd>
            {is_sent.then(|| view! {
                <dt class="text-ink-soft">{label}</dt>
                <dd class="text-right">{shipping.map_or_else(|| "cannot be sent".to_owned(), |s| s.to_string())}</dd>
            })}
            <dt class="font-semibold text-lg">"Total"</dt><dd class="text-right font-semibold text-lg">{total.map_or_else(|| "–".to_owned(), |t| t.to_string())}</dd>
        </dl>
        <p class="mt-2 text-right text-sm text-ink-soft">{if is_sent { "VAT included. Collecting in a store is free." } else { "VAT included." }}</p>
        {kept_minutes.map(|minutes| view! { <p class="mt-6 text-right text-sm">{kept_words(minutes)}</p> })}
        <p class="mt-6 text-right"><a class="button" href="/checkout">"Check out"</a></p>
        </div>
        </div>
    }
}

#[component]
fn Line(line: BasketLine, gift_wrap: Option<Money>, change: ServerAction<ChangeBasket>) -> impl IntoView {
    // Two lines of one thing differ in their texts.
    let named = line.wish.personalisation.as_ref().map_or_else(|| line.name.clone(), |text| format!("{} “{text}”", line.name));
    let (label, removes) = (format!("Quantity of {named}"), format!("Remove {named}"));
    let wrapped = line.wish.gift_wrap;
    // What is wrapped can be unwrapped, whether that is offered still or not.
    let wrap = (gift_wrap.is_some() || wrapped).then(|| {
        let price = gift_wrap.map(|price| format!(", {price} each")).unwrap_or_default();
        let label = format!("Gift wrap for {named}{price}");
        view! {
            <label class="flex items-center gap-2 min-h-6 text-sm">
                <input type="checkbox" name="change[gift_wrap]" value="true" checked=wrapped aria-label=label/>"Gift wrap"
            </label>
        }
    });
    let text = WishView { gift_wrap: false, ..line.wish.clone() };
    let which = line.clone();
    let removed = line.clone();
    view! {
        <li class="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2 border-b border-line py-4 sm:grid-cols-[1fr_auto_7rem]">
            <div class="col-span-2 sm:col-span-1">
                <a class="font-medium hover:underline" href=format!("/p/{}?sku={}", line.handle, encode(&line.code))>{line.name.clone()}</a>
                <WishNote wish=text/>
                <LineNote line=line.clone()/>
            </div>
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <ActionForm action=change attr:class="flex flex-wrap items-center gap-x-4 gap-y-2">
                    <Which line=which/>
                    {wrap}
                    <span class="flex items-center gap-2">
                        <input class="field w-20" type="number" name="change[quantity]" min="0" max="9999" inputmode="numeric" value=line.quantity.to_string() aria-label=label required/>
                        <button class="button-quiet">"Update"</button>
                    </span>
                </ActionForm>
                <ActionForm action=change>
                    <Which line=removed/>
                    <input type="hidden" name="change[quantity]" value="0"/>
                    <button class="link min-h-6 text-sm" aria-label=removes>"Remove"</button>
                </ActionForm>
            </div>
            <span class="text-right tabular-nums">{line.amount.to_string()}</span>
        </li>
    }
}

/// Which line of the basket a form changes.
#[component]
fn Which(line: BasketLine) -> impl IntoView {
    view! {
        <input type="hidden" name="change[sku]" value=line.code/>
        <input type="hidden" name="change[personalisation]" value=line.wish.personalisation.unwrap_or_default()/>
        {line.wish.gift_wrap.then(|| view! { <input type="hidden" name="change[was_wrapped]" value="true"/> })}
    }
}

/// What stands in the way of ordering a line, or when what is not there is expected.
#[component]
pub(super) fn LineNote(line: BasketLine) -> impl IntoView {
    match (line.problem, line.expected_on) {
        (Some(problem), _) => view! { <span class="block text-sm font-medium text-bad">{problem}</span> }.into_any(),
        (None, Some(day)) => {
            view! { <span class="block text-sm text-ink-soft">{format!("Expected on {}: sent then", day_words(day))}</span> }.into_any()
        }
        (None, None) => ().into_any(),
    }
}

/// For how long nobody else can buy what is in the basket.
pub(super) fn kept_words(minutes: i64) -> String {
    format!("What is in stock is kept for you for {}.", minutes_words(minutes))
}

pub(super) fn minutes_words(minutes: i64) -> String {
    if minutes == 1 { "one minute".to_owned() } else { format!("{minutes} minutes") }
}
