use super::api::{ChangeBasket, ProductOffer, product};
use super::shop_page::Swatch;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, ErrorNote, Icon, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::inventory::LocationKind;
use waybill::inventory::backorders::LaterKind;

/// `/p/:handle`: one product, and where it is.
#[component]
pub fn ProductPage() -> impl IntoView {
    let params = use_params_map();
    let found = load(move || params.read().get("handle").unwrap_or_default(), product);
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
    let ProductOffer { product, available, offered, later, parts } = offer;
    let add = ServerAction::<ChangeBasket>::new();
    let total = i32::try_from(offered).unwrap_or(i32::MAX);
    let coming: i32 = later.iter().map(|offer| offer.units).sum();
    let most = total.saturating_add(coming);
    let expected = later.iter().map(|offer| (offer.expected_on, offer.kind)).min_by_key(|offer| offer.0);
    let words = match (total, expected) {
        // What is there is not sold before its day.
        (_, Some((day, LaterKind::Preorder))) => format!("On sale from {}. Order it now, and it is sent then.", day_words(day)),
        (1.., _) => format!("{total} available to be sent to you"),
        (_, Some((day, LaterKind::Backorder))) => format!("More is expected on {}. Order it now, and it is sent then.", day_words(day)),
        (_, None) => "Sold out. Look again soon.".to_owned(),
    };
    let price = product.skus.first().map(|sku| sku.price.to_string());
    let code = product.skus.first().map(|sku| sku.code.clone()).unwrap_or_default();
    let item = code.clone();
    let stores: Vec<_> = available.iter().filter(|row| row.offers_pickup && row.kind == LocationKind::Store).cloned().collect();
    let rows =
        stores.iter().map(|row| view! { <tr><th scope="row">{row.location.clone()}</th><td class="num">{row.available}</td></tr> }).collect_view();
    let error = move || add.value().get().and_then(Result::err);
    view! {
        <Title text=product.name.clone()/>
        <div class="grid gap-10 py-6 md:grid-cols-2">
            <div class="max-w-md"><Swatch name=product.name.clone()/></div>
            <div>
                <a class="link text-sm" href=format!("/?category={}", encode(&product.category))>{product.category.clone()}</a>
                <h1 class="page-title mt-2 text-balance">{product.name.clone()}</h1>
                <p class="mt-2 text-2xl tabular-nums">{price}</p>
                <p class="mt-4 text-ink-soft max-w-prose">{product.description.clone()}</p>
                {(!parts.is_empty()).then(|| view! {
                    <h2 class="mt-6 font-semibold">"In the set"</h2>
                    <ul class="mt-2 grid gap-1">{parts.iter().map(|(n, name)| view! { <li>{format!("{n} × {name}")}</li> }).collect_view()}</ul>
                })}
                {(most > 0).then(|| view! {
                    <ActionForm action=add attr:class="mt-8 flex items-end gap-3">
                        <input type="hidden" name="sku" value=code.clone()/>
                        <input type="hidden" name="add" value="true"/>
                        <div class="grid gap-1.5 w-24">
                            <label class="text-sm font-medium" for="quantity">"Quantity"</label>
                            <input class="field" id="quantity" name="quantity" type="number" min="1" max=most.to_string() value="1" inputmode="numeric" required/>
                        </div>
                        <Button pending=add.pending()>"Put in basket"</Button>
                    </ActionForm>
                })}
                {move || error().map(|e| view! { <ErrorNote text=e.everything()/> })}
                <p class="mt-6 flex items-center gap-2">
                    <Icon name={if most > 0 { "circle-check" } else { "circle-x" }}/>
                    {words}
                </p>
                {(!stores.is_empty()).then(|| view! {
                    <h2 class="mt-8 font-semibold">"Collect it today"</h2>
                    <table class="table mt-2 max-w-sm">
                        <thead><tr><th scope="col">"Store"</th><th scope="col" class="num">"In stock"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                })}
                <p class="mt-6 text-sm text-ink-soft">"Item "<span class="code">{item}</span></p>
            </div>
        </div>
    }
}
