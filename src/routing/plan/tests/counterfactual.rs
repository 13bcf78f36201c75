//! What would have had to be otherwise, made so.

use super::fuzz::any_rules;
use super::*;
use crate::routing::counterfactual::{Change, WouldHaveSent, would_have_sent};

/// The world with some changes, made by other means than the search makes them.
fn changed(changes: &[Change], location: LocationId, network: &Network, stock: &StockView, rules: &Rules) -> (Network, StockView, Rules) {
    let (mut network, mut stock, mut rules) = (network.clone(), stock.clone(), rules.clone());
    for change in changes {
        let place = network.locations.iter_mut().find(|l| l.id == location).unwrap();
        match change {
            Change::Open => place.closed = None,
            Change::Capacity { more } => place.daily_order_capacity = Some(place.daily_order_capacity.unwrap() + more),
            Change::Units { sku, more } => stock.levels.entry(*sku, location).on_hand += more,
            Change::Limit { rule, demand, to } => {
                let asks = &mut rules.rules[*rule].candidates[*demand].test.asks;
                *asks = match asks {
                    Asks::AtMost(_) => Asks::AtMost(*to),
                    Asks::AtLeast(_) => Asks::AtLeast(*to),
                    other => panic!("{other:?} has no limit"),
                };
            }
        }
    }
    (network, stock, rules)
}

/// Each change in turn by one smaller, or left out where it is the least that there is of it.
fn one_less(told: &WouldHaveSent, rules: &Rules) -> Vec<Vec<Change>> {
    let smaller = |change: &Change| match change {
        Change::Open => None,
        Change::Capacity { more } => (*more > 1).then(|| Change::Capacity { more: more - 1 }),
        Change::Units { sku, more } => (*more > 1).then(|| Change::Units { sku: *sku, more: more - 1 }),
        Change::Limit { rule, demand, to } => match rules.rules[*rule].candidates[*demand].test.asks {
            Asks::AtMost(limit) => (to - 1.0 > limit).then(|| Change::Limit { rule: *rule, demand: *demand, to: to - 1.0 }),
            Asks::AtLeast(limit) => (to + 1.0 < limit).then(|| Change::Limit { rule: *rule, demand: *demand, to: to + 1.0 }),
            _ => None,
        },
    };
    (0..told.changes.len())
        .map(|at| {
            let mut less = told.changes.clone();
            match smaller(&less[at]) {
                Some(smaller) => less[at] = smaller,
                None => drop(less.remove(at)),
            }
            less
        })
        .collect()
}

fn sends(order: &PlanOrder, location: LocationId, (network, stock, rules): &(Network, StockView, Rules)) -> bool {
    let done = plan(order, &Snapshot { at: DateTime::UNIX_EPOCH, network, stock }, &ready(rules));
    done.assignments.iter().any(|a| a.location == location)
}

fn check(order: &PlanOrder, network: &Network, stock: &StockView, rules: &Rules) -> Vec<WouldHaveSent> {
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network, stock };
    let ruleset = ready(rules);
    let done = plan(order, &snapshot, &ruleset);
    let told = would_have_sent(order, &snapshot, &ruleset, &done, 20);
    for one in &told {
        assert!(!one.changes.is_empty());
        assert!(done.assignments.iter().all(|a| a.location != one.location));
        assert!(sends(order, one.location, &changed(&one.changes, one.location, network, stock, rules)), "{one:?} would not send anything");
        for less in one_less(one, rules) {
            assert!(!sends(order, one.location, &changed(&less, one.location, network, stock, rules)), "{less:?} would do of {one:?}");
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Made so, the location sends something; with any change one smaller, it does not.
    #[test]
    fn what_is_told_is_true_and_the_least(
        rules in any_rules(),
        lines in prop::collection::vec((0u128..4, 1i32..5), 1..5),
        levels in prop::collection::vec((0u128..4, 0u128..6, 0i32..6), 0..20),
        safety_units in 0i32..4,
        closed in prop::option::of(0usize..6),
        limit in 10.0f64..700.0,
    ) {
        let mut network = network(6);
        network.rules.general.push(safety(None, safety_units));
        if let Some(closed) = closed {
            network.locations[closed].closed = Some("flood".to_owned());
        }
        network.locations[1].daily_order_capacity = Some(2);
        let mut stock = stock(&levels);
        stock.capacity_taken.insert(at(1), 5);
        check(&order(&lines), &network, &stock, &rules);
        // A rule as people write it, whose limit is what stands in the way.
        let near = Rule { candidates: vec![Filter { test: Test::at_most("distance", limit), hard: true }], ..rule("Near") };
        check(&order(&lines), &network, &stock, &Rules { rules: vec![near], ..Rules::default() });
    }
}

#[test]
fn units_capacity_limits_and_closures_are_told() {
    let mut network = network(4);
    network.rules.general.push(safety(None, 1));
    network.locations[1].daily_order_capacity = Some(2);
    network.locations[2].closed = Some("flood".to_owned());
    let mut stock = stock(&[(1, 0, 1), (1, 1, 9), (1, 2, 9), (1, 3, 9)]);
    stock.capacity_taken.insert(at(1), 3);
    let near = Rule { candidates: vec![Filter { test: Test::at_most("distance", 250.0), hard: true }], ..rule("Near") };
    let told = check(&order(&[(1, 4)]), &network, &stock, &Rules { rules: vec![near], ..Rules::default() });
    // A degree of longitude at the equator is 111.2 km.
    let expected = [
        (at(0), vec![Change::Units { sku: sku(1), more: 1 }]),
        (at(1), vec![Change::Capacity { more: 2 }]),
        (at(2), vec![Change::Open]),
        (at(3), vec![Change::Limit { rule: 0, demand: 0, to: 334.0 }]),
    ];
    let told: Vec<_> = told.into_iter().map(|one| (one.location, one.changes)).collect();
    assert_eq!(told, expected);
}
