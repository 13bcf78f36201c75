use super::api::{ChangeDraft, ConfirmPurchase, PurchaseView, ReceivePurchase, TakePurchaseStep, read_purchase_order};
use super::orders_page::state_badge;
use crate::components::{ReceiptFields, WishesCard, emptied_after, times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, TextArea, TextField, Tone, When, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::money::grouped;
use waybill::purchasing::views::{PurchaseDetail, PurchaseLineView};
use waybill::purchasing::{PurchaseState, PurchaseStep};

/// `/stock/purchase-orders/:number`: one purchase order, from the draft to the shelf.
#[derive(Debug)]
pub struct PurchaseOrderPage;

/// What can be done on the page.
#[derive(Clone, Copy)]
struct Actions {
    change: ServerAction<ChangeDraft>,
    step: ServerAction<TakePurchaseStep>,
    confirm: ServerAction<ConfirmPurchase>,
    receive: ServerAction<ReceivePurchase>,
    received: Memo<u32>,
}

impl PurchaseOrderPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let live = use_live();
        let receive = ServerAction::<ReceivePurchase>::new();
        let actions =
            Actions { change: ServerAction::new(), step: ServerAction::new(), confirm: ServerAction::new(), receive, received: times_done(receive) };
        let done = (actions.change.version(), actions.step.version(), actions.confirm.version(), actions.received);
        let order = load(
            move || (params.read().get("number").unwrap_or_default(), live.get(), done.0.get(), done.1.get(), done.2.get(), done.3.get()),
            |(number, ..)| read_purchase_order(number),
        );
        let error = move || {
            let step = actions.step.value().get().and_then(Result::err);
            step.map(|e| view! { <ErrorNote text=e.everything()/> })
        };
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || order.get().map(|answer| match answer {
                        Ok(page) => view! { <Whole page actions/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
                <div class="pt-4">{error}</div>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(page: PurchaseView, actions: Actions) -> impl IntoView {
    let PurchaseView { order, may_buy, may_receive, supplier_link } = page;
    let number = order.number.clone();
    let pdf = format!("/stock/purchase-orders/{number}/document.pdf");
    let expected = order.expected_on.map(|day| format!(" · expected {}", day_words(day)));
    let customer = order.order_number.clone().map(|number| {
        view! { <p class="pb-4">"The supplier sends this to the customer of order "<a class="link code" href=format!("/desk/orders/{number}")>{number.clone()}</a>"."</p> }
    });
    let steps =
        may_buy.then(|| view! { <Steps number=number.clone() state=order.state drop_shipped=order.order_number.is_some() step=actions.step/> });
    let is_draft = order.state == PurchaseState::Draft;
    let can_confirm = may_buy && order.order_number.is_none() && order.state.next(PurchaseStep::Confirm).is_some();
    let (for_receipt, for_confirmation) = (number.clone(), number.clone());
    let wishes = order.clone();
    let draft = (may_buy && is_draft).then(|| view! { <Draft order=order.clone() change=actions.change/> });
    view! {
        <Title text=number.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/purchase-orders">"Purchase orders"</a></nav>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1 pb-4">
            <h1 class="page-title code">{number}</h1>{state_badge(order.state)}{order.late.then(|| view! { <Badge tone=Tone::Warn text="Late"/> })}
            <span class="text-ink-soft">
                <a class="link" href=format!("/stock/suppliers/{}", order.supplier.code)>{order.supplier.name.clone()}</a>" → "{order.location.clone()}{expected}
            </span>
            <a class="button-quiet" href=pdf rel="external">"PDF"</a>
        </header>
        {customer}
        {(!order.note.is_empty()).then(|| view! { <p class="pb-4">{order.note.clone()}</p> })}
        {steps}
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <div class="grid gap-6">
                <Lines lines=order.lines.clone() total=order.total.map(|m| m.to_string())/>
                <WishesCard order=wishes/>
                {supplier_link.map(|link| view! { <SupplierLink link/> })}
                <History history=order.history/>
            </div>
            <div class=if may_receive { "grid gap-6 order-first lg:order-none" } else { "grid gap-6" }>
                {draft}
                {may_receive.then(|| view! { <Receive number=for_receipt receive=actions.receive done=actions.received/> })}
                {can_confirm.then(|| view! { <Confirm number=for_confirmation confirm=actions.confirm/> })}
            </div>
        </div>
    }
}

/// The steps that a button is enough for.
#[component]
fn Steps(number: String, state: PurchaseState, drop_shipped: bool, step: ServerAction<TakePurchaseStep>) -> impl IntoView {
    let words = |which| match which {
        PurchaseStep::Approve => Some(("Approve", "button")),
        PurchaseStep::Send => Some(("It is sent to the supplier", "button")),
        PurchaseStep::Close => Some(("Close: nothing more will come", "button-quiet")),
        PurchaseStep::Cancel => Some(("Cancel it", "button-quiet")),
        PurchaseStep::Confirm | PurchaseStep::Receive => None,
    };
    // What the supplier sends to a customer begins and ends with the customer's order.
    let possible = PurchaseStep::ALL.iter().filter(|s| !drop_shipped && state.next(**s).is_some());
    let buttons: Vec<_> = possible
        .filter_map(|which| {
            let (words, class) = words(*which)?;
            Some(view! { <button class=class name="step" value=which.as_str() disabled=move || step.pending().get()>{words}</button> })
        })
        .collect();
    (!buttons.is_empty()).then(|| {
        view! {
            <ActionForm action=step attr:class="flex flex-wrap gap-2 pb-6">
                <input type="hidden" name="number" value=number/>
                {buttons}
            </ActionForm>
        }
    })
}

fn units(count: i32) -> String {
    grouped(count.into())
}

#[component]
fn Lines(lines: Vec<PurchaseLineView>, total: Option<String>) -> impl IntoView {
    let costs = total.is_some();
    let rows = lines
        .into_iter()
        .map(|l| {
            let awaited = l.confirmed.unwrap_or(l.ordered);
            let said = match (l.ordered, l.received) {
                (0, _) => Some(("Not ordered, but came", Tone::Warn)),
                (ordered, received) if received > ordered => Some(("More than was ordered", Tone::Warn)),
                (ordered, _) if awaited < ordered => Some(("Fewer will come", Tone::Warn)),
                _ => None,
            };
            let theirs = (!l.supplier_code.is_empty()).then(|| view! { <span class="block font-normal text-ink-soft">"theirs: "{l.supplier_code.clone()}</span> });
            view! {
                <tr>
                    <th scope="row"><a class="link code" href=format!("/stock/{}", encode(&l.sku))>{l.sku.clone()}</a><span class="block font-normal">{l.name}</span>{theirs}</th>
                    <td class="num">{units(l.ordered)}</td><td class="num">{l.confirmed.map(units)}</td><td class="num font-semibold">{units(l.received)}</td>
                    {costs.then(|| view! { <td class="num">{l.cost}</td><td class="num">{l.amount.map(|m| m.to_string())}</td> })}
                    <td>{said.map(|(text, tone)| view! { <Badge tone text/> })}</td>
                </tr>
            }
        })
        .collect_view();
    let foot = total.map(|total| {
        view! { <tfoot><tr><th scope="row" colspan="5">"Total without tax"</th><td class="num font-semibold">{total}</td><td></td></tr></tfoot> }
    });
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr>
                <th scope="col">"What"</th><th scope="col" class="num">"Ordered"</th><th scope="col" class="num">"Confirmed"</th><th scope="col" class="num">"Come"</th>
                {costs.then(|| view! { <th scope="col" class="num">"Each"</th><th scope="col" class="num">"Amount"</th> })}
                <th scope="col"><span class="sr-only">"State"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
            {foot}
        </table></div>
    }
}

#[component]
fn SupplierLink(link: String) -> impl IntoView {
    view! {
        <section class="card">
            <h2 class="font-semibold">"The supplier's own page"</h2>
            <p class="mt-2">"Whoever has this link can confirm the order: "<a class="link break-all" href=link.clone() rel="external">{link.clone()}</a></p>
        </section>
    }
}

#[component]
fn History(history: Vec<(String, chrono::DateTime<chrono::Utc>, String)>) -> impl IntoView {
    let items = history
        .into_iter()
        .map(|(words, at, who)| view! { <li><p>{words}</p><p class="text-sm text-ink-soft"><When at/>", "{who}</p></li> })
        .collect_view();
    view! { <section class="card"><h2 class="font-semibold">"What happened"</h2><ol class="timeline mt-3">{items}</ol></section> }
}

#[component]
fn Draft(order: PurchaseDetail, change: ServerAction<ChangeDraft>) -> impl IntoView {
    let error = move || change.value().get().and_then(Result::err);
    let lines = order.lines.iter().map(|l| format!("{} {}", l.sku, l.ordered)).collect::<Vec<_>>().join("\n");
    view! {
        <section class="card">
            <h2 class="font-semibold">"Change the draft"</h2>
            <ActionForm action=change attr:class="mt-4 grid gap-4">
                {move || error().map(|e| view! { <ErrorNote text=e.everything()/> })}
                <input type="hidden" name="number" value=order.number/>
                <TextArea name="lines" scope="draft" label="What to buy" rows=8 value=lines hint="A SKU and how many. One a line."/>
                <TextField name="note" label="Note for the supplier" value=order.note/>
                <Button pending=change.pending()>"Save the draft"</Button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Confirm(number: String, confirm: ServerAction<ConfirmPurchase>) -> impl IntoView {
    let error = Signal::derive(move || confirm.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    view! {
        <section class="card">
            <h2 class="font-semibold">"What the supplier says"</h2>
            <ActionForm action=confirm attr:class="mt-4 grid gap-4" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                <input type="hidden" name="number" value=number/>
                <TextField name="expected_on" label="It comes on" kind="date" error=of("/expected_on")/>
                <TextArea name="lines" scope="confirm" label="Where fewer come" rows=3 hint="A SKU and how many. Left empty: everything comes as ordered."/>
                <button class="button-quiet w-full" disabled=move || confirm.pending().get()>"The supplier has confirmed"</button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Receive(number: String, receive: ServerAction<ReceivePurchase>, done: Memo<u32>) -> impl IntoView {
    let form = emptied_after(done);
    let error = Signal::derive(move || receive.value().get().and_then(Result::err));
    view! {
        <section class="card">
            <h2 class="font-semibold">"Receive"</h2>
            <ActionForm action=receive node_ref=form attr:class="mt-4 grid gap-4"><ReceiptFields number error pending=receive.pending()/></ActionForm>
        </section>
    }
}
