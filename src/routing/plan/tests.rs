use super::*;
use crate::inventory::calendar::Calendar;
use crate::inventory::rules::{Quantity, RuleKind, StockRule};
use crate::inventory::{Allowed, LocationKind, Network, StockLevel, StockView};
use crate::routing::{Allocate, Band, Condition, Filter, OrderTest, Then};
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
            })
            .collect(),
        excluded: Vec::new(),
        promised: Vec::new(),
    }
}

fn rules(rules: Vec<Rule>) -> Ruleset {
    Ruleset { id: crate::ids::RulesetId(Uuid::nil()), version: 1, name: "Test".to_owned(), rules }
}

fn run(order: &PlanOrder, network: &Network, stock: &StockView) -> (Plan, Trace) {
    plan(order, &Snapshot { at: DateTime::UNIX_EPOCH, network, stock }, &rules(Ruleset::starting_rules()))
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
    assert_eq!(removed, [Removal::Closed("stocktaking".to_owned()), Removal::Filter(LocationTest::HasCapacity), Removal::NothingAvailable]);
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
fn a_band_makes_ties_for_the_next_criterion() {
    let by = |band| {
        rules(vec![Rule {
            name: "Banded".to_owned(),
            when: Condition::Always,
            candidates: Vec::new(),
            prefer: vec![Preference { by: Criterion::Distance, band }, Preference { by: Criterion::StockBalance, band: None }],
            allocate: Allocate::One,
            then: Then { full: Action::Assign { rest: Queue::Unfillable }, partial: Action::NextRule, none: Action::NextRule },
        }])
    };
    let (n, levels) = (network(3), stock(&[(1, 0, 1), (1, 1, 50), (1, 2, 90)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    assert_eq!(places(&plan(&order(&[(1, 1)]), &snapshot, &by(None)).0), [(1, 0, 1)]);
    // A degree at the equator is 111 km: places 0 and 1 are in the first 200 km, place 2 is not.
    assert_eq!(places(&plan(&order(&[(1, 1)]), &snapshot, &by(Some(Band(200.0)))).0), [(1, 1, 1)]);
}

#[test]
fn soft_filters_give_way_and_hard_ones_do_not() {
    let with = |hard| {
        rules(vec![Rule {
            name: "Warehouse".to_owned(),
            when: Condition::Any(vec![Condition::Order(OrderTest::ChannelIn(vec!["web".to_owned()])), Condition::Order(OrderTest::UnitsAtLeast(9))]),
            candidates: vec![Filter { test: LocationTest::KindIn(vec![LocationKind::Warehouse]), hard }],
            prefer: Vec::new(),
            allocate: Allocate::One,
            then: Then {
                full: Action::Assign { rest: Queue::Unfillable },
                partial: Action::Hold(Queue::Unfillable),
                none: Action::Hold(Queue::Unfillable),
            },
        }])
    };
    let (n, levels) = (network(3), stock(&[(1, 2, 1)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    assert_eq!(places(&plan(&order(&[(1, 1)]), &snapshot, &with(false)).0), [(1, 2, 1)]);
    assert!(plan(&order(&[(1, 1)]), &snapshot, &with(true)).0.assignments.is_empty());
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
        let ruleset = rules(Ruleset::starting_rules());
        let (first, trace) = plan(&order, &snapshot, &ruleset);

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
        prop_assert_eq!((first, trace), plan(&order, &snapshot, &ruleset));
    }

    /// Where the order could be filled at all, it is, and with as few parcels as brute force finds.
    #[test]
    fn splits_are_the_fewest(
        lines in prop::collection::vec((0u128..4, 1i32..4), 1..5),
        levels in prop::collection::vec((0u128..4, 0u128..6, 1i32..4), 1..20),
    ) {
        let (order, network, stock) = (order(&lines), network(6), stock(&levels));
        let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &network, stock: &stock };
        let (plan, _) = plan(&order, &snapshot, &rules(Ruleset::starting_rules()));
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
