//! Receiving what was bought: in one go or in several.

use super::take_step::{follow, lock_order, move_on, record};
use super::{PurchaseState, PurchaseStep};
use crate::events::EventKind;
use crate::identity::{Act, Permission};
use crate::ids::SkuId;
use crate::inventory::backorders::lock_followed;
use crate::inventory::receipts::{Receipt, taken, what_came};
use crate::inventory::{MovementReason, NewMovement, post_movements};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Takes in what has come of a purchase order. Fewer than are awaited stay awaited until the rest comes or the order is closed; more, and what was not
/// ordered at all, is taken in as it came and stands out in the order. What the supplier sends to a customer itself is not received here.
pub async fn receive_order(conn: &mut PgConnection, act: &Act, number: &str, receipt: &Receipt) -> Result<PurchaseState> {
    act.require(Permission::MoveStock)?;
    let order = lock_order(conn, number).await?;
    act.require_location(order.location, Permission::MoveStock)?;
    if order.order.is_some() {
        let message = format!("{} is sent to a customer by the supplier: there is nothing to receive.", order.number);
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
    }
    order.state.apply(PurchaseStep::Receive)?;
    let lines = sqlx::query!(
        r#"select sku_id as "sku: SkuId", coalesce(confirmed, ordered) - received as "awaited!" from purchase_order_lines where purchase_order_id = $1"#,
        order.id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let awaited = lines.into_iter().map(|l| (l.sku, l.awaited)).collect();
    let come = what_came(conn, receipt, &awaited).await?;
    let all: BTreeSet<SkuId> = awaited.keys().chain(come.keys()).copied().collect();
    lock_followed(conn, order.location, &all.into_iter().collect::<Vec<_>>()).await?;
    sqlx::query!(
        "insert into purchase_order_lines (purchase_order_id, sku_id, supplier_code, ordered, received)
        select $1, sku_id, '', 0, units from unnest($2::uuid[], $3::integer[]) as c (sku_id, units)
        on conflict (purchase_order_id, sku_id) do update set received = purchase_order_lines.received + excluded.received",
        order.id.0,
        &come.keys().map(|s| s.0).collect::<Vec<_>>(),
        &come.values().copied().collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let arrived: Vec<NewMovement> = come
        .iter()
        .map(|(sku, units)| NewMovement { purchase_order: Some(order.id), ..NewMovement::new(*sku, order.location, *units, MovementReason::Receipt) })
        .collect();
    post_movements(conn, act, &arrived).await?;
    let taken = taken(&awaited, &come);
    let state = if taken.missing == 0 || receipt.close { PurchaseState::Closed } else { PurchaseState::PartlyReceived };
    move_on(conn, act, &order, state).await?;
    follow(conn, act, &order).await?;
    let kind = if come.is_empty() { EventKind::PurchaseClosed } else { EventKind::PurchaseReceived };
    record(conn, act, order.id, kind, None, vec![taken.change]).await?;
    Ok(state)
}
