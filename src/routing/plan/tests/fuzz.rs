//! Random rulesets, networks and orders.

use super::*;

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
    let allocate = (prop::option::of(1u8..4), prop::option::of(1u8..3), never_split, together, prop::option::of(0i64..2_000)).prop_map(
        |(parcels, per_line, never_split, keep_together, least_part_minor)| Allocate {
            parcels,
            per_line,
            never_split,
            keep_together,
            least_part_minor,
        },
    );
    let drop_ship = Step::only(Action::plain("drop_ship").with("rest", Fill::Text("backorder".to_owned())));
    let full = prop::sample::select(vec![assign("unfillable"), Step::default(), hold("customer_care")]);
    let other = prop::sample::select(vec![drop_ship.clone(), Step::default(), hold("unfillable")]);
    let partial = prop::sample::select(vec![drop_ship, Step::default(), assign("backorder")]);
    (any_condition(), prop::collection::vec(filter, 0..3), any_prefer(), allocate, full, partial, other, any::<bool>()).prop_map(
        |(when, candidates, prefer, allocate, full, partial, none, off)| Rule {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Whatever the rules, the network and the order: no panic, the same plan and trace to the byte each time, with and without a trace; never more than
    /// is available, never beyond a hard demand; every unit is assigned or waits.
    #[test]
    fn any_rules_make_sound_plans(
        rules in any_rules(),
        lines in prop::collection::vec((0u128..5, 1i32..5), 1..7),
        levels in prop::collection::vec((0u128..5, 0u128..9, 0i32..6), 0..40),
        traits in (0i32..3, any::<bool>(), prop::collection::vec((0u128..9, 0i64..100), 0..3)),
        vendor in prop::option::of(0usize..9),
        promised in prop::option::of(0i64..20),
        lacking in prop::collection::vec((0u128..5, 0u128..9, -3i64..4), 0..6),
    ) {
        let mut order = order(&lines);
        let until = |days: &i64| DateTime::UNIX_EPOCH + TimeDelta::days(*days);
        order.not_before = lacking.iter().map(|(s, place, days)| NotBefore { sku: sku(*s), location: at(*place), until: until(days) }).collect();
        order.traits.priority = traits.0;
        order.traits.gift = traits.1;
        order.traits.rejections = traits.2.iter().map(|(place, hours)| (at(*place), DateTime::UNIX_EPOCH - TimeDelta::hours(*hours))).collect();
        order.lines.iter_mut().for_each(|l| l.promised_by = promised.map(|days| DateTime::UNIX_EPOCH + TimeDelta::days(days)));
        let mut network = network(9);
        if let Some(vendor) = vendor {
            network.locations[vendor].kind = LocationKind::Vendor;
        }
        network.locations[3].daily_order_capacity = Some(1);
        network.locations[4].tags = vec!["x=1".to_owned()];
        let stock = stock(&levels);
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let ruleset = ready(&rules);
        let (first, trace) = plan_traced(&order, &snapshot, &ruleset);

        let mut taken: BTreeMap<(SkuId, LocationId), i32> = BTreeMap::new();
        for assignment in &first.assignments {
            prop_assert!(assignment.quantity > 0);
            let line = order.lines.iter().find(|l| l.line_no == assignment.line_no).unwrap();
            prop_assert!(lacking.iter().all(|(s, place, days)| *days <= 0 || (sku(*s), at(*place)) != (line.sku, assignment.location)));
            *taken.entry((line.sku, assignment.location)).or_default() += assignment.quantity;
        }
        for ((sku, location), units) in &taken {
            prop_assert!(*units <= snapshot.available(Buyer::in_channel("web"), *sku, *location));
        }
        for line in &order.lines {
            let assigned: i32 = first.assignments.iter().filter(|a| a.line_no == line.line_no).map(|a| a.quantity).sum();
            let waiting: i32 = first.waiting.iter().filter(|w| w.line_no == line.line_no).map(|w| w.quantity).sum();
            prop_assert_eq!(assigned + waiting, line.quantity);
        }
        if let Some(rule) = first.rule.map(|at| &ruleset.rules[at as usize]) {
            let sending = Sending::of(&order, &snapshot);
            let seen = Seen::of(&order, &snapshot, sending.as_ref());
            let wanted = seen.wanted_by(&order);
            let gives_way = GivesWay::Altogether;
            let ask = Ask { order: &order, snapshot: &snapshot, sending: sending.as_ref(), seen: &seen, wanted: &wanted, gives_way, traced: false };
            for place in first.assignments.iter().map(|a| a.location) {
                let view = ask.view(network.position(place).unwrap());
                // What is asked for the rest of an order may be any vendor.
                let may_be_any = view.location.kind == LocationKind::Vendor;
                prop_assert!(may_be_any || rule.candidates.iter().filter(|f| f.hard).all(|f| f.test.holds(&view)));
            }
        }
        prop_assert_eq!(&first, &plan(&order, &snapshot, &ruleset));
        let again = plan_traced(&order, &snapshot, &ruleset);
        prop_assert_eq!(serde_json::to_string(&(&first, &trace)).unwrap(), serde_json::to_string(&(&again.0, &again.1)).unwrap());
    }
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
