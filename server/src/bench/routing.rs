//! How fast orders are routed, on one processor: plans a second without and with a trace, beside a bare loop that computes the distances only; and how
//! that grows with locations, lines and rules.

use super::world::{self, World};
use crate::config::Store;
use crate::database::{self, Use};
use anyhow::{Result, anyhow, ensure};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};
use uuid::Uuid;
use waybill::geo::GeoPoint;
use waybill::ids::{RulesetId, SkuId};
use waybill::routing::rules::{Condition, Prefer, Preference, Rule, Rules, Test, Then, assign, hold};
use waybill::routing::{PlanOrder, Ruleset, plan, plan_traced};

/// Rules, of which one is for each order.
const RULES: usize = 20;
const LOCATIONS: u32 = 200;
/// Of them those that the rules' demands leave.
const SURVIVE: u32 = 40;
/// Orders of the mix.
const ORDERS: i64 = 2_000;

/// Takes the latest orders of the database as they are, lines and places, and routes them over a network that is made for it.
pub async fn run(store: &Store) -> Result<()> {
    let database = database::open(store, Use::Command).await?;
    let orders = real_orders(&database.pool).await?;
    let lines: usize = orders.iter().map(|o| o.lines.len()).sum();
    println!(
        "{} orders of this database with {:.1} lines on average, {RULES} rules of which the matching one is spread evenly, {LOCATIONS} locations of which {SURVIVE} \
         survive the demands, each with two thirds of the things; one processor.",
        orders.len(),
        lines as f64 / orders.len() as f64
    );
    let world = World::with(LOCATIONS, &skus_of(&orders), 2);
    let ruleset = ready(&rules(RULES))?;
    let floor = per_second(&orders, |order| {
        let nearest = world.network.locations.iter().map(|l| l.point.distance_km(order.destination)).fold(f64::INFINITY, f64::min);
        black_box(nearest);
    });
    let snapshot = world.snapshot();
    let off = per_second(&orders, |order| drop(black_box(plan(order, &snapshot, &ruleset))));
    let on = per_second(&orders, |order| drop(black_box(plan_traced(order, &snapshot, &ruleset))));
    let found = orders.iter().filter(|o| plan(o, &snapshot, &ruleset).waiting.is_empty()).count();
    println!("distances only       {floor:>9.0} orders/s");
    println!("plan, trace off      {off:>9.0} plans/s   {:.3} of the distances", off / floor);
    println!("plan, trace on       {on:>9.0} plans/s   {:.3} of the distances", on / floor);
    println!("{found} of {} orders are placed whole.", orders.len());
    growth(&orders)
}

/// Microseconds a plan, and in brackets of what straight growth from the first would be.
fn growth(orders: &[PlanOrder]) -> Result<()> {
    println!("\nMicroseconds a plan without a trace; in brackets of what straight growth from the first would be:");
    let few: Vec<PlanOrder> = orders.iter().take(200).cloned().collect();
    table("locations", &[10, 100, 1_000, 10_000], |locations| {
        let world = World::with(locations, &skus_of(&few), 2);
        Ok(measured(&few, &world, &ready(&rules(RULES))?))
    })?;
    table("lines", &[1, 5, 20, 100, 500], |lines| {
        let skus = world::skus(lines);
        let world = World::with(LOCATIONS, &skus, 2);
        let orders: Vec<PlanOrder> = few.iter().take(20).map(|o| PlanOrder { lines: world::lines(&skus), ..o.clone() }).collect();
        Ok(measured(&orders, &world, &ready(&rules(RULES))?))
    })?;
    table("rules", &[1, 10, 100, 500], |count| {
        let world = World::with(LOCATIONS, &skus_of(&few), 2);
        let count = count as usize;
        let orders: Vec<PlanOrder> = few.iter().enumerate().map(|(n, o)| PlanOrder { channel: channel(n % count), ..o.clone() }).collect();
        Ok(measured(&orders, &world, &ready(&rules(count))?))
    })
}

fn table(heading: &str, sizes: &[u32], mut measure: impl FnMut(u32) -> Result<f64>) -> Result<()> {
    let mut first = None;
    let row: Vec<String> = sizes
        .iter()
        .map(|size| {
            let micros = measure(*size)?;
            let first = *first.get_or_insert(micros);
            Ok(format!("{size}: {micros:.1} ({:.2})", micros / (first * f64::from(*size) / f64::from(sizes[0]))))
        })
        .collect::<Result<_>>()?;
    println!("{heading:>10}  {}", row.join("  "));
    Ok(())
}

fn measured(orders: &[PlanOrder], world: &World, ruleset: &Ruleset) -> f64 {
    let snapshot = world.snapshot();
    1e6 / per_second(orders, |order| drop(black_box(plan(order, &snapshot, ruleset))))
}

/// How many a second: the best of three runs over all orders that each last a while.
fn per_second(orders: &[PlanOrder], mut one: impl FnMut(&PlanOrder)) -> f64 {
    let run = |one: &mut dyn FnMut(&PlanOrder)| {
        let (begun, mut done) = (Instant::now(), 0u32);
        while begun.elapsed() < Duration::from_millis(300) {
            orders.iter().for_each(&mut *one);
            done += u32::try_from(orders.len()).unwrap_or(0);
        }
        f64::from(done) / begun.elapsed().as_secs_f64()
    };
    (0..3).map(|_| run(&mut one)).fold(0.0, f64::max)
}

fn channel(n: usize) -> String {
    format!("channel-{n}")
}

/// So many rules, each for a channel of its own: stores with the tag that is asked for, closest first.
fn rules(count: usize) -> Rules {
    let rule = |n: usize| Rule {
        id: format!("rule-{n}"),
        name: format!("Rule {n}"),
        when: Condition::All(vec![
            Condition::Order(Test::one_of("channel", &[&channel(n)])),
            Condition::Order(Test::one_of("method", &["ship"])),
            Condition::Order(Test::at_least("units", 1.0)),
        ]),
        candidates: vec![Test::one_of("tag", &[world::CHOSEN]).hard(), Test::at_least("capacity_left", 1.0).hard()],
        prefer: Prefer::Ranked(vec![Preference::in_bands_of("distance", 25.0), Preference::by("stock")]),
        then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
        ..Rule::default()
    };
    Rules { rules: (0..count).map(rule).collect(), ..Rules::default() }
}

/// Rules that can be used.
pub(super) fn ready(rules: &Rules) -> Result<Ruleset> {
    Ruleset::of(RulesetId(Uuid::nil()), 1, "Bench", rules).map_err(|problems| anyhow!("these rules are not sound: {problems:?}"))
}

fn skus_of(orders: &[PlanOrder]) -> Vec<SkuId> {
    let mut skus: Vec<SkuId> = orders.iter().flat_map(|o| o.lines.iter().map(|l| l.sku)).collect();
    skus.sort_unstable();
    skus.dedup();
    skus
}

/// The latest orders of the database: where they went, and what was in them.
async fn real_orders(pool: &sqlx::PgPool) -> Result<Vec<PlanOrder>> {
    let rows: Vec<(Uuid, String, f64, f64, Uuid, i32)> = sqlx::query_as(
        "with latest as (
            select order_id, contact_id, contact_version from orders where method = 'ship' order by placed_at desc, order_id limit $1
        )
        select o.order_id, c.country, c.latitude, c.longitude, l.sku_id, l.quantity
        from latest o
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        join order_lines l on l.order_id = o.order_id and l.skill is null
        order by o.order_id, l.line_no",
    )
    .bind(ORDERS)
    .fetch_all(pool)
    .await?;
    let mut by_order: BTreeMap<Uuid, PlanOrder> = BTreeMap::new();
    for (id, country, latitude, longitude, sku, quantity) in rows {
        let n = by_order.len();
        let order = by_order.entry(id).or_insert_with(|| world::order(&channel(n % RULES), &country, GeoPoint { latitude, longitude }));
        order.lines.push(world::line(order.lines.len(), SkuId(sku), quantity));
    }
    ensure!(by_order.len() >= 500, "there are too few orders to route: load the demo company or a history first");
    Ok(by_order.into_values().collect())
}
