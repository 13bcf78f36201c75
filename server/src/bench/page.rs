//! How long the first byte of a page takes, beside a handler that does nothing.

use super::Times;
use crate::config::Store;
use crate::database::{self, Use};
use anyhow::{Context as _, Result, ensure};
use std::time::Instant;
use waybill::clock::Clock;
use waybill::identity::Act;

/// Before anything is counted: connections, caches, the database's plans.
const WARM_UP: usize = 50;

/// The tracking page of the newest order and the server's `/livez` in turn, over one kept connection each.
pub async fn run(store: &Store, url: &str, requests: usize) -> Result<()> {
    let database = database::open(store, Use::Command).await?;
    let mut conn = database.pool.acquire().await?;
    let order = waybill::orders::newest_order(&mut conn, &Act::system(Clock::System.now()))
        .await?
        .context("there is no order: load the demo company first")?;
    let path = waybill::orders::tracking_link(&waybill::shared_key(&mut conn, "links").await?, order);
    drop(conn);
    let (page, bare) = (format!("{url}{path}"), format!("{url}/livez"));
    let clients = [reqwest::Client::new(), reqwest::Client::new()];
    let (mut pages, mut bares) = (Vec::new(), Vec::new());
    for n in 0..WARM_UP + requests {
        for (client, address, times) in [(&clients[0], &page, &mut pages), (&clients[1], &bare, &mut bares)] {
            let started = Instant::now();
            let mut response = client.get(address).send().await?;
            ensure!(response.status().is_success(), "{address} answered {}", response.status());
            response.chunk().await?.context("an empty answer")?;
            let took = started.elapsed();
            // The rest, so that the connection can be used again.
            response.bytes().await?;
            if n >= WARM_UP {
                times.push(took);
            }
        }
    }
    let (page, bare) = (Times::new(pages), Times::new(bares));
    println!("{:>24} {:>8} {:>8}   time to first byte, ms, of {requests} requests each, in turn", "", "p50", "p99");
    println!("{:>24} {:>8.2} {:>8.2}", "tracking page", page.ms(0.5), page.ms(0.99));
    println!("{:>24} {:>8.2} {:>8.2}", "bare handler (/livez)", bare.ms(0.5), bare.ms(0.99));
    println!("{:>24} {:>8.1} {:>8.1}", "ratio", page.ms(0.5) / bare.ms(0.5), page.ms(0.99) / bare.ms(0.99));
    database.close().await
}
