//! What gives way, and when: limits of how an order may be spread, and the date that was promised.

use super::*;

#[test]
fn soft_limits_give_way_where_more_is_sent_without_them() {
    let (n, levels) = (network(3), stock(&[(1, 0, 1), (2, 1, 1), (3, 1, 1), (1, 2, 1)]));
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let with = |soft| {
        let allocate = Allocate { soft, ..Allocate::one() };
        rules(vec![Rule { allocate, prefer: Prefer::Ranked(vec![Preference::by("distance")]), ..rule("One parcel") }])
    };
    assert_eq!(places(&plan(&order(&[(1, 1), (2, 1)]), &snapshot, &with(false))), [(1, 0, 1)]);
    assert_eq!(places(&plan(&order(&[(1, 1), (2, 1)]), &snapshot, &with(true))), [(1, 0, 1), (2, 1, 1)]);
    // Where they do not stand in the way, they hold; and where nothing more is found without them.
    assert_eq!(places(&plan(&order(&[(2, 1), (3, 1)]), &snapshot, &with(true))), [(1, 1, 1), (2, 1, 1)]);
    assert_eq!(places(&plan(&order(&[(1, 1), (4, 1)]), &snapshot, &with(true))), [(1, 0, 1)]);
}

/// Two rules, each with a location of its own; the first's would be late, the second's would not.
#[test]
fn a_later_date_is_promised_by_the_rule_that_says_so() {
    let mut n = network(2);
    n.delivery = cheapest::post();
    n.locations.iter_mut().for_each(|place| place.calendar = cheapest::open_all_week());
    n.locations[0].handling_minutes = 20 * 600;
    let levels = stock(&[(1, 0, 1), (1, 1, 1), (2, 1, 1)]);
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let from = |code: &str, none: Step| Rule {
        candidates: vec![Test::one_of("location", &[code]).hard()],
        then: Then { full: assign("unfillable"), partial: none.clone(), none },
        ..rule(code)
    };
    let anew = Step::only(Action::plain("promise_anew").with("rest", Fill::Text("customer_care".to_owned())));
    let mut wanted = order(&[(1, 1)]);
    wanted.services = Some(vec!["post".to_owned()]);
    wanted.lines[0].promised_by = Some(DateTime::UNIX_EPOCH + TimeDelta::days(3));
    let decide = |order: &PlanOrder, none: Step| plan_traced(order, &snapshot, &rules(vec![from("L000", none), from("L001", Step::default())]));
    assert_eq!(places(&decide(&wanted, Step::default()).0), [(1, 1, 1)], "the next rule keeps the promise");
    let (late, trace) = decide(&wanted, anew.clone());
    assert_eq!(places(&late), [(1, 0, 1)], "the first promises another date");
    assert!(trace.rules[0].candidates.iter().any(|c| c.location == at(0) && c.removed.is_none()), "and tells who");
    // What it has neither in time nor later waits as it says.
    wanted.lines.push(PlanLine { line_no: 2, sku: sku(3), ..wanted.lines[0].clone() });
    let (late, _) = decide(&wanted, anew);
    assert_eq!(places(&late), [(1, 0, 1)]);
    assert_eq!(late.waiting.iter().map(|w| (w.line_no, w.queue)).collect::<Vec<_>>(), [(2, Queue::CustomerCare)]);
}

/// A date that was only shown bounds where it comes from; what is promised is when it comes. One that was promised before is kept to.
#[test]
fn what_was_shown_is_not_yet_promised() {
    let mut n = network(1);
    n.delivery = cheapest::post();
    n.locations[0].calendar = cheapest::open_all_week();
    let levels = stock(&[(1, 0, 1)]);
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let mut wanted = order(&[(1, 1)]);
    wanted.services = Some(vec!["post".to_owned()]);
    wanted.lines[0].promised_by = Some(DateTime::UNIX_EPOCH + TimeDelta::days(20));
    let ruleset = rules(vec![rule("Any")]);
    let hand_over =
        |order: &PlanOrder| crate::routing::promise(order, &plan(order, &snapshot, &ruleset), &snapshot).parcels[0].milestones.hand_over_by;
    let placed = hand_over(&wanted);
    wanted.traits.attempts = 1;
    let again = hand_over(&wanted);
    assert!(placed < DateTime::UNIX_EPOCH + TimeDelta::days(2) && again > DateTime::UNIX_EPOCH + TimeDelta::days(10), "{placed}, {again}");
}

#[test]
fn a_search_that_was_cut_short_says_so() {
    let few = order(&[(0, 1), (1, 1)]);
    let many: Vec<(u128, i32)> = (0..40).map(|s| (s, 2)).collect();
    let many = order(&many);
    let mut n = network(12);
    for (at, place) in n.locations.iter_mut().enumerate() {
        (place.handling_order_minor, place.handling_unit_minor) = (300 + 7 * at as i64, (13 * at as i64) % 29);
    }
    let levels: Vec<(u128, u128, i32)> =
        (0..40u128).flat_map(|s| (0..12u128).filter(move |l| (s * 7 + l * 5) % 3 == 0).map(move |l| (s, l, 1 + (s + l) as i32 % 2))).collect();
    let levels = stock(&levels);
    let snapshot = Snapshot { at: DateTime::UNIX_EPOCH, network: &n, stock: &levels };
    let costs = vec![CostPart { by: "handling".to_owned(), weight: 100.0 }];
    let ruleset = rules(vec![Rule { prefer: Prefer::Cheapest(costs), ..rule("Cheapest") }]);
    assert!(!plan_traced(&few, &snapshot, &ruleset).1.rules[0].cut_short);
    assert!(plan_traced(&many, &snapshot, &ruleset).1.rules[0].cut_short);
}
