//! Random rulesets, networks and orders.

use super::*;
use crate::inventory::Measured;
use crate::routing::actions::{self, ActionKind, Filled, Role};

fn words() -> impl Strategy<Value = Vec<String>> {
    let word = prop::sample::select(vec!["web", "GB", "ship", "L000", "L001", "store", "warehouse", "c0", "SKU-1", "LS", "domestic", "x=1", "mon"]);
    prop::collection::vec(word.prop_map(str::to_owned), 1..4)
}

/// A question that makes sense of any fact of a subject.
fn any_test<S: Subject>() -> impl Strategy<Value = Test> {
    (0..S::all().len(), words(), -5.0f64..400.0, any::<bool>(), any::<bool>()).prop_map(|(at, words, number, one, other)| {
        let fact = S::all()[at];
        let asks = match (&fact.reads, one) {
            (Reads::Number(_), true) => Asks::AtLeast(number),
            (Reads::Number(_), false) => Asks::AtMost(number),
            (Reads::Flag(_), _) => Asks::Is(other),
            (_, true) => Asks::OneOf(words),
            (_, false) => Asks::NoneOf(words),
        };
        Test { fact: fact.code.to_owned(), asks }
    })
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        Just(Condition::Always),
        any_test::<OfOrder>().prop_map(Condition::Order),
        (prop::sample::select(Scope::ALL), any_test::<OfLine>()).prop_map(|(of, test)| Condition::Lines(LinesTest { of, test })),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![parts().prop_map(Condition::All), parts().prop_map(Condition::Any), parts().prop_map(Condition::None)]
    })
}

fn any_prefer() -> impl Strategy<Value = Prefer> {
    let ranked: Vec<&str> = OfPlace::all().iter().filter(|f| f.better.is_some()).map(|f| f.code).collect();
    let costs: Vec<&str> = crate::routing::facts::cost::ALL.iter().map(|c| c.code).collect();
    let preference = (prop::sample::select(ranked), prop::option::of(0.5f64..200.0)).prop_map(|(by, band)| Preference { band, ..Preference::by(by) });
    let part = (prop::sample::select(costs), 0.0f64..300.0).prop_map(|(by, weight)| CostPart { by: by.to_owned(), weight });
    prop_oneof![prop::collection::vec(preference, 0..3).prop_map(Prefer::Ranked), prop::collection::vec(part, 1..4).prop_map(Prefer::Cheapest),]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let filter = (any_test::<OfPlace>(), any::<bool>()).prop_map(|(test, hard)| Filter { test, hard });
    let together = prop::collection::vec(prop::sample::select(vec!["category".to_owned(), "sku".to_owned()]), 0..2);
    let never_split = prop::collection::vec(any_test::<OfLine>(), 0..2);
    let allocate = (prop::option::of(1u8..4), prop::option::of(1u8..3), never_split, together, prop::option::of(0i64..2_000), any::<bool>())
        .prop_map(|(parcels, per_line, never_split, keep_together, least_part_minor, soft)| Allocate {
            parcels,
            per_line,
            never_split,
            keep_together,
            least_part_minor,
            soft,
        });
    let steps = (any_step(RuleOutcome::Full), any_step(RuleOutcome::Partial), any_step(RuleOutcome::Nothing));
    (any_condition(), prop::collection::vec(filter, 0..3), any_prefer(), allocate, steps, any::<bool>()).prop_map(
        |(when, candidates, prefer, allocate, (full, partial, none), off)| Rule {
            off: off && candidates.len() > 1,
            when,
            candidates,
            prefer,
            allocate,
            then: Then { full, partial, none },
            ..rule("Any")
        },
    )
}

/// Whatever can be done after an outcome, filled in.
fn any_step(after: RuleOutcome) -> impl Strategy<Value = Step> {
    let fitting = |role| actions::ALL.iter().copied().filter(|kind| kind.role == role && kind.after.contains(&after)).collect::<Vec<_>>();
    let decides = prop::sample::select(fitting(Role::Decides)).prop_flat_map(filled);
    let besides = prop::sample::select(fitting(Role::Besides)).prop_flat_map(filled);
    (decides, prop::collection::vec(besides, 0..2)).prop_map(|(act, also)| Step { act, also })
}

fn filled(kind: &'static ActionKind) -> impl Strategy<Value = Action> {
    let queue = prop::sample::select(vec!["backorder", "unfillable", "customer_care"]);
    (queue, 2u32..6).prop_map(|(queue, number)| {
        kind.blanks.iter().fold(Action::plain(kind.code), |action, blank| {
            let fill = match blank.filled {
                Filled::Queue => Fill::Text(queue.to_owned()),
                Filled::Number => Fill::Number(number.into()),
                Filled::Text if blank.name == "to" => Fill::Text("stock@example.com".to_owned()),
                Filled::Text => Fill::Text("urgent".to_owned()),
            };
            action.with(blank.name, fill)
        })
    })
}

pub(super) fn any_rules() -> impl Strategy<Value = Rules> {
    let days = prop::sample::select(vec![vec![], vec![2], vec![1, 5]]);
    (prop::collection::vec(any_rule(), 1..6), days).prop_map(|(mut rules, relax_days)| {
        for (n, rule) in rules.iter_mut().enumerate() {
            rule.id = format!("rule-{n}");
            rule.name = format!("Rule {n}");
        }
        Rules { rules, relax_days, ..Rules::default() }
    })
}

/// So many locations at most.
const PLACES: u128 = 12;
const THINGS: u128 = 5;

fn moment(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn any_place(n: u32) -> impl Strategy<Value = Location> {
    let kind = prop::sample::select(LocationKind::ALL);
    let is = (prop::bool::weighted(0.85), prop::bool::weighted(0.7), prop::bool::weighted(0.1), prop::bool::weighted(0.7));
    let marks = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2));
    let numbers = (-5.0f64..5.0, -5.0f64..5.0, prop::option::of(0i32..3), 0i32..300, 0i64..500, 0i64..200, 0i32..200);
    (kind, is, marks, numbers, prop::option::of((0i32..1_000, 0i32..50))).prop_map(
        move |(kind, (ships, offers_pickup, is_closed, is_open), (grouped, tagged, abroad), numbers, measured)| {
            let (latitude, longitude, capacity, handling_minutes, handling_order_minor, handling_unit_minor, priority) = numbers;
            Location {
                kind,
                point: GeoPoint { latitude, longitude },
                country: if abroad { "ES" } else { "GB" }.to_owned(),
                calendar: if is_open { cheapest::open_all_week() } else { Calendar::default() },
                ships,
                offers_pickup,
                closed: is_closed.then(|| "stocktaking".to_owned()),
                groups: if grouped { vec!["GB".to_owned()] } else { Vec::new() },
                tags: if tagged { vec!["x=1".to_owned()] } else { Vec::new() },
                attributes: if tagged { vec!["x=1".to_owned()] } else { Vec::new() },
                daily_order_capacity: capacity,
                priority,
                handling_minutes,
                handling_order_minor,
                handling_unit_minor,
                measured: measured.map(|(refused_permille, work_week)| Measured { refused_permille, work_week }),
                ..location(n)
            }
        },
    )
}

fn any_network() -> impl Strategy<Value = Network> {
    let places = (1..=PLACES as u32).prop_flat_map(|count| (0..count).map(any_place).collect::<Vec<_>>());
    let forbidden = prop::collection::vec((0..THINGS, 0..PLACES, any::<bool>(), any::<bool>()), 0..6);
    let later = prop::collection::vec((0..THINGS, 0..PLACES, 0i32..6, 1i64..400, any::<bool>()), 0..4);
    (places, prop::option::of(0i32..3), forbidden, later, any::<bool>()).prop_map(|(locations, kept, forbidden, later, has_post)| {
        let mut network = Network { locations, home_country: "GB".to_owned(), ..Network::default() };
        network.rules.general.extend(kept.map(|units| safety(None, units)));
        for (thing, place, ship, pickup) in forbidden {
            network.flags.entry(sku(thing)).or_default().push((at(place), Allowed { ship, pickup }));
        }
        for flags in network.flags.values_mut() {
            flags.sort_by_key(|flag| flag.0);
            flags.dedup_by_key(|flag| flag.0);
        }
        for (thing, place, most_units, hours, is_new) in later {
            let kind = if is_new { LaterKind::Preorder } else { LaterKind::Backorder };
            let terms = LaterTerms { location: at(place), kind, most_units, expected_at: moment(hours), until: None };
            network.later.entry(sku(thing)).or_default().push(terms);
        }
        network.later.values_mut().for_each(|terms| terms.sort_by_key(|t| t.expected_at));
        if has_post {
            network.delivery = cheapest::post();
        }
        network
    })
}

fn any_stock() -> impl Strategy<Value = StockView> {
    let level = (0i32..8, 0i32..3, 0i32..2, prop::option::of(0i32..9_000));
    (prop::collection::btree_map((0..THINGS, 0..PLACES), level, 0..45), prop::collection::btree_map(0..PLACES, 0i32..3, 0..4)).prop_map(
        |(levels, taken)| StockView {
            levels: levels
                .into_iter()
                .map(|((thing, place), (on_hand, reserved, ahead, per_day))| {
                    let per_day_milli = per_day.unwrap_or(0);
                    (sku(thing), at(place), StockLevel { on_hand, reserved: reserved.min(on_hand), ahead, per_day_milli, ..StockLevel::default() })
                })
                .collect(),
            capacity_taken: taken.into_iter().map(|(place, orders)| (at(place), orders)).collect(),
        },
    )
}

fn any_order() -> impl Strategy<Value = PlanOrder> {
    let line = (0..THINGS, 1i32..5, prop::option::of(-20i64..400), 0i64..5_000, 0i32..40_000);
    let pickup = prop::option::weighted(0.3, 0..PLACES);
    let place = (prop::sample::select(vec!["GB", "ES", "US"]), -5.0f64..5.0, -5.0f64..5.0);
    let lacking = prop::collection::vec((0..THINGS, 0..PLACES, -72i64..96), 0..5);
    let left_out = (prop::collection::vec(0..PLACES, 0..3), lacking, prop::option::weighted(0.15, 0..PLACES), prop::bool::weighted(0.3));
    let traits = (0i32..3, any::<bool>(), 0i32..4, prop::collection::vec((0..PLACES, 0i64..100), 0..3), prop::option::of(-40i64..40), words());
    let owed = prop::option::weighted(0.2, (0..PLACES, 1i32..3, 1i64..200));
    let services = prop::option::weighted(0.3, prop::sample::select(vec!["post", "nobody"]));
    (prop::collection::vec(line, 1..7), pickup, place, left_out, traits, owed, services, prop::option::of(0i64..100)).prop_map(
        |(things, pickup, (country, latitude, longitude), (excluded, lacking, taken_by, by_hand), traits, owed, services, release)| {
            let (priority, gift, attempts, rejections, ship_by, words) = traits;
            let lines: Vec<(u128, i32)> = things.iter().map(|thing| (thing.0, thing.1)).collect();
            let mut order = order(&lines);
            for (line, (_, _, promised, amount, grams)) in order.lines.iter_mut().zip(&things) {
                (line.promised_by, line.amount_minor, line.size.grams) = (promised.map(moment), *amount, *grams);
            }
            order.method = if pickup.is_some() { Method::Pickup } else { Method::Ship };
            order.pickup_location = pickup.map(at);
            (order.country, order.destination) = (country.to_owned(), GeoPoint { latitude, longitude });
            order.excluded = excluded.into_iter().map(at).collect();
            order.not_before =
                lacking.into_iter().map(|(thing, place, hours)| NotBefore { sku: sku(thing), location: at(place), until: moment(hours) }).collect();
            (order.taken_by, order.by_hand) = (taken_by.map(at), by_hand && taken_by.is_some());
            order.services = services.map(|code| vec![code.to_owned()]);
            order.release_at = release.map(moment);
            order.promised = owed
                .into_iter()
                .map(|(place, quantity, hours)| Waiting {
                    line_no: 1,
                    quantity: quantity.min(lines[0].1),
                    queue: Queue::Backorder,
                    location: Some(at(place)),
                    expected_at: Some(moment(hours)),
                })
                .collect();
            order.traits = OrderTraits {
                priority,
                gift,
                attempts,
                rejections: rejections.into_iter().map(|(place, hours)| (at(place), moment(-hours))).collect(),
                ship_by: ship_by.map(moment),
                tags: words,
                ..OrderTraits::new_at(moment(-48))
            };
            order
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    /// Whatever the rules, the network, the stock and the order: no panic, the same plan and trace to the byte each time, with and without a trace; never more
    /// than is available, never beyond what a place does or a hard demand allows; every unit is assigned or waits.
    #[test]
    fn any_rules_make_sound_plans(rules in any_rules(), network in any_network(), stock in any_stock(), order in any_order()) {
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let ruleset = ready(&rules);
        let (first, trace) = plan_traced(&order, &snapshot, &ruleset);

        let mut taken: BTreeMap<(SkuId, LocationId), i32> = BTreeMap::new();
        for assignment in &first.assignments {
            prop_assert!(assignment.quantity > 0);
            let line = order.lines.iter().find(|l| l.line_no == assignment.line_no).unwrap();
            *taken.entry((line.sku, assignment.location)).or_default() += assignment.quantity;
        }
        for ((thing, place), units) in &taken {
            prop_assert!(*units <= snapshot.available(Buyer::in_channel("web"), *thing, *place));
            prop_assert!(order.may_ask(*place, *thing, snapshot.at) && !order.excluded.contains(place));
            prop_assert!(order.taken_by.is_none_or(|taker| taker == *place));
            let location = network.location(*place).unwrap();
            let allowed = network.allowed(*thing, *place);
            let is_brought = order.brought_to(*place).is_some();
            prop_assert!(location.closed.is_none() && snapshot.capacity_left(location).is_none_or(|left| left > 0));
            let is_handed_out = order.method == Method::Pickup && !is_brought;
            let does_it = if is_handed_out { location.offers_pickup && allowed.pickup } else { location.ships && allowed.ship };
            prop_assert!(does_it);
            prop_assert!(!is_brought || location.kind != LocationKind::Vendor);
        }
        for line in &order.lines {
            let assigned: i32 = first.assignments.iter().filter(|a| a.line_no == line.line_no).map(|a| a.quantity).sum();
            let waiting: i32 = first.waiting.iter().filter(|w| w.line_no == line.line_no).map(|w| w.quantity).sum();
            prop_assert_eq!(assigned + waiting, line.quantity);
        }
        if let Some(offer) = &first.offer {
            let places: BTreeSet<LocationId> = first.assignments.iter().map(|a| a.location).collect();
            prop_assert!(offer.locations.len() > 1 && places.len() == 1 && places.iter().all(|place| offer.locations.contains(place)));
        }
        if let Some(rule) = first.rule.map(|at| &ruleset.rules[at as usize]) {
            within_the_rule(rule, &order, &snapshot, &ruleset, &first)?;
        }
        // What is told of it, and promised of it, is worked out of any plan.
        let _ = crate::routing::promise(&order, &first, &snapshot);
        prop_assert_eq!(&first, &plan(&order, &snapshot, &ruleset));
        let again = plan_traced(&order, &snapshot, &ruleset);
        prop_assert_eq!(serde_json::to_string(&(&first, &trace)).unwrap(), serde_json::to_string(&(&again.0, &again.1)).unwrap());
    }
}

/// Every place of a plan meets the hard demands of the rule that decided, as it sees what it was asked for; and no more places send than it allows.
fn within_the_rule(
    rule: &ReadyRule,
    order: &PlanOrder,
    snapshot: &Snapshot<'_>,
    ruleset: &Ruleset,
    plan: &Plan,
) -> Result<(), proptest::test_runner::TestCaseError> {
    let gives_way = GivesWay::Altogether;
    let sending = Sending::of(order, snapshot);
    let seen = Seen::of(order, snapshot, sending.as_ref());
    let wanted = seen.wanted_by(order);
    let whole = Ask { order, snapshot, sending: sending.as_ref(), seen: &seen, wanted: &wanted, gives_way, traced: false };
    // What is promised from what is expected is not asked of places.
    let (present, _) = later::put_off(&whole, ruleset);
    let ask = Ask { order: &present, wanted: &seen.wanted_by(&present), ..whole };
    let (own, brought): (Vec<_>, Vec<_>) = plan.assignments.iter().cloned().partition(|a| order.brought_to(a.location).is_none());
    let takes = |so: fn(&Take) -> bool| [RuleOutcome::Partial, RuleOutcome::Nothing].iter().any(|outcome| so(&rule.then(*outcome).take));
    let from_vendors = takes(|take| matches!(take, Take::Vendors { .. }));
    let meets = |ask: &Ask<'_>, place: LocationId| {
        let view = ask.view(snapshot.network.position(place).unwrap());
        rule.candidates.iter().filter(|f| f.hard).all(|f| f.test.holds(&view))
    };
    for place in own.iter().map(|a| a.location) {
        let may_be_any = from_vendors && snapshot.network.location(place).unwrap().kind == LocationKind::Vendor;
        prop_assert!(may_be_any || meets(&ask, place));
    }
    if !brought.is_empty() {
        let has_it_brought = takes(|take| matches!(take, Take::ToStore { .. }));
        prop_assert!(has_it_brought);
        let store = store_of(order, snapshot).unwrap();
        let mut missing = missing_of(&present, &own).sent_to(store, snapshot);
        missing.lines.retain(|line| snapshot.network.allowed(line.sku, store.id).pickup);
        let sending = Sending::of(&missing, snapshot);
        let seen = Seen::of(&missing, snapshot, sending.as_ref());
        let ask = Ask { order: &missing, sending: sending.as_ref(), seen: &seen, wanted: &seen.wanted_by(&missing), ..whole };
        for place in brought.iter().map(|a| a.location) {
            prop_assert!(meets(&ask, place));
        }
    } else if !rule.allocate.soft {
        let places: BTreeSet<LocationId> = own.iter().map(|a| a.location).collect();
        prop_assert!(places.len() <= rule.allocate.parcels);
        for line in &order.lines {
            let of_line = own.iter().filter(|a| a.line_no == line.line_no).map(|a| a.location).collect::<BTreeSet<_>>();
            prop_assert!(of_line.len() <= rule.allocate.per_line);
        }
    }
    Ok(())
}

proptest! {
    /// Never more than is available, every unit either assigned or waiting, and the same answer twice.
    #[test]
    fn plans_are_sound(
        lines in prop::collection::vec((0u128..6, 1i32..6), 1..12),
        levels in prop::collection::vec((0u128..6, 0u128..15, 0i32..6), 0..60),
        safety_units in 0i32..3,
        locations in 1u32..15,
        pickup in prop::option::of(0u128..15),
    ) {
        let mut order = order(&lines);
        if let Some(store) = pickup {
            order.method = Method::Pickup;
            order.pickup_location = Some(at(store));
        }
        let mut network = network(locations);
        network.rules.general.push(safety(None, safety_units));
        let stock = stock(&levels);
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let ruleset = ready(&Rules::starting());
        let (first, trace) = plan_traced(&order, &snapshot, &ruleset);

        let mut taken: BTreeMap<(SkuId, LocationId), i32> = BTreeMap::new();
        for assignment in &first.assignments {
            prop_assert!(assignment.quantity > 0);
            let line = order.lines.iter().find(|l| l.line_no == assignment.line_no).unwrap();
            *taken.entry((line.sku, assignment.location)).or_default() += assignment.quantity;
            if let Some(store) = pickup {
                prop_assert_eq!(assignment.location, at(store));
            }
        }
        for ((sku, location), units) in taken {
            prop_assert!(units <= snapshot.available(Buyer::in_channel("web"), sku, location));
        }
        for line in &order.lines {
            let assigned: i32 = first.assignments.iter().filter(|a| a.line_no == line.line_no).map(|a| a.quantity).sum();
            let waiting: i32 = first.waiting.iter().filter(|w| w.line_no == line.line_no).map(|w| w.quantity).sum();
            prop_assert_eq!(assigned + waiting, line.quantity);
        }
        prop_assert_eq!((first, trace), plan_traced(&order, &snapshot, &ruleset));
    }

    /// Where the order could be filled at all, it is, with as few parcels as brute force finds, and of those ways in the one that is ranked first.
    #[test]
    fn splits_are_the_fewest(
        lines in prop::collection::vec((0u128..4, 1i32..4), 1..5),
        levels in prop::collection::vec((0u128..4, 0u128..6, 1i32..4), 1..20),
    ) {
        let (order, network, stock) = (order(&lines), network(6), stock(&levels));
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let (plan, trace) = plan_traced(&order, &snapshot, &ready(&Rules::starting()));
        let ranked: Vec<LocationId> = trace.rules.iter().flat_map(|rule| &rule.candidates).filter(|c| c.removed.is_none()).map(|c| c.location).collect();
        let ranks = |mask: u32| -> Vec<usize> {
            let of = |i: u32| ranked.iter().position(|place| *place == at(u128::from(i))).unwrap_or(usize::MAX);
            let mut ranks: Vec<usize> = (0..6).filter(|i| mask >> i & 1 == 1).map(of).collect();
            ranks.sort_unstable();
            ranks
        };
        let fits = |mask: u32| {
            (0..4u128).all(|s| {
                let need: i32 = lines.iter().filter(|l| l.0 == s).map(|l| l.1).sum();
                let have: i32 = (0..6u32).filter(|i| mask >> i & 1 == 1).map(|i| snapshot.available(Buyer::in_channel("web"), sku(s), at(u128::from(i)))).sum();
                have >= need
            })
        };
        let best = (1u32..64).filter(|mask| fits(*mask)).map(ranks).min_by_key(|ranks| (ranks.len(), ranks.clone()));
        let mut used: Vec<usize> = plan.assignments.iter().filter_map(|a| ranked.iter().position(|place| *place == a.location)).collect();
        used.sort_unstable();
        used.dedup();
        match best {
            Some(best) => {
                prop_assert!(plan.waiting.is_empty());
                prop_assert_eq!(used, best);
            }
            None => prop_assert!(!plan.waiting.is_empty()),
        }
    }
}
