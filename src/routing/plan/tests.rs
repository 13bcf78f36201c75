use super::*;
use crate::carriers::{Collection, Delivery, RateCard, RateRow, Service, Setting, Transit, Weekdays, ZoneMap, ZonePlace};
use crate::inventory::calendar::{Calendar, Hours, Week};
use crate::inventory::rules::{Quantity, RuleKind, StockRule};
use crate::inventory::{Allowed, LocationKind, Network, StockLevel, StockView};
use crate::routing::facts::{OfLine, OfOrder, OfPlace, Reads, Subject};
use crate::routing::rules::{
    Action, Allocate, Asks, Condition, CostPart, Fill, Filter, LinesTest, Prefer, Preference, Rule, Rules, Scope, Step, Test, Then,
};
use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

fn sku(n: u128) -> SkuId {
    SkuId(Uuid::from_u128(n))
}

fn at(n: u128) -> LocationId {
    LocationId(Uuid::from_u128(1_000 + n))
}

/// Locations in a row, each a degree of longitude further from the destination.
fn location(n: u32) -> Location {
    Location {
        id: at(u128::from(n)),
        code: format!("L{n:03}"),
        name: format!("Place {n}"),
        kind: if n == 0 { LocationKind::Warehouse } else { LocationKind::Store },
        city: "Leeds".to_owned(),
        country: "GB".to_owned(),
        point: GeoPoint { latitude: 0.0, longitude: f64::from(n) },
        calendar: Calendar::default(),
        ships: true,
        offers_pickup: true,
        priority: 100,
        handling_minutes: 60,
        daily_order_capacity: None,
        closed: None,
        groups: Vec::new(),
        tags: Vec::new(),
        attributes: Vec::new(),
        handling_order_minor: 0,
        handling_unit_minor: 0,
    }
}

fn network(n: u32) -> Network {
    Network { locations: (0..n).map(location).collect(), ..Network::default() }
}

fn stock(levels: &[(u128, u128, i32)]) -> StockView {
    StockView {
        levels: levels.iter().map(|(s, l, n)| ((sku(*s), at(*l)), StockLevel { on_hand: *n, reserved: 0, ..StockLevel::default() })).collect(),
        ..StockView::default()
    }
}

/// Units of everything that are kept back, at one location or at each.
fn safety(location: Option<LocationId>, units: i32) -> StockRule {
    let id = crate::ids::StockRuleId(Uuid::nil());
    StockRule { id, kind: RuleKind::Safety, locations: location.map(|l| vec![l]), channel: None, group: None, quantity: Quantity::Units(units) }
}

fn order(lines: &[(u128, i32)]) -> PlanOrder {
    PlanOrder {
        channel: "web".to_owned(),
        customer_group: None,
        method: Method::Ship,
        pickup_location: None,
        country: "GB".to_owned(),
        destination: GeoPoint { latitude: 0.0, longitude: 0.0 },
        postcode: String::new(),
        services: None,
        release_at: None,
        slot: None,
        value_minor: 1_000,
        lines: (1..)
            .zip(lines)
            .map(|(line_no, (s, quantity))| PlanLine {
                line_no,
                sku: sku(*s),
                quantity: *quantity,
                size: Size { grams: 100, ..Size::default() },
                promised_by: None,
                amount_minor: i64::from(*quantity) * 500,
                queue: None,
                traits: Arc::new(SkuTraits { code: format!("SKU-{s}"), category: format!("c{}", s % 2), ..SkuTraits::default() }),
            })
            .collect(),
        excluded: Vec::new(),
        promised: Vec::new(),
        traits: OrderTraits::default(),
    }
}

fn ready(rules: &Rules) -> Ruleset {
    Ruleset::of(crate::ids::RulesetId(Uuid::nil()), 1, "Test", rules).unwrap()
}

fn rules(rules: Vec<Rule>) -> Ruleset {
    ready(&Rules { rules, relax_days: Vec::new() })
}

fn assign(rest: &str) -> Step {
    Step::only(Action::plain("assign").with("rest", Fill::Text(rest.to_owned())))
}

fn hold(queue: &str) -> Step {
    Step::only(Action::plain("hold").with("queue", Fill::Text(queue.to_owned())))
}

/// Takes whatever it finds.
fn rule(name: &str) -> Rule {
    let then = Then { full: assign("unfillable"), partial: assign("unfillable"), none: hold("unfillable") };
    Rule { id: name.to_owned(), name: name.to_owned(), then, ..Rule::default() }
}

fn run(order: &PlanOrder, network: &Network, stock: &StockView) -> (Plan, Trace) {
    plan_traced(order, &Snapshot { at: DateTime::UNIX_EPOCH, network, stock }, &ready(&Rules::starting()))
}

fn places(plan: &Plan) -> Vec<(i32, u128, i32)> {
    plan.assignments.iter().map(|a| (a.line_no, a.location.0.as_u128() - 1_000, a.quantity)).collect()
}

#[test]
fn the_nearest_with_everything_wins() {
    let (plan, _) = run(&order(&[(1, 2), (2, 1)]), &network(4), &stock(&[(1, 0, 5), (1, 2, 5), (2, 2, 5), (1, 3, 5), (2, 3, 5)]));
    assert_eq!(places(&plan), [(1, 2, 2), (2, 2, 1)]);
    assert!(plan.waiting.is_empty());
}

#[test]
fn else_the_fewest_parcels_and_among_those_the_nearest() {
    // Three parcels from 0, 1 and 2, or two from 2 and 3.
    let levels = [(1, 0, 1), (2, 1, 1), (3, 2, 1), (1, 3, 1), (2, 3, 1)];
    let (plan, trace) = run(&order(&[(1, 1), (2, 1), (3, 1)]), &network(4), &stock(&levels));
    assert_eq!(places(&plan), [(1, 3, 1), (2, 3, 1), (3, 2, 1)]);
    assert_eq!(trace.rules[1].outcome, RuleOutcome::Partial);
    assert_eq!(trace.rules[2].outcome, RuleOutcome::Full);
}

#[test]
fn what_nobody_has_waits() {
    let (plan, _) = run(&order(&[(1, 3)]), &network(2), &stock(&[(1, 0, 1), (1, 1, 1)]));
    assert_eq!(places(&plan), [(1, 0, 1), (1, 1, 1)]);
    assert_eq!(plan.waiting, [Waiting { line_no: 1, quantity: 1, queue: Queue::Backorder, location: None, expected_at: None }]);
}

#[test]
fn lines_that_share_a_sku_share_its_stock() {
    let (plan, _) = run(&order(&[(1, 3), (1, 3)]), &network(2), &stock(&[(1, 0, 5), (1, 1, 1)]));
    assert_eq!(places(&plan), [(1, 0, 3), (2, 0, 2), (2, 1, 1)]);
}

#[test]
fn safety_stock_closures_capacity_and_flags_keep_a_location_out() {
    let levels = stock(&[(1, 0, 2), (1, 1, 2), (1, 2, 2), (1, 3, 2), (1, 4, 2)]);
    let mut n = network(5);
    n.rules.general.push(safety(Some(at(0)), 1));
    n.locations[1].closed = Some("stocktaking".to_owned());
    n.locations[2].daily_order_capacity = Some(0);
    n.flags.insert(sku(1), vec![(at(3), Allowed { ship: false, pickup: true })]);
    let (plan, trace) = run(&order(&[(1, 2)]), &n, &levels);
    assert_eq!(places(&plan), [(1, 4, 2)]);
    let removed: Vec<_> = trace.rules[1].candidates.iter().filter_map(|c| c.removed.clone()).collect();
    assert_eq!(removed, [Removal::Closed("stocktaking".to_owned()), Removal::Full, Removal::NothingAvailable]);
}

#[test]
fn pickup_is_from_the_chosen_store_or_not_at_all() {
    let mut wanted = order(&[(1, 1)]);
    wanted.method = Method::Pickup;
    wanted.pickup_location = Some(at(1));
    let (plan, _) = run(&wanted, &network(3), &stock(&[(1, 0, 9), (1, 1, 1)]));
    assert_eq!(places(&plan), [(1, 1, 1)]);
    let (plan, _) = run(&wanted, &network(3), &stock(&[(1, 0, 9)]));
    assert_eq!(plan.waiting, [Waiting { line_no: 1, quantity: 1, queue: Queue::Unfillable, location: None, expected_at: None }]);
}

#[test]
fn a_band_makes_ties_for_the_next_fact() {
    let by = |band| {
        let prefer = Prefer::Ranked(vec![Preference { band, ..Preference::by("distance") }, Preference::by("stock")]);
        rules(vec![Rule { prefer, allocate: Allocate::one(), ..rule("Banded") }])
    };
    let (n, levels) = (network(3), stock(&[(1, 0, 1), (1, 1, 50), (1, 2, 90)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    assert_eq!(places(&plan(&order(&[(1, 1)]), &snapshot, &by(None))), [(1, 0, 1)]);
    // A degree at the equator is 111 km: places 0 and 1 are in the first 200 km, place 2 is not.
    assert_eq!(places(&plan(&order(&[(1, 1)]), &snapshot, &by(Some(200.0)))), [(1, 1, 1)]);
}

#[test]
fn those_named_first_come_first() {
    let prefer = Prefer::Ranked(vec![Preference { first: vec!["L002".to_owned(), "L001".to_owned()], ..Preference::by("location") }]);
    let ruleset = rules(vec![Rule { prefer, ..rule("In turn") }]);
    let n = network(4);
    let from = |levels: &[(u128, u128, i32)]| {
        let levels = stock(levels);
        places(&plan(&order(&[(1, 1)]), &Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels }, &ruleset))
    };
    assert_eq!(from(&[(1, 0, 1), (1, 1, 1), (1, 2, 1)]), [(1, 2, 1)]);
    assert_eq!(from(&[(1, 0, 1), (1, 1, 1), (1, 3, 1)]), [(1, 1, 1)]);
    assert_eq!(from(&[(1, 0, 1), (1, 3, 1)]), [(1, 0, 1)]);
}

#[test]
fn soft_filters_give_way_and_hard_ones_do_not() {
    let with = |filter: Filter| {
        let web = Condition::Order(Test::one_of("channel", &["web"]));
        let when = Condition::Any(vec![web, Condition::Order(Test::at_least("units", 9.0))]);
        rules(vec![Rule { when, candidates: vec![filter], allocate: Allocate::one(), ..rule("Warehouse") }])
    };
    let (n, levels) = (network(3), stock(&[(1, 2, 1)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let warehouses = || Test::one_of("kind", &["warehouse"]);
    assert_eq!(places(&plan(&order(&[(1, 1)]), &snapshot, &with(warehouses().soft()))), [(1, 2, 1)]);
    assert!(plan(&order(&[(1, 1)]), &snapshot, &with(warehouses().hard())).assignments.is_empty());
}

#[test]
fn conditions_on_lines_count_lines() {
    let when = |of, test| Condition::Lines(LinesTest { of, test });
    let category = |word: &str| Test::one_of("category", &[word]);
    let (n, levels) = (network(1), stock(&[(1, 0, 9), (2, 0, 9)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let matches = |when: Condition| plan(&order(&[(1, 1), (2, 1)]), &snapshot, &rules(vec![Rule { when, ..rule("Lines") }])).rule.is_some();
    assert!(matches(when(Scope::Any, category("c0"))) && matches(when(Scope::Any, category("c1"))));
    assert!(!matches(when(Scope::All, category("c1"))) && matches(when(Scope::None, category("c2"))));
    assert!(matches(Condition::None(vec![when(Scope::None, category("c1"))])));
}

#[test]
fn what_belongs_together_comes_from_one_place_or_waits() {
    // Lines 1 and 3 share a category; nobody has both.
    let levels = stock(&[(1, 0, 1), (2, 0, 1), (3, 1, 1)]);
    let n = network(2);
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let apart = rules(vec![rule("Apart")]);
    let together = rules(vec![Rule { allocate: Allocate { keep_together: vec!["category".to_owned()], ..Allocate::default() }, ..rule("Together") }]);
    let wanted = order(&[(1, 1), (2, 1), (3, 1)]);
    assert!(plan(&wanted, &snapshot, &apart).waiting.is_empty());
    let kept = plan(&wanted, &snapshot, &together);
    assert_eq!(places(&kept), [(2, 0, 1)]);
    assert_eq!(kept.waiting.iter().map(|w| w.line_no).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_line_is_not_split_where_the_rule_says_so_nor_into_parts_that_are_worth_too_little() {
    let (n, levels) = (network(3), stock(&[(1, 0, 2), (1, 1, 1), (2, 2, 1)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let with = |allocate| rules(vec![Rule { allocate, prefer: Prefer::Ranked(vec![Preference::by("distance")]), ..rule("Split") }]);
    let wanted = order(&[(1, 3), (2, 1)]);
    assert_eq!(places(&plan(&wanted, &snapshot, &with(Allocate::default()))), [(1, 0, 2), (1, 1, 1), (2, 2, 1)]);
    let whole = Allocate { never_split: vec![Test::one_of("sku", &["SKU-1"])], ..Allocate::default() };
    assert_eq!(places(&plan(&wanted, &snapshot, &with(whole))), [(2, 2, 1)]);
    assert_eq!(places(&plan(&wanted, &snapshot, &with(Allocate { per_line: Some(1), ..Allocate::default() }))), [(2, 2, 1)]);
    // A unit is worth 500: a part of one unit is worth too little for 600; what waits then is worth 1,000.
    let worth = plan(&wanted, &snapshot, &with(Allocate { least_part_minor: Some(600), ..Allocate::default() }));
    assert_eq!(places(&worth), [(1, 0, 2)]);
    let two = stock(&[(1, 0, 3), (2, 1, 1)]);
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &two };
    let least = |minor| with(Allocate { least_part_minor: Some(minor), ..Allocate::default() });
    assert!(plan(&wanted, &snapshot, &least(500)).waiting.is_empty());
    assert!(plan(&wanted, &snapshot, &least(501)).assignments.is_empty());
}

#[test]
fn what_is_missing_comes_from_vendors_whatever_the_rule_asks_of_locations() {
    let mut n = network(3);
    n.locations[2].kind = LocationKind::Vendor;
    let levels = stock(&[(1, 0, 1), (1, 2, 5), (2, 1, 5)]);
    let partial = Step::only(Action::plain("drop_ship").with("rest", Fill::Text("backorder".to_owned())));
    let ours = vec![Test::one_of("location", &["L000"]).hard()];
    let ruleset = rules(vec![Rule { candidates: ours, then: Then { partial: partial.clone(), ..rule("").then }, ..rule("Ours") }]);
    let done = plan(&order(&[(1, 3), (2, 1)]), &Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels }, &ruleset);
    assert_eq!(places(&done), [(1, 0, 1), (1, 2, 2)]);
    assert_eq!(done.waiting.iter().map(|w| (w.line_no, w.queue)).collect::<Vec<_>>(), [(2, Queue::Backorder)]);
}

#[test]
fn what_is_done_besides_is_said_in_the_plan() {
    let also =
        vec![Action::plain("tag").with("tag", Fill::Text("far".to_owned())), Action::plain("announce").with("word", Fill::Text("split".to_owned()))];
    let full = Step { also, ..assign("unfillable") };
    let ruleset = rules(vec![Rule { then: Then { full, ..rule("").then }, ..rule("Also") }]);
    let (n, levels) = (network(1), stock(&[(1, 0, 1)]));
    let done = plan(&order(&[(1, 1)]), &Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels }, &ruleset);
    assert_eq!(done.besides, [Besides::Tag("far".to_owned()), Besides::Announce("split".to_owned())]);
}

#[test]
fn rules_are_stored_as_people_would_write_them() {
    let mut one = rule("Spain");
    one.when = Condition::All(vec![
        Condition::Order(Test::one_of("country", &["ES"])),
        Condition::Lines(LinesTest { of: Scope::Any, test: Test::at_least("quantity", 2.0) }),
    ]);
    one.candidates = vec![Test { fact: "open_now".to_owned(), asks: Asks::Is(true) }.soft(), Test::at_most("distance", 50.0).hard()];
    let text = serde_json::to_value(&one).unwrap();
    assert_eq!(text["when"]["all"][0], serde_json::json!({"order": {"fact": "country", "one_of": ["ES"]}}));
    assert_eq!(text["when"]["all"][1], serde_json::json!({"lines": {"of": "any", "fact": "quantity", "at_least": 2.0}}));
    assert_eq!(text["candidates"], serde_json::json!([{"fact": "open_now", "is": true, "hard": false}, {"fact": "distance", "at_most": 50.0}]));
    assert_eq!(text["then"]["full"], serde_json::json!({"act": {"do": "assign", "rest": "unfillable"}}));
    assert_eq!(serde_json::from_value::<Rule>(text).unwrap(), one);
}

#[test]
fn a_question_that_could_be_misread_is_refused() {
    let read = |text: &str| serde_json::from_str::<Filter>(text).map_err(|e| e.to_string());
    for wrong in [
        r#"{"fact": "value", "at_least": 5000, "at_most": 10000}"#,
        r#"{"fact": "value"}"#,
        r#"{"fact": "distance", "at_most": 50, "Hard": false}"#,
        r#"{"fact": "distance", "at_most": 50, "of": "any"}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    assert!(read(r#"{"fact": "distance", "at_most": 50}"#).unwrap().hard);
    assert!(serde_json::from_str::<Test>(r#"{"fact": "distance", "at_most": 50, "hard": true}"#).is_err());
    assert!(serde_json::from_str::<LinesTest>(r#"{"fact": "sku", "one_of": ["A"]}"#).is_err());
}

#[test]
fn everything_that_is_wrong_with_rules_is_said_with_its_place() {
    let mut bad = rule("");
    bad.when = Condition::All(vec![Condition::Order(Test::at_least("channel", 1.0)), Condition::Order(Test::one_of("moon", &["full"]))]);
    bad.candidates = vec![Test::at_most("distance", f64::NAN).hard(), Test::one_of("kind", &[]).hard()];
    bad.prefer = Prefer::Ranked(vec![Preference::in_bands_of("distance", 0.0), Preference::by("open_now"), Preference::by("location")]);
    bad.allocate = Allocate { parcels: Some(0), keep_together: vec!["quantity".to_owned()], ..Allocate::default() };
    bad.then.full = hold("nowhere");
    bad.then.none = assign("unfillable");
    let problems = Ruleset::of(crate::ids::RulesetId(Uuid::nil()), 0, "Bad", &Rules { rules: vec![bad], relax_days: vec![2, 2] }).unwrap_err();
    let places: Vec<_> = problems.iter().map(|p| p.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "/relax_days",
            "/rules/0/id",
            "/rules/0/name",
            "/rules/0/when/all/0/order",
            "/rules/0/when/all/1/order",
            "/rules/0/candidates/0",
            "/rules/0/candidates/1",
            "/rules/0/prefer/ranked/0",
            "/rules/0/prefer/ranked/1",
            "/rules/0/prefer/ranked/2",
            "/rules/0/allocate/parcels",
            "/rules/0/allocate/keep_together/0",
            "/rules/0/then/full/act/queue",
            "/rules/0/then/none/act",
        ]
    );
}

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

fn any_rules() -> impl Strategy<Value = Rules> {
    let days = prop::sample::select(vec![vec![], vec![2], vec![1, 5]]);
    (prop::collection::vec(any_rule(), 1..6), days).prop_map(|(mut rules, relax_days)| {
        for (n, rule) in rules.iter_mut().enumerate() {
            rule.id = format!("rule-{n}");
            rule.name = format!("Rule {n}");
        }
        Rules { rules, relax_days }
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
    ) {
        let mut order = order(&lines);
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
            let ask = Ask { order: &order, snapshot: &snapshot, sending: sending.as_ref(), seen: &seen, gives_way: GivesWay::Altogether, traced: false };
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

    /// No way to send as much costs less, by trying all of them.
    #[test]
    fn the_cheapest_is_the_cheapest(
        lines in prop::collection::vec(1i32..3, 1..4),
        levels in prop::collection::vec((0u128..3, 0u128..4, 1i32..3), 1..10),
        parcel_costs in prop::collection::vec(0i64..900, 4),
        unit_costs in prop::collection::vec(0i64..300, 4),
        km_price in 0.0f64..3.0,
        parcels in prop::option::of(1u8..4),
    ) {
        let lines: Vec<(u128, i32)> = lines.into_iter().enumerate().map(|(sku, units)| (sku as u128, units)).collect();
        let (order, mut network, stock) = (order(&lines), network(4), stock(&levels));
        for (location, (parcel, unit)) in network.locations.iter_mut().zip(parcel_costs.iter().zip(&unit_costs)) {
            (location.handling_order_minor, location.handling_unit_minor) = (*parcel, *unit);
        }
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let part = |by: &str, weight| CostPart { by: by.to_owned(), weight };
        let prefer = Prefer::Cheapest(vec![part("handling", 100.0), part("distance", km_price)]);
        let ruleset = rules(vec![Rule { prefer, allocate: Allocate { parcels, ..Allocate::default() }, ..rule("Cheapest") }]);
        let done = plan(&order, &snapshot, &ruleset);
        let km: Vec<f64> = network.locations.iter().map(|l| l.point.distance_km(order.destination)).collect();
        let cost = |units: &[i32]| -> f64 {
            units.iter().enumerate().filter(|(_, n)| **n > 0).map(|(i, n)| parcel_costs[i] as f64 + km[i] * km_price + f64::from(*n) * unit_costs[i] as f64).sum()
        };
        // Every way of giving each unit to a place or to none.
        let wanted: Vec<u128> = lines.iter().flat_map(|(sku, units)| std::iter::repeat_n(*sku, *units as usize)).collect();
        let mut best = (usize::MAX, f64::INFINITY);
        for way in 0..5usize.pow(wanted.len() as u32) {
            let (mut left, mut units, mut missed, mut way) = (BTreeMap::new(), [0i32; 4], 0, way);
            let mut fits = true;
            for sku_no in &wanted {
                let place = way % 5;
                way /= 5;
                if place == 4 {
                    missed += 1;
                    continue;
                }
                let free = left.entry((*sku_no, place)).or_insert_with(|| {
                    snapshot.available(Buyer::in_channel("web"), sku(*sku_no), at(place as u128))
                });
                *free -= 1;
                fits = fits && *free >= 0;
                units[place] += 1;
            }
            let used = units.iter().filter(|n| **n > 0).count();
            if fits && used <= parcels.map_or(4, usize::from) {
                let found = (missed, cost(&units));
                if found.0 < best.0 || (found.0 == best.0 && found.1 < best.1) {
                    best = found;
                }
            }
        }
        let mut units = [0i32; 4];
        for a in &done.assignments {
            units[(a.location.0.as_u128() - 1_000) as usize] += a.quantity;
        }
        let missed: i32 = done.waiting.iter().map(|w| w.quantity).sum();
        prop_assert_eq!(missed as usize, best.0);
        prop_assert!((cost(&units) - best.1).abs() < 1e-6, "{} where {} does", cost(&units), best.1);
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

    /// Where the order could be filled at all, it is, and with as few parcels as brute force finds.
    #[test]
    fn splits_are_the_fewest(
        lines in prop::collection::vec((0u128..4, 1i32..4), 1..5),
        levels in prop::collection::vec((0u128..4, 0u128..6, 1i32..4), 1..20),
    ) {
        let (order, network, stock) = (order(&lines), network(6), stock(&levels));
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let plan = plan(&order, &snapshot, &ready(&Rules::starting()));
        let fits = |mask: u32| {
            (0..4u128).all(|s| {
                let need: i32 = lines.iter().filter(|l| l.0 == s).map(|l| l.1).sum();
                let have: i32 = (0..6u32).filter(|i| mask >> i & 1 == 1).map(|i| snapshot.available(Buyer::in_channel("web"), sku(s), at(u128::from(i)))).sum();
                have >= need
            })
        };
        let fewest = (1u32..64).filter(|mask| fits(*mask)).map(u32::count_ones).min();
        let mut used: Vec<_> = plan.assignments.iter().map(|a| a.location).collect();
        used.sort();
        used.dedup();
        match fewest {
            Some(fewest) => {
                prop_assert!(plan.waiting.is_empty());
                prop_assert!(used.len() as u32 <= fewest, "{} parcels where {} do", used.len(), fewest);
            }
            None => prop_assert!(!plan.waiting.is_empty()),
        }
    }
}

/// A service that goes everywhere, for a price by weight: up to 1, 2, 5 and 30 kg.
const POST_MINOR: [(i32, i64); 4] = [(1_000, 300), (2_000, 450), (5_000, 700), (30_000, 1_500)];

fn post() -> Delivery {
    let map = ZoneMap { name: "All".to_owned(), places: vec![ZonePlace { zone: "all".to_owned(), ..ZonePlace::default() }] };
    let rows = POST_MINOR.map(|(grams, amount_minor)| RateRow { up_to_grams: Some(grams), amount_minor, ..RateRow::default() });
    let card =
        RateCard { name: "Post".to_owned(), currency: "GBP".to_owned(), zone_map: "all".to_owned(), rows: rows.to_vec(), ..RateCard::default() };
    let service = Service {
        zone_map: "all".to_owned(),
        rate_card: "post".to_owned(),
        transit: vec![Transit { zone: "all".to_owned(), days: 1 }],
        collections: vec![Collection {
            location: String::new(),
            weekdays: Weekdays::monday_to(6),
            at: chrono::NaiveTime::from_hms_opt(17, 0, 0).unwrap(),
        }],
        delivers: Weekdays::monday_to(6),
        delivers_from: chrono::NaiveTime::from_hms_opt(8, 0, 0).unwrap(),
        delivers_until: chrono::NaiveTime::from_hms_opt(18, 0, 0).unwrap(),
        ..Service::default()
    };
    Delivery::of([
        ("all".to_owned(), Setting::ZoneMap(map)),
        ("post".to_owned(), Setting::RateCard(card)),
        ("post".to_owned(), Setting::Service(service)),
    ])
}

fn open_all_week() -> Calendar {
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let hours = Some(Hours { opens: time(8), closes: time(18), cut_off: time(16) });
    Calendar { weeks: vec![Week { from: DateTime::UNIX_EPOCH, days: [hours; 7] }], ..Calendar::default() }
}

/// What a mixed-integer program finds to be the least cost of sending as much as possible.
fn least_by_program(lines: &[(u128, i32)], grams: &[i32], free: &dyn Fn(u128, usize) -> i32, parcel: &[f64], unit: &[f64]) -> f64 {
    use microlp::{ComparisonOp, OptimizationDirection, Problem};
    const MISSED: f64 = 10_000.0;
    let mut program = Problem::new(OptimizationDirection::Minimize);
    let places = 0..parcel.len();
    let opened: Vec<_> = places.clone().map(|i| program.add_binary_var(parcel[i])).collect();
    let bands: Vec<Vec<_>> = places.clone().map(|_| POST_MINOR.iter().map(|(_, minor)| program.add_binary_var(*minor as f64)).collect()).collect();
    let mut weights: Vec<Vec<(microlp::Variable, f64)>> = vec![Vec::new(); parcel.len()];
    for (line, (sku, wanted)) in lines.iter().enumerate() {
        let missed = program.add_integer_var(MISSED, (0, *wanted));
        let mut sum = vec![(missed, 1.0)];
        for i in places.clone() {
            let most = free(*sku, i).min(*wanted);
            let units = program.add_integer_var(unit[i], (0, most));
            program.add_constraint([(units, 1.0), (opened[i], -f64::from(most))], ComparisonOp::Le, 0.0);
            weights[i].push((units, f64::from(grams[line])));
            sum.push((units, 1.0));
        }
        program.add_constraint(sum, ComparisonOp::Eq, f64::from(*wanted));
    }
    for i in places {
        let one_band = bands[i].iter().map(|band| (*band, 1.0)).chain([(opened[i], -1.0)]);
        program.add_constraint(one_band.collect::<Vec<_>>(), ComparisonOp::Eq, 0.0);
        let room = bands[i].iter().zip(POST_MINOR).map(|(band, (most, _))| (*band, -f64::from(most)));
        program.add_constraint(weights[i].iter().copied().chain(room).collect::<Vec<_>>(), ComparisonOp::Le, 0.0);
    }
    program.solve().unwrap().into_solution().unwrap().objective().round()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    /// On ten thousand random orders, with the carrier's price by weight among the costs, the same as a mixed-integer program.
    #[test]
    fn the_cheapest_costs_what_a_mixed_integer_program_says(
        lines in prop::collection::vec((1i32..4, 100i32..1_500), 1..5),
        levels in prop::collection::vec((0u128..4, 0u128..5, 1i32..4), 1..14),
        parcel_costs in prop::collection::vec(0i64..600, 5),
        unit_costs in prop::collection::vec(0i64..200, 5),
    ) {
        let grams: Vec<i32> = lines.iter().map(|(_, grams)| *grams).collect();
        let lines: Vec<(u128, i32)> = lines.into_iter().enumerate().map(|(sku, (units, _))| (sku as u128, units)).collect();
        let (mut order, mut network, stock) = (order(&lines), network(5), stock(&levels));
        order.lines.iter_mut().zip(&grams).for_each(|(line, grams)| line.size.grams = *grams);
        order.services = Some(vec!["post".to_owned()]);
        network.delivery = post();
        for (location, (parcel, unit)) in network.locations.iter_mut().zip(parcel_costs.iter().zip(&unit_costs)) {
            (location.handling_order_minor, location.handling_unit_minor) = (*parcel, *unit);
            location.calendar = open_all_week();
        }
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let part = |by: &str| CostPart { by: by.to_owned(), weight: 100.0 };
        let ruleset = rules(vec![Rule { prefer: Prefer::Cheapest(vec![part("shipping"), part("handling")]), ..rule("Cheapest") }]);
        let done = plan(&order, &snapshot, &ruleset);

        let mut cost = done.waiting.iter().map(|w| f64::from(w.quantity) * 10_000.0).sum::<f64>();
        for i in 0..5 {
            let from: Vec<_> = done.assignments.iter().filter(|a| a.location == at(i as u128)).collect();
            let weight: i32 = from.iter().map(|a| a.quantity * grams[(a.line_no - 1) as usize]).sum();
            if let Some((_, minor)) = POST_MINOR.iter().find(|(most, _)| weight > 0 && weight <= *most) {
                cost += (minor + parcel_costs[i]) as f64 + from.iter().map(|a| f64::from(a.quantity) * unit_costs[i] as f64).sum::<f64>();
            }
        }
        let free = |s: u128, i: usize| snapshot.available(Buyer::in_channel("web"), sku(s), at(i as u128));
        let parcel: Vec<f64> = parcel_costs.iter().map(|c| *c as f64).collect();
        let unit: Vec<f64> = unit_costs.iter().map(|c| *c as f64).collect();
        prop_assert_eq!(cost.round(), least_by_program(&lines, &grams, &free, &parcel, &unit));
    }
}

#[test]
fn a_promise_is_kept_where_its_units_have_come_and_cannot_be_sent_today() {
    let mut n = network(2);
    n.locations[0].daily_order_capacity = Some(1);
    let mut levels = stock(&[(1, 0, 3)]);
    levels.capacity_taken.insert(at(0), 1);
    let promise = Waiting { line_no: 1, quantity: 2, queue: Queue::Backorder, location: Some(at(0)), expected_at: Some(DateTime::UNIX_EPOCH) };
    let mut waiting = order(&[(1, 3)]);
    waiting.promised = vec![promise.clone()];
    let (plan, _) = run(&waiting, &n, &levels);
    let told: Vec<_> = plan.waiting.iter().map(|w| (w.quantity, w.location)).collect();
    assert_eq!((plan.assignments.len(), told), (0, vec![(1, None), (2, Some(at(0)))]));
    // By a place that has turned the order down it is not kept.
    waiting.excluded = vec![at(0)];
    assert!(run(&waiting, &n, &levels).0.waiting.iter().all(|w| w.location.is_none()));
}
