use super::api::{AnswerTracked, CancelTracked, tracked};
use crate::components::{FulfilmentBadge, GiftMessage, Offered, Timeline, WishNote, clock};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{ErrorNote, Icon, day_words, long_day};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use waybill::fulfilment::views::FulfilmentView;
use waybill::fulfilment::{FulfilmentState, Method, Way};
use waybill::geo::GeoPoint;
use waybill::orders::OrderStatus;
use waybill::orders::views::{LineView, Missing, Ordered, PromisedView, TrackingView, as_ordered, kit_amount};

/// `/track/o/:token`: the customer's page. It changes by itself when something happens.
#[component]
pub fn TrackPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.read().get("token").unwrap_or_default());
    let cancel = ServerAction::<CancelTracked>::new();
    let said = ServerAction::<AnswerTracked>::new();
    let order = load(move || (token.get(), cancel.version().get()), |(token, _)| tracked(token));
    crate::ctx::header("x-robots-tag", "noindex");
    crate::ctx::header("referrer-policy", "no-referrer");
    crate::ctx::header("cache-control", "private, no-store");
    view! {
        <Meta name="robots" content="noindex"/>
        <div data-live=move || format!("track.{}", token.get())>
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || order.get().map(|answer| match answer {
                    Ok(order) => view! { <Order order token=token.get() cancel answer=said/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        </div>
    }
}

fn is_sent(parcel: &FulfilmentView) -> bool {
    parcel.state.is_out() && parcel.state != FulfilmentState::Returned
}

/// True where nothing more comes of what was sent: the customer has it, or it has come back.
fn is_over(parcel: &FulfilmentView) -> bool {
    matches!(parcel.state, FulfilmentState::Delivered | FulfilmentState::Returned)
}

/// True where everything that was sent has come back.
fn is_all_back(order: &TrackingView) -> bool {
    !order.parcels.is_empty() && order.parcels.iter().all(|p| p.state == FulfilmentState::Returned)
}

/// Where the order is, in one sentence.
fn headline(order: &TrackingView) -> String {
    let place = order.pickup_location.as_deref().unwrap_or("the store");
    match (order.status, order.method) {
        (OrderStatus::Cancelled, _) => "This order is cancelled.".to_owned(),
        (OrderStatus::PendingPayment, _) => "We are waiting for your bank.".to_owned(),
        (OrderStatus::PaymentFailed, _) => "The payment did not go through.".to_owned(),
        (OrderStatus::Completed, _) if is_all_back(order) => "It was sent back to us.".to_owned(),
        (OrderStatus::ReadyForPickup, _) => format!("Ready for you at {place}."),
        (OrderStatus::Completed, Method::Pickup) => format!("Collected at {place}."),
        (OrderStatus::Completed, Method::Ship) if order.parcels.is_empty() => "It is done.".to_owned(),
        (OrderStatus::Scheduled, _) if order.parcels.iter().all(is_over) => "Your appointment is booked.".to_owned(),
        (OrderStatus::Completed, Method::Ship) if order.parcels.iter().all(is_over) => "Delivered.".to_owned(),
        (OrderStatus::Completed | OrderStatus::PartlyFulfilled | OrderStatus::Scheduled, Method::Ship) if order.parcels.iter().any(is_sent) => {
            match order.parcels.len() {
                0 | 1 => format!("On its way to {}.", order.city),
                n => format!("{} of {n} parcels on their way to {}.", order.parcels.iter().filter(|p| is_sent(p)).count(), order.city),
            }
        }
        (OrderStatus::Waiting, _) if !order.missing.is_empty() => "We have a question about your order.".to_owned(),
        (OrderStatus::Waiting, _) if order.parcels.is_empty() => "Your order waits until it is in stock.".to_owned(),
        (OrderStatus::Waiting, _) => "Part of your order waits until it is in stock.".to_owned(),
        (_, Method::Pickup) if order.parcels.iter().any(|p| p.state.is_to_collect()) => format!("Part of it is ready for you at {place}."),
        (_, Method::Pickup) if order.parcels.iter().any(|p| p.state == FulfilmentState::Shipped) => format!("On its way to {place}."),
        (_, Method::Pickup) if order.parcels.iter().all(|p| p.to_store.is_some()) && !order.parcels.is_empty() => {
            format!("We are getting it ready for {place}.")
        }
        (_, Method::Pickup) => format!("{place} is getting it ready."),
        (_, Method::Ship) => "We are getting it ready.".to_owned(),
    }
}

/// Where it comes from, and why so where that is not as customers expect: in several parcels, or to the store from elsewhere.
fn why_so(order: &TrackingView) -> Option<String> {
    let listed = |names: Vec<&str>| match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    };
    match order.method {
        Method::Ship => {
            let mut places: Vec<&str> = order.parcels.iter().map(|p| p.location.as_str()).collect();
            let parcels = places.len();
            places.sort_unstable();
            places.dedup();
            match places.as_slice() {
                [] => None,
                [one] if parcels == 1 => Some(format!("It comes from {one}.")),
                [one] => Some(format!("It comes from {one}, in {parcels} parcels.")),
                _ => Some(format!("No one place sends all of it, so it comes from {}.", listed(places))),
            }
        }
        Method::Pickup => {
            let brought: Vec<&str> = order.parcels.iter().filter(|p| p.to_store.is_some()).map(|p| p.location.as_str()).collect();
            let store = order.pickup_location.as_deref().unwrap_or("The store");
            (!brought.is_empty()).then(|| format!("{store} did not have everything, so it is brought there from {}.", listed(brought)))
        }
    }
}

/// What is missing, and what to do about it.
#[component]
fn Asked(missing: Vec<Missing>, token: String, answer: ServerAction<AnswerTracked>) -> impl IntoView {
    let has_offers = missing.iter().any(|m| m.instead.is_some());
    let offered = missing.clone();
    let missing = missing.into_iter().map(|m| view! { <li>{m.with_offer()}</li> }).collect_view();
    let error = move || answer.value().get().and_then(Result::err);
    let choice = |says: &'static str, words: &'static str, class: &'static str| {
        let (token, offered) = (token.clone(), offered.clone());
        view! {
            <ActionForm action=answer>
                <input type="hidden" name="token" value=token/><input type="hidden" name="answer" value=says/><Offered missing=offered/>
                <button class=class>{words}</button>
            </ActionForm>
        }
    };
    view! {
        <section class="card grid gap-3" aria-labelledby="asked">
            <h2 class="font-semibold" id="asked">"Shall we wait for it?"</h2>
            <p class="text-sm">"This of your order is not there at the moment:"</p>
            <ul class="text-sm list-disc pl-5">{missing}</ul>
            <p class="text-sm text-ink-soft">"You pay only for what we send."</p>
            {move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}
            {has_offers.then(|| view! { <p class="text-sm text-ink-soft">"What we send instead costs the same."</p> })}
            <div class="flex flex-wrap gap-3">{has_offers.then(|| choice("instead", "Send the other instead", "button"))}{choice("wait", "Send it when it is there", if has_offers { "button-quiet" } else { "button" })}{choice("without", "I do without it", "button-quiet")}</div>
        </section>
    }
}

#[component]
fn Order(order: TrackingView, token: String, cancel: ServerAction<CancelTracked>, answer: ServerAction<AnswerTracked>) -> impl IntoView {
    let title = headline(&order);
    let is_coming =
        order.parcels.iter().any(|p| {
            !p.state.is_to_collect() && !matches!(p.state, FulfilmentState::Delivered | FulfilmentState::Collected | FulfilmentState::Returned)
        }) || order.parcels.is_empty();
    let is_coming = is_coming && !matches!(order.status, OrderStatus::Cancelled | OrderStatus::PaymentFailed);
    // Of what is asked about, nothing is sure.
    let is_coming = is_coming && (order.missing.is_empty() || !order.parcels.is_empty());
    let delivery = order.delivery.clone().unwrap_or_else(|| "Delivery".to_owned());
    let count = order.parcels.len();
    let parcels = order
        .parcels
        .iter()
        .enumerate()
        .map(|(i, parcel)| {
            let label = if count > 1 { format!("Parcel {} of {count}", i + 1) } else { "Your parcel".to_owned() };
            view! { <Parcel parcel=parcel.clone() label/> }
        })
        .collect_view();
    let why_many = why_so(&order);
    let lines = as_ordered(&order.lines)
        .map(|ordered| match ordered {
            Ordered::Line(line) => view! { <Line line=line.clone()/> }.into_any(),
            Ordered::Kit(kit, parts) => view! {
                <tr class="font-medium"><td>{kit.name.clone()}{parts.first().map(|part| view! { <WishNote wish=part.wish.clone()/> })}</td><td class="num">{kit.quantity}</td><td class="num">{kit_amount(parts).map(|m| m.to_string())}</td></tr>
                {parts.iter().map(|line| view! { <Line line=line.clone()/> }).collect_view()}
            }
            .into_any(),
        })
        .collect_view();
    let error = move || cancel.value().get().and_then(Result::err);
    view! {
        <Title text=format!("Order {}", order.number)/>
        <header class="py-8">
            <p class="text-ink-soft">{format!("Hello {}, this is order ", order.first_name)}<span class="code">{order.number.clone()}</span></p>
            <h1 class="mt-2 text-4xl sm:text-5xl font-semibold tracking-tight text-balance" aria-live="polite">{title}</h1>
            {order.promised.clone().filter(|_| is_coming).map(|promised| view! { <Promised promised method=order.method/> })}
            {order.payment_failure.clone().map(|reason| view! { <p class="mt-3 text-bad">{reason}" Nothing was charged."</p> })}
            {why_many.map(|text| view! { <p class="mt-3 text-ink-soft max-w-prose">{text}</p> })}
        </header>
        {order.pickup_code.clone().map(|code| view! {
            <section class="card mb-6 text-center" aria-label="Pickup code">
                <p class="text-ink-soft">"Show this code at the counter"</p>
                <p class="mt-2 text-5xl font-semibold tracking-[0.2em] tabular-nums" data-testid="pickup-code">{code}</p>
            </section>
        })}
        <div class="grid gap-6 lg:grid-cols-[1fr_24rem]">
            <div class="grid gap-6 content-start">
                {(!order.missing.is_empty()).then(|| view! { <Asked missing=order.missing.clone() token=token.clone() answer/> })}
                {parcels}
                <section class="card">
                    <h2 class="font-semibold">"What you ordered"</h2>
                    <div class="table-wrap mt-3" tabindex="0"><table class="table">
                        <thead><tr><th scope="col">"Item"</th><th scope="col" class="num">"Quantity"</th><th scope="col" class="num">"Price"</th></tr></thead>
                        <tbody>{lines}</tbody>
                        <tfoot>
                            <tr><td colspan="2">{delivery}</td><td class="num">{order.shipping.to_string()}</td></tr>
                            <tr class="font-semibold"><td colspan="2">"Total, VAT included"</td><td class="num">{order.total.to_string()}</td></tr>
                        </tfoot>
                    </table></div>
                    <div class="mt-4 empty:hidden"><GiftMessage text=order.gift_message.clone()/></div>
                </section>
            </div>
            <div class="grid gap-6 content-start">
                {(order.method == Method::Ship).then(|| view! { <RouteMap parcels=order.parcels.clone() destination=order.destination/> })}
                <section class="card"><h2 class="font-semibold">"What has happened"</h2><Timeline events=order.timeline.clone()/></section>
                {order.can_cancel.then(|| view! {
                    <section class="card grid gap-3">
                        <h2 class="font-semibold">"Changed your mind?"</h2>
                        <p class="text-sm text-ink-soft">"Until we start picking you can cancel. The amount reserved on your card is released."</p>
                        {move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                        <details>
                            <summary class="link w-fit">"Cancel this order"</summary>
                            <ActionForm action=cancel attr:class="mt-3">
                                <input type="hidden" name="token" value=token.clone()/>
                                <button class="button-bad">"Yes, cancel the whole order"</button>
                            </ActionForm>
                        </details>
                    </section>
                })}
            </div>
        </div>
    }
}

/// A line of its own, or a part of the kit above it: then the kit has the price.
#[component]
fn Line(line: LineView) -> impl IntoView {
    let (part, wrap) = (line.kit.is_some(), line.wrap_price());
    let appointment = line.appointment.as_ref().map(|a| {
        let when = format!("{} between {} and {}", long_day(a.local_from.date()), clock(a.local_from), clock(a.local_until));
        if line.performed > 0 { format!("Done on {}", long_day(a.local_from.date())) } else { format!("We come on {when}") }
    });
    view! {
        <tr>
            <td class={if part { "pl-8 text-sm" } else { "" }}>{line.name}{line.instead_of.map(|(_, name)| format!(" instead of {name}"))}{(line.cancelled > 0).then(|| format!(" ({} cancelled)", line.cancelled))}
                {(!part).then(|| view! { <WishNote wish=line.wish/> })}
                {wrap.map(|price| view! { <span class="block text-sm text-ink-soft">{format!("wrapping {price} each, in the price")}</span> })}
                {appointment.map(|words| view! { <span class="block text-sm font-medium" data-testid="appointment">{words}</span> })}
                {line.expected_on.map(|day| view! { <span class="block text-sm text-ink-soft">{format!("Expected on {}", day_words(day))}</span> })}</td>
            <td class={if part { "num text-sm" } else { "num" }}>{line.quantity}</td><td class="num">{(!part).then(|| line.amount.to_string())}</td>
        </tr>
    }
}

/// When it is there, and, where that is later than was said, that we know.
#[component]
fn Promised(promised: PromisedView, method: Method) -> impl IntoView {
    let day = long_day(promised.day);
    let words = match method {
        Method::Ship => format!("It arrives on {day} between {} and {}.", clock(promised.local_from), clock(promised.local_by)),
        Method::Pickup => format!("It is ready on {day} from {}.", clock(promised.local_from)),
    };
    view! {
        <p class="mt-3 text-xl" data-testid="promised">{words}</p>
        {promised.first_day.map(|first| view! {
            <p class="mt-1 text-warn max-w-prose">{format!("That is later than the {} that we told you first. We are sorry.", long_day(first))}</p>
        })}
    }
}

#[component]
fn Parcel(parcel: FulfilmentView, label: String) -> impl IntoView {
    let steps: &[(&str, &[FulfilmentState])] = match parcel.way {
        Way::Ship => &[
            ("Ordered", &[FulfilmentState::Planned, FulfilmentState::Released]),
            ("Being packed", &[FulfilmentState::Picking, FulfilmentState::Packed]),
            ("On its way", &[FulfilmentState::Shipped]),
            ("Delivered", &[FulfilmentState::Delivered]),
        ],
        Way::Pickup => &[
            ("Ordered", &[FulfilmentState::Planned, FulfilmentState::Released]),
            ("Being packed", &[FulfilmentState::Picking, FulfilmentState::Packed]),
            ("Ready", &[FulfilmentState::Ready]),
            ("Collected", &[FulfilmentState::Collected]),
        ],
        Way::ToStore => &[
            ("Ordered", &[FulfilmentState::Planned, FulfilmentState::Released]),
            ("Being packed", &[FulfilmentState::Picking, FulfilmentState::Packed]),
            ("On its way to the store", &[FulfilmentState::Shipped]),
            ("Ready", &[FulfilmentState::Arrived]),
            ("Collected", &[FulfilmentState::Collected]),
        ],
    };
    let now = steps.iter().position(|(_, states)| states.contains(&parcel.state)).unwrap_or(0);
    let marks = steps
        .iter()
        .enumerate()
        .map(|(i, (words, _))| {
            let class = if i < now {
                "step step-done"
            } else if i == now {
                "step step-now"
            } else {
                "step"
            };
            view! { <li class=class aria-current={(i == now).then_some("step")}>{*words}</li> }
        })
        .collect_view();
    let lines =
        parcel.lines.iter().map(|l| view! { <li>{format!("{} × {}", l.quantity, l.name)}<WishNote wish=l.wish.clone()/></li> }).collect_view();
    let name = label.clone();
    view! {
        <section class="card" aria-label=name>
            <div class="flex flex-wrap items-center justify-between gap-3">
                <h2 class="font-semibold flex items-center gap-2"><Icon name="package"/>{label}</h2>
                <FulfilmentBadge state=parcel.state plain=true/>
            </div>
            {(parcel.state != FulfilmentState::Returned).then(|| view! { <ol class="steps mt-5">{marks}</ol> })}
            <ul class="mt-5 grid gap-1 text-sm">{lines}</ul>
            <p class="mt-4 text-sm text-ink-soft">
                {format!("From {}", parcel.location)}{parcel.to_store.map(|store| format!(" to {store}"))}
                {parcel.tracking_number.clone().map(|number| view! {
                    " with "{parcel.carrier.clone()}", number "<span class="code" data-testid="tracking-number">{number}</span>
                })}
            </p>
        </section>
    }
}

/// From where to where, drawn to scale on nothing but a quiet ground. The words stand beside it.
#[component]
fn RouteMap(parcels: Vec<FulfilmentView>, destination: GeoPoint) -> impl IntoView {
    if parcels.is_empty() {
        return ().into_any();
    }
    let points: Vec<GeoPoint> = parcels.iter().map(|p| p.point).chain([destination]).collect();
    let fold = |f: fn(f64, f64) -> f64, of: fn(&GeoPoint) -> f64| points.iter().map(of).reduce(f).unwrap_or_default();
    let (south, north) = (fold(f64::min, |p| p.latitude), fold(f64::max, |p| p.latitude));
    let (west, east) = (fold(f64::min, |p| p.longitude), fold(f64::max, |p| p.longitude));
    // Degrees of longitude are shorter than those of latitude, by the cosine of the latitude.
    let narrow = ((south + north) / 2.0).to_radians().cos().max(0.2);
    let span = (north - south).max((east - west) * narrow).max(0.2);
    let place = |p: GeoPoint| {
        let x = 100.0 + ((p.longitude - (west + east) / 2.0) * narrow / span) * 130.0;
        let y = 75.0 - ((p.latitude - (south + north) / 2.0) / span) * 95.0;
        (x, y)
    };
    let (dx, dy) = place(destination);
    let routes = parcels
        .iter()
        .map(|p| {
            let (x, y) = place(p.point);
            let (mx, my) = (f64::midpoint(x, dx), f64::midpoint(y, dy) - (dx - x).abs().max((dy - y).abs()) * 0.18);
            let class = if is_sent(p) { "route route-out" } else { "route" };
            view! {
                <path class=class d=format!("M{x:.1} {y:.1} Q{mx:.1} {my:.1} {dx:.1} {dy:.1}")></path>
                <circle class="route-from" cx=format!("{x:.1}") cy=format!("{y:.1}") r="3.5"></circle>
                <text class="route-name" x=format!("{x:.1}") y=format!("{:.1}", y + 12.0) text-anchor="middle">{p.city.clone()}</text>
            }
        })
        .collect_view();
    let longest = parcels.iter().map(|p| p.point.distance_km(destination)).fold(0.0, f64::max);
    view! {
        <figure class="card">
            <svg class="w-full" viewBox="0 0 200 150" role="img" aria-label="Map of the way your order takes">
                {routes}
                <circle class="route-to" cx=format!("{dx:.1}") cy=format!("{dy:.1}") r="5"></circle>
            </svg>
            <figcaption class="text-sm text-ink-soft">{format!("{longest:.0} km from the shelf to you")}</figcaption>
        </figure>
    }
    .into_any()
}
