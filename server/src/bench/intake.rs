//! Orders a second, beside a pgbench script that writes the same rows.

use super::Times;
use super::machine::{Cost, Reading};
use crate::config::Store;
use crate::database::{self, Use};
use anyhow::{Context as _, Result, bail};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use waybill::clock::Clock;
use waybill::identity::{Act, Permission};
use waybill::transact;

/// One round's figures.
struct Round {
    per_second: f64,
    times: Times,
    refused: usize,
    cost: Cost,
}

/// Orders of 1 to 5 lines through the REST interface of a running server, each authorised by the gateway and durable, with daily capacities
/// counted; beside them a pgbench script that writes the same rows (bench/intake-floor.sql).
pub async fn run(store: &Store, url: &str, orders: usize, clients: &[usize], skus: i32) -> Result<()> {
    let Some(database_url) = store.database_url.clone() else {
        bail!("the benchmark needs DATABASE_URL: the database of the server it measures, for the floor to write into");
    };
    let database = database::open(store, Use::Command).await?;
    let act = Act::system(Clock::System.now());
    let token = transact!(database.pool, conn => waybill::identity::issue_token(conn, &act, "bench intake", &[Permission::CaptureOrders]).await)?;
    let mut owner = <sqlx::PgConnection as sqlx::Connection>::connect_with(&database.options).await?;
    let codes = prepare(&mut owner, skus).await?;
    println!("1 to 5 lines over {} SKUs; {}", codes.len(), Cost::LEGEND);
    println!(
        "{:>8} {:>9} {:>8} {:>8} {:>8} {:>8} {:>11} {:>9} {:>9}   floor (pgbench, same rows, one statement)",
        "clients", "orders/s", "p50 ms", "p99 ms", "p999 ms", "refused", "statements", "all CPU", "Postgres"
    );
    let mut best: (f64, f64) = (0.0, 0.0);
    for &count in clients {
        // In turn, so that both meet the machine in the same mood.
        let round = round(&mut owner, url, &token, &codes, orders, count).await?;
        let floor = floor(&database_url, count)?;
        best = (best.0.max(round.per_second), best.1.max(floor));
        println!(
            "{count:>8} {:>9.0} {:>8.1} {:>8.1} {:>8.1} {:>8} {:>11} {:>9.2} {:>9.2}   {floor:.0} tx/s",
            round.per_second,
            round.times.ms(0.5),
            round.times.ms(0.99),
            round.times.ms(0.999),
            round.refused,
            round.cost.statements(orders),
            round.cost.machine_ms(orders),
            round.cost.postgres_ms(orders),
        );
    }
    println!("best of each: {:.0} orders/s, {:.2} of the floor's {:.0} tx/s", best.0, best.0 / best.1, best.1);
    sqlx::Connection::close(owner).await?;
    database.close().await
}

/// Makes the SKUs that are ordered and stocks up on them, so that nothing runs out; limits every location, so that capacity is counted; names
/// what the floor may order. Returns the SKUs' codes.
async fn prepare(owner: &mut sqlx::PgConnection, skus: i32) -> Result<Vec<String>> {
    let codes: Vec<String> = (1..=skus).map(|n| format!("BENCH-{n:05}")).collect();
    sqlx::query(
        "with made as (
            insert into products (product_id, handle, name, category, created_at)
            select gen_random_uuid(), lower(code), code, 'Bench', now() - interval '1 day' from unnest($1::text[]) as code
            on conflict (handle) do nothing
            returning product_id, name
        ),
        sku as (
            insert into skus (sku_id, product_id, code, name, weight_grams, tax_rate_bp)
            select gen_random_uuid(), product_id, name, name, 400, 2000 from made
            returning sku_id
        ),
        price as (
            insert into prices (sku_id, channel, currency, unit_price_micros, valid)
            select sku_id, 'web', 'GBP', 1000000, tstzrange(now() - interval '1 day', null) from sku
        )
        select count(*) from sku",
    )
    .bind(&codes)
    .execute(&mut *owner)
    .await?;
    sqlx::raw_sql(
        "with received as (
            insert into stock_movements (sku_id, location_id, quantity, reason, actor_kind, occurred_at)
            select s.sku_id, l.location_id, 1000000, 'receipt', 'system', now()
            from skus s, location_versions l
            where s.code like 'BENCH-%' and l.kind = 'warehouse' and upper_inf(l.valid)
                and not exists (select from stock k where k.sku_id = s.sku_id and k.location_id = l.location_id and k.on_hand - k.reserved > 500000)
            returning sku_id, location_id, quantity
        )
        insert into stock (sku_id, location_id, on_hand) select * from received
        on conflict (sku_id, location_id) do update set on_hand = stock.on_hand + excluded.on_hand;
        update location_versions set daily_order_capacity = 10000000 where upper_inf(valid);
        update network_state set version = version + 1;
        drop table if exists bench_floor",
    )
    .execute(&mut *owner)
    .await?;
    sqlx::query(
        "create table bench_floor as
        select row_number() over (order by k.code) - 1 as n, s.sku_id, s.location_id, k.code, k.name
        from stock s
        join skus k using (sku_id)
        where k.code like 'BENCH-%' and s.location_id = (select location_id from locations order by code desc limit 1)",
    )
    .execute(&mut *owner)
    .await?;
    sqlx::query("delete from bench_floor where n >= $1").bind(skus).execute(&mut *owner).await?;
    // As a database that is looked after would be.
    sqlx::raw_sql("alter table bench_floor add primary key (n)").execute(&mut *owner).await?;
    sqlx::raw_sql("vacuum analyze").execute(&mut *owner).await?;
    Ok(codes)
}

async fn round(owner: &mut sqlx::PgConnection, url: &str, token: &str, codes: &[String], orders: usize, clients: usize) -> Result<Round> {
    let http = reqwest::Client::builder().pool_max_idle_per_host(clients).build()?;
    let (next, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let run = uuid::Uuid::now_v7();
    let before = Reading::take(owner).await?;
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (http, next, refused) = (http.clone(), Arc::clone(&next), Arc::clone(&refused));
        let (url, token, codes) = (format!("{url}/api/v1/orders"), token.to_owned(), codes.to_vec());
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= orders {
                    return Ok::<_, anyhow::Error>(times);
                }
                let lines: Vec<_> = (0..(1 + n % 5).min(codes.len()))
                    // Spread by a step that has no part in common with the number of SKUs.
                    .map(|i| serde_json::json!({ "sku": codes[(n * 7_919 + i * 13) % codes.len()], "quantity": 1 }))
                    .collect();
                let body = serde_json::json!({
                    "channel": "web", "method": "ship", "payment_token": "tok_ok", "lines": lines,
                    "contact": { "name": "Bench Sampleton", "email": "bench@example.com", "street": "1 Example Street", "city": "Leeds", "postcode": "LS1 4AP", "country": "GB" },
                });
                let began = Instant::now();
                let response = http.post(&url).bearer_auth(&token).header("idempotency-key", format!("{run}-{n}")).json(&body).send().await?;
                times.push(began.elapsed());
                match response.status().as_u16() {
                    201 => {}
                    409 => {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    other => bail!("answered {other}: {}", response.text().await?),
                }
            }
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let took = started.elapsed();
    let cost = Reading::take(owner).await?.since(&before);
    Ok(Round { per_second: times.len() as f64 / took.as_secs_f64(), times: Times::new(times), refused: refused.load(Ordering::Relaxed), cost })
}

/// Transactions a second of the committed pgbench script with so many clients.
fn floor(database_url: &str, clients: usize) -> Result<f64> {
    let script = std::env::temp_dir().join("waybill-intake-floor.sql");
    std::fs::File::create(&script)?.write_all(include_bytes!("../../../bench/intake-floor.sql"))?;
    let pgbench = ["/usr/lib/postgresql/15/bin/pgbench", "/usr/lib/postgresql/18/bin/pgbench"].iter().map(PathBuf::from).find(|p| p.exists());
    let output = Command::new(pgbench.unwrap_or_else(|| PathBuf::from("pgbench")))
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--time=5"])
        .arg(format!("--client={clients}"))
        .arg(format!("--file={}", script.display()))
        .arg(database_url)
        .output()
        .context("running pgbench")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("pgbench said: {text}{}", String::from_utf8_lossy(&output.stderr)))
}
