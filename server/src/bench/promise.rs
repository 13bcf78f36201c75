//! How long a promise takes: through HTTP at a fixed rate, beside the same call that has nothing to plan; and how planning grows with locations and lines.

use super::Times;
use super::routing::ready;
use super::world::{self, World, time};
use crate::config::Store;
use crate::database::{self, Use};
use anyhow::{Result, bail, ensure};
use std::time::{Duration, Instant};
use waybill::carriers::{Collection, Delivery, Service, Setting, Transit, Weekdays, ZoneMap, ZonePlace};
use waybill::clock::Clock;
use waybill::geo::BRITISH_CITIES;
use waybill::identity::{Act, Permission};
use waybill::routing::rules::Rules;
use waybill::routing::{PlanOrder, Ruleset, plan, promise};
use waybill::transact;

/// Lines of each basket that is asked about through HTTP.
const LINES: usize = 5;
/// Locations that the server is given.
const LOCATIONS: i32 = 200;

/// Asks a running server for the promises of baskets at a fixed rate, whether it keeps up or not, for so many seconds; then, on this processor alone,
/// measures planning for 10 to 5,000 locations and 1 to 100 lines.
pub async fn run(store: &Store, url: &str, rate: u32, seconds: u32) -> Result<()> {
    growth()?;
    let database = database::open(store, Use::Command).await?;
    let act = Act::system(Clock::System.now());
    let token = transact!(database.pool, conn => waybill::identity::issue_token(conn, &act, "bench promise", &[Permission::ReadCatalog]).await)?;
    let mut owner = <sqlx::PgConnection as sqlx::Connection>::connect_with(&database.options).await?;
    let codes = prepare(&mut owner).await?;
    let postcodes: Vec<String> = BRITISH_CITIES.iter().map(|c| format!("{}1 1AA", c.postcode_area)).collect();
    println!("\n{LINES}-line baskets over {LOCATIONS} locations, both ways of delivery and the 20 nearest stores, {rate}/s for {seconds} s:");
    println!("{:>34} {:>8} {:>8} {:>8} {:>8}", "", "answers", "p50 ms", "p99 ms", "max ms");
    let query = |n: usize| {
        let lines: Vec<String> = (0..LINES).map(|i| format!("{}:1", codes[(n * 7_919 + i * 13) % codes.len()])).collect();
        format!(
            "{url}/api/v1/promises?channel=web&country=GB&postcode={}&lines={}",
            postcodes[n % postcodes.len()].replace(' ', "%20"),
            lines.join(",")
        )
    };
    let nothing = |_: usize| format!("{url}/api/v1/promises?channel=web&country=GB&lines=NO-SUCH-SKU:1&stores=0");
    let bare = at_rate(&token, rate, seconds, nothing).await?;
    let full = at_rate(&token, rate, seconds, query).await?;
    for (words, times) in [("promise", &full), ("the same call with nothing to plan", &bare)] {
        println!("{words:>34} {:>8} {:>8.2} {:>8.2} {:>8.2}", times.0.len(), times.ms(0.5), times.ms(0.99), times.ms(1.0));
    }
    println!("{:>34} {:>8} {:>8.1} {:>8.1}", "ratio", "", full.ms(0.5) / bare.ms(0.5), full.ms(0.99) / bare.ms(0.99));
    sqlx::Connection::close(owner).await?;
    database.close().await
}

/// Sends requests at their times, whether those before are answered or not; times count from when a request was due.
async fn at_rate(token: &str, rate: u32, seconds: u32, query: impl Fn(usize) -> String) -> Result<Times> {
    let http = reqwest::Client::builder().pool_max_idle_per_host(64).build()?;
    // Connections, caches, the database's plans.
    for n in 0..20 {
        let response = http.get(query(n)).bearer_auth(token).send().await?;
        ensure!(response.status().is_success(), "answered {}: {}", response.status(), response.text().await?);
    }
    let start = Instant::now();
    let mut tasks = Vec::new();
    for n in 0..(rate * seconds) as usize {
        let due = start + Duration::from_secs_f64(n as f64 / f64::from(rate));
        tokio::time::sleep_until(due.into()).await;
        let request = http.get(query(n)).bearer_auth(token);
        tasks.push(tokio::spawn(async move {
            let response = request.send().await?;
            let status = response.status();
            let body = response.bytes().await?;
            if !status.is_success() {
                bail!("answered {status}: {}", String::from_utf8_lossy(&body));
            }
            Ok(due.elapsed())
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.push(task.await??);
    }
    Ok(Times::new(times))
}

/// Opens stores until there are enough, and stocks a third of the SKUs at each. Returns the SKUs' codes.
async fn prepare(owner: &mut sqlx::PgConnection) -> Result<Vec<String>> {
    let there: i64 = sqlx::query_scalar("select count(*) from locations").fetch_one(&mut *owner).await?;
    for n in i32::try_from(there)?..LOCATIONS {
        let city = &BRITISH_CITIES[usize::try_from(n)? % BRITISH_CITIES.len()];
        sqlx::query(
            "with made as (insert into locations (location_id, code) values (gen_random_uuid(), $1) returning location_id),
            version as (
                insert into location_versions (location_id, valid, name, kind, street, city, postcode, country, latitude, longitude, time_zone, ships,
                    offers_pickup, priority, handling_minutes, planned_at, keeps_holidays)
                select location_id, tstzrange(now() - interval '1 day', null), $1, 'store', '1 Example Street', $2, $3, 'GB', $4, $5, 'Europe/London', true,
                    true, 50, 120, now() - interval '1 day', true
                from made
                returning location_id, valid
            )
            insert into location_hours (location_id, valid, weekday, opens, closes, cut_off)
            select location_id, valid, weekday, '09:00', '18:00', '14:00' from version, generate_series(1, 6) as weekday",
        )
        .bind(format!("BENCH-ST-{n:03}"))
        .bind(city.name)
        .bind(format!("{}1 1AA", city.postcode_area))
        .bind(city.point.latitude)
        .bind(city.point.longitude)
        .execute(&mut *owner)
        .await?;
    }
    sqlx::raw_sql(
        "with wanted as (
            select s.sku_id, l.location_id
            from (select sku_id, row_number() over (order by code) as n from skus where retired_at is null) s,
                (select location_id, row_number() over (order by code) as n from locations) l
            where (s.n + l.n) % 3 = 0 and not exists (select from stock k where k.sku_id = s.sku_id and k.location_id = l.location_id)
                and s.n <= 2000
        ),
        received as (
            insert into stock_movements (sku_id, location_id, quantity, reason, actor_kind, occurred_at)
            select sku_id, location_id, 20, 'receipt', 'system', now() from wanted
            returning sku_id, location_id, quantity
        )
        insert into stock (sku_id, location_id, on_hand) select * from received on conflict do nothing;
        update network_state set version = version + 1;
        analyze",
    )
    .execute(&mut *owner)
    .await?;
    let sql = "select s.code from skus s join prices p using (sku_id) where s.retired_at is null and p.channel = 'web' and p.customer_group is null
        and not exists (select from kit_components k where k.kit_sku_id = s.sku_id) group by s.code order by s.code limit 2000";
    let codes: Vec<String> = sqlx::query_scalar(sql).fetch_all(owner).await?;
    ensure!(codes.len() >= 100, "there are too few SKUs to ask about: load the demo company or a history first");
    Ok(codes)
}

/// So many stores in British cities, each with a third of so many SKUs, and a service that goes everywhere.
fn world_with_service(locations: u32, skus: u32) -> World {
    let map = ZoneMap { name: "All".to_owned(), places: vec![ZonePlace { zone: "home".to_owned(), ..ZonePlace::default() }] };
    let service = Service {
        zone_map: "all".to_owned(),
        transit: vec![Transit { zone: "home".to_owned(), days: 1 }],
        collections: vec![Collection { location: String::new(), weekdays: Weekdays::monday_to(5), at: time(17) }],
        delivers: Weekdays::monday_to(6),
        delivers_from: time(8),
        delivers_until: time(18),
        ..Service::default()
    };
    let mut world = World::with(locations, &world::skus(skus), 1);
    world.network.delivery = Delivery::of([("all".to_owned(), Setting::ZoneMap(map)), ("next-day".to_owned(), Setting::Service(service))]);
    world
}

/// Microseconds that a promise of so many lines takes over so many locations: the median of runs that together last a while.
fn measured(ruleset: &Ruleset, locations: u32, lines: u32) -> f64 {
    let world = world_with_service(locations, lines);
    let order = |n: usize| PlanOrder {
        services: Some(vec!["next-day".to_owned()]),
        lines: world::lines(&world::skus(lines)),
        ..world::order("web", "GB", BRITISH_CITIES[n % BRITISH_CITIES.len()].point)
    };
    let mut times = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(400) || times.len() < 5 {
        let order = order(times.len());
        let started = Instant::now();
        let snapshot = world.snapshot();
        let planned = plan(&order, &snapshot, ruleset);
        let told = promise(&order, &planned, &snapshot);
        times.push(started.elapsed());
        std::hint::black_box(told);
    }
    Times::new(times).ms(0.5) * 1_000.0
}

fn growth() -> Result<()> {
    let ruleset = ready(&Rules::starting())?;
    println!(
        "Planning a basket and working out its promise, one processor, median microseconds; in brackets of what straight growth from the first would be:"
    );
    let table = |heading: &str, sizes: &[u32], measure: &dyn Fn(u32) -> f64| {
        let first = measure(sizes[0]);
        let row: Vec<String> = sizes
            .iter()
            .map(|size| {
                let micros = if *size == sizes[0] { first } else { measure(*size) };
                format!("{size}: {micros:.0} ({:.2})", micros / (first * f64::from(*size) / f64::from(sizes[0])))
            })
            .collect();
        println!("{heading:>28}  {}", row.join("  "));
    };
    table("5 lines, locations", &[10, 50, 200, 1_000, 5_000], &|n| measured(&ruleset, n, 5));
    table("200 locations, lines", &[1, 5, 20, 100], &|n| measured(&ruleset, 200, n));
    Ok(())
}
