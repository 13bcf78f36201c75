use super::api::{AnswerOffer, PerformAppointment, TakeStep, Work, read_work};
use crate::components::{FulfilmentBadge, GiftMessage, WishNote, hours_words, times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Chip, Chips, EmptyState, ErrorNote, Icon, NextPage, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::fulfilment::views::{OfferCard, WorkCard};
use waybill::fulfilment::{Command, FulfilmentState, RejectReason, Way};
use waybill::ids::LocationId;
use waybill::inventory::LocationKind;
use waybill::orders::views::AppointmentRow;

/// `/store`: a store's day.
#[derive(Debug)]
pub struct StorePage;

/// `/warehouse`: a warehouse's board.
#[derive(Debug)]
pub struct WarehousePage;

impl StorePage {
    pub(super) fn view() -> AnyView {
        board(LocationKind::Store, "/store", "Store")
    }
}

impl WarehousePage {
    pub(super) fn view() -> AnyView {
        board(LocationKind::Warehouse, "/warehouse", "Warehouse")
    }
}

fn board(kind: LocationKind, base: &'static str, title: &'static str) -> AnyView {
    let query = use_query_map();
    let live = use_live();
    let step = ServerAction::<TakeStep>::new();
    let perform = ServerAction::<PerformAppointment>::new();
    let offer = ServerAction::<AnswerOffer>::new();
    // What is said is of what was done last.
    Effect::new(move |_| {
        if offer.pending().get() {
            step.value().set(None);
        } else if step.pending().get() {
            offer.value().set(None);
        }
    });
    let (taken, performed, answered) = (times_done(step), times_done(perform), times_done(offer));
    let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
    let work = load(
        move || (part("location"), part("state"), part("after"), live.get(), (taken.get(), performed.get(), answered.get())),
        move |(location, state, after, ..)| read_work(kind, location, state, after),
    );
    let error = move || {
        let of_step = step.value().get().and_then(Result::err);
        of_step.or_else(|| perform.value().get().and_then(Result::err)).or_else(|| offer.value().get().and_then(Result::err))
    };
    let done = move || {
        let done = match (step.value().get(), offer.value().get()) {
            (None, Some(Ok(true))) => return Some("Taken. It is in the list now, to be picked.".to_owned()),
            (stepped, _) => stepped?.ok()??,
        };
        match (done.state, done.tracking_number) {
            (_, Some(number)) => Some(format!("Sent, with the tracking number {number}.")),
            (FulfilmentState::Rejected, None) => Some("Turned down. Another place is looked for.".to_owned()),
            _ => None,
        }
    };
    let cards = move || work.get().and_then(Result::ok).map(|work| work.cards.rows).unwrap_or_default();
    view! {
        <Title text=title/>
        <div data-live="desk">
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || work.get().map(|answer| match answer {
                    Ok(work) => view! { <Head work base title state=part("state")/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
                <div class="sticky top-2 z-10" aria-live="assertive">{move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}</div>
                <p role="status" class="pb-4 text-good font-medium empty:hidden">{done}</p>
                {move || work.get().and_then(Result::ok).filter(|work| !work.offers.is_empty()).map(|work| view! { <Offers rows=work.offers location=work.location.location_id offer/> })}
                // In no closure that is drawn anew, and by order, state and hold: what somebody has opened or typed stays with its order while others come
                // and go.
                <ul class="work-grid empty:hidden"><For each=cards key=|c| (c.order_id, c.fulfilment_no, c.state, c.is_held) children=move |card| view! { <Card card step/> }/></ul>
                {move || work.get().and_then(Result::ok).filter(|work| !work.appointments.is_empty()).map(|work| view! { <Appointments rows=work.appointments perform/> })}
                {move || work.get().and_then(Result::ok).map(|work| view! { <Foot work base state=part("state") first=part("after").is_empty()/> })}
            </Transition>
        </div>
    }
    .into_any()
}

fn address(base: &str, location: &str, state: &str, after: Option<&str>) -> String {
    let after = after.map(|a| format!("&after={}", encode(a))).unwrap_or_default();
    format!("{base}?location={}&state={}{after}", encode(location), encode(state))
}

#[component]
fn Head(work: Work, base: &'static str, title: &'static str, state: String) -> impl IntoView {
    let total: i64 = work.counts.iter().map(|c| c.count).sum();
    let count = |state: FulfilmentState| work.counts.iter().find(|c| c.state == state).map_or(0, |c| c.count);
    let steps = [FulfilmentState::Released, FulfilmentState::Picking, FulfilmentState::Packed, FulfilmentState::Ready].map(|s| (s, s.label()));
    // What comes from elsewhere is only of interest where something does.
    let coming =
        [(FulfilmentState::Shipped, "Coming to us"), (FulfilmentState::Arrived, "Came for pickup")].into_iter().filter(|(s, _)| count(*s) > 0);
    let chips = std::iter::once(("", "All", total))
        .chain(steps.into_iter().chain(coming).map(|(s, words)| (s.as_str(), words, count(s))))
        .map(|(value, words, count)| Chip {
            href: address(base, &work.location.code, value, None),
            words: words.to_owned(),
            count: Some(count),
            shown: value == state,
        })
        .collect();
    let choices = work
        .choices
        .iter()
        .map(|c| view! { <option value=c.code.clone() selected={c.code == work.location.code}>{format!("{} ({})", c.name, c.city)}</option> })
        .collect_view();
    // They stand below the cards, which may be many.
    let visits = work.appointments.first().map(|first| {
        let count = work.appointments.len();
        let what = if count == 1 { "1 appointment".to_owned() } else { format!("{count} appointments, the first") };
        format!("{what} on {}", hours_words(first.local_from, first.local_until))
    });
    view! {
        <header class="flex flex-wrap items-end justify-between gap-4 pt-6">
            <div><p class="text-ink-soft">{title}</p><h1 class="page-title">{work.location.name.clone()}</h1></div>
            {(!work.choices.is_empty()).then(|| view! {
                <form method="get" action=base class="flex items-end gap-2">
                    <div class="grid gap-1.5"><label class="text-sm font-medium" for="location">"Location"</label><select class="field" id="location" name="location">{choices}</select></div>
                    <button class="button-quiet">"Show"</button>
                </form>
            })}
        </header>
        <Chips label="Steps" chips/>
        {visits.map(|words| view! { <p class="pb-4"><a class="link" href="#appointments">{words}</a></p> })}
    }
}

/// Work that others are asked for, too: the first that takes it does it.
#[component]
fn Offers(rows: Vec<OfferCard>, location: LocationId, offer: ServerAction<AnswerOffer>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let lines = row
                .lines
                .into_iter()
                .map(|line| view! {
                    <li class="flex gap-3 py-1.5"><span class="w-10 text-right font-semibold tabular-nums">{line.quantity}</span><span>{line.name}<span class="block code text-ink-soft">{line.sku}</span><WishNote wish=line.wish/></span></li>
                })
                .collect_view();
            let others = match row.others {
                0 => "nobody else is asked any more".to_owned(),
                1 => "one other place is asked, too".to_owned(),
                many => format!("{many} other places are asked, too"),
            };
            let (id, no, number) = (row.order_id.to_string(), row.fulfilment_no, row.order_number.clone());
            let answer = |takes: bool, words: &'static str, class: &'static str| {
                let (label, id) = (format!("{words}: {number}"), id.clone());
                view! {
                    <ActionForm action=offer>
                        <input type="hidden" name="order_id" value=id/><input type="hidden" name="fulfilment_no" value=no.to_string()/>
                        <input type="hidden" name="location" value=location.to_string()/><input type="hidden" name="takes" value=takes.to_string()/>
                        <button class=class aria-label=label>{words}</button>
                    </ActionForm>
                }
            };
            view! {
                <li class="card flex flex-col gap-3" data-offer=row.order_number.clone()>
                    <div class="flex flex-wrap items-center justify-between gap-2"><strong class="code">{row.order_number.clone()}</strong><span class="text-sm">"until "<When at=row.until/></span></div>
                    <p class="text-sm text-ink-soft">{format!("To {}, {}; {others}.", row.city, row.country)}</p>
                    <ul class="grid gap-1">{lines}</ul>
                    <div class="flex flex-wrap gap-3">{answer(true, "We take it", "button")}{answer(false, "Not us", "button-quiet")}</div>
                </li>
            }
        })
        .collect_view();
    view! { <section class="pb-8" aria-labelledby="offers"><h2 class="font-semibold text-lg pb-3" id="offers">"Do you take it?"</h2><ul class="work-grid">{rows}</ul></section> }
}

/// Services at customers', to be done or overdue.
#[component]
fn Appointments(rows: Vec<AppointmentRow>, perform: ServerAction<PerformAppointment>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let when = hours_words(row.local_from, row.local_until);
            let address = [row.customer.as_str(), &row.street, &row.city, &row.postcode]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", ");
            let label = format!("{} of {}", row.service, row.order_number);
            let number = row.order_number.clone();
            view! {
                <li class="card flex flex-col gap-3" aria-label=label data-appointment=number>
                    <div class="flex flex-wrap items-center justify-between gap-2">
                        <strong>{when}</strong>
                        {row.is_over.then(|| view! { <Badge tone=Tone::Warn text="Was it done?"/> })}
                    </div>
                    <p>{row.service}<span class="block code text-ink-soft">{row.order_number}</span></p>
                    <p class="text-sm grow">{address}{row.phone.map(|phone| view! { <span class="block">{phone}</span> })}</p>
                    <ActionForm action=perform>
                        <input type="hidden" name="order_id" value=row.order_id.to_string()/>
                        <input type="hidden" name="line_no" value=row.line_no.to_string()/>
                        <button class="button w-full" disabled=move || perform.pending().get()>"It is done"</button>
                    </ActionForm>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="pt-8" id="appointments" aria-label="Appointments">
            <h2 class="text-xl font-semibold pb-4">"Appointments"</h2>
            <ul class="work-grid">{rows}</ul>
        </section>
    }
}

/// What stands below the cards: where more are, or that there are none.
#[component]
fn Foot(work: Work, base: &'static str, state: String, first: bool) -> impl IntoView {
    if work.cards.rows.is_empty() && !(work.appointments.is_empty() && work.offers.is_empty()) {
        return ().into_any();
    }
    if work.cards.rows.is_empty() {
        return view! {
            <EmptyState icon="circle-check" title="Nothing to do here"><p>"New work appears by itself as soon as an order is assigned to this location."</p></EmptyState>
        }
        .into_any();
    }
    let next = work.cards.next.as_deref().map(|after| address(base, &work.location.code, &state, Some(after)));
    let start = address(base, &work.location.code, &state, None);
    view! { <NextPage href=next first first_href=start/> }.into_any()
}

#[component]
fn Card(card: WorkCard, step: ServerAction<TakeStep>) -> impl IntoView {
    let lines = card
        .lines
        .iter()
        .map(|l| view! {
            <li class="flex gap-3 py-1.5"><span class="w-10 text-right font-semibold tabular-nums">{l.quantity}</span><span>{l.name.clone()}<span class="block code text-ink-soft">{l.sku.clone()}</span><WishNote wish=l.wish.clone()/></span></li>
        })
        .collect_view();
    let label = format!("{} of {}", card.order_number, card.customer);
    let field_id = format!("f-{}-{}", card.order_id, card.fulfilment_no);
    let action = card.state.next_step(card.way).filter(|_| !card.is_held).map(|(command, words)| {
        let extra = match command {
            Command::Ship => Some(("tracking_number", "Tracking number (made for you if left empty)", "text")),
            Command::Collect => Some(("pickup_code", "Pickup code", "numeric")),
            _ => None,
        };
        view! {
            <ActionForm action=step attr:class="grid gap-3">
                <input type="hidden" name="order_id" value=card.order_id.to_string()/>
                <input type="hidden" name="fulfilment_no" value=card.fulfilment_no.to_string()/>
                <input type="hidden" name="command" value=command.as_str()/>
                {extra.map(|(name, words, mode)| view! {
                    <div class="grid gap-1.5">
                        <label class="text-sm font-medium" for=field_id.clone()>{words}</label>
                        <input class="field" id=field_id.clone() name=name inputmode=mode autocomplete="off"/>
                    </div>
                })}
                <button class="button w-full" disabled=move || step.pending().get()>{words}</button>
            </ActionForm>
        }
    });
    let turn_down = card.state.apply(Command::Reject, card.way).is_ok().then(|| view! { <TurnDown card=card.clone() step/> });
    view! {
        <li class="card flex flex-col gap-4" aria-label=label data-order=card.order_number.clone()>
            <div class="flex flex-wrap items-center justify-between gap-2">
                <span class="code font-semibold">{card.order_number.clone()}</span>
                <FulfilmentBadge state=card.state/>
            </div>
            {card.is_held.then(|| view! { <p class="text-sm font-medium text-warn">"On hold: leave it as it is until customer service releases the order."</p> })}
            <p class="text-sm flex items-center gap-2">
                <Icon name={if card.way == Way::Ship { "truck" } else { "store" }}/>
                {match (card.way, &card.to_store) {
                    (Way::ToStore, Some(store)) if !card.state.is_out() => format!("To {store}, where {} collects", card.customer),
                    (Way::ToStore, _) => format!("From {}; {} collects", card.from, card.customer),
                    (Way::Pickup, _) => format!("{} collects", card.customer),
                    (Way::Ship, _) => {
                        let abroad = if card.country == "GB" { "" } else { card.country.as_str() };
                        let parts = [card.customer.as_str(), &card.street, &card.city, &card.postcode, abroad];
                        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
                    }
                }}
            </p>
            <ul class="grow divide-y divide-line text-sm">{lines}</ul>
            <GiftMessage text=card.gift_message.clone()/>
            {card.due_by.map(|at| view! { <p class="text-sm font-medium">"In time until "<When at/></p> })}
            {card.released_at.map(|at| view! { <p class="text-xs text-ink-soft">"Here since "<When at/></p> })}
            {card.why.words().filter(|_| !card.state.is_out()).map(|words| view! { <details class="text-sm"><summary class="link w-fit">"Why is it here?"</summary><p class="mt-2 text-ink-soft">{words}</p></details> })}
            {action}
            {turn_down}
        </li>
    }
}

/// What cannot be done here goes elsewhere, and the books learn why.
#[component]
fn TurnDown(card: WorkCard, step: ServerAction<TakeStep>) -> impl IntoView {
    let id = format!("{}-{}", card.order_id, card.fulfilment_no);
    let reasons = RejectReason::ALL.iter().map(|r| view! { <option value=r.as_str()>{r.label()}": "{r.effect()}</option> }).collect_view();
    let lines = card.lines.iter().map(|l| view! { <option value=l.line_no.to_string()>{l.wish.words().map_or_else(|| l.name.clone(), |words| format!("{} ({words})", l.name))}</option> }).collect_view();
    let several = card.lines.len() > 1;
    view! {
        <details>
            <summary class="link w-fit text-sm">"Cannot do it"</summary>
            <ActionForm action=step attr:class="mt-3 grid gap-3">
                <input type="hidden" name="order_id" value=card.order_id.to_string()/>
                <input type="hidden" name="fulfilment_no" value=card.fulfilment_no.to_string()/>
                <input type="hidden" name="command" value=Command::Reject.as_str()/>
                <div class="grid gap-1.5">
                    <label class="text-sm font-medium" for=format!("why-{id}")>"Why"</label>
                    <select class="field" id=format!("why-{id}") name="reason"><option value="">"Choose"</option>{reasons}</select>
                </div>
                {several.then(|| view! {
                    <div class="grid gap-1.5">
                        <label class="text-sm font-medium" for=format!("line-{id}")>"What is missing"</label>
                        <select class="field" id=format!("line-{id}") name="line_no">{lines}<option value="">"Everything"</option></select>
                    </div>
                })}
                <button class="button-bad w-full" disabled=move || step.pending().get()>"Turn it down"</button>
            </ActionForm>
        </details>
    }
}
