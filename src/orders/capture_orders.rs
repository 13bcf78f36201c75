//! Taking orders in: checked, routed, their stock claimed, their payment asked for, in one transaction for all that come together.

use super::appointments::Appointment;
use super::assign::{Assigned, Claiming, claim, fulfilments_of, lock_if_certain, owed_of, routed};
use super::besides;
use super::holds::{self, Freed, HeldUnits};
use super::number::claim_numbers;
use super::planning::Planning;
use super::project_order::{NewHeader, open_headers};
use super::promises::{NewPromise, PromiseReason, keep_promises};
use super::shortage::{Asked, PartOf, is_accepted, named, shortage};
use super::validate::{Known, ValidLine, ValidOrder, validate};
use super::{NewOrder, UNPAID_HOLD_MINUTES};
use crate::customers::keep_contacts;
use crate::events::{self, EventKind, Happened, StreamKind};
use crate::fulfilment::{Method, PlannedFulfilment, plan_fulfilments};
use crate::idempotency::{self, Key, Seen};
use crate::identity::{Act, Permission};
use crate::ids::{BookingId, HoldId, LocationId, OrderId, SkuId};
use crate::inventory::{self, Claims, Snapshot, StockView};
use crate::jobs::{self, Job};
use crate::money::UnitPrice;
use crate::payments::{self, GatewayRequest, NewPayment, RecordedOperation};
use crate::promising::{CannotSend, Span};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use crate::routing::{self, Decided, DecisionRecord, OrderTraits, Plan, PlanLine, PlanOrder, Promise};
use crate::slots::{self, Booked};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An order as it is handed in: by whom, when, and with what key.
#[derive(Clone, Debug)]
pub struct Intake {
    pub act: Act,
    pub order_id: OrderId,
    pub new: NewOrder,
    pub key: Option<Key>,
}

/// An order that is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    pub order_id: OrderId,
    pub number: String,
    /// To be sent to the gateway after the commit.
    pub authorisation: (RecordedOperation, GatewayRequest),
    /// Unpaid, the stock is freed then.
    pub held_until: DateTime<Utc>,
}

/// How the taking in of an order turned out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Captured(Captured),
    /// The same request had been carried out before, as this order.
    Replayed(OrderId),
    Refused(Refusal),
}

/// An order on its way in: judged, planned, not yet written.
struct Planned<'a> {
    intake: &'a Intake,
    order: ValidOrder,
    plan_order: PlanOrder,
    plan: Plan,
    promise: Promise,
    /// What the basket kept that becomes this order.
    held: Vec<HeldUnits>,
    freed: Freed,
    booked: OrderBookings,
}

/// What an order has booked: a time for all of it, and appointments by line.
#[derive(Debug, Default)]
struct OrderBookings {
    slot: Option<Booked>,
    appointments: Vec<(i32, Appointment)>,
}

impl Planned<'_> {
    fn assigned(&self) -> Assigned<'_> {
        Assigned {
            order: self.intake.order_id,
            plan_order: &self.plan_order,
            plan: &self.plan,
            promise: &self.promise,
            earlier: 0,
            again: false,
            freed: &self.freed,
            planned_at: self.intake.act.now,
        }
    }
}

/// Captures orders, first come first served, each under an id that its caller chose. What is wrong with an order is said at once and keeps
/// none of the others; what cannot be supplied is refused by line, with what is left. Where other transactions were faster all of it fails as
/// contended, to be run again on the stock as it then is.
///
/// The claim comes last: what it locks, every other order for the same things and places waits for.
pub async fn capture_orders(conn: &mut PgConnection, planning: &Planning, intakes: &[Intake], claiming: Claiming) -> Result<Vec<Outcome>> {
    let Some(at) = intakes.iter().map(|i| i.act.now).max() else { return Ok(Vec::new()) };
    let mut outcomes = refuse_known(conn, intakes).await?;
    let fresh: Vec<&NewOrder> = intakes.iter().zip(&outcomes).filter(|(_, o)| o.is_none()).map(|(i, _)| &i.new).collect();
    if !fresh.is_empty() {
        let mut known = Known::about(conn, at, &planning.terms, &fresh).await?;
        let mut valid: Vec<(usize, ValidOrder)> = Vec::new();
        for (index, intake) in intakes.iter().enumerate().filter(|(i, _)| outcomes[*i].is_none()).collect::<Vec<_>>() {
            match validate(&intake.act, planning, &known, &intake.new) {
                Err(refusal) => outcomes[index] = Some(Outcome::Refused(refusal)),
                Ok(order) => {
                    known.take(&order);
                    valid.push((index, order));
                }
            }
        }
        let (planned, stock, seen) = plan_orders(conn, planning, intakes, valid, &mut outcomes, at, claiming).await?;
        for (index, captured) in write_orders(conn, planning, &planned, &Snapshot { at, network: &planning.network, stock: &stock }, seen).await? {
            outcomes[index] = Some(Outcome::Captured(captured));
        }
    }
    answer_twins(intakes, &mut outcomes);
    let unanswered = || Outcome::Refused(Refusal::new(RefusalCode::Conflict, "The order could not be taken in. Send it again."));
    Ok(outcomes.into_iter().map(|o| o.unwrap_or_else(unanswered)).collect())
}

/// Those who may not order, and keys that have done their work. A key that comes twice is looked at once, for whoever came first.
async fn refuse_known(conn: &mut PgConnection, intakes: &[Intake]) -> Result<Vec<Option<Outcome>>> {
    let keys: Vec<&Key> = intakes.iter().filter_map(|i| i.key.as_ref()).collect();
    let mut seen = idempotency::see_all(conn, &keys).await?.into_iter();
    let mut outcomes = Vec::with_capacity(intakes.len());
    for intake in intakes {
        let before = if intake.key.is_some() { seen.next() } else { None };
        outcomes.push(match (intake.act.require(Permission::CaptureOrders), before) {
            (Err(refusal), _) | (Ok(()), Some(Err(refusal))) => Some(Outcome::Refused(refusal)),
            (Ok(()), Some(Ok(Seen::Before(id)))) => Some(Outcome::Replayed(OrderId(id))),
            (Ok(()), Some(Ok(Seen::New)) | None) => None,
        });
    }
    for later in 0..intakes.len() {
        // Held back: it is answered with what becomes of the first.
        if outcomes[later].is_none() && twin_of(intakes, later).is_some() {
            outcomes[later] = Some(Outcome::Replayed(intakes[later].order_id));
        }
    }
    Ok(outcomes)
}

/// The first of the same batch with the same key.
fn twin_of(intakes: &[Intake], later: usize) -> Option<usize> {
    let key = intakes[later].key.as_ref()?;
    intakes[..later].iter().position(|earlier| earlier.key.as_ref().is_some_and(|k| k.is_same(key)))
}

/// What became of the first of some twins is the answer to all of them.
fn answer_twins(intakes: &[Intake], outcomes: &mut [Option<Outcome>]) {
    for later in 0..intakes.len() {
        let held_back = outcomes[later] == Some(Outcome::Replayed(intakes[later].order_id));
        let Some(first) = held_back.then(|| twin_of(intakes, later)).flatten() else { continue };
        let (Some(key), Some(first_key)) = (&intakes[later].key, &intakes[first].key) else { continue };
        outcomes[later] = match (key.matches(first_key), &outcomes[first]) {
            (Err(refusal), _) => Some(Outcome::Refused(refusal)),
            (Ok(()), Some(Outcome::Captured(captured))) => Some(Outcome::Replayed(captured.order_id)),
            (Ok(()), other) => other.clone(),
        };
    }
}

/// What was owed before a batch: see [`Claims::owed_seen`].
type OwedSeen = BTreeMap<(SkuId, LocationId), i32>;

/// Plans valid orders one after the other, each on the stock that those before it leave. What cannot be supplied whole is refused.
async fn plan_orders<'a>(
    conn: &mut PgConnection,
    planning: &Planning,
    intakes: &'a [Intake],
    valid: Vec<(usize, ValidOrder)>,
    outcomes: &mut [Option<Outcome>],
    at: DateTime<Utc>,
    claiming: Claiming,
) -> Result<(Vec<(usize, Planned<'a>)>, StockView, OwedSeen)> {
    let skus: BTreeSet<SkuId> = valid.iter().flat_map(|(_, o)| o.lines.iter().map(|l| l.sku.id)).collect();
    let skus: Vec<SkuId> = skus.into_iter().collect();
    let mut held = holds::lock_holds(conn, &valid.iter().filter_map(|(_, o)| o.hold).collect::<Vec<_>>()).await?;
    let held_too: Vec<SkuId> = skus.iter().copied().chain(held.iter().map(|h| h.sku)).collect();
    lock_if_certain(conn, planning, &held_too, at, claiming).await?;
    let named = |o: &ValidOrder| o.slot.iter().map(|s| s.1).chain(o.lines.iter().filter_map(|l| l.appointment)).collect::<Vec<_>>();
    let mut booked = slots::lock_bookings(conn, &valid.iter().flat_map(|(_, o)| named(o)).collect::<Vec<_>>(), at).await?;
    let mut stock = inventory::stock_now(conn, &planning.network, &skus, at, planning.ruleset.needs.demand).await?;
    let seen = stock.owed_on_terms(&planning.network);
    let mut planned = Vec::with_capacity(valid.len());
    let mut plan_orders: Vec<PlanOrder> = valid.iter().map(|(index, order)| to_plan(planning, intakes[*index].act.now, order)).collect();
    planning.look_up(conn, &mut plan_orders.iter_mut().collect::<Vec<_>>(), at).await?;
    for ((index, order), mut plan_order) in valid.into_iter().zip(plan_orders) {
        let its = match bookings_of(planning, &order, &mut booked) {
            Ok(its) => its,
            Err(refusal) => {
                outcomes[index] = Some(Outcome::Refused(refusal));
                continue;
            }
        };
        plan_order.slot = its.brings_order().map(|b| (b.starts_at, b.ends_at));
        // A basket becomes one order: whoever names its hold first has its units.
        let own: Vec<HeldUnits> = held.extract_if(.., |h| Some(h.hold) == order.hold).collect();
        let freed = holds::free(&mut stock, &own);
        let snapshot = Snapshot { at, network: &planning.network, stock: &stock };
        let plan = routing::plan(&plan_order, &snapshot, &planning.ruleset);
        let mut promise = routing::promise(&plan_order, &plan, &snapshot);
        // A time that is chosen is waited for: what arrives days before finds nobody at home.
        if order.method == Method::Ship
            && plan_order.slot.is_some()
            && let Some(begins) = promise.begins_for_slot(&planning.network).filter(|begins| *begins > plan_order.release_at.unwrap_or(at))
        {
            plan_order.release_at = Some(begins);
            promise = routing::promise(&plan_order, &plan, &snapshot);
        }
        if let Some(refusal) = unkept(&order, &its, &plan_order, &promise, &snapshot).or_else(|| its.too_early(&order, &promise)) {
            outcomes[index] = Some(Outcome::Refused(refusal));
            holds::settle(&mut stock, &freed, false);
        } else if is_accepted(&plan_order, &plan, &snapshot, &planning.ruleset) {
            take_from(&mut stock, &plan_order, &plan);
            holds::settle(&mut stock, &freed, true);
            planned.push((index, Planned { intake: &intakes[index], order, plan_order, plan, promise, held: own, freed, booked: its }));
        } else {
            outcomes[index] = Some(Outcome::Refused(shortage(&plan_order, &asked(&order), &snapshot, &planning.ruleset)));
            holds::settle(&mut stock, &freed, false);
        }
    }
    Ok((planned, stock, seen))
}

impl OrderBookings {
    /// The time in which its parcels come, where one was chosen.
    fn brings_order(&self) -> Option<&Booked> {
        self.slot.as_ref().or_else(|| self.appointments.iter().find(|(_, a)| a.brings_goods).map(|(_, a)| &a.booked))
    }

    /// Those who come to things that are not there yet have nothing to do.
    fn too_early(&self, order: &ValidOrder, promise: &Promise) -> Option<Refusal> {
        let there = promise.window()?;
        let (line_no, _) = self.appointments.iter().find(|(_, a)| !a.brings_goods && a.booked.starts_at < there.by)?;
        let asked = order.lines.get(usize::try_from(line_no - 1).ok()?)?.asked;
        let message = format!("The things are there on {} only. Choose a later time.", there.day.format("%-d %B %Y"));
        Some(Refusal::field(format!("/lines/{asked}/slot"), message))
    }

    /// As they become the order's.
    fn ordered(&self, order: OrderId) -> impl Iterator<Item = slots::Ordered> {
        let of_order = self.slot.iter().map(move |b| slots::Ordered { booking: b.booking, order, appointment: None, brings_order: true });
        of_order.chain(self.appointments.iter().map(move |(line_no, a)| slots::Ordered {
            booking: a.booked.booking,
            order,
            appointment: Some((*line_no, a.location)),
            brings_order: a.brings_goods,
        }))
    }

    fn of_line(&self, line_no: i32) -> Option<&Booked> {
        self.appointments.iter().find(|(no, _)| *no == line_no).map(|(_, a)| &a.booked)
    }
}

/// Takes an order's bookings out of those that are open. A booking becomes one order: whoever names it first has it.
fn bookings_of(planning: &Planning, order: &ValidOrder, booked: &mut Vec<Booked>) -> Result<OrderBookings, Refusal> {
    let gone = |field: String| Refusal::field(field, "This time is not kept for you any more. Choose a time again.");
    let mut take = |id: BookingId| booked.iter().position(|b| b.booking == id).map(|at| booked.remove(at));
    let mut its = OrderBookings::default();
    if let Some((plan, id)) = &order.slot {
        its.slot = Some(take(*id).filter(|b| b.plan == *plan).ok_or_else(|| gone("/slot".to_owned()))?);
    }
    for (line_no, line) in (1..).zip(&order.lines) {
        let (Some(skill), Some(id)) = (&line.sku.skill, line.appointment) else { continue };
        let field = format!("/lines/{}/slot", line.asked);
        let one = take(id).ok_or_else(|| gone(field.clone()))?;
        let appointment = Appointment::of(&planning.network, skill, &order.contact, one).map_err(|message| Refusal::field(field, message))?;
        if appointment.brings_goods && its.brings_order().is_some() {
            let message = "Those who come bring the order at their own time. Choose a way of delivery without times, and one such service.";
            return Err(Refusal::field("/slot", message));
        }
        its.appointments.push((line_no, appointment));
    }
    Ok(its)
}

/// What stands in the way of a way of delivery, or of the date that the customer was told.
fn unkept(order: &ValidOrder, booked: &OrderBookings, plan_order: &PlanOrder, promise: &Promise, snapshot: &Snapshot<'_>) -> Option<Refusal> {
    if promise.is_too_late_for_its_slot() {
        return Some(Refusal::field("/slot", "It cannot be there by then. Choose a later time."));
    }
    if let Err(why) = routing::can_be_sent(plan_order, snapshot) {
        let words = match why {
            CannotSend::TooHeavy => "Something in it is too heavy for this way of delivery.",
            CannotSend::TooLong => "Something in it is too long for this way of delivery.",
            CannotSend::NotThere | CannotSend::NotCollected | CannotSend::NotOpen => "This way of delivery does not go to the address.",
        };
        return Some(Refusal::field("/delivery_method", format!("{words} Choose another, or collect it in a store.")));
    }
    // Where those who come bring the order, it comes when they do, whatever its way of delivery was shown with.
    let told = order.promised_by.filter(|_| !booked.appointments.iter().any(|(_, a)| a.brings_goods))?;
    let window = promise.window().filter(|w| w.by > told)?;
    let words = match order.method {
        Method::Ship => {
            format!("It would come on {} now, later than was shown. Look at the dates again, then order.", window.day.format("%-d %B %Y"))
        }
        Method::Pickup => {
            format!("It would be ready on {} now, later than was shown. Look at the times again, then order.", window.day.format("%-d %B %Y"))
        }
    };
    Some(Refusal::field("/promised_by", words))
}

/// An order as planning sees it.
pub(super) fn to_plan(planning: &Planning, placed_at: DateTime<Utc>, order: &ValidOrder) -> PlanOrder {
    // Where people come to do something, they may bring it at their own time.
    let shown_by = order.promised_by.filter(|_| order.lines.iter().all(|line| line.sku.skill.is_none()));
    PlanOrder {
        channel: order.channel.clone(),
        customer_group: order.customer_group.clone(),
        method: order.method,
        pickup_location: order.pickup_location,
        country: order.contact.country.clone(),
        destination: order.contact.point,
        postcode: order.contact.postcode.clone(),
        services: order.delivery.as_ref().map(|(_, services)| services.clone()),
        release_at: release_at(planning, placed_at, &order.channel),
        slot: None,
        value_minor: order.goods_minor(),
        lines: (1..)
            .zip(&order.lines)
            .filter(|(_, l)| l.sku.skill.is_none())
            .map(|(line_no, l)| PlanLine {
                line_no,
                sku: l.sku.id,
                quantity: l.quantity,
                size: l.sku.size,
                promised_by: shown_by,
                amount_minor: l.amount_minor,
                queue: None,
                traits: Arc::default(),
            })
            .collect(),
        excluded: Vec::new(),
        not_before: Vec::new(),
        taken_by: None,
        by_hand: false,
        promised: Vec::new(),
        traits: OrderTraits {
            origin: order.origin.to_owned(),
            currency: order.currency.code().to_owned(),
            delivery_method: order.delivery.as_ref().map(|(code, _)| code.clone()),
            priority: order.marks.priority.into(),
            order_type: order.marks.type_or_standard().to_owned(),
            gift: order.lines.iter().any(|l| l.wishes.gift_wrap.is_some()),
            tags: order.marks.tags.clone(),
            customer_tags: order.marks.customer_tags.clone(),
            attributes: order.marks.attributes.clone(),
            ship_by: order.marks.ship_by,
            ..OrderTraits::new_at(placed_at)
        },
    }
}

/// The next order is planned on what this one leaves.
fn take_from(stock: &mut StockView, order: &PlanOrder, plan: &Plan) {
    let mut places = BTreeSet::new();
    for a in &plan.assignments {
        if let Some(line) = order.lines.iter().find(|l| l.line_no == a.line_no)
            && let Some(level) = stock.levels.get_mut(line.sku, a.location)
        {
            level.reserved += a.quantity;
        }
        places.insert(a.location);
    }
    for w in &plan.waiting {
        if let (Some(line), Some(location)) = (order.lines.iter().find(|l| l.line_no == w.line_no), w.location) {
            let level = stock.levels.entry(line.sku, location);
            level.backordered += w.quantity;
            level.ahead += w.quantity;
        }
    }
    for place in places {
        *stock.capacity_taken.entry(place).or_default() += 1;
    }
}

/// What each line of an order was asked for as.
fn asked(order: &ValidOrder) -> Vec<Asked> {
    let line = |l: &ValidLine| {
        let itself = named(&l.sku.name, &l.sku.code);
        match &l.kit {
            None => Asked { index: l.asked, name: itself, quantity: l.quantity, kit: None },
            Some(kit) => Asked {
                index: l.asked,
                name: named(&kit.name, &kit.code),
                quantity: kit.quantity,
                kit: Some(PartOf { part: itself, kit: kit.name.clone() }),
            },
        }
    };
    order.lines.iter().filter(|l| l.sku.skill.is_none()).map(line).collect()
}

/// Writes planned orders, each table in one statement, and claims their stock last.
async fn write_orders(
    conn: &mut PgConnection,
    planning: &Planning,
    planned: &[(usize, Planned<'_>)],
    snapshot: &Snapshot<'_>,
    owed_seen: OwedSeen,
) -> Result<Vec<(usize, Captured)>> {
    if planned.is_empty() {
        return Ok(Vec::new());
    }
    let at = snapshot.at;
    let orders: Vec<&Planned<'_>> = planned.iter().map(|(_, p)| p).collect();
    take_keys(conn, &orders, at).await?;
    let ids: Vec<OrderId> = orders.iter().map(|p| p.intake.order_id).collect();
    let numbers = claim_numbers(conn, &ids).await?;
    let contacts = keep_contacts(conn, &orders.iter().map(|p| (p.intake.act.now, &p.order.contact)).collect::<Vec<_>>()).await?;
    let fulfilments: Vec<Vec<PlannedFulfilment>> = orders.iter().map(|p| fulfilments_of(snapshot, &p.assigned())).collect();
    let headers: Vec<NewHeader<'_>> = (0..orders.len())
        .map(|i| NewHeader {
            order_id: ids[i],
            number: &numbers[i],
            order: &orders[i].order,
            contact_id: contacts[i],
            placed_at: orders[i].intake.act.now,
            held_until: held_until(orders[i].intake),
            release_at: orders[i].plan_order.release_at,
            locations: fulfilments[i].iter().map(|f| f.location).collect(),
        })
        .collect();
    open_headers(conn, &headers).await?;
    insert_lines(conn, &orders).await?;
    let fulfilments = fulfilments.concat();
    plan_fulfilments(conn, &fulfilments).await?;
    let decisions: Vec<Decided> = orders
        .iter()
        .filter(|p| !p.plan_order.lines.is_empty())
        .map(|p| Decided { order: p.intake.order_id, at: p.intake.act.now, record: DecisionRecord::new(&p.plan_order, &p.plan) })
        .collect();
    routing::record_decisions(conn, &planning.ruleset, &decisions).await?;
    besides::carry_out(conn, at, &orders.iter().map(|p| (p.intake.order_id, &p.plan)).collect::<Vec<_>>()).await?;
    let promises: Vec<NewPromise<'_>> = orders
        .iter()
        .map(|p| NewPromise { order: p.intake.order_id, at: p.intake.act.now, reason: PromiseReason::Placed, promise: &p.promise })
        .collect();
    keep_promises(conn, &promises).await?;
    let payments: Vec<NewPayment<'_>> = orders
        .iter()
        .map(|p| NewPayment {
            order: p.intake.order_id,
            at: p.intake.act.now,
            amount_minor: p.order.total_minor(),
            currency: p.order.currency,
            token: &p.order.payment_token,
        })
        .collect();
    let authorisations = payments::open_payments(conn, &payments).await?;
    let expiries: Vec<_> = orders.iter().map(|p| (Job::ExpireUnpaidOrder { order_id: p.intake.order_id }, held_until(p.intake))).collect();
    jobs::enqueue(conn, &expiries).await?;
    events::append_all(conn, StreamKind::Order, orders.iter().map(|p| captured_events(planning, p)).collect()).await?;
    let held: Vec<HeldUnits> = orders.iter().flat_map(|p| p.held.iter().copied()).collect();
    let act = Act::system(at);
    let ordered: Vec<(HoldId, OrderId)> = orders.iter().flat_map(|p| holds::ids_of(&p.held).into_iter().map(|h| (h, p.intake.order_id))).collect();
    holds::become_orders(conn, &act, &ordered).await?;
    let bookings: Vec<slots::Ordered> = orders.iter().flat_map(|p| p.booked.ordered(p.intake.order_id)).collect();
    slots::become_ordered(conn, &bookings).await?;
    let owed = orders.iter().flat_map(|p| owed_of(p.intake.order_id, &p.plan_order, &p.plan)).collect();
    let claims = Claims { given_up: held.iter().map(HeldUnits::returned).collect(), owed, owed_seen, ..Claims::default() };
    claim(conn, &act, planning, &fulfilments, claims).await?;
    Ok(planned
        .iter()
        .zip(numbers)
        .zip(authorisations)
        .map(|(((index, p), number), authorisation)| {
            (*index, Captured { order_id: p.intake.order_id, number, authorisation, held_until: held_until(p.intake) })
        })
        .collect())
}

fn held_until(intake: &Intake) -> DateTime<Utc> {
    intake.act.now + TimeDelta::minutes(UNPAID_HOLD_MINUTES)
}

/// When an order becomes a location's work; none is at once.
pub(super) fn release_at(planning: &Planning, placed_at: DateTime<Utc>, channel: &str) -> Option<DateTime<Utc>> {
    let delay = planning.terms.release_delay(channel);
    (!delay.is_zero()).then(|| placed_at + delay)
}

/// Takes the orders' keys and their channels' own numbers, which stay taken as long as the orders live. A sender of the same at the same time
/// waits here for the first, and is then answered as one who comes later.
async fn take_keys(conn: &mut PgConnection, orders: &[&Planned<'_>], at: DateTime<Utc>) -> Result<()> {
    let outrun = || Error::Contended(Refusal::new(RefusalCode::Conflict, "The same order is being sent by somebody else. Try again."));
    let keys: Vec<_> = orders.iter().filter_map(|p| Some((p.intake.key.as_ref()?, p.intake.order_id.0))).collect();
    if !keys.is_empty() && idempotency::take_all(conn, &keys, at).await? < keys.len() {
        return Err(outrun());
    }
    let mut external: Vec<(&str, &str, OrderId)> =
        orders.iter().filter_map(|p| Some((p.order.channel.as_str(), p.order.external_id.as_deref()?, p.intake.order_id))).collect();
    if external.is_empty() {
        return Ok(());
    }
    external.sort_unstable();
    let claimed = sqlx::query!(
        "insert into order_external_ids (channel, external_id, order_id)
        select * from unnest($1::text[], $2::text[], $3::uuid[])
        on conflict do nothing",
        &external.iter().map(|x| x.0.to_owned()).collect::<Vec<_>>(),
        &external.iter().map(|x| x.1.to_owned()).collect::<Vec<_>>(),
        &external.iter().map(|x| x.2.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    if claimed.rows_affected() < external.len() as u64 { Err(outrun()) } else { Ok(()) }
}

fn captured_events<'a>(planning: &Planning, planned: &Planned<'a>) -> Happened<'a> {
    let mut events = vec![EventKind::OrderCaptured.into()];
    if !planned.plan_order.lines.is_empty() {
        events.push(routed(planning, &planned.plan));
    }
    events.extend(besides::announced(&planned.plan));
    Happened { act: &planned.intake.act, stream: planned.intake.order_id.0, events }
}

async fn insert_lines(conn: &mut PgConnection, orders: &[&Planned<'_>]) -> Result<()> {
    let lines: Vec<_> = orders.iter().flat_map(|p| (1i32..).zip(&p.order.lines).map(move |(no, line)| (p.intake.order_id, no, line))).collect();
    macro_rules! column {
        ($id:ident, $no:ident, $line:ident => $value:expr) => {
            &lines.iter().map(|($id, $no, $line)| $value).collect::<Vec<_>>()
        };
    }
    let queue_of = |p: &Planned<'_>, line_no: i32| p.plan.waiting.iter().find(|w| w.line_no == line_no).map(|w| w.queue.to_string());
    let queues: Vec<Option<String>> = orders.iter().flat_map(|p| (1i32..).zip(&p.order.lines).map(move |(no, _)| queue_of(p, no))).collect();
    let window = |p: &Planned<'_>, no: i32| -> Option<Span> {
        p.booked.of_line(no).map(|b| (b.starts_at, b.ends_at)).or_else(|| p.promise.of_line(no).map(|w| (w.from, w.by)))
    };
    let windows: Vec<Option<Span>> = orders.iter().flat_map(|p| (1i32..).zip(&p.order.lines).map(move |(no, _)| window(p, no))).collect();
    sqlx::query_file!(
        "src/orders/sql/insert_lines.sql",
        column!(id, _no, _line => id.0),
        column!(_id, no, _line => *no),
        column!(_id, _no, line => line.sku.id.0),
        column!(_id, _no, line => line.sku.code.clone()),
        column!(_id, _no, line => line.sku.name.clone()),
        column!(_id, _no, line => line.quantity),
        column!(_id, _no, line => line.unit_price.micros()),
        column!(_id, _no, line => line.amount_minor),
        column!(_id, _no, line => line.tax_minor),
        &queues as _,
        column!(_id, _no, line => line.kit.as_ref().map(|k| k.no)) as _,
        column!(_id, _no, line => line.kit.as_ref().map(|k| k.code.clone())) as _,
        column!(_id, _no, line => line.kit.as_ref().map(|k| k.name.clone())) as _,
        column!(_id, _no, line => line.kit.as_ref().map(|k| k.quantity)) as _,
        column!(_id, _no, line => line.wishes.personalisation.clone()) as _,
        column!(_id, _no, line => line.wishes.gift_wrap.map(UnitPrice::micros)) as _,
        &windows.iter().map(|w| w.map(|w| w.0)).collect::<Vec<_>>() as _,
        &windows.iter().map(|w| w.map(|w| w.1)).collect::<Vec<_>>() as _,
        column!(_id, _no, line => line.sku.skill.clone()) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}
