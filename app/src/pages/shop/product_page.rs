use super::api::{ChangeBasket, ProductOffer, product};
use super::options::Options;
use super::shop_page::Picture;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, Chip, Chips, ErrorNote, Icon, TextField, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::catalog::views::{ProductPage as Product, SkuView};
use waybill::inventory::backorders::LaterKind;
use waybill::inventory::backorders::views::LaterOffer;
use waybill::money::Money;

/// `/p/:handle`: one product, and where it is. `?sku=` is the variant that is looked at.
#[component]
pub fn ProductPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let found = load(
        move || (params.read().get("handle").unwrap_or_default(), query.read().get("sku").unwrap_or_default()),
        |(handle, sku)| product(handle, sku),
    );
    view! {
        <Suspense fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
            {move || found.get().map(|answer| match answer {
                Ok(offer) => view! { <Details offer/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Suspense>
    }
}

#[component]
fn Details(offer: ProductOffer) -> impl IntoView {
    let ProductOffer { product, chosen, quote, offered, later, parts, gift_wrap } = offer;
    let add = ServerAction::<ChangeBasket>::new();
    let total = i32::try_from(offered).unwrap_or(i32::MAX);
    let most = if chosen.is_service { 1 } else { total.saturating_add(later.as_ref().map_or(0, |offer| offer.units)) };
    let words = if chosen.is_service { "Done at your address".to_owned() } else { offer_words(total, later) };
    let back = format!("/p/{}?sku={}", encode(&product.handle), encode(&chosen.code));
    let error = move || add.value().get().and_then(Result::err);
    view! {
        <Title text=product.name.clone()/>
        <div class="grid gap-10 py-6 md:grid-cols-2">
            <Pictures product=product.clone()/>
            <div>
                <a class="link text-sm" href=format!("/?category={}", encode(&product.category))>{product.category.clone()}</a>
                <h1 class="page-title mt-2 text-balance">{product.name.clone()}</h1>
                <p class="mt-2 text-2xl tabular-nums">{chosen.price.to_string()}</p>
                <p class="mt-4 text-ink-soft max-w-prose">{product.description.clone()}</p>
                {(product.skus.len() > 1).then(|| view! { <Variants product=product.clone() chosen=chosen.code.clone()/> })}
                {(!parts.is_empty()).then(|| view! {
                    <h2 class="mt-6 font-semibold">"In the set"</h2>
                    <ul class="mt-2 grid gap-1">{parts.iter().map(|(n, name)| view! { <li>{format!("{n} × {name}")}</li> }).collect_view()}</ul>
                })}
                {(most > 0).then(|| view! { <Order chosen=chosen.clone() most is_kit=!parts.is_empty() gift_wrap add/> })}
                {move || error().map(|e| view! { <div class="mt-4"><ErrorNote text=e.everything()/></div> })}
                <p class="mt-6 flex items-center gap-2">
                    <Icon name={if most > 0 { "circle-check" } else { "circle-x" }}/>
                    {words}
                </p>
                <div class="mt-6"><Options quote back/></div>
                <p class="mt-6 text-sm text-ink-soft">"Item "<span class="code">{chosen.code}</span></p>
            </div>
        </div>
    }
}

/// What can be had, and when.
fn offer_words(total: i32, later: Option<LaterOffer>) -> String {
    match (total, later.map(|offer| (offer.expected_on, offer.kind))) {
        // What is there is not sold before its day.
        (_, Some((day, LaterKind::Preorder))) => format!("On sale from {}. Order it now, and it is sent then.", day_words(day)),
        (1.., _) => format!("{total} available to be sent to you"),
        (_, Some((day, LaterKind::Backorder))) => format!("More is expected on {}. Order it now, and it is sent then.", day_words(day)),
        (_, None) => "Sold out. Look again soon.".to_owned(),
    }
}

/// The first picture large, the others below it.
#[component]
fn Pictures(product: Product) -> impl IntoView {
    let mut images = product.images.into_iter();
    let first = images.next();
    let others = images
        .map(|i| {
            view! {
                <li><a href=i.large() rel="external"><img class="picture" src=i.small() width=i.width.to_string() height=i.height.to_string() loading="lazy" alt=i.description.clone()/></a></li>
            }
        })
        .collect_view();
    view! {
        <div class="max-w-md">
            {match first {
                Some(i) => view! {
                    <img class="picture picture-whole" src=i.large() width=i.width.to_string() height=i.height.to_string() fetchpriority="high" alt=i.description.clone()/>
                }.into_any(),
                None => view! { <Picture image=None name=product.name/> }.into_any(),
            }}
            <ul class="mt-3 grid grid-cols-4 gap-3 empty:hidden">{others}</ul>
        </div>
    }
}

/// Each variant has an address of its own: choosing needs no script.
#[component]
fn Variants(product: Product, chosen: String) -> impl IntoView {
    let chips = product
        .skus
        .iter()
        .map(|sku| Chip {
            href: format!("/p/{}?sku={}", encode(&product.handle), encode(&sku.code)),
            shown: sku.code == chosen,
            count: None,
            words: if sku.option_values.is_empty() { sku.name.clone() } else { sku.option_values.join(", ") },
        })
        .collect();
    let label = if product.options.is_empty() { "Variants".to_owned() } else { product.options.join(", ") };
    view! {
        <h2 class="mt-6 font-semibold">{label}</h2>
        <Chips label="Variants" chips/>
    }
}

#[component]
fn Order(chosen: SkuView, most: i32, is_kit: bool, gift_wrap: Option<Money>, add: ServerAction<ChangeBasket>) -> impl IntoView {
    let error = move || add.value().get().and_then(Result::err);
    let wrong_text = Signal::derive(move || error().and_then(|e| e.of_field("/personalisation")));
    let room = chosen.personalisation_max.filter(|_| !is_kit);
    let gift_wrap = gift_wrap.filter(|_| !chosen.is_service);
    view! {
        <ActionForm action=add attr:class="mt-6 grid gap-5 max-w-sm" attr:novalidate="">
            <input type="hidden" name="change[sku]" value=chosen.code/>
            <input type="hidden" name="change[add]" value="true"/>
            {room.map(|most| {
                let hint = format!("Up to {most} characters. Personalised things are made for you.");
                view! { <TextField name="change[personalisation]" label="Text to be put on it" hint error=wrong_text/> }
            })}
            {gift_wrap.map(|price| view! {
                <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="change[gift_wrap]" value="true"/><span>{format!("Wrap it as a gift, {price} each")}</span></label>
            })}
            <div class="flex items-end gap-3">
                <div class="grid gap-1.5 w-24">
                    <label class="text-sm font-medium" for="quantity">"Quantity"</label>
                    <input class="field" id="quantity" name="change[quantity]" type="number" min="1" max=most.to_string() value="1" inputmode="numeric" required/>
                </div>
                <Button pending=add.pending()>"Put in basket"</Button>
            </div>
        </ActionForm>
    }
}
