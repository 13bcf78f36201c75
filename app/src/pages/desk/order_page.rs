use super::api::{AnswerOrder, CancelOrder, HoldBack, LetGoOn, MarkDelivered, MoveAppointment, SendFrom, WholeOrder, read_order};
use super::holds::Holds;
use crate::components::{
    FulfilmentBadge, GiftMessage, Offered, OrderBadge, PaymentBadge, Shown, Timeline, Why, WishNote, clock, hours_words, slot_words, use_live,
};
use crate::layout::{IfAllowed, PageError};
use crate::loaded::{load, succeeded};
use crate::ui::{Badge, Button, ErrorNote, SelectField, TextField, Tone, When, day_words};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::fulfilment::views::FulfilmentView;
use waybill::fulfilment::{FulfilmentState, Way};
use waybill::identity::Permission;
use waybill::ids::OrderId;
use waybill::notifications::views::NotificationRow;
use waybill::orders::views::{AppointmentChoice, LineView, Missing, OrderDetail, Ordered, ReturnView, as_ordered, kit_amount};
use waybill::returns::ReturnState;
use waybill::routing::OrderTraits;
use waybill::routing::views::DecisionRow;

/// `/desk/orders/:reference`: the whole truth about an order on one screen.
#[derive(Debug)]
pub struct OrderPage;

impl OrderPage {
    pub(super) fn view() -> AnyView {
        let (params, query) = (use_params_map(), use_query_map());
        let live = use_live();
        let actions = Actions {
            cancel: ServerAction::new(),
            answer: ServerAction::new(),
            deliver: ServerAction::new(),
            moved: ServerAction::new(),
            send: ServerAction::new(),
            hold: ServerAction::new(),
            release: ServerAction::new(),
        };
        let done = [
            succeeded(actions.cancel),
            succeeded(actions.answer),
            succeeded(actions.deliver),
            succeeded(actions.moved),
            succeeded(actions.send),
            succeeded(actions.hold),
            succeeded(actions.release),
        ];
        let order = load(
            move || {
                let asked = (params.read().get("reference").unwrap_or_default(), query.read().get("decision").unwrap_or_default());
                (asked, live.get(), done.map(|times| times.get()))
            },
            |((reference, decision), ..)| read_order(reference, decision),
        );
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || order.get().map(|answer| match answer {
                        Ok(whole) => view! { <Whole whole actions/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[derive(Clone, Copy)]
struct Actions {
    cancel: ServerAction<CancelOrder>,
    answer: ServerAction<AnswerOrder>,
    deliver: ServerAction<MarkDelivered>,
    moved: ServerAction<MoveAppointment>,
    send: ServerAction<SendFrom>,
    hold: ServerAction<HoldBack>,
    release: ServerAction<LetGoOn>,
}

#[component]
fn Whole(whole: WholeOrder, actions: Actions) -> impl IntoView {
    let WholeOrder { order, history, returns, messages, appointments, senders } = whole;
    let cancel = actions.cancel;
    let error = move || {
        let delivered = || actions.deliver.value().get().and_then(Result::err);
        let answered = || actions.answer.value().get().and_then(Result::err);
        cancel.value().get().and_then(Result::err).or_else(delivered).or_else(answered).or_else(|| actions.moved.value().get().and_then(Result::err))
    };
    let order_id = order.order_id;
    let parcels = order.fulfilments.iter().map(|f| view! { <Parcel parcel=f.clone() order_id deliver=actions.deliver/> }).collect_view();
    let missing = order.missing.clone();
    let (is_held, held, can_hold) = (!order.holds.is_empty(), order.holds.clone(), order.can_hold);
    // What is held comes before everything else.
    let holds = || view! { <Holds order_id holds=held.clone() can_hold hold=actions.hold release=actions.release/> };
    view! {
        <Title text=order.number.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/desk/orders">"Orders"</a></nav>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1 pb-6">
            <h1 class="page-title code">{order.number.clone()}</h1>
            <OrderBadge status=order.status/>
            <span class="text-ink-soft">{order.channel.clone()}{order.external_id.clone().map(|id| format!(" no. {id}"))}" · "<When at=order.placed_at/></span>
            {(order.order_type != OrderTraits::STANDARD).then(|| view! { <Badge tone=Tone::Neutral text=format!("Type: {}", order.order_type)/> })}
            {order.tags.iter().map(|tag| view! { <Badge tone=Tone::Neutral text=tag.clone()/> }).collect_view()}
            <a class="link ml-auto" rel="external" href=order.tracking_path.clone()>"See it as the customer"</a>
        </header>
        {move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}
        {order.ship_by.map(|at| view! { <p class="pb-6">"Its channel wants it handed to the carrier by "<When at/>"."</p> })}
        {order.release_at.map(|at| view! { <p class="pb-6">"It waits until "<When at/>" before a location works on it, so that it can still be changed."</p> })}
        <div class="grid gap-6 lg:grid-cols-[1fr_24rem]">
            <div class="grid gap-6 content-start">
                <Lines lines=order.lines.clone() gift_message=order.gift_message.clone()/>
                {(!missing.is_empty()).then(|| view! { <IfAllowed permission=Permission::CancelOrders><Asked order_id missing=missing.clone() answer=actions.answer/></IfAllowed> })}
                {(!senders.is_empty()).then(|| view! { <ByHand order_id senders action=actions.send/> })}
                {appointments.into_iter().map(|choice| view! { <AnotherTime choice order_id action=actions.moved/> }).collect_view()}
                {parcels}
                {history.explanation.map(|explanation| view! { <Why title="Why from there?" explanation/> })}
                <Decisions number=order.number.clone() decisions=history.decisions/>
            </div>
            <div class="grid gap-6 content-start">
                {is_held.then(holds)}
                <Customer order=order.clone()/>
                <Money order=order.clone() returns=history.returns/>
                <Returns order=order.clone() returns/>
                <Messages messages/>
                <section class="card"><h2 class="font-semibold">"Timeline"</h2><Timeline events=history.timeline/></section>
                {(!is_held).then(holds)}
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

/// The decisions about an order, where there were several: each can be asked about.
#[component]
fn Decisions(number: String, decisions: Vec<DecisionRow>) -> impl IntoView {
    let query = use_query_map();
    let latest = decisions.last().map(|d| d.no);
    let links = decisions
        .iter()
        .map(|d| {
            let no = d.no;
            let shown = move || (query.read().get("decision").and_then(|text| text.parse().ok()).or(latest) == Some(no)).then_some("page");
            view! {
                <li class="flex flex-wrap items-baseline gap-x-3 py-1"><a class="link" href=format!("/desk/orders/{number}?decision={no}") aria-current=shown>{format!("Decision {no}")}</a>
                    <span class="text-sm text-ink-soft"><When at=d.at/>{format!(", by {}, version {}", d.ruleset, d.version)}</span></li>
            }
        })
        .collect_view();
    (decisions.len() > 1).then(|| {
        view! {
            <section class="card"><h2 class="font-semibold">"Decided before"</h2>
                <p class="mt-1 text-sm text-ink-soft">"What waits is decided about again. Choose a decision to see above why it was made."</p>
                <ol class="mt-2">{links}</ol>
            </section>
        }
    })
}

#[component]
fn Lines(lines: Vec<LineView>, gift_message: Option<String>) -> impl IntoView {
    let rows = as_ordered(&lines)
        .map(|ordered| match ordered {
            Ordered::Line(line) => view! { <Line line=line.clone()/> }.into_any(),
            Ordered::Kit(kit, parts) => view! {
                <tr class="font-medium">
                    <td>{kit.name.clone()}<span class="block code font-normal text-ink-soft">{kit.code.clone()}</span>{parts.first().map(|part| view! { <WishNote wish=part.wish.clone()/> })}</td>
                    <td class="num">{kit.quantity}</td><td class="font-normal">"Kit"</td><td></td><td class="num">{kit_amount(parts).map(|m| m.to_string())}</td>
                </tr>
                {parts.iter().map(|line| view! { <Line line=line.clone()/> }).collect_view()}
            }
            .into_any(),
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Lines"</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"Item"</th><th scope="col" class="num">"Ordered"</th><th scope="col">"State"</th><th scope="col" class="num">"Price"</th><th scope="col" class="num">"Amount"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <div class="mt-4 empty:hidden"><GiftMessage text=gift_message/></div>
        </section>
    }
}

/// Something waits: somebody may decide where it is sent from.
#[component]
fn ByHand(order_id: OrderId, senders: Vec<(String, String)>, action: ServerAction<SendFrom>) -> impl IntoView {
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let of = Signal::derive(move || error.get().and_then(|e| e.of_field("/location")));
    let other = move || error.get().filter(|e| e.of_field("/location").is_none()).map(|e| view! { <ErrorNote text=e.to_string()/> });
    let options = std::iter::once((String::new(), "Choose a location".to_owned())).chain(senders).collect::<Vec<_>>();
    view! {
        <section class="card grid gap-3"><h2 class="font-semibold">"Send what waits"</h2>
            <p class="text-sm text-ink-soft">"Whatever the rules say: the location you choose sends what it has of it. The rest goes on waiting."</p>
            {other}
            <ActionForm action=action attr:class="flex flex-wrap items-end gap-3" attr:novalidate="">
                <input type="hidden" name="order_id" value=order_id.to_string()/>
                <SelectField name="location" label="From" options error=of/>
                <Button pending=action.pending()>"Send it from there"</Button>
            </ActionForm>
        </section>
    }
}

/// The customer was asked about what is missing, and may say it on the phone.
#[component]
fn Asked(order_id: OrderId, missing: Vec<Missing>, answer: ServerAction<AnswerOrder>) -> impl IntoView {
    let has_offers = missing.iter().any(|m| m.instead.is_some());
    let offered = missing.clone();
    let missing = missing.into_iter().map(|m| view! { <li>{m.with_offer()}</li> }).collect_view();
    let choice = |says: &'static str, words: &'static str| {
        let offered = offered.clone();
        view! {
            <ActionForm action=answer>
                <input type="hidden" name="order_id" value=order_id.to_string()/><input type="hidden" name="answer" value=says/><Offered missing=offered/>
                <button class="button-quiet">{words}</button>
            </ActionForm>
        }
    };
    view! {
        <section class="card grid gap-3"><h2 class="font-semibold">"The customer is asked"</h2>
            <p class="text-sm text-ink-soft">"A part of it is not there. They answer on the page of their order, or you do for them."</p>
            <ul class="text-sm list-disc pl-5">{missing}</ul>
            <div class="flex flex-wrap gap-3">{choice("wait", "They wait for it")}{has_offers.then(|| choice("instead", "They take the other instead"))}{choice("without", "They do without it")}</div>
        </section>
    }
}

/// A line of its own, or a part of the kit above it.
#[component]
fn Line(line: LineView) -> impl IntoView {
    let state = [(line.open, "open"), (line.shipped, "sent"), (line.collected, "collected"), (line.performed, "done"), (line.cancelled, "cancelled")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{n} {words}"))
        .chain(line.queue.map(|q| q.label().to_owned()))
        .collect::<Vec<_>>()
        .join(", ");
    let expected = line.expected_on.map(|day| view! { <span class="block text-sm text-ink-soft">{format!("expected {}", day_words(day))}</span> });
    let wrap = line.wrap_price().map(|price| view! { <span class="block text-sm text-ink-soft">{format!("and {price} for wrapping")}</span> });
    let promised = line.promised.clone().map(|p| {
        let first = p.first_day.map(|day| format!(", first {}", day_words(day))).unwrap_or_default();
        let when = if p.by > p.from { format!("{} to {}", clock(p.local_from), clock(p.local_by)) } else { format!("from {}", clock(p.local_from)) };
        view! { <span class="block text-sm text-ink-soft">{format!("promised for {}, {when}{first}", day_words(p.day))}</span> }
    });
    let promised = promised.filter(|_| line.appointment.is_none());
    let appointment = line.appointment.as_ref().map(|a| {
        let words = format!("{}, {}", hours_words(a.local_from, a.local_until), a.location);
        view! { <span class="block text-sm text-ink-soft">{words}</span> }
    });
    let part = line.kit.is_some();
    view! {
        <tr>
            <td class={if part { "pl-8" } else { "" }}>{line.name}<span class="block code text-ink-soft">{line.sku}</span>{line.instead_of.map(|(_, name)| view! { <span class="block text-sm text-ink-soft">{format!("instead of {name}")}</span> })}{(!part).then(|| view! { <WishNote wish=line.wish/> })}</td>
            <td class="num">{line.quantity}</td><td>{state}{expected}{promised}{appointment}</td><td class="num">{line.unit_price}{wrap}</td><td class="num">{line.amount.to_string()}</td>
        </tr>
    }
}

/// Another time for a service.
#[component]
fn AnotherTime(choice: AppointmentChoice, order_id: OrderId, action: ServerAction<MoveAppointment>) -> impl IntoView {
    let AppointmentChoice { line_no, service, slots, .. } = choice;
    let options: Vec<(String, String)> = slots.iter().map(|slot| (Shown::of_time(slot).value(), slot_words(slot))).collect();
    let none = options.is_empty();
    view! {
        <section class="card" aria-label=format!("Another time for {service}")>
            <h2 class="font-semibold">{format!("Another time for {service}")}</h2>
            {if none {
                view! { <p class="mt-2 text-ink-soft">"No other time is free."</p> }.into_any()
            } else {
                view! {
                    <ActionForm action attr:class="mt-3 flex flex-wrap items-end gap-3">
                        <input type="hidden" name="order_id" value=order_id.to_string()/>
                        <input type="hidden" name="line_no" value=line_no.to_string()/>
                        <SelectField name="time" label="Time" options scope=format!("line-{line_no}")/>
                        <button class="button-quiet">"Move the appointment"</button>
                    </ActionForm>
                }.into_any()
            }}
        </section>
    }
}

/// What the customer was told.
#[component]
fn Messages(messages: Vec<NotificationRow>) -> impl IntoView {
    let rows = messages
        .iter()
        .map(|m| view! { <li class="flex flex-wrap justify-between gap-x-3"><a class="link" href=format!("/desk/messages/{}", m.id)>{m.kind.label()}</a><span class="text-ink-soft">{m.state.label()}</span></li> })
        .collect_view();
    (!messages.is_empty()).then(|| view! { <section class="card"><h2 class="font-semibold">"What the customer was told"</h2><ul class="mt-2 grid gap-1 text-sm">{rows}</ul></section> })
}

#[component]
fn Delivered(order_id: OrderId, no: i32, deliver: ServerAction<MarkDelivered>) -> impl IntoView {
    view! {
        <ActionForm action=deliver attr:class="mt-3">
            <input type="hidden" name="order_id" value=order_id.to_string()/>
            <input type="hidden" name="fulfilment_no" value=no.to_string()/>
            <button class="button-quiet">"It was delivered"</button>
        </ActionForm>
    }
}

#[component]
fn Parcel(parcel: FulfilmentView, order_id: OrderId, deliver: ServerAction<MarkDelivered>) -> impl IntoView {
    let no = parcel.fulfilment_no;
    let on_its_way = parcel.state == FulfilmentState::Shipped && parcel.way == Way::Ship;
    let from = parcel.to_store.as_ref().map_or_else(|| parcel.location.clone(), |store| format!("{} to {store}", parcel.location));
    let lines = parcel
        .lines
        .iter()
        .map(|l| view! { <li>{format!("{} × {} ", l.quantity, l.name)}<span class="code text-ink-soft">{l.sku.clone()}</span><WishNote wish=l.wish.clone()/></li> })
        .collect_view();
    view! {
        <section class="card" aria-label=format!("Fulfilment {}", parcel.fulfilment_no)>
            <div class="flex flex-wrap items-center justify-between gap-3">
                <h2 class="font-semibold">{format!("{}. {from}", parcel.fulfilment_no)}</h2>
                <FulfilmentBadge state=parcel.state/>
            </div>
            {parcel.tracking_number.clone().map(|n| view! { <p class="mt-1 text-sm">{parcel.carrier.clone()}" "<span class="code">{n}</span></p> })}
            {parcel.promised_by.map(|by| view! { <p class="mt-1 text-sm text-ink-soft">"Promised by "<When at=by/>{parcel.service.clone().map(|s| format!(", {s}"))}</p> })}
            {parcel.offered_until.map(|until| view! { <p class="mt-1 text-sm">"Several places are asked until "<When at=until/>": the first that takes it sends it."</p> })}
            {parcel.due_by.map(|due| view! { <p class="mt-1 text-sm text-ink-soft">"Next step in time until "<When at=due/></p> })}
            <ul class="mt-3 grid gap-1 text-sm">{lines}</ul>
            {on_its_way.then(|| view! { <IfAllowed permission=Permission::WorkFulfilment><Delivered order_id no deliver/></IfAllowed> })}
        </section>
    }
}

/// What comes back, and the way to take something back.
#[component]
fn Returns(order: OrderDetail, returns: Vec<(String, ReturnState)>) -> impl IntoView {
    let is_out = order.lines.iter().any(|l| l.shipped + l.collected > 0);
    let rows = returns
        .iter()
        .map(|(number, state)| view! { <li class="flex justify-between gap-3"><a class="link code" href=format!("/stock/returns/{number}")>{number.clone()}</a><span>{state.label()}</span></li> })
        .collect_view();
    let new = format!("/stock/returns/new?order={}", order.number);
    (is_out || !returns.is_empty()).then(|| {
        view! {
            <section class="card">
                <h2 class="font-semibold">"Returns"</h2>
                <ul class="mt-2 grid gap-1 empty:hidden">{rows}</ul>
                <IfAllowed permission=Permission::ManageReturns><p class="mt-3"><a class="button-quiet" href=new.clone()>"Take something back"</a></p></IfAllowed>
            </section>
        }
    })
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
                <dt class="text-ink-soft">{order.delivery.clone().unwrap_or_else(|| "Delivery".to_owned())}</dt><dd class="text-right">{order.shipping.to_string()}</dd>
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
