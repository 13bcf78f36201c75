//! The history of a database replayed: what would have been promised of each parcel when it was ordered, and whether it would have come true.
//!
//! Parcels leave when the history says that they left; carriers keep their days. What is measured is the promise's calendar, cut-off and handling time
//! against what the locations did.

use crate::config::Store;
use crate::database::{self, Use};
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use sqlx::Row as _;
use std::time::Instant;
use waybill::carriers::Destination;
use waybill::geo::GeoPoint;
use waybill::ids::LocationId;
use waybill::inventory::network_at;
use waybill::promising::{Piece, reaches};

/// Replays every parcel that has left, by the way of delivery that is chosen for those who do not.
pub async fn run(store: &Store, method: Option<&str>) -> Result<()> {
    let database = database::open(store, Use::Command).await?;
    let mut conn = database.pool.acquire().await?;
    let rows = sqlx::query(
        "select o.placed_at, f.location_id, f.fulfilled_at, c.country, c.postcode, c.latitude, c.longitude
        from fulfilment_orders f
        join orders o using (order_id)
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        where f.method = 'ship' and f.fulfilled_at is not null
        order by o.placed_at",
    )
    .fetch_all(&mut *conn)
    .await?;
    let Some(last) = rows.last().map(|r| r.get::<DateTime<Utc>, _>("placed_at")) else {
        bail!("no parcel has left yet: load or import something first")
    };
    let network = network_at(&mut conn, last).await?;
    let chosen = match method {
        Some(code) => network.delivery.method(code).with_context(|| format!("there is no way of delivery {code}"))?,
        None => network.delivery.methods.first().map(|(_, method)| method).context("no way of delivery is set up")?,
    };
    let begun = Instant::now();
    let (mut padding, mut late, mut without) = (0.0, Vec::new(), 0usize);
    let mut kept = 0usize;
    for row in &rows {
        let (country, postcode): (String, String) = (row.get("country"), row.get("postcode"));
        let to = Destination {
            country: &country,
            postcode: &postcode,
            point: GeoPoint { latitude: row.get("latitude"), longitude: row.get("longitude") },
        };
        let told = reaches(&network.delivery, &chosen.services, to).into_iter().find_map(|reach| {
            let location = network.location(LocationId(row.get("location_id")))?;
            let schedule = reach.schedule(location, Piece::default(), row.get("placed_at")).ok()?;
            let left: DateTime<Utc> = row.get("fulfilled_at");
            let actual = reach.service.arrives_on(left, &to, schedule.transit_days, &network.delivery)?;
            Some((schedule, actual))
        });
        let Some((schedule, actual)) = told else {
            without += 1;
            continue;
        };
        padding += (schedule.until - schedule.expected_by).num_minutes() as f64 / 60.0;
        kept += usize::from(actual <= schedule.day);
        // Days by which the unpadded date was missed.
        late.push((actual - schedule.expected_by.with_timezone(&to.time_zone()).date_naive()).num_days().max(0));
    }
    let took = begun.elapsed();
    if late.is_empty() {
        bail!("of none of {} parcels could anything be promised", rows.len());
    }
    let count = late.len();
    println!(
        "{count} parcels of orders up to {}, by {}; of {without} nothing could be promised; {:.1} µs each",
        last.date_naive(),
        chosen.name,
        took.as_secs_f64() * 1e6 / rows.len() as f64
    );
    println!("kept: {:.2} %; promised on top, mean: {:.1} h", kept as f64 / count as f64 * 100.0, padding / count as f64);
    late.sort_unstable();
    let percentile = |p: f64| late[((count as f64 * p) as usize).min(count - 1)];
    println!(
        "days on top that would have kept 50, 90, 95, 99 and 99.9 %: {}",
        [0.5, 0.9, 0.95, 0.99, 0.999].map(|p| percentile(p).to_string()).join(", ")
    );
    for days in 0..=5 {
        let share = late.iter().filter(|late| **late <= days).count() as f64 / count as f64 * 100.0;
        println!("  with {days} days on top {share:.2} % would have been kept");
    }
    drop(conn);
    database.close().await
}
