//! Receiving what comes back.

use super::{ReturnReceipt, ReturnState};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::fulfilment;
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, ReturnId, SkuId};
use crate::inventory::receipts::{taken, what_came};
use crate::inventory::{Condition, MovementReason, NewMovement, post_movements};
use crate::orders;
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// A return whose order is locked.
pub(super) struct Locked {
    pub id: ReturnId,
    pub order: OrderId,
    pub number: String,
    pub location: LocationId,
}

/// Locks a return that has not ended: its order first, then the return itself.
pub(super) async fn lock_return(conn: &mut PgConnection, number: &str) -> Result<Locked> {
    let number = number.trim().to_ascii_uppercase();
    let order = sqlx::query_scalar!(r#"select order_id as "order: OrderId" from returns where number = $1"#, number)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("return {number}")))?;
    orders::lock_order(conn, order).await?;
    let found = sqlx::query!(
        r#"select return_id as "id: ReturnId", location_id as "location: LocationId", state as "state: ReturnState" from returns where number = $1 for update"#,
        number
    )
    .fetch_one(conn)
    .await?;
    if found.state != ReturnState::Approved {
        let message = format!("Return {number} has ended already ({}). What comes late belongs to a new return.", found.state.label().to_lowercase());
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
    }
    Ok(Locked { id: found.id, order, number, location: found.location })
}

/// Takes in what has come of a return, in the condition that it is in. Fewer than were announced stay awaited until the rest comes or the return is
/// closed. What the order never had, or had fewer of, is taken in as it came, set aside whatever its condition, and stands out in the return.
pub async fn receive_return(conn: &mut PgConnection, act: &Act, number: &str, come: &ReturnReceipt) -> Result<ReturnState> {
    act.require(Permission::MoveStock)?;
    let returned = lock_return(conn, number).await?;
    act.require_location(returned.location, Permission::MoveStock)?;
    let lines =
        sqlx::query!(r#"select sku_id as "sku: SkuId", announced - received as "awaited!" from return_lines where return_id = $1"#, returned.id.0)
            .fetch_all(&mut *conn)
            .await?;
    let awaited: BTreeMap<SkuId, i32> = lines.into_iter().map(|l| (l.sku, l.awaited)).collect();
    let units = what_came(conn, &come.receipt, &awaited).await?;
    let matched = match_lines(conn, returned.order, &units).await?;
    let column: Vec<_> = units.iter().map(|(sku, units)| (sku.0, *units, matched.get(sku).copied().unwrap_or(0))).collect();
    sqlx::query!(
        "insert into return_lines (return_id, sku_id, announced, received, matched)
        select $1, sku_id, 0, units, matched from unnest($2::uuid[], $3::integer[], $4::integer[]) as c (sku_id, units, matched)
        on conflict (return_id, sku_id) do update
        set received = return_lines.received + excluded.received, matched = return_lines.matched + excluded.matched",
        returned.id.0,
        &column.iter().map(|c| c.0).collect::<Vec<_>>(),
        &column.iter().map(|c| c.1).collect::<Vec<_>>(),
        &column.iter().map(|c| c.2).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let movement = |sku: SkuId, units: i32, condition: Condition| NewMovement {
        customer_return: Some(returned.id),
        condition,
        ..NewMovement::new(sku, returned.location, units, MovementReason::Return)
    };
    let arrived: Vec<NewMovement> = units
        .iter()
        .flat_map(|(sku, units)| {
            let own = matched.get(sku).copied().unwrap_or(0);
            [movement(*sku, own, come.condition), movement(*sku, units - own, Condition::Quarantined)]
        })
        .filter(|m| m.quantity > 0)
        .collect();
    post_movements(conn, act, &arrived).await?;
    let taken = taken(&awaited, &units);
    let state = match (taken.missing, come.receipt.close) {
        (0, _) => ReturnState::Received,
        (_, true) => ReturnState::Closed,
        (_, false) => ReturnState::Approved,
    };
    let ended_at = (state != ReturnState::Approved).then_some(act.now);
    sqlx::query!("update returns set state = $2, ended_at = $3 where return_id = $1", returned.id.0, state.as_str(), ended_at)
        .execute(&mut *conn)
        .await?;
    let kind = if state == ReturnState::Closed { EventKind::ReturnClosed } else { EventKind::ReturnReceived };
    let details = EventDetails { reason: Some(returned.number), changes: vec![taken.change], ..EventDetails::default() };
    let mut told = vec![NewEvent { kind, details }];
    told.extend(fulfilment::return_fulfilments(conn, act, returned.order).await?);
    events::append(conn, act, StreamKind::Order, returned.order.0, told).await?;
    orders::project_order(conn, act.now, &[returned.order]).await?;
    Ok(state)
}

/// Counts units on the lines of an order whose row is locked, the first lines first, as far as they have that many out. Returns how many, by SKU.
async fn match_lines(conn: &mut PgConnection, order: OrderId, units: &BTreeMap<SkuId, i32>) -> Result<BTreeMap<SkuId, i32>> {
    let counted = sqlx::query!(
        r#"with come as (select * from unnest($2::uuid[], $3::integer[]) as c (sku_id, units)),
        out as (
            select line_no, sku_id, shipped + collected - returned as units,
                sum(shipped + collected - returned) over (partition by sku_id order by line_no) - (shipped + collected - returned) as earlier
            from order_lines
            where order_id = $1
        )
        update order_lines l
        set returned = l.returned + least(out.units, come.units - out.earlier)::integer
        from out
        join come using (sku_id)
        where l.order_id = $1 and l.line_no = out.line_no and out.units > 0 and come.units > out.earlier
        returning l.sku_id as "sku: SkuId", least(out.units, come.units - out.earlier)::integer as "units!""#,
        order.0,
        &units.keys().map(|s| s.0).collect::<Vec<_>>(),
        &units.values().copied().collect::<Vec<_>>()
    )
    .fetch_all(conn)
    .await?;
    let mut matched = BTreeMap::new();
    for line in counted {
        *matched.entry(line.sku).or_insert(0) += line.units;
    }
    Ok(matched)
}
