use super::api::{DraftOrder, list_purchase_orders, purchase_choices};
use crate::components::use_live;
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{Badge, Button, Chip, Chips, EmptyState, ErrorNote, NextPage, SelectField, TextArea, TextField, Tone, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::identity::Permission;
use waybill::money::grouped;
use waybill::page::Page;
use waybill::purchasing::PurchaseState;
use waybill::purchasing::views::PurchaseRow;

/// `/stock/purchase-orders`: what was ordered, newest first.
#[derive(Debug)]
pub struct PurchaseOrdersPage;

/// `/stock/purchase-orders/new`: drafting by hand.
#[derive(Debug)]
pub struct NewPurchaseOrderPage;

/// The colour of a state.
pub(super) fn state_badge(state: PurchaseState) -> impl IntoView {
    let tone = match state {
        PurchaseState::Draft => Tone::Neutral,
        PurchaseState::Approved | PurchaseState::Sent | PurchaseState::Confirmed | PurchaseState::PartlyReceived => Tone::Progress,
        PurchaseState::Closed => Tone::Good,
        PurchaseState::Cancelled => Tone::Bad,
    };
    view! { <Badge tone text=state.label()/> }
}

impl PurchaseOrdersPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let orders = load(move || (part("state"), part("after"), live.get()), |(state, after, _)| list_purchase_orders(state, after));
        view! {
            <Title text="Purchase orders"/>
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
                <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-2">
                    <h1 class="page-title">"Purchase orders"</h1>
                    <p class="flex flex-wrap gap-2">
                        <a class="button-quiet" href="/stock/reorder">"Reorder"</a><a class="button-quiet" href="/stock/suppliers">"Suppliers"</a>
                        <IfAllowed permission=Permission::ManagePurchasing><a class="button" href="/stock/purchase-orders/new">"New purchase order"</a></IfAllowed>
                    </p>
                </header>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || orders.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page state=part("state") first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Rows(page: Page<PurchaseRow>, state: String, first: bool) -> impl IntoView {
    let start = format!("/stock/purchase-orders?state={state}");
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    let chips = std::iter::once((String::new(), "All"))
        .chain(PurchaseState::ALL.iter().map(|s| (s.to_string(), s.label())))
        .map(|(value, words)| Chip {
            href: format!("/stock/purchase-orders?state={value}"),
            words: words.to_owned(),
            count: None,
            shown: value == state,
        })
        .collect();
    let empty = page.rows.is_empty();
    let rows = page
        .rows
        .into_iter()
        .map(|p| {
            let order = p.order_number.map(|number| view! { <span class="block text-ink-soft">"for order "<span class="code">{number}</span></span> });
            view! {
                <tr>
                    <th scope="row"><a class="link code whitespace-nowrap" href=format!("/stock/purchase-orders/{}", p.number)>{p.number.clone()}</a></th>
                    <td>{state_badge(p.state)}{p.late.then(|| view! { " " <Badge tone=Tone::Warn text="Late"/> })}</td>
                    <td>{p.supplier}{order}</td><td>{p.location}</td>
                    <td class="num">{grouped(p.received)}" of "{grouped(p.ordered)}</td>
                    <td class="whitespace-nowrap">{p.expected_on.map(day_words)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Chips label="States" chips/>
        {if empty {
            view! { <EmptyState icon="truck" title="No purchase orders here"><p>"What is bought from suppliers stands here, from the draft until everything has come."</p></EmptyState> }.into_any()
        } else {
            view! {
                <div class="table-wrap" tabindex="0"><table class="table table-dense">
                    <thead><tr>
                        <th scope="col">"Number"</th><th scope="col">"State"</th><th scope="col">"From"</th><th scope="col">"To"</th>
                        <th scope="col" class="num">"Units come"</th><th scope="col">"Expected"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                <NextPage href=next first first_href=start/>
            }.into_any()
        }}
    }
}

impl NewPurchaseOrderPage {
    pub(super) fn view() -> AnyView {
        let draft = ServerAction::<DraftOrder>::new();
        let choices = load(|| (), |()| purchase_choices());
        let error = Signal::derive(move || draft.value().get().and_then(Result::err));
        let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
        view! {
            <Title text="New purchase order"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/purchase-orders">"Purchase orders"</a></nav>
            <h1 class="page-title pt-1 pb-6">"New purchase order"</h1>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || choices.get().map(|answer| match answer {
                    Ok((suppliers, locations)) => {
                        let suppliers = suppliers.into_iter().map(|s| (s.code, s.name)).collect::<Vec<_>>();
                        let locations = locations.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
                        view! {
                            <ActionForm action=draft attr:class="grid gap-6 max-w-xl" attr:novalidate="">
                                {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                                <div class="grid gap-5 sm:grid-cols-2">
                                    <SelectField name="supplier" label="From" options=suppliers error=of("/supplier")/>
                                    <SelectField name="location" label="Deliver to" options=locations error=of("/location")/>
                                </div>
                                <TextArea name="lines" label="What to buy" rows=8 hint="A SKU and how many: LI100 24. One a line; only what the supplier sells."/>
                                <TextField name="note" label="Note for the supplier" error=of("/note")/>
                                <p><Button pending=draft.pending()>"Save the draft"</Button></p>
                            </ActionForm>
                        }.into_any()
                    }
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}
