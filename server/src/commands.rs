//! The commands that are not the server.

use crate::config::{Demo, Import, Store, User};
use crate::database::{self, Use};
use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use sqlx::PgPool;
use std::path::Path;
use waybill::clock::Clock;
use waybill::identity::{Act, NewUser, Permission, Role};
use waybill::integrations::world;
use waybill::integrations::world::online_retail::{self, ImportState, Sums, Totals};
use waybill::transact;

/// `waybill migrate`
pub async fn migrate(store: &Store) -> Result<()> {
    database::open(store, Use::Command).await?.close().await?;
    println!("The database is at the current schema.");
    Ok(())
}

/// `waybill demo`
pub async fn demo(store: &Store, args: &Demo) -> Result<()> {
    let database = database::open(store, Use::Command).await?;
    load_demo(&database.pool, Clock::System, args.data.as_deref()).await?;
    database.close().await
}

/// Fills a database without a company: with the real retailer's year where its file is given (an import that was stopped goes on), else with
/// the demo company, all of it or nothing. A company of somebody's own is left as it is. Says how to sign in.
pub async fn load_demo(pool: &PgPool, clock: Clock, data: Option<&Path>) -> Result<()> {
    let mut conn = pool.acquire().await?;
    let (empty, import) = (world::is_empty(&mut conn).await?, online_retail::state(&mut conn).await?);
    drop(conn);
    let now = clock.now();
    match (data, import) {
        (Some(file), _) if empty || import == ImportState::Running => {
            let outcome = import_online_retail(pool, clock, file).await?;
            println!("The year of a real retailer is in: {} orders.", outcome.totals.orders);
        }
        (None, ImportState::Running) => {
            println!("An import of the Online Retail file was stopped half-way: name the file with --data, and it goes on.")
        }
        (None, _) if empty => {
            let bar = progress_bar("Making the demo company", 100);
            transact!(pool, conn => world::demo::load(conn, now, &mut |share| bar.set_position((share * 100.0) as u64)).await)?;
            // Its past is nobody's news.
            transact!(pool, conn => waybill::notifications::start_from_now(conn).await)?;
            bar.finish_and_clear();
            println!("The demo company is in: 300 products, some 5,000 orders of the last 90 days.");
        }
        _ => {}
    }
    let users = transact!(pool, conn => {
        // The file has no staff.
        if online_retail::state(conn).await? == ImportState::Done {
            world::demo::register_users(conn, now).await?;
        }
        world::demo::users_there(conn).await
    })?;
    if !users.is_empty() {
        println!("Sign in at /sign-in with the password {} as:", world::demo::PASSWORD);
    }
    for (email, _, role, code) in users {
        println!("  {email:24} {}{}", role.label(), code.map(|c| format!(", {c}")).unwrap_or_default());
    }
    Ok(())
}

/// `waybill doctor`: true where everything holds.
pub async fn doctor(store: &Store) -> Result<bool> {
    let database = database::open(store, Use::Command).await?;
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
    let database = database::open(store, Use::Command).await?;
    let act = Act::system(Clock::System.now());
    let token = transact!(database.pool, conn => waybill::identity::issue_token(conn, &act, name, &wanted).await)?;
    println!("{token}");
    database.close().await
}

/// `waybill user`: adds somebody who can sign in, and prints their password, once.
pub async fn user(store: &Store, args: User) -> Result<()> {
    let role: Role = args.role.parse()?;
    let database = database::open(store, Use::Command).await?;
    let act = Act::system(Clock::System.now());
    let password = waybill::identity::new_password();
    transact!(database.pool, conn => {
        let location = match &args.location {
            None => None,
            Some(code) => Some(waybill::inventory::location_by_code(conn, code).await?),
        };
        let new = NewUser { email: args.email.clone(), name: args.name.clone(), role, location, password: password.clone() };
        waybill::identity::register_user(conn, &act, new).await
    })?;
    println!("{password}");
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

/// `waybill import`
pub async fn import(store: &Store, import: Import) -> Result<()> {
    let Import::OnlineRetail { file, report } = import;
    let database = database::open(store, Use::Command).await?;
    let outcome = import_online_retail(&database.pool, Clock::System, &file).await?;
    let mut out = "line,invoice,stock_code,reason\n".to_owned();
    for line in &outcome.rejected {
        out.push_str(&format!("{},{},{},{}\n", line.file_line, line.invoice, line.stock_code.replace(',', " "), line.reason));
    }
    std::fs::write(&report, out).with_context(|| format!("writing {}", report.display()))?;
    if outcome.already_in {
        println!("This file was in already: nothing was changed.");
    }
    print_totals(&outcome.totals);
    println!("{} lines were not taken; why, line by line, is in {}", outcome.rejected.len(), report.display());
    database.close().await
}

async fn import_online_retail(pool: &PgPool, clock: Clock, file: &Path) -> Result<online_retail::Report> {
    let text = read_maybe_compressed(file)?;
    let weights = ["olist_products_dataset.csv", "olist_products_dataset.csv.zst"]
        .iter()
        .map(|name| file.with_file_name(name))
        .find(|path| path.exists())
        .map(|path| read_maybe_compressed(&path))
        .transpose()?
        .map_or_else(online_retail::Weights::default, |text| online_retail::Weights::read(&text));
    let bar = progress_bar("Importing invoices", 0);
    let outcome = online_retail::import(pool, clock.now(), &text, &weights, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    Ok(outcome)
}

fn read_maybe_compressed(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    if path.extension().is_some_and(|e| e == "zst") { Ok(online_retail::decompress(&bytes)?) } else { Ok(bytes) }
}

/// Pounds with three places: the file has prices of 0.001.
fn pounds(micros: i64) -> String {
    format!("{}{}.{:03}", if micros < 0 { "-" } else { "" }, micros.abs() / 1_000_000, micros.abs() % 1_000_000 / 1_000)
}

fn print_totals(t: &Totals) {
    println!("{:14} {:>9} {:>17} {:>17} {:>17} {:>12}", "in GBP", "lines", "file", "imported", "rejected", "rounding");
    let row = |name: &str, file: Sums, imported: Sums, rejected: Sums, booked_minor: i64| {
        let rounding = booked_minor * 10_000 - imported.micros;
        println!(
            "{name:14} {:>9} {:>17} {:>17} {:>17} {:>12}",
            file.lines,
            pounds(file.micros),
            pounds(imported.micros),
            pounds(rejected.micros),
            pounds(rounding)
        );
        let rest = file.micros - imported.micros - rejected.micros;
        if rest != 0 {
            println!("  DOES NOT RECONCILE: {} is missing", pounds(rest));
        }
    };
    row("sales", t.sales_file, t.sales_imported, t.sales_rejected, t.sales_booked_minor);
    row("cancellations", t.cancellations_file, t.cancellations_imported, t.cancellations_rejected, t.cancellations_booked_minor);
    row("bad debts", t.bad_debts_file, Sums::default(), t.bad_debts_file, 0);
    println!("{} orders, {} returns matched to an order, {} blind returns", t.orders, t.matched_returns, t.blind_returns);
    if t.lines_planned > 0 {
        let away = t.lines_planned - t.lines_from_nearest;
        println!(
            "{:.1} % of {} lines could not be served from their nearest location at the time",
            away as f64 * 100.0 / t.lines_planned as f64,
            t.lines_planned
        );
    }
}
