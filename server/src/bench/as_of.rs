//! Stock of everything at moments of the past, beside a plain scan of the ledgers.

use super::Times;
use crate::config::Store;
use crate::database::{self, Use};
use anyhow::{Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row as _;
use std::time::Instant;
use waybill::inventory::{close_month, stock_of_all};
use waybill::transact;

/// What was so at a moment, with nothing to help.
const PLAIN: &str = "select sku_id, location_id, sum(on_hand)::integer as on_hand, sum(reserved)::integer as reserved
    from (
        select sku_id, location_id, quantity as on_hand, 0 as reserved from stock_movements where occurred_at <= $1 and condition is null
        union all
        select sku_id, location_id, 0, quantity from reservations where opened_at <= $1 and (closed_at is null or closed_at > $1)
    ) parts
    group by sku_id, location_id";

/// So many moments, spread evenly over all that the database knows of; both ways must say the same.
pub async fn run(store: &Store, moments: u32) -> Result<()> {
    let database = database::open(store, Use::Command).await?;
    let now = Utc::now();
    let mut months = 0;
    while transact!(database.pool, conn => close_month(conn, now).await)? {
        months += 1;
    }
    let mut conn = database.pool.acquire().await?;
    let known = sqlx::query("select min(occurred_at) as first, max(occurred_at) as last, count(*) as movements from stock_movements")
        .fetch_one(&mut *conn)
        .await?;
    let (first, last): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = (known.get("first"), known.get("last"));
    let (Some(first), Some(last)) = (first, last) else { bail!("there is no movement yet: load or import something first") };
    let movements: i64 = known.get("movements");
    println!("{movements} movements from {} to {}; {months} months closed just now", first.date_naive(), last.date_naive());
    let (mut ours, mut plain, mut places) = (Vec::new(), Vec::new(), 0);
    for n in 0..moments {
        let at = first + TimeDelta::milliseconds((last - first).num_milliseconds() / i64::from(moments) * i64::from(n) + 1);
        // In turn, so that both meet the machine in the same mood.
        let began = Instant::now();
        let levels = stock_of_all(&mut conn, at).await?;
        ours.push(began.elapsed());
        let began = Instant::now();
        let rows = sqlx::query(PLAIN).bind(at).fetch_all(&mut *conn).await?;
        plain.push(began.elapsed());
        places = places.max(rows.len());
        for row in rows {
            let place = (waybill::ids::SkuId(row.get("sku_id")), waybill::ids::LocationId(row.get("location_id")));
            let told = levels.get(place.0, place.1);
            if (told.on_hand, told.reserved) != (row.get("on_hand"), row.get("reserved")) {
                bail!("at {at} the two differ: {place:?}");
            }
        }
    }
    let (ours, plain) = (Times::new(ours), Times::new(plain));
    println!("{moments} moments, up to {places} SKUs x locations: p50 {:.1} ms, p99 {:.1} ms", ours.ms(0.5), ours.ms(0.99));
    println!(
        "plain scan of the ledgers: p50 {:.1} ms, p99 {:.1} ms: {:.1} times as long",
        plain.ms(0.5),
        plain.ms(0.99),
        plain.ms(0.5) / ours.ms(0.5)
    );
    drop(conn);
    database.close().await
}
