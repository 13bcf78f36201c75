use super::*;
use crate::carriers::{Collection, Delivery, RateCard, RateRow, Service, Setting, Transit, Weekdays, ZoneMap, ZonePlace};
use crate::catalog::{Size, SkuTraits};
use crate::geo::GeoPoint;
use crate::ids::LocationId;
use crate::inventory::backorders::{LaterKind, LaterTerms};
use crate::inventory::calendar::{Calendar, Hours, Week};
use crate::inventory::rules::{Quantity, RuleKind, StockRule};
use crate::inventory::{Allowed, Buyer, LocationKind, Network, StockLevel, StockView};
use crate::routing::actions::Besides;
use crate::routing::facts::{OfLine, OfOrder, OfPlace, Reads, Subject};
use crate::routing::rules::{
    Action, Allocate, Asks, Condition, CostPart, Fill, Filter, LinesTest, Prefer, Preference, Rule, Rules, Scope, Step, Test, Then,
};
use crate::routing::{NotBefore, TurnedDown};
use chrono::DateTime;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
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
        postcode: "LS1 4AP".to_owned(),
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
        measured: None,
    }
}

fn network(n: u32) -> Network {
    Network { locations: (0..n).map(location).collect(), ..Network::default() }
}

fn stock(levels: &[(u128, u128, i32)]) -> StockView {
    StockView {
        levels: levels.iter().map(|(s, l, n)| (sku(*s), at(*l), StockLevel { on_hand: *n, reserved: 0, ..StockLevel::default() })).collect(),
        ..StockView::default()
    }
}

/// Units of everything that are kept back, at one location or at each.
fn safety(location: Option<LocationId>, units: i32) -> StockRule {
    let id = crate::ids::StockRuleId(Uuid::nil());
    StockRule {
        id,
        kind: RuleKind::Safety,
        locations: location.map(|l| BTreeSet::from([l])),
        channel: None,
        group: None,
        quantity: Quantity::Units(units),
    }
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
        not_before: Vec::new(),
        taken_by: None,
        by_hand: false,
        promised: Vec::new(),
        traits: OrderTraits::default(),
    }
}

fn ready(rules: &Rules) -> Ruleset {
    Ruleset::of(crate::ids::RulesetId(Uuid::nil()), 1, "Test", rules).unwrap()
}

fn rules(rules: Vec<Rule>) -> Ruleset {
    ready(&Rules { rules, ..Rules::default() })
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

/// What is left for the best place would be worth too little: two others share it.
#[test]
fn a_better_stocked_place_gives_way_where_it_leaves_too_little_for_another() {
    let (n, levels) = (network(3), stock(&[(1, 0, 9), (1, 1, 6), (1, 2, 4)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let allocate = Allocate { least_part_minor: Some(1_500), ..Allocate::default() };
    let worth = rules(vec![Rule { allocate, prefer: Prefer::Ranked(vec![Preference::by("distance")]), ..rule("Worth it") }]);
    assert_eq!(places(&plan(&order(&[(1, 10)]), &snapshot, &worth)), [(1, 1, 6), (1, 2, 4)]);
}

#[test]
fn what_is_put_off_is_not_asked_of_those_who_have_the_rest() {
    let mut n = network(2);
    let expected_at = DateTime::UNIX_EPOCH + TimeDelta::days(9);
    let terms = LaterTerms { location: at(1), kind: LaterKind::Backorder, most_units: 9, expected_at, until: None };
    n.later.insert(sku(1), vec![terms]);
    let levels = stock(&[(1, 0, 2)]);
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let demand = Test { fact: "has_everything".to_owned(), asks: Asks::Is(true) }.hard();
    let planned = plan(&order(&[(1, 5)]), &snapshot, &rules(vec![Rule { candidates: vec![demand], ..rule("Everything") }]));
    assert_eq!(places(&planned), [(1, 0, 2)]);
    assert_eq!(planned.waiting.iter().map(|w| (w.quantity, w.location)).collect::<Vec<_>>(), [(3, Some(at(1)))]);
}

/// The nearest would be weeks late, the next a day or two: a promise that gives way by days goes to the next, one that gives way at once to the nearest.
#[test]
fn a_promise_gives_way_day_by_day() {
    let mut n = network(2);
    n.delivery = cheapest::post();
    n.locations.iter_mut().for_each(|place| place.calendar = cheapest::open_all_week());
    n.locations[0].handling_minutes = 20 * 600;
    let levels = stock(&[(1, 0, 1), (1, 1, 1)]);
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let mut wanted = order(&[(1, 1)]);
    wanted.services = Some(vec!["post".to_owned()]);
    wanted.lines[0].promised_by = Some(DateTime::UNIX_EPOCH + TimeDelta::hours(12));
    let sends = |relax_days: Vec<u16>| {
        let nearest = Rule { prefer: Prefer::Ranked(vec![Preference::by("distance")]), ..rule("Nearest") };
        places(&plan(&wanted, &snapshot, &ready(&Rules { rules: vec![nearest], relax_days, ..Rules::default() })))
    };
    assert_eq!(sends(vec![1, 4]), [(1, 1, 1)]);
    assert_eq!(sends(Vec::new()), [(1, 0, 1)]);
    assert_eq!(sends(vec![1, 60]), [(1, 0, 1)], "by so much the nearest is in time, too");
}

#[test]
fn what_is_missing_comes_from_vendors_whatever_the_rule_asks_of_locations() {
    let mut n = network(3);
    n.locations[2].kind = LocationKind::Vendor;
    let levels = stock(&[(1, 0, 1), (1, 2, 5), (2, 1, 5)]);
    let partial = Step::only(Action::plain("drop_ship").with("rest", Fill::Text("backorder".to_owned())));
    let ours = vec![Test::one_of("location", &["L000"]).hard()];
    let ruleset = |allocate| {
        let then = Then { partial: partial.clone(), ..rule("").then };
        rules(vec![Rule { candidates: ours.clone(), then, allocate, ..rule("Ours") }])
    };
    let by = |allocate| plan(&order(&[(1, 3), (2, 1)]), &Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels }, &ruleset(allocate));
    assert_eq!(places(&by(Allocate { parcels: Some(1), ..Allocate::default() })), [(1, 0, 1)], "a vendor's parcel is one more");
    let done = by(Allocate::default());
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
fn the_best_that_have_all_of_it_are_asked() {
    let n = network(5);
    let asked = |places: f64| {
        let offer = Action::plain("offer").with("places", Fill::Number(places)).with("minutes", Fill::Number(10.0));
        rules(vec![Rule { then: Then { full: Step { also: vec![offer], ..assign("unfillable") }, ..rule("").then }, ..rule("Asked") }])
    };
    let of = |levels: &StockView, wanted: &PlanOrder, ruleset: &Ruleset| {
        let done = plan(wanted, &Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: levels }, ruleset);
        done.offer.map(|offer| (offer.locations, offer.minutes))
    };
    let two = order(&[(1, 2)]);
    // The second has too little of it.
    let levels = stock(&[(1, 0, 2), (1, 1, 1), (1, 2, 9), (1, 3, 9), (1, 4, 9)]);
    assert_eq!(of(&levels, &two, &asked(3.0)), Some((vec![at(0), at(2), at(3)], 10)));
    assert_eq!(of(&levels, &two, &asked(20.0)).map(|offer| offer.0.len()), Some(4));
    // Whoever has taken it is asked for nothing more, and what comes from several is nobody's.
    let taken = PlanOrder { taken_by: Some(at(3)), ..two.clone() };
    let done = plan(&taken, &Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels }, &asked(3.0));
    assert_eq!((places(&done), done.offer), (vec![(1, 3, 2)], None));
    assert_eq!(of(&stock(&[(1, 0, 1), (1, 1, 1)]), &two, &asked(3.0)), None);
    assert_eq!(of(&stock(&[(1, 0, 2)]), &two, &asked(3.0)), None, "only one has it");
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
    let problems = Ruleset::of(crate::ids::RulesetId(Uuid::nil()), 0, "Bad", &Rules { rules: vec![bad], relax_days: vec![2, 2], not_again_days: 61 })
        .unwrap_err();
    let places: Vec<_> = problems.iter().map(|p| p.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "/relax_days",
            "/not_again_days",
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

#[test]
fn what_a_store_said_it_does_not_have_is_not_asked_of_it_for_as_long_as_the_rules_say() {
    let mut n = network(2);
    (n.locations[0].kind, n.locations[1].kind) = (LocationKind::Store, LocationKind::Warehouse);
    let levels = stock(&[(1, 0, 5), (2, 0, 5), (1, 1, 5), (2, 1, 5)]);
    let now = DateTime::UNIX_EPOCH;
    let no = |location: u128, days_ago: i64, skus: Option<&[u128]>| TurnedDown {
        location: at(location),
        at: now - chrono::TimeDelta::days(days_ago),
        lacking: skus.map(|skus| skus.iter().map(|s| sku(*s)).collect()),
    };
    let sent = |wanted: &[(u128, i32)], refusals: &[TurnedDown]| {
        let mut order = order(wanted);
        order.leave_out(refusals, 7, &n, now);
        let (plan, trace) = run(&order, &n, &levels);
        (places(&plan), trace.rules.iter().flat_map(|rule| &rule.candidates).find(|c| c.location == at(0)).and_then(|c| c.removed.clone()))
    };
    assert_eq!(sent(&[(1, 1)], &[]), (vec![(1, 0, 1)], None));
    assert_eq!(sent(&[(1, 1)], &[no(0, 6, Some(&[1]))]), (vec![(1, 1, 1)], Some(Removal::TurnedItDown)));
    assert_eq!(sent(&[(1, 1)], &[no(0, 7, Some(&[1]))]), (vec![(1, 0, 1)], None), "a week is over");
    assert_eq!(sent(&[(2, 1)], &[no(0, 6, Some(&[1]))]), (vec![(1, 0, 1)], None), "it has the other");
    assert_eq!(sent(&[(1, 1), (2, 1)], &[no(0, 6, Some(&[1]))]).0, [(1, 1, 1), (2, 1, 1)], "both together, from the one that is asked for both");
    assert_eq!(sent(&[(2, 1)], &[no(0, 60, None)]), (vec![(1, 1, 1)], Some(Removal::TurnedItDown)), "it would do none of it");
    let mut of_warehouse = order(&[(1, 1)]);
    of_warehouse.leave_out(&[no(1, 0, Some(&[1]))], 7, &n, now);
    assert_eq!(of_warehouse.not_before, [], "a warehouse that broke one has others");
    // What it will have after that is promised from there.
    let mut waiting = order(&[(1, 2)]);
    waiting.leave_out(&[no(0, 0, Some(&[1]))], 7, &n, now);
    let promised_in = |days: i64| {
        let mut waiting = waiting.clone();
        let expected_at = Some(now + chrono::TimeDelta::days(days));
        waiting.promised = vec![Waiting { line_no: 1, quantity: 2, queue: Queue::Backorder, location: Some(at(0)), expected_at }];
        run(&waiting, &n, &stock(&[])).0.waiting.iter().map(|w| w.location).collect::<Vec<_>>()
    };
    assert_eq!((promised_in(6), promised_in(7)), (vec![None], vec![Some(at(0))]));
}

mod cheapest;
mod counterfactual;
mod facts;
mod fuzz;
mod gives_way;
#[cfg(feature = "postgres")]
mod lint;
mod templates;

#[test]
fn what_would_be_marked_down_is_sent_first() {
    // The nearer sells a unit a day, the other one in ten days; both have twenty, which there are older.
    let network = network(3);
    let mut levels = stock(&[(1, 1, 20), (1, 2, 20)]);
    for (location, per_day_milli, came_day) in [(1, 1_000, 9), (2, 100, 3)] {
        let level = levels.levels.get_mut(sku(1), at(location)).unwrap();
        (level.per_day_milli, level.came_day) = (per_day_milli, came_day);
    }
    let day = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(10);
    let snapshot = Snapshot { at: day, network: &network, stock: &levels };
    let order = order(&[(1, 2)]);
    let by = |prefer: Prefer| places(&plan(&order, &snapshot, &rules(vec![Rule { prefer, ..rule("By") }])));
    assert_eq!(by(Prefer::Ranked(vec![Preference::by("distance")])), [(1, 1, 2)]);
    for fact in ["overstock", "markdown_risk", "stock_age", "days_of_cover"] {
        assert_eq!(by(Prefer::Ranked(vec![Preference::by(fact), Preference::by("distance")])), [(1, 2, 2)], "{fact}");
    }
    let cost = |code: &str| CostPart { by: code.to_owned(), weight: 30.0 };
    assert_eq!(by(Prefer::Cheapest(vec![cost("markdown")])), [(1, 2, 2)], "of the other fourteen would be left");
    // What is asked of them is answered in numbers: 14 of 20 are left, 70 in a hundred, for seven days.
    let demands = [("overstock", 14.0), ("markdown_risk", 72.0), ("stock_age", 7.0)];
    for (fact, was) in demands {
        let within = |least: f64| Rule { candidates: vec![Test::at_least(fact, least).hard()], ..rule("Least") };
        assert_eq!(places(&plan(&order, &snapshot, &rules(vec![within(was)]))), [(1, 2, 2)], "{fact}");
        assert_eq!(places(&plan(&order, &snapshot, &rules(vec![within(was + 1.0)]))), [], "{fact}");
    }
}
