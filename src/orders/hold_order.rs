//! Holding an order back. It can be held for several things at a time; nothing of it moves on until each is released.
//!
//! What is planned is not handed to its location, and what a location has begun with goes no further: nobody picks, packs, sends or hands it out. Its stock is
//! kept, and rules can ask what it is held for when something of it is routed again.

use super::HoldKind;
use super::project_order::{lock_order, project_order};
use super::release_order::release_order;
use super::views::OrderHold;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::fulfilment::Command;
use crate::identity::{Act, Actor, Permission};
use crate::ids::OrderId;
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// Characters of a reason.
const LONGEST_REASON: usize = 200;

/// Holds an order for something, and says why. Refused where nothing of it is left that could be held, and where it is held for that already.
pub async fn hold_order(conn: &mut PgConnection, act: &Act, order_id: OrderId, kind: HoldKind, reason: &str) -> Result<()> {
    act.require(Permission::CancelOrders)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.contains(char::is_control) {
        return Err(Refusal::field("/reason", format!("Say why it is held, in at most {LONGEST_REASON} characters on one line.")).into());
    }
    lock_order(conn, order_id).await?;
    let may_be_held = sqlx::query_scalar!(r#"select exists (select from order_lines where order_id = $1 and open > 0) as "may!""#, order_id.0)
        .fetch_one(&mut *conn)
        .await?;
    if !may_be_held {
        return Err(
            Refusal::new(RefusalCode::IllegalTransition, "Nothing of it is left to be held: everything was sent, collected or cancelled.").into()
        );
    }
    let placed = sqlx::query!(
        "insert into order_holds (order_id, kind, placed_at, reason) values ($1, $2, $3, $4)
        on conflict (order_id, kind) where released_at is null do nothing",
        order_id.0,
        kind.as_str(),
        act.now,
        reason
    )
    .execute(&mut *conn)
    .await?;
    if placed.rows_affected() == 0 {
        let message = format!("It is held for {} already. Release that first, to say anew why.", kind.label().to_lowercase());
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    let said = format!("{}: {reason}", kind.label());
    happened(conn, act, order_id, EventKind::OrderHeld, said).await
}

/// Releases what an order is held for; where that was the last, it goes on. Refused where it is not held for it.
pub async fn release_order_hold(conn: &mut PgConnection, act: &Act, order_id: OrderId, kind: HoldKind) -> Result<()> {
    act.require(Permission::CancelOrders)?;
    lock_order(conn, order_id).await?;
    let released = sqlx::query!(
        "update order_holds set released_at = $3 where order_id = $1 and kind = $2 and released_at is null",
        order_id.0,
        kind.as_str(),
        act.now
    )
    .execute(&mut *conn)
    .await?;
    if released.rows_affected() == 0 {
        let message = format!("It is not held for {}, or somebody has released it.", kind.label().to_lowercase());
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
    }
    happened(conn, act, order_id, EventKind::HoldReleased, kind.label().to_owned()).await?;
    if holds_on(conn, order_id).await?.is_empty() { release_order(conn, act, order_id).await } else { Ok(()) }
}

async fn happened(conn: &mut PgConnection, act: &Act, order_id: OrderId, kind: EventKind, said: String) -> Result<()> {
    let details = EventDetails { reason: Some(said), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind, details }]).await?;
    project_order(conn, act.now, &[order_id]).await
}

/// Refuses a step that would move a held order on. What goes to its customer already is delivered, and what a location cannot do it turns down. The caller holds
/// the order's lock.
pub(super) async fn may_move_on(conn: &mut PgConnection, act: &Act, order_id: OrderId, command: Command) -> Result<()> {
    match command {
        Command::StartPicking | Command::Pack | Command::Ship | Command::MarkReady | Command::Collect => require_not_held(conn, act, order_id).await,
        Command::Release | Command::Deliver | Command::Return | Command::Cancel | Command::Reject => Ok(()),
    }
}

/// Refuses where an order is held. A supplier is not told why.
pub(super) async fn require_not_held(conn: &mut PgConnection, act: &Act, order_id: OrderId) -> Result<()> {
    let Some(hold) = holds_on(conn, order_id).await?.into_iter().next() else { return Ok(()) };
    let why = match act.actor {
        Actor::Supplier { .. } => String::new(),
        _ => format!(" for {}: {}", hold.kind.label().to_lowercase(), hold.reason),
    };
    let message = format!("The order is held{why}. It goes on once customer service releases it.");
    Err(Refusal::new(RefusalCode::IllegalTransition, message).into())
}

/// What an order is held for, the first first.
pub(super) async fn holds_on(conn: &mut PgConnection, order_id: OrderId) -> Result<Vec<OrderHold>> {
    Ok(sqlx::query_as!(
        OrderHold,
        r#"select kind as "kind: HoldKind", reason, placed_at
        from order_holds
        where order_id = $1 and released_at is null
        order by placed_at, kind"#,
        order_id.0
    )
    .fetch_all(conn)
    .await?)
}
