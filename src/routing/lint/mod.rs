//! What is odd about rules that are sound: what can never happen, and what happens to nobody.

mod conditions;

use self::conditions::{Formula, Possible, contradict, possible};
use super::RuleOutcome;
use super::actions::Take;
use super::facts::{OfPlace, PlaceView};
use super::plan::{PlanOrder, Seen};
use super::ruleset::{ReadyPrefer, ReadyRule, Ruleset};
use crate::fulfilment::Method;
use crate::inventory::{Location, LocationKind, Network, Snapshot, StockView};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Something odd about rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oddity {
    /// The position of the rule that it is about; none where it is about all of them.
    pub rule: Option<usize>,
    pub kind: OddityKind,
    /// What is odd, and why.
    pub message: String,
    /// An order that shows it, where one does.
    pub example: Option<String>,
}

text_enum! {
    /// What is odd.
    pub enum OddityKind {
        /// The conditions of a rule contradict each other: it is for no order.
        Contradiction = "contradiction",
        /// Rules before it take every order that it is for.
        Shadowed = "shadowed",
        /// Its demands contradict each other: no location meets them.
        NoLocation = "no_location",
        /// No rule ever takes it.
        LocationNeverChosen = "location_never_chosen",
        /// No rule is for it.
        NoRule = "no_rule",
        /// A way of spreading an order that cannot come about.
        NoSplit = "no_split",
        /// Something that is wanted and that there is nobody to do.
        NoVendor = "no_vendor",
    }
}

/// Looks for what is odd about rules, as the network is.
pub fn lint(ruleset: &Ruleset, network: &Network, at: DateTime<Utc>) -> Vec<Oddity> {
    let mut found = Vec::new();
    for (index, rule) in ruleset.rules.iter().enumerate().filter(|(_, rule)| !rule.off) {
        let mut odd = |kind, message: String, example| found.push(Oddity { rule: Some(index), kind, message, example });
        match possible(&[Formula::of(&rule.when, true)]) {
            Possible::No => {
                odd(OddityKind::Contradiction, "Its conditions contradict each other: it is for no order.".to_owned(), None);
                continue;
            }
            Possible::Yes(_) => {
                if let Some((message, example)) = shadow_of(ruleset, index) {
                    odd(OddityKind::Shadowed, message, Some(example));
                    continue;
                }
            }
            Possible::Unknown => {}
        }
        if contradict(rule.candidates.iter().filter(|filter| filter.hard).map(|filter| &filter.test)) {
            odd(OddityKind::NoLocation, "What it demands of locations contradicts itself: none meets all of it.".to_owned(), None);
        }
        for message in impossible_splits(rule, network) {
            odd(OddityKind::NoSplit, message, None);
        }
        let wants_vendors =
            [RuleOutcome::Partial, RuleOutcome::Nothing].iter().any(|outcome| matches!(rule.then(*outcome).take, Take::Vendors { .. }));
        if wants_vendors && !network.locations.iter().any(|location| location.kind == LocationKind::Vendor) {
            odd(OddityKind::NoVendor, "It takes from vendors what is missing, and no location is a vendor.".to_owned(), None);
        }
    }
    found.extend(nobody_is_for(ruleset));
    found.extend(never_chosen(ruleset, network, at));
    found
}

/// True where a rule, once it is for an order, never hands it on.
fn always_takes(rule: &ReadyRule) -> bool {
    !rule.off && [RuleOutcome::Full, RuleOutcome::Partial, RuleOutcome::Nothing].iter().all(|outcome| rule.then(*outcome).take != Take::NextRule)
}

/// Whether rules before one take every order that it is for: which, and such an order.
fn shadow_of(ruleset: &Ruleset, index: usize) -> Option<(String, String)> {
    let own = || Formula::of(&ruleset.rules[index].when, true);
    let before: Vec<&ReadyRule> = ruleset.rules[..index].iter().filter(|rule| always_takes(rule)).collect();
    let left = std::iter::once(own()).chain(before.iter().map(|rule| Formula::of(&rule.when, false))).collect::<Vec<_>>();
    if !matches!(possible(&left), Possible::No) {
        return None;
    }
    let Possible::Yes(witness) = possible(&[own()]) else { return None };
    // One of them is enough where one is.
    let alone = before.iter().find(|rule| matches!(possible(&[own(), Formula::of(&rule.when, false)]), Possible::No));
    let takers = match alone {
        Some(rule) => format!("the rule “{}” before it takes", rule.name),
        None => "the rules before it take".to_owned(),
    };
    Some((format!("It is never asked: {takers} every order that it is for."), witness.words()))
}

/// Orders that no rule is for.
fn nobody_is_for(ruleset: &Ruleset) -> Option<Oddity> {
    let none: Vec<Formula<'_>> = ruleset.rules.iter().filter(|rule| !rule.off).map(|rule| Formula::of(&rule.when, false)).collect();
    let Possible::Yes(witness) = possible(&none) else { return None };
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

/// Locations that send or hand out, and that no rule ever takes.
fn never_chosen(ruleset: &Ruleset, network: &Network, at: DateTime<Utc>) -> Vec<Oddity> {
    let stock = StockView::default();
    let snapshot = Snapshot { at, network, stock: &stock };
    let order = PlanOrder::nobodys();
    let seen = Seen::of(&order, &snapshot, None);
    let view = |location: &Location| {
        let position = network.position(location.id)?;
        let location = network.locations.get(position)?;
        Some(PlaceView { order: &order, snapshot: &snapshot, location, distance_km: 0.0, sending: None, seen: &seen, position })
    };
    let is_out = |rule: &ReadyRule, view: &PlaceView<'_>| {
        let fails = |test: &super::ReadyTest<OfPlace>| OF_ITSELF.contains(&test.fact.code) && !test.holds(view);
        let vendors = [RuleOutcome::Partial, RuleOutcome::Nothing].iter().any(|outcome| matches!(rule.then(*outcome).take, Take::Vendors { .. }));
        let as_vendor = vendors && view.location.kind == LocationKind::Vendor;
        rule.off || (!as_vendor && rule.candidates.iter().any(|filter| filter.hard && fails(&filter.test)))
    };
    let odd = network.locations.iter().filter(|location| location.ships || location.offers_pickup).filter_map(|location| {
        let view = view(location)?;
        ruleset.rules.iter().all(|rule| is_out(rule, &view)).then(|| Oddity {
            rule: None,
            kind: OddityKind::LocationNeverChosen,
            message: format!("{} is never chosen: what each rule demands of locations leaves it out.", location.name),
            example: None,
        })
    });
    odd.collect()
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
            promised: Vec::new(),
            traits: super::OrderTraits::default(),
        }
    }
}
