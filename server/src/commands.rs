//! The commands that are not the server.

use crate::config::Store;
use crate::database;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use sqlx::PgPool;
use waybill::clock::Clock;
use waybill::identity::{Act, Permission};
use waybill::integrations::world;
use waybill::transact;

/// `waybill migrate`
pub async fn migrate(store: &Store) -> Result<()> {
    database::open(store).await?.close().await?;
    println!("The database is at the current schema.");
    Ok(())
}

/// `waybill demo`
pub async fn demo(store: &Store) -> Result<()> {
    let database = database::open(store).await?;
    load_demo_if_empty(&database.pool, Clock::System).await?;
    database.close().await
}

/// Loads the demo company, all of it or nothing; a database with a company is left as it is.
pub async fn load_demo_if_empty(pool: &PgPool, clock: Clock) -> Result<()> {
    let mut conn = pool.acquire().await?;
    let empty = world::is_empty(&mut conn).await?;
    drop(conn);
    if !empty {
        return Ok(());
    }
    let bar = progress_bar("Making the demo company", 100);
    let now = clock.now();
    transact!(pool, conn => world::demo::load(conn, now, &mut |share| bar.set_position((share * 100.0) as u64)).await)?;
    bar.finish_and_clear();
    println!("The demo company is in: 300 products, some 5,000 orders of the last 90 days.");
    println!("Sign in at /sign-in with the password {} as:", world::demo::PASSWORD);
    for (email, _, role, code) in world::demo::USERS {
        println!("  {email:24} {}{}", role.label(), code.map(|c| format!(", {c}")).unwrap_or_default());
    }
    Ok(())
}

/// `waybill doctor`: true where everything holds.
pub async fn doctor(store: &Store) -> Result<bool> {
    let database = database::open(store).await?;
    let found = transact!(database.pool, conn => waybill::doctor::examine(conn).await)?;
    for violation in &found {
        println!("{}: {}", violation.invariant, violation.detail);
    }
    if found.is_empty() {
        println!("Every invariant holds: no-oversell, stock-ledger, quantities, money, exactly once.");
    } else {
        println!("{} violations.", found.len());
    }
    database.close().await?;
    Ok(found.is_empty())
}

/// `waybill token`
pub async fn token(store: &Store, name: &str, permissions: &[String]) -> Result<()> {
    let mut wanted: Vec<Permission> = permissions.iter().map(|p| p.parse()).collect::<Result<_, _>>()?;
    if wanted.is_empty() {
        wanted = Permission::ALL.to_vec();
    }
    let database = database::open(store).await?;
    let act = Act::system(Clock::System.now());
    let token = transact!(database.pool, conn => waybill::identity::issue_token(conn, &act, name, &wanted).await)?;
    println!("{token}");
    database.close().await
}

/// A bar that says how far it is; silent where nobody watches.
pub fn progress_bar(what: &'static str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta}") {
        bar.set_style(style);
    }
    bar
}
