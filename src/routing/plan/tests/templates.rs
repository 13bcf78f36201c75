//! Each template does what it says.

use super::*;
use crate::routing::templates::template;

/// Where the things come from by a template, line by line.
fn by(code: &str, order: &PlanOrder, network: &Network, stock: &StockView) -> Vec<(i32, u128, i32)> {
    let ruleset = ready(&(template(code).unwrap().rules)());
    places(&plan(order, &Snapshot { at: DateTime::UNIX_EPOCH, network, stock }, &ruleset))
}

/// Places with a post, open all week.
fn posted(count: u32) -> Network {
    let mut network = network(count);
    network.delivery = cheapest::post();
    network.locations.iter_mut().for_each(|place| place.calendar = cheapest::open_all_week());
    network
}

fn sent(lines: &[(u128, i32)]) -> PlanOrder {
    PlanOrder { services: Some(vec!["post".to_owned()]), ..order(lines) }
}

#[test]
fn the_nearest_with_everything_and_else_as_few_parcels_as_it_takes() {
    let network = posted(4);
    assert_eq!(
        by("nearest", &sent(&[(1, 1), (2, 1)]), &network, &stock(&[(1, 0, 1), (1, 2, 1), (2, 2, 1), (1, 3, 1), (2, 3, 1)])),
        [(1, 2, 1), (2, 2, 1)]
    );
    assert_eq!(by("nearest", &sent(&[(1, 1), (2, 1)]), &network, &stock(&[(1, 0, 1), (1, 1, 1), (2, 3, 1)])), [(1, 0, 1), (2, 3, 1)]);
}

#[test]
fn whatever_costs_least() {
    let mut network = posted(3);
    network.locations[0].handling_order_minor = 500;
    let both = stock(&[(1, 0, 9), (1, 2, 9)]);
    assert_eq!(by("cheapest", &sent(&[(1, 1)]), &network, &both), [(1, 2, 1)], "the nearest packs dearly");
    network.locations[0].handling_order_minor = 0;
    assert_eq!(by("cheapest", &sent(&[(1, 1)]), &network, &both), [(1, 0, 1)]);
}

#[test]
fn whoever_is_there_first() {
    let mut network = posted(3);
    network.locations[0].handling_minutes = 5 * 600;
    assert_eq!(by("fastest", &sent(&[(1, 1)]), &network, &stock(&[(1, 0, 9), (1, 2, 9)])), [(1, 2, 1)]);
    network.locations[0].handling_minutes = 60;
    assert_eq!(by("fastest", &sent(&[(1, 1)]), &network, &stock(&[(1, 0, 9), (1, 2, 9)])), [(1, 0, 1)]);
}

#[test]
fn one_parcel_from_afar_before_two_from_nearby() {
    let network = posted(5);
    let levels = stock(&[(1, 0, 1), (2, 1, 1), (1, 4, 1), (2, 4, 1)]);
    assert_eq!(by("few_parcels", &sent(&[(1, 1), (2, 1)]), &network, &levels), [(1, 4, 1), (2, 4, 1)]);
}

#[test]
fn stores_before_the_warehouse() {
    let network = posted(4);
    assert_eq!(by("stores_first", &sent(&[(1, 1)]), &network, &stock(&[(1, 0, 9), (1, 3, 1)])), [(1, 3, 1)]);
    assert_eq!(by("stores_first", &sent(&[(1, 2)]), &network, &stock(&[(1, 0, 9), (1, 3, 1)])), [(1, 0, 2)], "one parcel first");
}

#[test]
fn the_flagship_last_of_all() {
    let mut network = posted(4);
    network.locations[1].tags = vec!["flagship".to_owned()];
    let order = sent(&[(1, 1)]);
    assert_eq!(by("protect_flagship", &order, &network, &stock(&[(1, 1, 9), (1, 3, 1)])), [(1, 3, 1)]);
    assert_eq!(by("protect_flagship", &order, &network, &stock(&[(1, 1, 9)])), [(1, 1, 1)]);
}

#[test]
fn from_where_most_of_it_stands() {
    let network = posted(4);
    assert_eq!(by("end_of_season", &sent(&[(1, 1)]), &network, &stock(&[(1, 0, 5), (1, 3, 60)])), [(1, 3, 1)]);
    assert_eq!(by("end_of_season", &sent(&[(1, 1)]), &network, &stock(&[(1, 0, 62), (1, 3, 64)])), [(1, 0, 1)], "about as much: the nearest");
}

#[test]
fn every_template_collects_in_the_store_that_was_chosen() {
    let network = posted(4);
    let mut wanted = order(&[(1, 1)]);
    (wanted.method, wanted.pickup_location) = (Method::Pickup, Some(at(2)));
    for template in crate::routing::templates::TEMPLATES {
        assert_eq!(by(template.code, &wanted, &network, &stock(&[(1, 0, 9), (1, 2, 1)])), [(1, 2, 1)], "{}", template.code);
    }
}
