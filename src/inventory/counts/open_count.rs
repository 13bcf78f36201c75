//! Beginning a count: which things, and where.

use super::{CountState, NewCount};
use crate::catalog;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{CountId, SkuId};
use crate::inventory::location_by_code;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;
use std::collections::BTreeSet;

const LONGEST_NOTE: usize = 500;

/// Begins a count of some SKUs at a location, or of everything that the books have there. The caller chooses the id; returns the number.
pub async fn open_count(conn: &mut PgConnection, act: &Act, id: CountId, new: &NewCount) -> Result<String> {
    act.require(Permission::CountStock)?;
    let location = location_by_code(conn, &new.location).await.map_err(|_| Refusal::field("/location", "Choose where to count."))?;
    act.require_location(location, Permission::CountStock)?;
    let mut problems = Vec::new();
    if new.note.chars().count() > LONGEST_NOTE {
        problems.push(FieldProblem { field: "/note".to_owned(), message: "Shorten the note to 500 characters.".to_owned() });
    }
    let known = catalog::skus_by_codes(conn, &new.skus).await?;
    let mut skus: BTreeSet<SkuId> = BTreeSet::new();
    for (index, code) in new.skus.iter().enumerate() {
        match known.get(code) {
            Some(sku) => _ = skus.insert(*sku),
            None => {
                let message = format!("There is no SKU or GTIN “{code}”. Check the label.");
                problems.push(FieldProblem { field: format!("/skus/{index}"), message });
            }
        }
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let number = sqlx::query_scalar!(
        "insert into counts (count_id, number, location_id, state, note, opened_at)
        values ($1, 'C-' || nextval('count_numbers'), $2, $3, $4, $5)
        returning number",
        id.0,
        location.0,
        CountState::Open.as_str(),
        new.note.trim(),
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    let lines = sqlx::query!(
        "insert into count_lines (count_id, sku_id)
        select $1::uuid, sku_id from unnest($2::uuid[]) as sku_id
        union
        select $1::uuid, sku_id from stock where cardinality($2::uuid[]) = 0 and location_id = $3 and on_hand > 0",
        id.0,
        &skus.iter().map(|s| s.0).collect::<Vec<_>>(),
        location.0
    )
    .execute(&mut *conn)
    .await?;
    if lines.rows_affected() == 0 {
        return Err(Refusal::field("/skus", "The books have nothing there. Scan or type what is to be counted.").into());
    }
    let details = EventDetails { reason: Some(number.clone()), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Count, id.0, vec![NewEvent { kind: EventKind::CountOpened, details }]).await?;
    Ok(number)
}
