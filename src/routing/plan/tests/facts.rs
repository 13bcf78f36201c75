//! What every fact is of one order, one line and one place, and what every part of the cost comes to.

use super::*;
use crate::catalog::Handling;
use crate::inventory::Measured;
use crate::payments::PaymentState;
use crate::routing::facts::{CostOf, Fact, LineView, OrderView, cost};

/// A Monday morning in March.
fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-02T10:30:00Z").unwrap().to_utc()
}

/// Two pots and three jugs on their third try, promised for the next morning, and asked for in a time that ends later.
fn wanted() -> PlanOrder {
    let mut order = order(&[(1, 2), (2, 3)]);
    order.customer_group = Some("trade".to_owned());
    (order.country, order.postcode) = ("ES".to_owned(), "28013".to_owned());
    order.services = Some(vec!["post".to_owned()]);
    order.slot = Some((now() + TimeDelta::hours(20), now() + TimeDelta::hours(24)));
    order.value_minor = 9_900;
    order.lines[0].size = Size { grams: 100, volume_ml: 250, longest_mm: 120 };
    order.lines[1].size = Size { grams: 400, volume_ml: 1_000, longest_mm: 310 };
    order.lines[1].queue = Some(Queue::Rejected);
    order.lines[1].traits = Arc::new(SkuTraits {
        code: "JUG-1".to_owned(),
        category: "jugs".to_owned(),
        brand: "Oak".to_owned(),
        tags: vec!["new".to_owned(), "gift".to_owned()],
        handling: vec![Handling::Fragile],
    });
    order.lines.iter_mut().for_each(|line| line.promised_by = Some(now() + TimeDelta::hours(18)));
    order.traits = OrderTraits {
        origin: "api".to_owned(),
        currency: "EUR".to_owned(),
        delivery_method: Some("express".to_owned()),
        priority: 3,
        order_type: "sample".to_owned(),
        gift: true,
        tags: vec!["press".to_owned()],
        customer_tags: vec!["vip".to_owned()],
        attributes: vec!["floor=2".to_owned()],
        placed_at: Some(now() - TimeDelta::hours(36)),
        ship_by: Some(now() + TimeDelta::hours(8)),
        attempts: 2,
        rejections: vec![(at(1), now() - TimeDelta::days(2))],
        payment: PaymentState::Authorised.to_string(),
        holds: vec!["address".to_owned()],
    };
    order
}

/// The second place is a store with a few of both.
fn world() -> (Network, StockView) {
    let mut network = network(2);
    network.delivery = cheapest::post();
    (network.clock, network.home_country) = (chrono_tz::Europe::Madrid, "GB".to_owned());
    network.rules.general.push(safety(None, 2));
    let store = &mut network.locations[1];
    store.calendar = cheapest::open_all_week();
    store.groups = vec!["north".to_owned()];
    store.tags = vec!["flagship".to_owned()];
    store.attributes = vec!["brand=oak".to_owned(), "floor=2".to_owned()];
    store.daily_order_capacity = Some(10);
    (store.handling_order_minor, store.handling_unit_minor) = (50, 10);
    store.measured = Some(Measured { refused_permille: 125, work_week: 17 });
    let came_day = i32::try_from(now().timestamp() / 86_400 - 30).unwrap();
    let pots = StockLevel { on_hand: 8, reserved: 1, per_day_milli: 500, came_day, ..StockLevel::default() };
    let jugs = StockLevel { on_hand: 6, per_day_milli: 50, came_day: came_day + 10, ..StockLevel::default() };
    let levels = [(sku(1), at(1), pots), (sku(2), at(1), jugs)].into_iter().collect();
    (network, StockView { levels, capacity_taken: BTreeMap::from([(at(1), 4)]) })
}

/// Each fact with what it is.
fn told<S: Subject>(view: &S::View<'_>) -> Vec<(&'static str, String)> {
    let tell = |fact: &'static Fact<S>| match &fact.reads {
        Reads::Flag(read) => if S::flag(read, view) { "yes" } else { "no" }.to_owned(),
        Reads::Number(read) => S::number(read, view).map_or_else(|| "not known".to_owned(), |number| format!("{number:.2}")),
        _ => fact.reading(view).unwrap_or_default(),
    };
    S::all().iter().map(|fact| (fact.code, tell(fact))).collect()
}

fn is(told: Vec<(&'static str, String)>, expected: &[(&str, &str)]) {
    let told: Vec<(&str, &str)> = told.iter().map(|(code, what)| (*code, what.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn every_fact_of_an_order() {
    let ((network, stock), order) = (world(), wanted());
    let snapshot = Snapshot { at: now(), network: &network, stock: &stock };
    is(
        told::<OfOrder>(&OrderView { order: &order, snapshot: &snapshot }),
        &[
            ("channel", "web"),
            ("origin", "api"),
            ("order_type", "sample"),
            ("method", "ship"),
            ("delivery_method", "express"),
            ("slot", "yes"),
            ("country", "ES"),
            ("region", "europe"),
            ("postcode", "28013"),
            ("zone", "all"),
            ("address_placed", "no"),
            ("value", "9900.00"),
            ("currency", "EUR"),
            ("lines", "2.00"),
            ("units", "5.00"),
            ("weight", "1400.00"),
            ("volume", "3500.00"),
            ("gift", "yes"),
            ("priority", "3.00"),
            ("tag", "press"),
            ("attribute", "floor=2"),
            ("customer_group", "trade"),
            ("customer_tag", "vip"),
            ("promised_in", "0.75"),
            ("ship_by", "8.00"),
            ("age", "36.00"),
            ("attempts", "2.00"),
            ("rejected_by", "L001"),
            ("payment", "authorised"),
            ("hold", "address"),
            ("date", "20514.00"),
            ("weekday", "mon"),
            ("hour", "11.00"),
        ],
    );
}

#[test]
fn every_fact_of_a_line() {
    let order = wanted();
    is(
        told::<OfLine>(&LineView { line: &order.lines[1] }),
        &[
            ("sku", "JUG-1"),
            ("category", "jugs"),
            ("brand", "Oak"),
            ("product_tag", "new, gift"),
            ("handling", "fragile"),
            ("quantity", "3.00"),
            ("unit_weight", "400.00"),
            ("longest_side", "310.00"),
            ("amount", "1500.00"),
            ("queue", "rejected"),
        ],
    );
}

#[test]
fn every_fact_of_a_place() {
    let ((network, stock), order) = (world(), wanted());
    let snapshot = Snapshot { at: now(), network: &network, stock: &stock };
    with_store(&order, &snapshot, |store| {
        is(
            told::<OfPlace>(store),
            &[
                ("location", "L001"),
                ("kind", "store"),
                ("group", "north"),
                ("tag", "flagship"),
                ("attribute", "brand=oak, floor=2"),
                ("same_attribute", "yes"),
                ("country", "GB"),
                ("same_country", "no"),
                ("distance", "111.20"),
                ("zone", "all"),
                ("service", "post"),
                ("open_now", "yes"),
                ("leaves_today", "yes"),
                ("opens_in", "0.00"),
                ("lateness", "0.25"),
                ("days_to_customer", "1.00"),
                ("capacity_left", "6.00"),
                ("load_today", "4.00"),
                ("rejected_days_ago", "2.00"),
                ("refusal_rate", "12.50"),
                ("work_this_week", "17.00"),
                ("has_everything", "yes"),
                ("coverage", "2.00"),
                ("stock", "9.00"),
                ("left_after", "1.00"),
                ("days_of_cover", "10.00"),
                ("overstock", "1.00"),
                ("markdown_risk", "30.00"),
                ("stock_age", "30.00"),
                ("priority", "100.00"),
                ("handling_time", "60.00"),
                ("shipping_cost", "450.00"),
                ("handling_cost", "100.00"),
                ("total_cost", "550.00"),
                ("carbon", "15.57"),
                ("kept_back", "4.00"),
                ("offers_pickup", "yes"),
            ],
        )
    });
}

/// The store, as the order sees it.
fn with_store(order: &PlanOrder, snapshot: &Snapshot<'_>, look: impl FnOnce(&PlaceView<'_>)) {
    let sending = Sending::of(order, snapshot);
    let seen = Seen::of(order, snapshot, sending.as_ref());
    let wanted = seen.wanted_by(order);
    let gives_way = GivesWay::Altogether;
    let ask = Ask { order, snapshot, sending: sending.as_ref(), seen: &seen, wanted: &wanted, gives_way, traced: false };
    look(&ask.view(1));
}

/// What a parcel costs, and a pot and a jug in it at five pounds each, before any weight. What the carrier takes hangs on all that is in it: see the least
/// cost.
#[test]
fn every_part_of_the_cost() {
    let ((network, stock), order) = (world(), wanted());
    let snapshot = Snapshot { at: now(), network: &network, stock: &stock };
    with_store(&order, &snapshot, |store| {
        let unit = |sku, grams| CostOf { sku, grams, price_minor: 500.0 };
        let of = |part: &&crate::routing::facts::Cost| {
            let parcel = part.of_parcel.map_or(0.0, |read| read(store).unwrap());
            let units = [unit(sku(1), 100), unit(sku(2), 400)].map(|unit| part.of_unit.map_or(0.0, |read| read(store, &unit)));
            (part.code, format!("{parcel:.2} {:.4} {:.4}", units[0], units[1]))
        };
        is(
            cost::ALL.iter().map(of).collect(),
            &[
                ("shipping", "0.00 0.0000 0.0000"),
                ("handling", "50.00 10.0000 10.0000"),
                ("split", "1.00 0.0000 0.0000"),
                ("distance", "111.20 0.0000 0.0000"),
                ("time", "1.00 0.0000 0.0000"),
                ("capacity", "0.40 0.0000 0.0000"),
                ("stock_out", "0.00 321.4286 0.0000"),
                ("markdown", "0.00 500.0000 350.0000"),
                ("carbon", "0.00 0.0011 0.0044"),
            ],
        );
    });
}
