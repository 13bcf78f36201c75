//! Bringing the books in line with what another system reports: the till of a store, the system of a warehouse, a vendor's feed.

use super::correct_stock::take_off;
use super::views::ReadingsTaken;
use crate::catalog;
use crate::identity::{Act, Permission};
use crate::ids::LocationId;
use crate::inventory::{self, MOST_UNITS, Reading, location_by_code};
use crate::refusal::{Error, FieldProblem, Refusal, RefusalCode, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// What another system says stands at a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readings {
    /// Code of the location.
    pub location: String,
    /// When it was so. What came and went since then is on top of it.
    pub as_of: DateTime<Utc>,
    /// (SKU code or GTIN, units that can be sold)
    pub lines: Vec<(String, i32)>,
}

/// More lines than one message should have.
const MOST_LINES: usize = 10_000;
/// Clocks differ a little.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// Everything wrong with readings, or what they are.
pub async fn check_readings(conn: &mut PgConnection, act: &Act, new: &Readings) -> Result<(LocationId, Vec<Reading>)> {
    act.require(Permission::AdjustStock)?;
    let location = location_by_code(conn, &new.location).await?;
    act.require_location(location, Permission::AdjustStock)?;
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: String| problems.push(FieldProblem { field, message });
    if new.as_of > act.now + CLOCKS_DIFFER {
        wrong("/as_of".to_owned(), "This lies in the future. Send the time at which the shelves were so.".to_owned());
    }
    if new.lines.is_empty() {
        wrong("/lines".to_owned(), "Send at least one line.".to_owned());
    }
    if new.lines.len() > MOST_LINES {
        wrong("/lines".to_owned(), format!("Send at most {MOST_LINES} lines at a time."));
    }
    let known = catalog::skus_by_codes(conn, &new.lines.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
    let mut readings = BTreeMap::new();
    for (index, (code, quantity)) in new.lines.iter().enumerate() {
        match known.get(code) {
            None => wrong(format!("/lines/{index}/sku"), format!("There is no SKU or GTIN “{code}”. Take it out, or make it known first.")),
            Some(_) if !(0..=MOST_UNITS).contains(quantity) => {
                wrong(format!("/lines/{index}/quantity"), format!("{code}: on hand is zero or more, and at most 1,000,000."));
            }
            Some(sku) if readings.insert(*sku, *quantity).is_some_and(|before| before != *quantity) => {
                wrong(format!("/lines/{index}"), format!("{code} is there twice with different figures. Send one line for each SKU."));
            }
            Some(_) => {}
        }
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    Ok((location, readings.into_iter().map(|(sku, quantity)| Reading { sku, quantity }).collect()))
}

/// Takes in the readings that leave all orders their units. Returns what it did, and those that do not: each is for [`apply_shrinking`].
pub async fn apply_harmless(
    conn: &mut PgConnection,
    act: &Act,
    location: LocationId,
    as_of: DateTime<Utc>,
    readings: &[Reading],
) -> Result<(ReadingsTaken, Vec<Reading>)> {
    inventory::lock_shelves(conn, location, readings).await?;
    let shelves = inventory::read_shelves(conn, location, as_of, readings).await?;
    let mut taken = ReadingsTaken::default();
    let (mut kept, mut shrinking, mut movements, mut stale) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Both are in the order of the SKUs.
    for (reading, shelf) in readings.iter().zip(&shelves) {
        if shelf.stale {
            stale.push(reading.sku);
        } else if !shelf.is_harmless() {
            shrinking.push(*reading);
        } else {
            kept.push(*reading);
            if shelf.correction == 0 {
                taken.agreed += 1;
            } else {
                taken.corrected += 1;
                movements.push(shelf.movement(location));
            }
        }
    }
    if !movements.is_empty() {
        inventory::post_movements(conn, act, &movements).await?;
    }
    inventory::keep_readings(conn, act, location, as_of, &kept).await?;
    if !stale.is_empty() {
        taken.stale = catalog::codes_of(conn, &stale).await?;
    }
    Ok((taken, shrinking))
}

/// Takes in one reading that leaves fewer units than orders have reserved: the last of them are routed anew. The shelf is not locked first, since
/// orders are locked before shelves everywhere: what comes and goes meanwhile is on top of the reading, and changes nothing about the correction.
pub async fn apply_shrinking(
    conn: &mut PgConnection,
    act: &Act,
    location: LocationId,
    as_of: DateTime<Utc>,
    reading: Reading,
    spare: i32,
) -> Result<ReadingsTaken> {
    let mut taken = ReadingsTaken::default();
    let shelves = inventory::read_shelves(conn, location, as_of, &[reading]).await?;
    for shelf in shelves {
        if shelf.stale {
            taken.stale.extend(catalog::codes_of(conn, &[reading.sku]).await?);
            continue;
        }
        if shelf.correction != 0 {
            taken.rerouted = take_off(conn, act, &[shelf.movement(location)], spare).await?.len();
            taken.corrected += 1;
            // The shelf is locked now: the same report, or a later one, may have been taken in between the look at it and that.
            let again = inventory::read_shelves(conn, location, as_of, &[reading]).await?;
            if again.iter().any(|s| s.stale || s.correction != 0) {
                return Err(Error::Contended(Refusal::new(RefusalCode::Conflict, "The shelf was corrected at the same moment. Try again.")));
            }
        }
        inventory::keep_readings(conn, act, location, as_of, &[reading]).await?;
    }
    Ok(taken)
}
