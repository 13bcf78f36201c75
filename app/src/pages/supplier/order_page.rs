use super::api::{OrderForSupplier, SupplierConfirms, SupplierDeclines, SupplierShips, supplier_order};
use crate::components::WishesCard;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{ErrorNote, SelectField, TextField, day_words};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::fulfilment::RejectReason;
use waybill::money::grouped;
use waybill::purchasing::views::PurchaseDetail;
use waybill::purchasing::{PurchaseState, PurchaseStep};

/// `/supplier/o/:token`: a purchase order, for the supplier to confirm, to send or to turn down.
#[component]
pub fn SupplierOrderPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.read().get("token").unwrap_or_default());
    let (confirm, ship, decline) =
        (ServerAction::<SupplierConfirms>::new(), ServerAction::<SupplierShips>::new(), ServerAction::<SupplierDeclines>::new());
    let order = load(move || token.get(), supplier_order);
    crate::ctx::header("x-robots-tag", "noindex");
    crate::ctx::header("referrer-policy", "no-referrer");
    crate::ctx::header("cache-control", "private, no-store");
    let query = use_query_map();
    let error = move || query.read().get("problem").map(|text| view! { <div class="pt-6"><ErrorNote text/></div> });
    view! {
        <Meta name="robots" content="noindex"/>
        {error}
        <Suspense fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
            {move || order.get().map(|answer| match answer {
                Ok(order) => view! { <Order order token=token.get() confirm ship decline/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Suspense>
    }
}

/// What is wanted of the supplier, in one sentence.
fn headline(order: &PurchaseDetail) -> String {
    let sends_itself = order.order_number.is_some();
    match order.state {
        PurchaseState::Cancelled => "Please do not send this: it is cancelled.".to_owned(),
        PurchaseState::Closed if sends_itself => "Sent. Thank you.".to_owned(),
        PurchaseState::Closed => "Everything is settled. Thank you.".to_owned(),
        PurchaseState::PartlyReceived => "A part of it has come; we wait for the rest.".to_owned(),
        PurchaseState::Confirmed if sends_itself => "Please send this to our customer.".to_owned(),
        PurchaseState::Confirmed => "Confirmed. We are looking forward to it.".to_owned(),
        _ if sends_itself => "Please send this to our customer.".to_owned(),
        _ => "Please confirm what will come, and when.".to_owned(),
    }
}

#[component]
fn Order(
    order: OrderForSupplier,
    token: String,
    confirm: ServerAction<SupplierConfirms>,
    ship: ServerAction<SupplierShips>,
    decline: ServerAction<SupplierDeclines>,
) -> impl IntoView {
    let OrderForSupplier { order, work, is_held } = order;
    let rows = order
        .lines
        .iter()
        .filter(|l| l.ordered > 0)
        .map(|l| {
            let theirs = if l.supplier_code.is_empty() { l.sku.clone() } else { l.supplier_code.clone() };
            view! {
                <tr>
                    <th scope="row"><span class="code">{theirs}</span><span class="block font-normal">{l.name.clone()}</span><span class="block font-normal text-ink-soft">"our "{l.sku.clone()}</span></th>
                    <td class="num font-semibold">{grouped(l.ordered.into())}</td><td class="num">{l.cost.clone()}</td><td class="num">{l.amount.map(|m| m.to_string())}</td>
                </tr>
            }
        })
        .collect_view();
    let can_confirm = order.state.next(PurchaseStep::Confirm).is_some();
    let can_send = work.is_some() && !order.state.is_ended();
    let terms = order.expected_on.map(|day| view! { <p class="mt-2">"Expected on "<strong>{day_words(day)}</strong>"."</p> });
    let pdf = format!("/supplier/o/{token}/document.pdf");
    let title = format!("Purchase order {}", order.number);
    let asked = match (can_send, can_confirm) {
        (true, _) if is_held => view! {
            <section class="card"><h2 class="font-semibold">"Please wait"</h2>
                <p class="mt-2">"The order is on hold: do not send it yet. You can say here that you have sent it once it goes on."</p></section>
            <Decline token decline/>
        }
        .into_any(),
        (true, _) => view! { <Send token=token.clone() ship/><Decline token decline/> }.into_any(),
        (false, true) => view! { <Confirm order=order.clone() token confirm/> }.into_any(),
        (false, false) => ().into_any(),
    };
    view! {
        <Title text=title.clone()/>
        <header class="pt-8 pb-6">
            <p class="text-ink-soft">{title}" of "{order.buyer.clone()}</p>
            <h1 class="page-title">{headline(&order)}</h1>
            {terms}
            {(!order.note.is_empty()).then(|| view! { <p class="mt-2">{order.note.clone()}</p> })}
        </header>
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <div class="grid gap-6">
                <div class="table-wrap" tabindex="0"><table class="table">
                    <thead><tr><th scope="col">"What"</th><th scope="col" class="num">"Units"</th><th scope="col" class="num">"Each"</th><th scope="col" class="num">"Amount"</th></tr></thead>
                    <tbody>{rows}</tbody>
                    <tfoot><tr><th scope="row" colspan="3">"Total without tax"</th><td class="num font-semibold">{order.total.map(|m| m.to_string())}</td></tr></tfoot>
                </table></div>
                <WishesCard order=order.clone()/>
                <section class="card">
                    <h2 class="font-semibold">"Deliver to"</h2>
                    <address class="mt-2 not-italic">{order.deliver_to.iter().map(|line| view! { <span class="block">{line.clone()}</span> }).collect_view()}</address>
                    <p class="mt-4"><a class="button-quiet" href=pdf>"Print it (PDF)"</a></p>
                </section>
            </div>
            <div class="grid gap-6">{asked}</div>
        </div>
    }
}

#[component]
fn Confirm(order: PurchaseDetail, token: String, confirm: ServerAction<SupplierConfirms>) -> impl IntoView {
    let lines = order
        .lines
        .iter()
        .filter(|l| l.ordered > 0)
        .enumerate()
        .map(|(index, l)| {
            let id = format!("line-{index}");
            view! {
                <div class="flex items-center justify-between gap-4">
                    <label for=id.clone()>{l.name.clone()}</label>
                    <input type="hidden" name=format!("lines[{index}][sku]") value=l.sku.clone()/>
                    <input id=id class="field w-24" type="number" min="0" max=l.ordered.to_string() name=format!("lines[{index}][units]") value=l.confirmed.unwrap_or(l.ordered).to_string()/>
                </div>
            }
        })
        .collect_view();
    let day = order.expected_on.map(|day| day.to_string());
    view! {
        <section class="card">
            <h2 class="font-semibold">"What will come"</h2>
            <ActionForm action=confirm attr:class="mt-4 grid gap-4">
                <input type="hidden" name="token" value=token/>
                {lines}
                <TextField name="expected_on" label="It comes on" kind="date" value=day.unwrap_or_default()/>
                <button class="button w-full">"Confirm"</button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Send(token: String, ship: ServerAction<SupplierShips>) -> impl IntoView {
    view! {
        <section class="card">
            <h2 class="font-semibold">"It is on its way"</h2>
            <ActionForm action=ship attr:class="mt-4 grid gap-4">
                <input type="hidden" name="token" value=token/>
                <TextField name="carrier" label="Carrier"/>
                <TextField name="tracking_number" label="Tracking number" hint="Our customer follows the parcel with it."/>
                <button class="button w-full">"We have sent it"</button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Decline(token: String, decline: ServerAction<SupplierDeclines>) -> impl IntoView {
    let reasons = RejectReason::ALL.iter().map(|r| (r.to_string(), r.label().to_owned())).collect::<Vec<_>>();
    view! {
        <section class="card">
            <h2 class="font-semibold">"It cannot be sent"</h2>
            <ActionForm action=decline attr:class="mt-4 grid gap-4">
                <input type="hidden" name="token" value=token/>
                <SelectField name="reason" label="Why" options=reasons/>
                <button class="button-quiet w-full">"Turn it down"</button>
            </ActionForm>
        </section>
    }
}
