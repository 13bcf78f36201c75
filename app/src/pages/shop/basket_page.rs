use super::api::{ChangeBasket, KeptBasket, basket};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{EmptyState, ErrorNote, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
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
    let KeptBasket { quote, kept_minutes } = basket;
    let (goods, shipping, gift_wrap) = (quote.goods, quote.shipping, quote.gift_wrap);
    let lines = quote
        .lines
        .into_iter()
        .map(|line| {
            let label = format!("Quantity of {}", line.name);
            let wrapped = line.wish.gift_wrap;
            let text = line.wish.personalisation.clone();
            let wrap = gift_wrap.map(|price| {
                let label = format!("Wrap {} as a gift, {price} each", line.name);
                view! {
                    <label class="flex items-center gap-2 min-h-6 text-sm">
                        <input type="checkbox" name="change[gift_wrap]" value="true" checked=wrapped aria-label=label/>"Gift wrap"
                    </label>
                }
            });
            view! {
                <li class="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2 border-b border-line py-4 sm:grid-cols-[1fr_auto_7rem]">
                    <div class="col-span-2 sm:col-span-1">
                        <a class="font-medium hover:underline" href=format!("/p/{}?sku={}", line.handle, encode(&line.code))>{line.name.clone()}</a>
                        {text.clone().map(|text| view! { <span class="block text-sm text-ink-soft">{format!("Text: “{text}”")}</span> })}
                        <LineNote line=line.clone()/>
                    </div>
                    <ActionForm action=change attr:class="flex flex-wrap items-center gap-x-4 gap-y-2">
                        <input type="hidden" name="change[sku]" value=line.code.clone()/>
                        <input type="hidden" name="change[personalisation]" value=text.unwrap_or_default()/>
                        {wrapped.then(|| view! { <input type="hidden" name="change[was_wrapped]" value="true"/> })}
                        {wrap}
                        <span class="flex items-center gap-2">
                            <input class="field w-20" type="number" name="change[quantity]" min="0" max="9999" inputmode="numeric" value=line.quantity.to_string() aria-label=label required/>
                            <button class="button-quiet">"Update"</button>
                        </span>
                    </ActionForm>
                    <span class="text-right tabular-nums">{line.amount.to_string()}</span>
                </li>
            }
        })
        .collect_view();
    let total = shipping.map(|shipping| waybill::money::Money::new(goods.minor + shipping.minor, goods.currency));
    view! {
        <ul class="border-t border-line">{lines}</ul>
        <dl class="mt-6 ml-auto grid max-w-sm grid-cols-[1fr_auto] gap-y-2 tabular-nums">
            <dt class="text-ink-soft">"Goods"</dt><dd class="text-right">{goods.to_string()}</dd>
            <dt class="text-ink-soft">"Delivery in the United Kingdom"</dt>
            <dd class="text-right">{shipping.map_or_else(|| "too heavy to send".to_owned(), |s| s.to_string())}</dd>
            <dt class="font-semibold text-lg">"Total"</dt><dd class="text-right font-semibold text-lg">{total.map_or_else(|| "–".to_owned(), |t| t.to_string())}</dd>
        </dl>
        <p class="mt-2 text-right text-sm text-ink-soft">"VAT included. Collecting in a store is free."</p>
        {kept_minutes.map(|minutes| view! { <p class="mt-6 text-right text-sm">{kept_words(minutes)}</p> })}
        <p class="mt-6 text-right"><a class="button" href="/checkout">"Check out"</a></p>
    }
}

/// When what is not there is expected, or that not all of it can be had.
#[component]
pub(super) fn LineNote(line: BasketLine) -> impl IntoView {
    if line.short {
        return view! { <span class="block text-sm font-medium text-bad">"Not all of this can be had any more. Order fewer."</span> }.into_any();
    }
    match line.expected_on {
        Some(day) => view! { <span class="block text-sm text-ink-soft">{format!("Expected on {}: sent then", day_words(day))}</span> }.into_any(),
        None => ().into_any(),
    }
}

/// For how long nobody else can buy what is in the basket.
pub(super) fn kept_words(minutes: i64) -> String {
    let time = if minutes == 1 { "one minute".to_owned() } else { format!("{minutes} minutes") };
    format!("What is in stock is kept for you for {time}.")
}
