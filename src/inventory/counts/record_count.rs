//! Counting: how many of each thing stand there.

use super::{CountState, lock_count, require_state};
use crate::catalog;
use crate::identity::{Act, Permission};
use crate::inventory::MOST_UNITS;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Keeps what was counted, beside what the books say at this moment. What was counted before is replaced: one figure stands for all that is there
/// of a thing. What was not asked for is kept, too: somebody found it.
pub async fn record_count(conn: &mut PgConnection, act: &Act, number: &str, counted: &[(String, i32)]) -> Result<()> {
    act.require(Permission::CountStock)?;
    let count = lock_count(conn, number).await?;
    act.require_location(count.location, Permission::CountStock)?;
    require_state(&count.number, count.state, CountState::Open)?;
    if counted.is_empty() {
        return Err(Refusal::field("/lines", "Scan or type what you have counted.").into());
    }
    let known = catalog::skus_by_codes(conn, &counted.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
    let mut units = BTreeMap::new();
    let mut problems = Vec::new();
    for (index, (code, quantity)) in counted.iter().enumerate() {
        let message = match known.get(code) {
            None => format!("There is no SKU or GTIN “{code}”. Check the label, or put the thing aside and ask."),
            Some(_) if !(0..=MOST_UNITS).contains(quantity) => format!("{code}: a count is zero or more, and at most 1,000,000."),
            Some(sku) => {
                *units.entry(*sku).or_insert(0) += quantity;
                continue;
            }
        };
        problems.push(FieldProblem { field: format!("/lines/{index}"), message });
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let skus: Vec<_> = units.keys().map(|s| s.0).collect();
    // Nothing leaves the shelf between the look at the books and the note of it.
    sqlx::query!("select from stock where sku_id = any ($1) and location_id = $2 order by sku_id for share", &skus, count.location.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query_file!(
        "src/inventory/counts/sql/record_count.sql",
        count.id.0,
        count.location.0,
        &skus,
        &units.values().copied().collect::<Vec<i32>>(),
        act.now,
        act.actor.id()
    )
    .execute(conn)
    .await?;
    Ok(())
}
