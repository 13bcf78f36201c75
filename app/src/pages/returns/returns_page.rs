use super::api::{CancelReturn, OpenReturn, ReceiveReturn, ReturnChoices, ReturnView, list_returns, read_return, read_returnable};
use crate::components::{ReceiptFields, emptied_after, times_done, use_live};
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{Badge, Button, Chip, Chips, EmptyState, ErrorNote, Icon, NextPage, SelectField, TextField, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::identity::Permission;
use waybill::inventory::Condition;
use waybill::money::grouped;
use waybill::page::Page;
use waybill::returns::views::{ReturnDetail, ReturnRow};
use waybill::returns::{ReturnReason, ReturnState};

/// `/stock/returns`: what comes back, and what has.
#[derive(Debug)]
pub struct ReturnsPage;

/// `/stock/returns/new`: agreeing to a return. `?order=` is the order's number.
#[derive(Debug)]
pub struct NewReturnPage;

/// `/stock/returns/:number`: one return, and receiving it.
#[derive(Debug)]
pub struct ReturnPage;

impl ReturnsPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let returns = load(move || (part("state"), part("after"), live.get()), |(state, after, _)| list_returns(state, after));
        view! {
            <Title text="Returns"/>
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
                <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-2">
                    <h1 class="page-title">"Returns"</h1>
                    <IfAllowed permission=Permission::ManageReturns><a class="button" href="/stock/returns/new">"Take something back"</a></IfAllowed>
                </header>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || returns.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page state=part("state") first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

fn badge(state: ReturnState) -> impl IntoView {
    let tone = match state {
        ReturnState::Approved => Tone::Progress,
        ReturnState::Received => Tone::Good,
        ReturnState::Closed => Tone::Warn,
        ReturnState::Cancelled => Tone::Neutral,
    };
    view! { <Badge tone text=state.label()/> }
}

#[component]
fn Rows(page: Page<ReturnRow>, state: String, first: bool) -> impl IntoView {
    let start = format!("/stock/returns?state={state}");
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    let chips = std::iter::once((String::new(), "All"))
        .chain(ReturnState::ALL.iter().map(|s| (s.to_string(), s.label())))
        .map(|(value, words)| Chip { href: format!("/stock/returns?state={value}"), words: words.to_owned(), count: None, shown: value == state })
        .collect();
    let rows = page
        .rows
        .iter()
        .map(|r| {
            view! {
                <tr>
                    <th scope="row"><a class="link code whitespace-nowrap" href=format!("/stock/returns/{}", r.number)>{r.number.clone()}</a></th>
                    <td>{badge(r.state)}</td><td class="code whitespace-nowrap">{r.order_number.clone()}</td><td>{r.location.clone()}</td><td>{r.reason.label()}</td>
                    <td class="num">{grouped(r.received)}" of "{grouped(r.announced)}</td><td class="whitespace-nowrap"><When at=r.approved_at/></td>
                </tr>
            }
        })
        .collect_view();
    let empty = page.rows.is_empty();
    view! {
        <Chips label="States" chips/>
        {if empty {
            view! { <EmptyState icon="package" title="No returns here"><p>"What customers send back stands here from the moment that it is agreed."</p></EmptyState> }.into_any()
        } else {
            view! {
                <div class="table-wrap" tabindex="0"><table class="table table-dense">
                    <thead><tr>
                        <th scope="col">"Number"</th><th scope="col">"State"</th><th scope="col">"Order"</th><th scope="col">"Comes to"</th><th scope="col">"Why"</th>
                        <th scope="col" class="num">"Units come"</th><th scope="col">"Agreed"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                <NextPage href=next first first_href=start/>
            }.into_any()
        }}
    }
}

impl NewReturnPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let order = Memo::new(move |_| query.read().get("order").unwrap_or_default().trim().to_owned());
        let open = ServerAction::<OpenReturn>::new();
        let choices =
            load(move || order.get(), |order| async move { if order.is_empty() { Ok(None) } else { read_returnable(order).await.map(Some) } });
        view! {
            <Title text="Take something back"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/returns">"Returns"</a></nav>
            <h1 class="page-title pt-1 pb-6">"Take something back"</h1>
            <form method="get" action="/stock/returns/new" class="flex flex-wrap items-end gap-3 pb-8">
                <div class="grid gap-1.5">
                    <label class="text-sm font-medium" for="order">"Order number"</label>
                    <input class="field code" id="order" name="order" required autocomplete="off" value=move || order.get()/>
                </div>
                <button class="button-quiet"><Icon name="search"/><span>"Find"</span></button>
            </form>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || choices.get().map(|answer| match answer {
                    Ok(None) => ().into_any(),
                    Ok(Some(choices)) => view! { <Agree order=order.get_untracked() choices open/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

#[component]
fn Agree(order: String, choices: ReturnChoices, open: ServerAction<OpenReturn>) -> impl IntoView {
    let ReturnChoices { places, things } = choices;
    if things.is_empty() {
        return view! { <EmptyState icon="package" title="Nothing can come back"><p>"Nothing of this order is with the customer: it has not been sent, or has come back, or is on its way."</p></EmptyState> }
            .into_any();
    }
    let error = Signal::derive(move || open.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let places = places.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
    let reasons = ReturnReason::ALL.iter().map(|r| (r.to_string(), r.label().to_owned())).collect::<Vec<_>>();
    let rows = things
        .into_iter()
        .enumerate()
        .map(|(index, thing)| {
            let id = format!("units-{index}");
            view! {
                <li class="flex items-center justify-between gap-4 py-3">
                    <label for=id.clone()>{thing.name}<span class="block code text-ink-soft">{thing.code.clone()}</span></label>
                    <span class="flex items-center gap-2 whitespace-nowrap">
                        <input type="hidden" name=format!("lines[{index}][sku]") value=thing.code/>
                        <input id=id class="field w-20" type="number" min="0" max=thing.units.to_string() inputmode="numeric" name=format!("lines[{index}][units]") value="0"/>
                        <span class="text-ink-soft">{format!("of {}", thing.units)}</span>
                    </span>
                </li>
            }
        })
        .collect_view();
    view! {
        <ActionForm action=open attr:class="grid gap-6 max-w-xl" attr:novalidate="">
            {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
            <input type="hidden" name="order" value=order/>
            <fieldset>
                <legend class="font-semibold">"What comes back"</legend>
                <ul class="mt-2 divide-y divide-line border-y border-line">{rows}</ul>
            </fieldset>
            <div class="grid gap-5 sm:grid-cols-2">
                <SelectField name="location" label="Where to" options=places error=of("/location")/>
                <SelectField name="reason" label="Why" options=reasons error=of("/reason")/>
            </div>
            <TextField name="note" label="Note" error=of("/note")/>
            <p><Button pending=open.pending()>"Agree to the return"</Button></p>
        </ActionForm>
    }
    .into_any()
}

#[derive(Clone, Copy)]
struct Actions {
    receive: ServerAction<ReceiveReturn>,
    received: Memo<u32>,
    cancel: ServerAction<CancelReturn>,
}

impl ReturnPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let live = use_live();
        let receive = ServerAction::<ReceiveReturn>::new();
        let actions = Actions { receive, received: times_done(receive), cancel: ServerAction::new() };
        let changes = move || (live.get(), actions.received.get(), actions.cancel.version().get());
        let returned = load(move || (params.read().get("number").unwrap_or_default(), changes()), |(number, _)| read_return(number));
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || returned.get().map(|answer| match answer {
                        Ok(page) => view! { <Whole page actions/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(page: ReturnView, actions: Actions) -> impl IntoView {
    let ReturnView { returned, may_receive, may_cancel, may_see_order } = page;
    let ReturnDetail { number, order_number, location, state, reason, note, approved_at, ended_at, lines, .. } = returned;
    let rows = lines
        .into_iter()
        .map(|l| {
            let said = match (l.announced, l.received, l.matched) {
                (0, received, 0) => Some((format!("{received} not of this order: set aside"), Tone::Warn)),
                (_, received, matched) if received > matched => Some((format!("{} more than the order had: set aside", received - matched), Tone::Warn)),
                (announced, received, _) if received > announced => Some(("More than was announced".to_owned(), Tone::Warn)),
                (announced, received, _) if received < announced && state == ReturnState::Approved => Some(("On its way".to_owned(), Tone::Progress)),
                (announced, received, _) if received < announced => Some((format!("{} did not come", announced - received), Tone::Bad)),
                _ => None,
            };
            view! {
                <tr>
                    <th scope="row"><a class="link code" href=format!("/stock/{}", encode(&l.sku))>{l.sku.clone()}</a><span class="block font-normal">{l.name}</span></th>
                    <td class="num">{l.announced}</td><td class="num font-semibold">{l.received}</td>
                    <td>{said.map(|(text, tone)| view! { <Badge tone text/> })}</td>
                </tr>
            }
        })
        .collect_view();
    let order = if may_see_order {
        view! { <a class="link code" href=format!("/desk/orders/{order_number}")>{order_number.clone()}</a> }.into_any()
    } else {
        view! { <span class="code">{order_number}</span> }.into_any()
    };
    let (n, heading, cancels) = (number.clone(), number.clone(), number.clone());
    let error = move || actions.cancel.value().get().and_then(Result::err);
    view! {
        <Title text=number/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/returns">"Returns"</a></nav>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1 pb-6">
            <h1 class="page-title code">{heading}</h1>{badge(state)}
            <span class="text-ink-soft">"of order "{order}" → "{location}" · "{reason.label()}" · agreed "<When at=approved_at/>{ended_at.map(|at| view! { ", ended "<When at/> })}</span>
        </header>
        {(!note.is_empty()).then(|| view! { <p class="pb-6">{note}</p> })}
        {move || error().map(|e| view! { <div class="pb-6"><ErrorNote text=e.everything()/></div> })}
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <div class="table-wrap" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"What"</th><th scope="col" class="num">"Announced"</th><th scope="col" class="num">"Come"</th><th scope="col"><span class="sr-only">"State"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <div class="grid gap-6 order-first lg:order-none">
                {may_receive.then(|| view! { <Receive number=n actions/> })}
                {may_cancel.then(|| view! {
                    <ActionForm action=actions.cancel>
                        <input type="hidden" name="number" value=cancels/>
                        <button class="button-quiet w-full">"It will not come: call it off"</button>
                    </ActionForm>
                })}
            </div>
        </div>
    }
}

#[component]
fn Receive(number: String, actions: Actions) -> impl IntoView {
    let form = emptied_after(actions.received);
    let error = Signal::derive(move || actions.receive.value().get().and_then(Result::err));
    let conditions =
        [(Condition::Quarantined, "To be looked at first"), (Condition::Sellable, "As new: it can be sold again"), (Condition::Damaged, "Damaged")]
            .map(|(condition, words)| (condition.to_string(), words.to_owned()))
            .to_vec();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Receive"</h2>
            <ActionForm action=actions.receive node_ref=form attr:class="mt-4 grid gap-4">
                <SelectField name="condition" label="How it is" options=conditions/>
                <ReceiptFields number error pending=actions.receive.pending()/>
            </ActionForm>
        </section>
    }
}
