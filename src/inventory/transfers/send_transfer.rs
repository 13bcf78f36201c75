//! Sending: the units leave the shelf and are in transit.

use super::{NewTransfer, TransferState};
use crate::catalog;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, SkuId, TransferId};
use crate::inventory::{MovementReason, NewMovement, location_by_code, make_rows, post_movements};
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const LONGEST_NOTE: usize = 500;

/// Sends units from one location to another. Only what is free leaves: what is reserved for orders stays. The caller
/// chooses the id; returns the number.
pub async fn send_transfer(conn: &mut PgConnection, act: &Act, id: TransferId, new: &NewTransfer) -> Result<String> {
    act.require(Permission::MoveStock)?;
    let from = location_by_code(conn, &new.from).await.map_err(|_| Refusal::field("/from", "Choose where the goods are sent from."))?;
    let to = location_by_code(conn, &new.to).await.map_err(|_| Refusal::field("/to", "Choose where the goods are sent to."))?;
    act.require_location(from, Permission::MoveStock)?;
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: String| problems.push(FieldProblem { field, message });
    if from == to {
        wrong("/to".to_owned(), "Choose another location than the one it is sent from.".to_owned());
    }
    if new.note.chars().count() > LONGEST_NOTE {
        wrong("/note".to_owned(), "Shorten the note to 500 characters.".to_owned());
    }
    if new.lines.is_empty() {
        wrong("/lines".to_owned(), "Scan or type at least one thing to send.".to_owned());
    }
    let known = catalog::skus_by_codes(conn, &new.lines.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
    // The same thing by its SKU and by its GTIN is one thing.
    let mut wanted: BTreeMap<SkuId, (usize, i32)> = BTreeMap::new();
    for (index, (code, quantity)) in new.lines.iter().enumerate() {
        match known.get(code) {
            None => wrong(format!("/lines/{index}"), format!("There is no SKU or GTIN “{code}”. Check the label.")),
            Some(_) if *quantity < 1 => wrong(format!("/lines/{index}"), format!("Send at least one unit of {code}, or leave it out.")),
            Some(sku) => wanted.entry(*sku).or_insert((index, 0)).1 += quantity,
        }
    }
    for (sku, free) in free_units(conn, from, &wanted.keys().copied().collect::<Vec<_>>()).await? {
        if let Some((index, quantity)) = wanted.get(&sku)
            && *quantity > free
        {
            let code = &new.lines[*index].0;
            let message = match free {
                ..=0 => format!("{code}: none is free there; what is on hand is reserved for orders. Leave it out."),
                free => format!("{code}: only {free} are free there, the others are reserved for orders. Send {free} or fewer."),
            };
            wrong(format!("/lines/{index}"), message);
        }
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let number = open(conn, act, id, from, to, new.note.trim()).await?;
    sqlx::query!(
        "insert into transfer_lines (transfer_id, sku_id, sent) select $1, * from unnest($2::uuid[], $3::integer[])",
        id.0,
        &wanted.keys().map(|s| s.0).collect::<Vec<_>>(),
        &wanted.values().map(|v| v.1).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let sent: Vec<NewMovement> = wanted
        .iter()
        .map(|(sku, (_, units))| NewMovement { transfer: Some(id), ..NewMovement::new(*sku, from, -units, MovementReason::Transfer) })
        .collect();
    post_movements(conn, act, &sent).await?;
    // Where they go to they have a place before they come: what is on its way is seen there.
    make_rows(conn, &wanted.keys().map(|sku| (*sku, to)).collect::<Vec<_>>()).await?;
    let details = EventDetails { reason: Some(number.clone()), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Transfer, id.0, vec![NewEvent { kind: EventKind::TransferSent, details }]).await?;
    Ok(number)
}

/// Units of some SKUs that nobody has reserved at a location. Their rows are locked, in the order in which claims lock them.
async fn free_units(conn: &mut PgConnection, location: LocationId, skus: &[SkuId]) -> Result<BTreeMap<SkuId, i32>> {
    let ids: Vec<_> = skus.iter().map(|s| s.0).collect();
    let rows = sqlx::query!(
        r#"select sku_id as "sku: SkuId", on_hand - reserved as "free!"
        from stock
        where sku_id = any ($1) and location_id = $2
        order by sku_id
        for update"#,
        &ids,
        location.0
    )
    .fetch_all(conn)
    .await?;
    let mut free: BTreeMap<SkuId, i32> = skus.iter().map(|s| (*s, 0)).collect();
    free.extend(rows.into_iter().map(|r| (r.sku, r.free)));
    Ok(free)
}

/// The transfer's row. Returns its number.
async fn open(conn: &mut PgConnection, act: &Act, id: TransferId, from: LocationId, to: LocationId, note: &str) -> Result<String> {
    let number = sqlx::query_scalar!(
        "insert into transfers (transfer_id, number, from_location_id, to_location_id, state, note, sent_at)
        values ($1, 'T-' || nextval('transfer_numbers'), $2, $3, $4, $5, $6)
        returning number",
        id.0,
        from.0,
        to.0,
        TransferState::Sent.as_str(),
        note,
        act.now
    )
    .fetch_one(conn)
    .await?;
    Ok(number)
}
