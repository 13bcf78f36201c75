//! The least cost, beside brute force and a mixed-integer program.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

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

/// A service that goes everywhere, for a price by weight: up to 1, 2, 5 and 30 kg.
const POST_MINOR: [(i32, i64); 4] = [(1_000, 300), (2_000, 450), (5_000, 700), (30_000, 1_500)];

pub(super) fn post() -> Delivery {
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

pub(super) fn open_all_week() -> Calendar {
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
