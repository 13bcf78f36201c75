//! How a basket can reach its customer: each way of delivery and each store, with what it costs, when it is there, from where, until when it can be
//! ordered for that, or why not. Planned as the order will be.

use super::planning::Planning;
use super::shortage::{is_accepted, is_all_planned};
use super::validate::delivery_charge;
use super::views::{AppointmentOption, DeliveryOption, ParcelOption, PickupOption, PromiseView, ServiceOption};
use crate::carriers::{Destination, SlotUse};
use crate::catalog::{ChannelTerms, PricedSku};
use crate::fulfilment::Method;
use crate::inventory::{Location, Snapshot};
use crate::money::Money;
use crate::promising::CannotSend;
use crate::routing::{self, OrderTraits, Plan, PlanOrder, Promise};
use crate::slots::{self, SlotView};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// A basket with what is seen of the world.
pub(super) struct Basket<'a> {
    pub planning: &'a Planning,
    pub terms: &'a ChannelTerms,
    /// Its address; it may be collected all the same.
    pub order: PlanOrder,
    pub goods_minor: i64,
    pub snapshot: &'a Snapshot<'a>,
    /// What is left of each plan of slots that may be needed.
    pub free_slots: BTreeMap<String, Vec<SlotView>>,
}

/// The plans of slots that a basket of a channel may need one of.
pub(super) fn plans_needed<'a>(planning: &'a Planning, channel: &'a str) -> Vec<&'a str> {
    let delivery = &planning.network.delivery;
    let pickup = delivery.slots.iter().filter(|(_, plan)| plan.serves == SlotUse::Pickup).map(|(code, _)| code.as_str());
    delivery.methods_of(channel).map(|(_, m)| m.slots.as_str()).filter(|code| !code.is_empty()).chain(pickup).collect()
}

/// When something is there, or why not.
#[derive(Default)]
struct Told {
    promise: Option<PromiseView>,
    problem: Option<String>,
    /// A person decides about it first: it can be taken, and nobody can say when it is there.
    for_a_person: bool,
}

impl Told {
    fn problem(words: &str) -> Self {
        Self { problem: Some(words.to_owned()), ..Self::default() }
    }
}

impl Basket<'_> {
    /// The ways of delivery of its channel, in the order in which customers see them. `with_services` tells each carrier service apart, too.
    pub fn deliveries(&self, with_services: bool) -> Vec<DeliveryOption> {
        let delivery = &self.planning.network.delivery;
        let to = Destination { country: &self.order.country, postcode: &self.order.postcode, point: self.order.destination };
        let lines: Vec<(i32, i32)> = self.order.lines.iter().map(|l| (l.line_no, l.quantity)).collect();
        let parcel = routing::parcel_of(&self.order, &lines);
        let option = |(code, method): (&str, &crate::carriers::DeliveryMethod)| {
            let price = delivery_charge(self.planning, self.terms, method, &to, &parcel, self.goods_minor);
            let plan = slots::slots_of_method(&self.planning.network, method, &to);
            let told = match (&price, plan) {
                (_, Some(None)) => Told::problem("This does not come to the address."),
                (Err((_, message)), _) => Told::problem(message),
                (Ok(_), _) => self.shipped(code, &method.services),
            };
            let (Told { promise, problem, for_a_person }, slots) = self.with_slots(plan.flatten(), told);
            let services = method.services.iter().filter(|_| with_services).filter_map(|service_code| {
                let service = delivery.services.get(service_code)?;
                let Told { promise, problem, for_a_person } = self.shipped(code, std::slice::from_ref(service_code));
                // Whatever service it is by, it is said of the way of delivery.
                (!for_a_person).then(|| ServiceOption {
                    code: service_code.clone(),
                    name: service.name.clone(),
                    carrier: service.carrier.clone(),
                    promise,
                    problem,
                })
            });
            DeliveryOption {
                code: code.to_owned(),
                name: method.name.clone(),
                price: price.ok().map(|minor| Money::new(minor, self.terms.currency)),
                promise,
                problem,
                for_a_person,
                services: services.collect(),
                slots,
            }
        };
        delivery.methods_of(&self.order.channel).map(option).collect()
    }

    /// The slots of a plan by which it is there; where all of them are taken, that stands in the way.
    fn with_slots(&self, plan: Option<&str>, told: Told) -> (Told, Option<Vec<SlotView>>) {
        if told.for_a_person && plan.is_some() {
            return (Told::problem("Somebody has to look at an order like this first: no time can be chosen yet."), None);
        }
        let (Some(plan), Some(promise)) = (plan, &told.promise) else { return (told, None) };
        let free = self.free_slots.get(plan).into_iter().flatten().filter(|slot| slot.ends_at > promise.from).cloned().collect::<Vec<_>>();
        if free.is_empty() {
            return (Told::problem("All times are taken. Look again later, or choose another way."), Some(free));
        }
        (told, Some(free))
    }

    /// The times to choose from for a service: those at which the basket's things are there, by the first way of delivery that brings them.
    pub fn appointment(&self, sku: &PricedSku, skill: &str, deliveries: &[DeliveryOption]) -> AppointmentOption {
        let network = &self.planning.network;
        let to = Destination { country: &self.order.country, postcode: &self.order.postcode, point: self.order.destination };
        let plans = slots::slots_of_skill(network, skill, &to);
        let usual = deliveries.iter().find_map(|d| d.promise.as_ref());
        let is_there = |slot: &SlotView| match usual {
            None => self.order.lines.is_empty(),
            Some(p) if network.delivery.slots.get(&slot.plan).is_some_and(|plan| plan.brings_goods) => slot.ends_at > p.from,
            Some(p) => slot.starts_at >= p.by,
        };
        let mut slots: Vec<SlotView> =
            plans.iter().filter_map(|plan| self.free_slots.get(*plan)).flatten().filter(|slot| is_there(slot)).cloned().collect();
        slots.sort_by_key(|slot| slot.starts_at);
        let problem = match (plans.is_empty(), slots.is_empty()) {
            (true, _) => Some("Nobody who does this comes to the address. Take it out, or have the order sent elsewhere.".to_owned()),
            (false, true) => Some("All times are taken. Look again later, or take it out.".to_owned()),
            (false, false) => None,
        };
        AppointmentOption { sku: sku.code.clone(), name: sku.name.clone(), slots, problem }
    }

    /// When it is there by some carrier services, or why not.
    fn shipped(&self, method: &str, services: &[String]) -> Told {
        let traits = OrderTraits { delivery_method: Some(method.to_owned()), ..self.order.traits.clone() };
        let order = PlanOrder { method: Method::Ship, pickup_location: None, services: Some(services.to_vec()), traits, ..self.order.clone() };
        if let Err(why) = routing::can_be_sent(&order, self.snapshot) {
            let words = match why {
                CannotSend::TooHeavy => "Something in the basket is too heavy for this.",
                CannotSend::TooLong => "Something in the basket is too long for this.",
                CannotSend::NotThere | CannotSend::NotCollected | CannotSend::NotOpen => "This does not go to the address.",
            };
            return Told::problem(words);
        }
        self.promised(&order, "Not all of it can be sent.")
    }

    fn promised(&self, order: &PlanOrder, short: &str) -> Told {
        let plan = routing::plan(order, self.snapshot, &self.planning.ruleset);
        if !is_accepted(order, &plan, self.snapshot, &self.planning.ruleset) {
            return Told::problem(short);
        }
        if !is_all_planned(&plan) {
            return Told { for_a_person: true, ..Told::problem("Somebody has to look at an order like this first. Call us to place it.") };
        }
        let promise = routing::promise(order, &plan, self.snapshot);
        match self.view(order, &promise, &plan) {
            Some(view) => Told { promise: Some(view), ..Told::default() },
            None => Told::problem("Nobody can say yet when it would be there."),
        }
    }

    /// None where of a part of the plan nothing can be promised.
    fn view(&self, order: &PlanOrder, promise: &Promise, plan: &Plan) -> Option<PromiseView> {
        let promised: i32 = promise.parcels.iter().flat_map(|p| &p.lines).map(|(_, units)| units).sum();
        let planned: i32 = plan.assignments.iter().map(|a| a.quantity).chain(plan.waiting.iter().map(|w| w.quantity)).sum();
        let window = promise.window().filter(|_| promised == planned)?;
        let last = promise.parcels.iter().map(|p| &p.schedule).max_by_key(|s| s.by())?;
        let network = &self.planning.network;
        let parcels = promise.parcels.iter().filter_map(|parcel| {
            let place = network.location(parcel.location)?;
            let service = parcel.service().and_then(|code| network.delivery.services.get(code));
            Some(ParcelOption {
                location: place.code.clone(),
                location_name: place.name.clone(),
                service: parcel.service().cloned(),
                service_name: service.map(|s| s.name.clone()),
                units: parcel.lines.iter().map(|(_, units)| units).sum(),
                expected_on: parcel.expected_at.map(|at| place.day(at)),
                day: parcel.schedule.day,
                hand_over_at: parcel.schedule.handed_over_at,
            })
        });
        let clock = self.clock_of(order);
        let local = |at: DateTime<Utc>| at.with_timezone(&clock).naive_local();
        Some(PromiseView {
            local_from: local(window.from),
            local_until: local(last.until),
            today: local(self.snapshot.at).date(),
            asked_at: self.snapshot.at,
            day: window.day,
            from: window.from,
            until: last.until,
            by: window.by,
            time_zone: clock.to_string(),
            cut_off: promise.cut_off(self.planning.terms.release_delay(&self.order.channel)),
            parcels: parcels.collect(),
        })
    }

    /// The clocks that its window is shown by.
    fn clock_of(&self, order: &PlanOrder) -> chrono_tz::Tz {
        let collected = order.pickup_location.and_then(|store| self.planning.network.location(store));
        let to = Destination { country: &self.order.country, postcode: &self.order.postcode, point: self.order.destination };
        collected.map_or_else(|| to.time_zone(), |place| place.calendar.zone)
    }

    /// The stores where it could be collected, the nearest to its address first, at most so many.
    pub fn pickups(&self, most: usize) -> Vec<PickupOption> {
        let network = &self.planning.network;
        let distance = |place: &Location| place.point.distance_km(self.order.destination);
        let mut stores: Vec<(f64, &Location)> = network.locations.iter().filter(|l| l.offers_pickup).map(|l| (distance(l), l)).collect();
        stores.sort_by(|a, b| a.0.total_cmp(&b.0));
        stores.truncate(most);
        stores.into_iter().map(|(distance_km, store)| self.pickup(store, distance_km)).collect()
    }

    fn pickup(&self, store: &Location, distance_km: f64) -> PickupOption {
        let order = PlanOrder { method: Method::Pickup, pickup_location: Some(store.id), services: None, ..self.order.clone() };
        let told = match &store.closed {
            Some(reason) => Told::problem(&format!("Closed ({reason}).")),
            None => self.promised(&order, "Not all of it is there."),
        };
        let (Told { promise, problem, for_a_person }, slots) = self.with_slots(slots::slots_of_store(&self.planning.network, store), told);
        // Of a single thing it is worth saying how many are left.
        let left = match order.lines.as_slice() {
            [line] => Some(self.snapshot.available(order.buyer(), line.sku, store.id)),
            _ => None,
        };
        let (code, name, city) = (store.code.clone(), store.name.clone(), store.city.clone());
        PickupOption { code, name, city, distance_km, promise, problem, for_a_person, left, slots }
    }
}
