//! What is said to be odd, tried.

use super::fuzz::any_rules;
use super::*;
use crate::routing::lint::{Oddity, OddityKind, lint};

fn oddities(rules: &Rules, network: &Network) -> Vec<Oddity> {
    lint(&ready(rules), network, DateTime::UNIX_EPOCH)
}

fn told(rules: Vec<Rule>, network: &Network) -> Vec<(Option<usize>, OddityKind)> {
    oddities(&Rules { rules, ..Rules::default() }, network).into_iter().map(|odd| (odd.rule, odd.kind)).collect()
}

fn when(name: &str, when: Condition) -> Rule {
    Rule { when, then: Then { full: assign("unfillable"), partial: assign("unfillable"), none: hold("unfillable") }, ..rule(name) }
}

fn channel(words: &[&str]) -> Condition {
    Condition::Order(Test::one_of("channel", words))
}

#[test]
fn what_can_never_happen_is_told_with_an_order_that_shows_it() {
    let network = network(3);
    let value = |least: f64, most: f64| {
        Condition::All(vec![Condition::Order(Test::at_least("value", least)), Condition::Order(Test::at_most("value", most))])
    };
    let lamps = Condition::Lines(LinesTest { of: Scope::Any, test: Test::one_of("category", &["Lamps"]) });
    let rules = vec![
        when("Never", value(500.0, 100.0)),
        when("Web", channel(&["web", "app"])),
        when("The app", Condition::All(vec![channel(&["app"]), lamps.clone()])),
        when("No lamp, and a lamp", Condition::All(vec![Condition::None(vec![lamps.clone()]), lamps])),
        when("Others", Condition::None(vec![channel(&["web", "app"])])),
        when("All the rest", Condition::Always),
    ];
    let all = oddities(&Rules { rules: rules.clone(), ..Rules::default() }, &network);
    let kinds: Vec<_> = all.iter().map(|odd| (odd.rule, odd.kind)).collect();
    let expected = [
        (Some(0), OddityKind::Contradiction),
        (Some(2), OddityKind::Shadowed),
        (Some(3), OddityKind::Contradiction),
        (Some(5), OddityKind::Shadowed),
    ];
    assert_eq!(kinds, expected);
    assert!(all[1].message.contains("“Web”"), "{}", all[1].message);
    assert_eq!(all[1].example.as_deref(), Some("an order where channel is app, and on one line category is Lamps"));
    assert!(all[3].message.contains("the rules before it"), "{}", all[3].message);

    // A rule that hands on what it cannot send whole shadows nothing.
    let mut hands_on = rules;
    hands_on[1].then.partial = Step::default();
    assert!(!told(hands_on, &network).contains(&(Some(2), OddityKind::Shadowed)));
}

#[test]
fn orders_and_locations_that_nothing_is_for_are_told() {
    let mut network = network(3);
    network.locations[2].kind = LocationKind::Vendor;
    let by_kind =
        |kind: &str| Rule { candidates: vec![Filter { test: Test::one_of("kind", &[kind]), hard: true }], ..when("Kind", channel(&["web"])) };
    let all = oddities(&Rules { rules: vec![by_kind("store")], ..Rules::default() }, &network);
    let kinds: Vec<_> = all.iter().map(|odd| odd.kind).collect();
    assert_eq!(kinds, [OddityKind::NoRule, OddityKind::LocationNeverChosen]);
    assert_eq!(all[0].example.as_deref(), Some("an order where channel is not web"));
    assert!(all[1].message.starts_with("Place 0 and Place 2 are never chosen"), "{}", all[1].message);
    // What only a rule would take that is never asked, nobody takes.
    let stores = Rule { candidates: by_kind("store").candidates, ..when("Stores", Condition::Always) };
    let found = told(vec![stores, when("Never asked", Condition::Always)], &network);
    assert_eq!(found, [(Some(1), OddityKind::Shadowed), (None, OddityKind::LocationNeverChosen)]);
    let soft = Rule { candidates: vec![Filter { test: Test::one_of("kind", &["store"]), hard: false }], ..when("Kind", Condition::Always) };
    assert_eq!(told(vec![soft], &network), []);
}

#[test]
fn splits_vendors_and_demands_that_cannot_be_are_told() {
    let network = network(2);
    let nowhere = Rule {
        candidates: [Test::at_most("distance", 10.0), Test::at_least("distance", 20.0)].map(|test| Filter { test, hard: true }).to_vec(),
        then: Then { partial: Step::only(Action::plain("drop_ship").with("rest", Fill::Text("backorder".to_owned()))), ..Then::default() },
        ..rule("Odd")
    };
    assert_eq!(told(vec![nowhere], &network), [(Some(0), OddityKind::NoLocation), (Some(0), OddityKind::NoVendor)]);
    let wide = |then: Then| Rule { allocate: Allocate { per_line: Some(3), parcels: Some(2), ..Allocate::default() }, then, ..rule("Wide") };
    let whole = Then { none: hold("unfillable"), partial: hold("unfillable"), ..rule("").then };
    assert_eq!(told(vec![wide(whole)], &network), [(Some(0), OddityKind::NoSplit)]);
    assert_eq!(told(vec![wide(Then { partial: assign("unfillable"), ..rule("").then })], &network), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// What is said never to happen never does, and where nothing is said of orders that no rule is for, there is one for each.
    #[test]
    fn what_is_said_never_to_happen_never_does(
        rules in any_rules(),
        orders in prop::collection::vec((prop::collection::vec((0u128..5, 1i32..5), 1..4), 0i32..3, any::<bool>(), 0i64..40_000), 1..12),
        levels in prop::collection::vec((0u128..5, 0u128..6, 0i32..6), 0..30),
    ) {
        let (network, stock) = (network(6), stock(&levels));
        let (ruleset, found) = (ready(&rules), oddities(&rules, &network));
        for (lines, priority, gift, value) in orders {
            let mut order = order(&lines);
            (order.traits.priority, order.traits.gift, order.value_minor) = (priority, gift, value);
            let (plan, trace) = plan_traced(&order, &Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock }, &ruleset);
            let is_for = |rule: usize| trace.rules.get(rule).is_some_and(|told| told.outcome != RuleOutcome::NotForThisOrder);
            for odd in &found {
                match (odd.kind, odd.rule) {
                    (OddityKind::Contradiction | OddityKind::Shadowed, Some(rule)) => prop_assert!(!is_for(rule), "{:?} of {:?}", odd, rules),
                    (OddityKind::NoLocation, Some(rule)) if is_for(rule) => prop_assert_eq!(trace.rules[rule].outcome, RuleOutcome::Nothing),
                    (OddityKind::LocationNeverChosen, _) => {
                        let is_named = |id: LocationId| network.location(id).is_some_and(|l| odd.message.contains(&l.name));
                        prop_assert!(plan.assignments.iter().all(|a| !is_named(a.location)));
                    }
                    _ => {}
                }
            }
            if found.iter().all(|odd| odd.kind != OddityKind::NoRule) {
                prop_assert!((0..ruleset.rules.len()).any(is_for), "no rule is for {:?}", order);
            }
        }
    }
}
