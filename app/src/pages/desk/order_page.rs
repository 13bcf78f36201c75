use super::api::{CancelOrder, read_order};
use crate::components::{FulfilmentBadge, OrderBadge, PaymentBadge, Timeline, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, ErrorNote, TextField, When, day_words};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use waybill::fulfilment::views::FulfilmentView;
use waybill::orders::views::{LineView, OrderDetail, OrderHistory, ReturnView};
use waybill::routing::views::Explanation;

/// `/desk/orders/:reference`: the whole truth about an order on one screen.
#[derive(Debug)]
pub struct OrderPage;

#[lazy_route]
impl LazyRoute for OrderPage {
    fn data() -> Self {
        Self
    }

    fn view(_page: Self) -> AnyView {
        let params = use_params_map();
        let live = use_live();
        let cancel = ServerAction::<CancelOrder>::new();
        let order = load(
            move || (params.read().get("reference").unwrap_or_default(), live.get(), cancel.version().get()),
            |(reference, ..)| read_order(reference),
        );
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || order.get().map(|answer| match answer {
                        Ok((order, history)) => view! { <Whole order history cancel/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(order: OrderDetail, history: OrderHistory, cancel: ServerAction<CancelOrder>) -> impl IntoView {
    let error = move || cancel.value().get().and_then(Result::err);
    let parcels = order.fulfilments.iter().map(|f| view! { <Parcel parcel=f.clone()/> }).collect_view();
    view! {
        <Title text=order.number.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/desk/orders">"Orders"</a></nav>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1 pb-6">
            <h1 class="page-title code">{order.number.clone()}</h1>
            <OrderBadge status=order.status/>
            <span class="text-ink-soft">{order.channel.clone()}{order.external_id.clone().map(|id| format!(" no. {id}"))}" · "<When at=order.placed_at/></span>
            <a class="link ml-auto" rel="external" href=order.tracking_path.clone()>"See it as the customer"</a>
        </header>
        {move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}
        <div class="grid gap-6 lg:grid-cols-[1fr_24rem]">
            <div class="grid gap-6 content-start">
                <Lines lines=order.lines.clone()/>
                {parcels}
                {history.explanation.map(|explanation| view! { <Why explanation/> })}
            </div>
            <div class="grid gap-6 content-start">
                <Customer order=order.clone()/>
                <Money order=order.clone() returns=history.returns/>
                <section class="card"><h2 class="font-semibold">"Timeline"</h2><Timeline events=history.timeline/></section>
                {order.can_cancel.then(|| view! {
                    <section class="card">
                        <h2 class="font-semibold">"Cancel the order"</h2>
                        <p class="mt-1 text-sm text-ink-soft">"Everything still open is called off, its stock is freed, and the customer's money is released."</p>
                        <ActionForm action=cancel attr:class="mt-4 grid gap-4">
                            <input type="hidden" name="order_id" value=order.order_id.to_string()/>
                            <TextField name="reason" label="Reason" required=true/>
                            <Button pending=cancel.pending()>"Cancel the order"</Button>
                        </ActionForm>
                    </section>
                })}
            </div>
        </div>
    }
}

#[component]
fn Lines(lines: Vec<LineView>) -> impl IntoView {
    let rows = lines
        .into_iter()
        .map(|l| {
            let state = [(l.open, "open"), (l.shipped, "sent"), (l.collected, "collected"), (l.cancelled, "cancelled")]
                .iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, words)| format!("{n} {words}"))
                .chain(l.queue.map(|q| q.label().to_owned()))
                .collect::<Vec<_>>()
                .join(", ");
            let expected = l.expected_on.map(|day| view! { <span class="block text-sm text-ink-soft">{format!("expected {}", day_words(day))}</span> });
            let kit = l.kit.map(|k| view! { <span class="block text-sm text-ink-soft">{format!("part of {} × {} ({})", k.quantity, k.name, k.code)}</span> });
            view! {
                <tr>
                    <td>{l.name}<span class="block code text-ink-soft">{l.sku}</span>{kit}</td>
                    <td class="num">{l.quantity}</td><td>{state}{expected}</td><td class="num">{l.unit_price}</td><td class="num">{l.amount.to_string()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Lines"</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"Item"</th><th scope="col" class="num">"Ordered"</th><th scope="col">"State"</th><th scope="col" class="num">"Price"</th><th scope="col" class="num">"Amount"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
}

#[component]
fn Parcel(parcel: FulfilmentView) -> impl IntoView {
    let lines = parcel
        .lines
        .iter()
        .map(|l| view! { <li>{format!("{} × {} ", l.quantity, l.name)}<span class="code text-ink-soft">{l.sku.clone()}</span></li> })
        .collect_view();
    view! {
        <section class="card" aria-label=format!("Fulfilment {}", parcel.fulfilment_no)>
            <div class="flex flex-wrap items-center justify-between gap-3">
                <h2 class="font-semibold">{format!("{}. {}", parcel.fulfilment_no, parcel.location)}</h2>
                <FulfilmentBadge state=parcel.state/>
            </div>
            {parcel.tracking_number.clone().map(|n| view! { <p class="mt-1 text-sm">{parcel.carrier.clone()}" "<span class="code">{n}</span></p> })}
            <ul class="mt-3 grid gap-1 text-sm">{lines}</ul>
        </section>
    }
}

#[component]
fn Why(explanation: Explanation) -> impl IntoView {
    let mut sentences = explanation.summary.into_iter();
    let first = sentences.next();
    let rest = sentences.map(|s| view! { <li>{s}</li> }).collect_view();
    let rows = explanation
        .candidates
        .into_iter()
        .map(|c| {
            view! {
                <tr>
                    <th scope="row">{c.location}</th><td class="num">{format!("{:.0} km", c.distance_km)}</td><td class="num">{c.units}</td>
                    <td>{if c.chosen { "chosen".to_owned() } else { c.reason.unwrap_or_default() }}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Why from there?"</h2>
            <p class="mt-2">{first}</p>
            <ul class="mt-1 grid gap-1 text-sm text-ink-soft">{rest}</ul>
            <details class="mt-3">
                <summary class="link w-fit text-sm">"Every location that was looked at"</summary>
                <div class="table-wrap mt-2" tabindex="0"><table class="table table-dense">
                    <thead><tr><th scope="col">"Location"</th><th scope="col" class="num">"Distance"</th><th scope="col" class="num">"Units it had"</th><th scope="col">"Outcome"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </details>
            <p class="mt-3 text-xs text-ink-soft">"Rules: "{explanation.ruleset}</p>
        </section>
    }
}

#[component]
fn Customer(order: OrderDetail) -> impl IntoView {
    let c = order.customer;
    let address = [c.street, c.city, c.postcode, c.country].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    view! {
        <section class="card">
            <h2 class="font-semibold">"Customer"</h2>
            <p class="mt-2">{c.name}</p>
            {c.email.map(|email| view! { <p><a class="link" href=format!("mailto:{email}")>{email.clone()}</a></p> })}
            {c.phone.map(|phone| view! { <p><a class="link" href=format!("tel:{phone}")>{phone.clone()}</a></p> })}
            <p class="mt-2 text-ink-soft">{match order.pickup_location { Some(store) => format!("Collects at {store}"), None => address }}</p>
        </section>
    }
}

#[component]
fn Money(order: OrderDetail, returns: Vec<ReturnView>) -> impl IntoView {
    let came_back = returns
        .iter()
        .map(|r| view! { <li class="flex justify-between gap-3"><span>{format!("{} × {} back, {}", r.quantity, r.sku, r.external_id)}</span><span class="tabular-nums">{r.amount.to_string()}</span></li> })
        .collect_view();
    view! {
        <section class="card">
            <div class="flex items-center justify-between gap-3">
                <h2 class="font-semibold">"Money"</h2>
                {order.payment.as_ref().map(|p| view! { <PaymentBadge state=p.state/> })}
            </div>
            <dl class="mt-3 grid grid-cols-[1fr_auto] gap-y-1 tabular-nums">
                <dt class="text-ink-soft">"Goods"</dt><dd class="text-right">{order.goods.to_string()}</dd>
                <dt class="text-ink-soft">"Delivery"</dt><dd class="text-right">{order.shipping.to_string()}</dd>
                <dt class="font-semibold">"Total"</dt><dd class="text-right font-semibold">{order.total.to_string()}</dd>
                <dt class="text-ink-soft">"VAT in the goods"</dt><dd class="text-right text-ink-soft">{order.tax.to_string()}</dd>
                {order.payment.as_ref().map(|p| view! {
                    <dt class="text-ink-soft border-t border-line pt-2 mt-1">"Authorised"</dt><dd class="text-right border-t border-line pt-2 mt-1">{p.authorised.to_string()}</dd>
                    <dt class="text-ink-soft">"Charged for what was sent"</dt><dd class="text-right">{p.captured.to_string()}</dd>
                })}
            </dl>
            {order.payment.as_ref().and_then(|p| p.failure.clone()).map(|reason| view! { <p class="mt-2 text-sm text-bad">{reason}</p> })}
            {order.held_until.map(|at| view! { <p class="mt-2 text-sm text-warn">"Unpaid: the stock is kept until "<When at/></p> })}
            {(!returns.is_empty()).then(|| view! { <h3 class="mt-4 text-sm font-semibold">"Came back"</h3><ul class="mt-1 grid gap-1 text-sm">{came_back}</ul> })}
        </section>
    }
}
