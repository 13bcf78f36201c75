//! Looking for what is odd.

use super::conditions::{Budget, Formula, Possible, contradict, possible};
use super::{Oddity, OddityKind};
use crate::fulfilment::Method;
use crate::inventory::{Location, LocationKind, Network, Snapshot, StockView};
use crate::routing::RuleOutcome;
use crate::routing::actions::Take;
use crate::routing::facts::{OfPlace, PlaceView};
use crate::routing::plan::{PlanOrder, Seen};
use crate::routing::ruleset::{ReadyPrefer, ReadyRule, Ruleset};
use chrono::{DateTime, Utc};

/// Looks for what is odd about rules, as the network is.
pub fn lint(ruleset: &Ruleset, network: &Network, at: DateTime<Utc>) -> Vec<Oddity> {
    let mut found = Vec::new();
    let mut budget = Budget(MOST_CASES);
    // Rules that take nothing from anywhere, whatever they say.
    let mut idle: Vec<usize> = Vec::new();
    for (index, rule) in ruleset.rules.iter().enumerate().filter(|(_, rule)| !rule.off) {
        let mut odd = |kind, message: String, example| found.push(Oddity { rule: Some(index), kind, message, example });
        let example = match possible(&[Formula::of(&rule.when, true)], &mut budget) {
            Possible::No => {
                odd(OddityKind::Contradiction, "Its conditions contradict each other: it is for no order.".to_owned(), None);
                idle.push(index);
                continue;
            }
            Possible::Yes(witness) => {
                if let Some((message, example)) = shadow_of(ruleset, index, &mut budget) {
                    odd(OddityKind::Shadowed, message, Some(example));
                    idle.push(index);
                    continue;
                }
                Some(witness.words())
            }
            Possible::Unknown => None,
        };
        if contradict(rule.candidates.iter().filter(|filter| filter.hard).map(|filter| &filter.test)) {
            odd(OddityKind::NoLocation, "What it demands of locations contradicts itself: none meets all of it.".to_owned(), example.clone());
            // From vendors it takes whatever it demands of locations.
            idle.extend((!takes(rule, |take| matches!(take, Take::Vendors { .. }))).then_some(index));
        }
        for message in impossible_splits(rule, network) {
            odd(OddityKind::NoSplit, message, example.clone());
        }
        if takes(rule, |take| matches!(take, Take::Vendors { .. })) && !network.locations.iter().any(|location| location.kind == LocationKind::Vendor)
        {
            odd(OddityKind::NoVendor, "It takes from vendors what is missing, and no location is a vendor.".to_owned(), example);
        }
    }
    found.extend(nobody_is_for(ruleset, &mut budget));
    found.extend(never_chosen(ruleset, &idle, network, at, &mut budget));
    found
}

/// So many cases are looked at for all rules together.
const MOST_CASES: u32 = 200_000;

/// True where a rule, when it has not found everything, takes in such a way.
fn takes(rule: &ReadyRule, so: impl Fn(Take) -> bool) -> bool {
    [RuleOutcome::Partial, RuleOutcome::Nothing].into_iter().any(|outcome| so(rule.then(outcome).take))
}

/// True where a rule, once it is for an order, never hands it on.
fn always_takes(rule: &ReadyRule) -> bool {
    !rule.off && [RuleOutcome::Full, RuleOutcome::Partial, RuleOutcome::Nothing].iter().all(|outcome| rule.then(*outcome).take != Take::NextRule)
}

/// Whether rules before one take every order that it is for: which, and such an order.
fn shadow_of(ruleset: &Ruleset, index: usize, budget: &mut Budget) -> Option<(String, String)> {
    let own = || Formula::of(&ruleset.rules[index].when, true);
    let before: Vec<&ReadyRule> = ruleset.rules[..index].iter().filter(|rule| always_takes(rule)).collect();
    let left = std::iter::once(own()).chain(before.iter().map(|rule| Formula::of(&rule.when, false))).collect::<Vec<_>>();
    if !matches!(possible(&left, budget), Possible::No) {
        return None;
    }
    let Possible::Yes(witness) = possible(&[own()], budget) else { return None };
    // One of them is enough where one is.
    let alone = before.iter().find(|rule| matches!(possible(&[own(), Formula::of(&rule.when, false)], budget), Possible::No));
    let takers = match alone {
        Some(rule) => format!("the rule “{}” before it takes", rule.name),
        None => "the rules before it take".to_owned(),
    };
    Some((format!("It is never asked: {takers} every order that it is for."), witness.words()))
}

/// Orders that no rule is for.
fn nobody_is_for(ruleset: &Ruleset, budget: &mut Budget) -> Option<Oddity> {
    let none: Vec<Formula<'_>> = ruleset.rules.iter().filter(|rule| !rule.off).map(|rule| Formula::of(&rule.when, false)).collect();
    let Possible::Yes(witness) = possible(&none, budget) else { return None };
    Some(Oddity {
        rule: None,
        kind: OddityKind::NoRule,
        message: "No rule is for some orders: they wait until somebody looks at them. Add a last rule that is for every order.".to_owned(),
        example: Some(witness.words()),
    })
}

/// Ways of spreading an order that a rule speaks of and that cannot come about.
fn impossible_splits(rule: &ReadyRule, network: &Network) -> Vec<String> {
    let allocate = &rule.allocate;
    let mut found = Vec::new();
    // What is taken of a part, or from vendors besides, is spread by what the rule says, too; and limits that give way may.
    if allocate.soft || takes(rule, |take| matches!(take, Take::Found { .. } | Take::Later { .. } | Take::Vendors { .. } | Take::ToStore { .. })) {
        return found;
    }
    if allocate.parcels == 1 {
        if allocate.per_line != usize::MAX && allocate.per_line > 1 {
            found.push(format!("It allows a line to come from {} locations, and an order from one: no line is ever split.", allocate.per_line));
        }
        if allocate.least_part_minor > 0 {
            found.push("It says what the least part is worth, and sends an order in one parcel: there are no parts.".to_owned());
        }
        if !allocate.never_split.is_empty() || !allocate.keep_together.is_empty() {
            found.push("It says what must not be spread, and sends an order in one parcel: nothing is spread.".to_owned());
        }
    } else if allocate.per_line != usize::MAX && allocate.parcels != usize::MAX && allocate.per_line > allocate.parcels {
        found.push(format!("It allows a line to come from {} locations, and an order from {} only.", allocate.per_line, allocate.parcels));
    }
    let sending = network.locations.iter().filter(|location| location.ships).count();
    if allocate.parcels != usize::MAX && allocate.parcels > 1 && sending == 1 {
        found.push(format!("It allows {} parcels, and only one location sends any.", allocate.parcels));
    }
    if let ReadyPrefer::Cheapest(parts) = &rule.prefer
        && parts.iter().all(|(_, weight)| *weight == 0.0)
    {
        found.push("It asks for the least cost, and no part of it counts: every way costs the same.".to_owned());
    }
    found
}

/// Facts of a location that hang on nothing but itself.
const OF_ITSELF: [&str; 5] = ["location", "kind", "group", "tag", "attribute"];

/// More names would not be read.
const MOST_NAMED: usize = 5;

/// Locations that send or hand out, and that no rule ever takes: none but the idle ones, which take nothing.
fn never_chosen(ruleset: &Ruleset, idle: &[usize], network: &Network, at: DateTime<Utc>, budget: &mut Budget) -> Option<Oddity> {
    let stock = StockView::default();
    let snapshot = Snapshot { at, network, stock: &stock };
    let order = PlanOrder::nobodys();
    let seen = Seen::of(&order, &snapshot, None);
    let view = |location: &Location| {
        let position = network.position(location.id)?;
        let location = network.locations.get(position)?;
        Some(PlaceView { order: &order, snapshot: &snapshot, location, distance_km: 0.0, sending: None, seen: &seen, wanted: &[], position })
    };
    let is_out = |rule: &ReadyRule, view: &PlaceView<'_>| {
        let fails = |test: &crate::routing::ReadyTest<OfPlace>| OF_ITSELF.contains(&test.fact.code) && !test.holds(view);
        let as_vendor = view.location.kind == LocationKind::Vendor && takes(rule, |take| matches!(take, Take::Vendors { .. }));
        !as_vendor && rule.candidates.iter().any(|filter| filter.hard && fails(&filter.test))
    };
    let at_work: Vec<&ReadyRule> =
        ruleset.rules.iter().enumerate().filter(|(index, rule)| !rule.off && !idle.contains(index)).map(|(_, rule)| rule).collect();
    if at_work.is_empty() {
        return None;
    }
    let left_out = network
        .locations
        .iter()
        .filter(|location| location.ships || location.offers_pickup)
        .filter(|location| view(location).is_some_and(|view| at_work.iter().all(|rule| is_out(rule, &view))));
    let names: Vec<&str> = left_out.map(|location| location.name.as_str()).collect();
    let told = match names.as_slice() {
        [] => return None,
        [one] => format!("{one} is never chosen"),
        [first @ .., last] if names.len() <= MOST_NAMED => format!("{} and {last} are never chosen", first.join(", ")),
        all => format!("{} and {} more locations are never chosen", all[..MOST_NAMED].join(", "), all.len() - MOST_NAMED),
    };
    let message = format!("{told}: what each rule that takes anything demands of locations leaves them out.");
    let some_order = at_work.iter().find_map(|rule| match possible(&[Formula::of(&rule.when, true)], budget) {
        Possible::Yes(witness) => Some(witness.words()),
        _ => None,
    });
    Some(Oddity { rule: None, kind: OddityKind::LocationNeverChosen, message, example: some_order })
}

impl PlanOrder {
    /// An order of nobody for nothing: to look at locations by themselves.
    fn nobodys() -> Self {
        Self {
            channel: String::new(),
            customer_group: None,
            method: Method::Ship,
            pickup_location: None,
            country: String::new(),
            destination: crate::geo::GeoPoint { latitude: 0.0, longitude: 0.0 },
            postcode: String::new(),
            services: None,
            release_at: None,
            slot: None,
            value_minor: 0,
            lines: Vec::new(),
            excluded: Vec::new(),
            not_before: Vec::new(),
            taken_by: None,
            by_hand: false,
            promised: Vec::new(),
            traits: crate::routing::OrderTraits::default(),
        }
    }
}
