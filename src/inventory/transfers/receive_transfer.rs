//! Receiving: what has come is on the shelf, in one go or in several.

use super::{Receipt, TransferState};
use crate::catalog;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, SkuId, TransferId};
use crate::inventory::{MovementReason, NewMovement, post_movements};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Takes in what has come of a transfer. Less than was sent stays on its way until the rest comes or the transfer is closed; more, and what was
/// not sent at all, is taken in as it came and stands out in the transfer.
pub async fn receive_transfer(conn: &mut PgConnection, act: &Act, number: &str, receipt: &Receipt) -> Result<TransferState> {
    act.require(Permission::MoveStock)?;
    let transfer = sqlx::query!(
        r#"select transfer_id as "id: TransferId", to_location_id as "to: LocationId", state as "state: TransferState"
        from transfers
        where number = $1
        for update"#,
        number.trim().to_ascii_uppercase()
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("transfer {number}")))?;
    act.require_location(transfer.to, Permission::MoveStock)?;
    if transfer.state != TransferState::Sent {
        let message =
            format!("Transfer {number} has ended already ({}). Book what has come late as a correction.", transfer.state.label().to_lowercase());
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
    }
    let mut come = scanned(conn, receipt).await?;
    let lines = sqlx::query!(r#"select sku_id as "sku: SkuId", sent, received from transfer_lines where transfer_id = $1"#, transfer.id.0)
        .fetch_all(&mut *conn)
        .await?;
    if receipt.everything {
        for line in &lines {
            let missing = line.sent - line.received - come.get(&line.sku).copied().unwrap_or(0);
            if missing > 0 {
                *come.entry(line.sku).or_insert(0) += missing;
            }
        }
    }
    if come.is_empty() && !receipt.close {
        return Err(Refusal::field("/lines", "Scan or type what has come, or say that everything has.").into());
    }
    sqlx::query!(
        "insert into transfer_lines (transfer_id, sku_id, sent, received)
        select $1, sku_id, 0, units from unnest($2::uuid[], $3::integer[]) as c (sku_id, units)
        on conflict (transfer_id, sku_id) do update set received = transfer_lines.received + excluded.received",
        transfer.id.0,
        &come.keys().map(|s| s.0).collect::<Vec<_>>(),
        &come.values().copied().collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let arrived: Vec<NewMovement> = come
        .iter()
        .map(|(sku, units)| NewMovement { transfer: Some(transfer.id), ..NewMovement::new(*sku, transfer.to, *units, MovementReason::Transfer) })
        .collect();
    post_movements(conn, act, &arrived).await?;
    let missing: i32 = lines.iter().map(|l| (l.sent - l.received - come.get(&l.sku).copied().unwrap_or(0)).max(0)).sum();
    let state = match (missing, receipt.close) {
        (0, _) => TransferState::Received,
        (_, true) => TransferState::Closed,
        (_, false) => TransferState::Sent,
    };
    if state == TransferState::Closed {
        sqlx::query!("update transfer_lines set lost = sent - received where transfer_id = $1 and received < sent", transfer.id.0)
            .execute(&mut *conn)
            .await?;
    }
    let ended_at = (state != TransferState::Sent).then_some(act.now);
    sqlx::query!("update transfers set state = $2, ended_at = $3 where transfer_id = $1", transfer.id.0, state.as_str(), ended_at)
        .execute(&mut *conn)
        .await?;
    let kind = if state == TransferState::Closed { EventKind::TransferClosed } else { EventKind::TransferReceived };
    let units: i32 = come.values().sum();
    let change =
        Change { field: "Units".to_owned(), before: format!("{} missing", missing + units), after: format!("{units} received, {missing} missing") };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Transfer, transfer.id.0, vec![NewEvent { kind, details }]).await?;
    Ok(state)
}

/// What was scanned, by SKU.
async fn scanned(conn: &mut PgConnection, receipt: &Receipt) -> Result<BTreeMap<SkuId, i32>> {
    let known = catalog::skus_by_codes(conn, &receipt.lines.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
    let mut come: BTreeMap<SkuId, i32> = BTreeMap::new();
    let mut problems = Vec::new();
    for (index, (code, quantity)) in receipt.lines.iter().enumerate() {
        let message = match known.get(code) {
            None => format!("There is no SKU or GTIN “{code}”. Check the label, or put the thing aside and ask."),
            Some(_) if *quantity < 1 => format!("{code}: what has come is at least one unit."),
            Some(sku) => {
                *come.entry(*sku).or_insert(0) += quantity;
                continue;
            }
        };
        problems.push(FieldProblem { field: format!("/lines/{index}"), message });
    }
    if problems.is_empty() { Ok(come) } else { Err(Refusal::invalid(problems).into()) }
}
