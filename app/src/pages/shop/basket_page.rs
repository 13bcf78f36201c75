use super::api::{ChangeBasket, KeptBasket, basket};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{EmptyState, ErrorNote};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

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
    let (goods, shipping) = (quote.goods, quote.shipping);
    let lines = quote
        .lines
        .into_iter()
        .map(|line| {
            let label = format!("Quantity of {}", line.name);
            view! {
                <li class="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2 border-b border-line py-4 sm:grid-cols-[1fr_auto_7rem]">
                    <a class="font-medium hover:underline" href=format!("/p/{}", line.handle)>{line.name.clone()}</a>
                    <ActionForm action=change attr:class="flex items-center gap-2">
                        <input type="hidden" name="sku" value=line.code.clone()/>
                        <input class="field w-20" type="number" name="quantity" min="0" max="9999" inputmode="numeric" value=line.quantity.to_string() aria-label=label required/>
                        <button class="button-quiet">"Update"</button>
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

/// For how long nobody else can buy what is in the basket.
pub(super) fn kept_words(minutes: i64) -> String {
    let time = if minutes == 1 { "one minute".to_owned() } else { format!("{minutes} minutes") };
    format!("What is in stock is kept for you for {time}.")
}
