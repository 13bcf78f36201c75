use super::api::{ReceiveTransfer, SendTransfer, TransferView, list_transfers, read_transfer, transfer_places};
use crate::components::{ReceiptFields, emptied_after, times_done, use_live};
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{Badge, Button, Chip, Chips, EmptyState, ErrorNote, NextPage, SelectField, TextArea, TextField, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::identity::Permission;
use waybill::inventory::transfers::TransferState;
use waybill::inventory::transfers::views::{TransferDetail, TransferRow};
use waybill::money::grouped;
use waybill::page::Page;

/// `/stock/transfers`: what is on its way between locations, and what was.
#[derive(Debug)]
pub struct TransfersPage;

/// `/stock/transfers/new`: sending.
#[derive(Debug)]
pub struct NewTransferPage;

/// `/stock/transfers/:number`: one transfer, and receiving it.
#[derive(Debug)]
pub struct TransferPage;

impl TransfersPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let transfers = load(move || (part("state"), part("after"), live.get()), |(state, after, _)| list_transfers(state, after));
        view! {
            <Title text="Transfers"/>
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
                <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-2">
                    <h1 class="page-title">"Transfers"</h1>
                    <IfAllowed permission=Permission::MoveStock><a class="button" href="/stock/transfers/new">"Send goods"</a></IfAllowed>
                </header>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || transfers.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page state=part("state") first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

fn badge(state: TransferState) -> impl IntoView {
    let tone = match state {
        TransferState::Sent => Tone::Progress,
        TransferState::Received => Tone::Good,
        TransferState::Closed => Tone::Warn,
    };
    view! { <Badge tone text=state.label()/> }
}

#[component]
fn Rows(page: Page<TransferRow>, state: String, first: bool) -> impl IntoView {
    let start = format!("/stock/transfers?state={state}");
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    let chips = std::iter::once((String::new(), "All"))
        .chain(TransferState::ALL.iter().map(|s| (s.to_string(), s.label())))
        .map(|(value, words)| Chip { href: format!("/stock/transfers?state={value}"), words: words.to_owned(), count: None, shown: value == state })
        .collect();
    let rows = page
        .rows
        .iter()
        .map(|t| {
            view! {
                <tr>
                    <th scope="row"><a class="link code whitespace-nowrap" href=format!("/stock/transfers/{}", t.number)>{t.number.clone()}</a></th>
                    <td>{badge(t.state)}</td><td>{t.from.clone()}" → "{t.to.clone()}</td>
                    <td class="num">{grouped(t.received)}" of "{grouped(t.sent)}</td><td class="whitespace-nowrap"><When at=t.sent_at/></td>
                </tr>
            }
        })
        .collect_view();
    let empty = page.rows.is_empty();
    view! {
        <Chips label="States" chips/>
        {if empty {
            view! { <EmptyState icon="truck" title="No transfers here"><p>"Goods that one location sends to another stand here until they have come."</p></EmptyState> }.into_any()
        } else {
            view! {
                <div class="table-wrap" tabindex="0"><table class="table table-dense">
                    <thead><tr>
                        <th scope="col">"Number"</th><th scope="col">"State"</th><th scope="col">"Way"</th>
                        <th scope="col" class="num">"Units come"</th><th scope="col">"Sent"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                <NextPage href=next first first_href=start/>
            }.into_any()
        }}
    }
}

impl NewTransferPage {
    pub(super) fn view() -> AnyView {
        let send = ServerAction::<SendTransfer>::new();
        let places = load(|| (), |()| transfer_places());
        let error = Signal::derive(move || send.value().get().and_then(Result::err));
        let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
        view! {
            <Title text="Send goods"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/transfers">"Transfers"</a></nav>
            <h1 class="page-title pt-1 pb-6">"Send goods"</h1>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || places.get().map(|answer| match answer {
                    Ok((from, to)) => {
                        let words = |places: Vec<waybill::inventory::views::LocationChoice>| places.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
                        view! {
                            <ActionForm action=send attr:class="grid gap-6 max-w-xl" attr:novalidate="">
                                {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                                <div class="grid gap-5 sm:grid-cols-2">
                                    <SelectField name="from" label="From" options=words(from) error=of("/from")/>
                                    <SelectField name="to" label="To" options=words(to) error=of("/to")/>
                                </div>
                                <TextArea name="lines" label="What goes" rows=8 hint="Scan each thing, or type a SKU and how many: LI100 3. One a line."/>
                                <TextField name="note" label="Note" error=of("/note")/>
                                <p><Button pending=send.pending()>"Send"</Button></p>
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

impl TransferPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let live = use_live();
        let receive = ServerAction::<ReceiveTransfer>::new();
        let done = times_done(receive);
        let transfer = load(move || (params.read().get("number").unwrap_or_default(), live.get(), done.get()), |(number, ..)| read_transfer(number));
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || transfer.get().map(|answer| match answer {
                        Ok(page) => view! { <Whole page receive done/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(page: TransferView, receive: ServerAction<ReceiveTransfer>, done: Memo<u32>) -> impl IntoView {
    let TransferView { transfer, may_receive } = page;
    let TransferDetail { number, from, to, state, note, sent_at, ended_at, lines, .. } = transfer;
    let rows = lines
        .into_iter()
        .map(|l| {
            let said = match (l.sent, l.received, l.lost) {
                (0, ..) => Some(("Not sent, but came", Tone::Warn)),
                (sent, received, _) if received > sent => Some(("More than was sent", Tone::Warn)),
                (_, _, 1..) => Some(("Given up", Tone::Bad)),
                (sent, received, _) if received < sent => Some(("On its way", Tone::Progress)),
                _ => None,
            };
            view! {
                <tr>
                    <th scope="row"><a class="link code" href=format!("/stock/{}", encode(&l.sku))>{l.sku.clone()}</a><span class="block font-normal">{l.name}</span></th>
                    <td class="num">{l.sent}</td><td class="num font-semibold">{l.received}</td>
                    <td>{said.map(|(text, tone)| view! { <Badge tone text/> })}</td>
                </tr>
            }
        })
        .collect_view();
    let (n, heading) = (number.clone(), number.clone());
    view! {
        <Title text=number.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/transfers">"Transfers"</a></nav>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1 pb-6">
            <h1 class="page-title code">{heading}</h1>{badge(state)}
            <span class="text-ink-soft">{from}" → "{to}" · sent "<When at=sent_at/>{ended_at.map(|at| view! { ", ended "<When at/> })}</span>
        </header>
        {(!note.is_empty()).then(|| view! { <p class="pb-6">{note}</p> })}
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <div class="table-wrap" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"What"</th><th scope="col" class="num">"Sent"</th><th scope="col" class="num">"Come"</th><th scope="col"><span class="sr-only">"State"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {may_receive.then(|| view! { <Receive number=n receive done/> })}
        </div>
    }
}

#[component]
fn Receive(number: String, receive: ServerAction<ReceiveTransfer>, done: Memo<u32>) -> impl IntoView {
    let form = emptied_after(done);
    let error = Signal::derive(move || receive.value().get().and_then(Result::err));
    view! {
        <section class="card">
            <h2 class="font-semibold">"Receive"</h2>
            <ActionForm action=receive node_ref=form attr:class="mt-4 grid gap-4"><ReceiptFields number error pending=receive.pending()/></ActionForm>
        </section>
    }
}
