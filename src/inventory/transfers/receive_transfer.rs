//! Receiving: what has come is on the shelf, in one go or in several.

use super::TransferState;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, SkuId, TransferId};
use crate::inventory::receipts::{Receipt, taken, what_came};
use crate::inventory::{MovementReason, NewMovement, post_movements};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;

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
    let lines = sqlx::query!(r#"select sku_id as "sku: SkuId", sent, received from transfer_lines where transfer_id = $1"#, transfer.id.0)
        .fetch_all(&mut *conn)
        .await?;
    let awaited = lines.iter().map(|l| (l.sku, l.sent - l.received)).collect();
    let come = what_came(conn, receipt, &awaited).await?;
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
    let taken = taken(&awaited, &come);
    let state = match (taken.missing, receipt.close) {
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
    let details = EventDetails { changes: vec![taken.change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Transfer, transfer.id.0, vec![NewEvent { kind, details }]).await?;
    Ok(state)
}
