//! A return that will not come.

use super::ReturnState;
use super::receive_return::lock_return;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// Calls a return off of which nothing has come yet.
pub async fn cancel_return(conn: &mut PgConnection, act: &Act, number: &str) -> Result<()> {
    act.require(Permission::ManageReturns)?;
    let returned = lock_return(conn, number).await?;
    act.require_location(returned.location, Permission::ManageReturns)?;
    let begun = sqlx::query_scalar!(r#"select exists (select from return_lines where return_id = $1 and received > 0) as "begun!""#, returned.id.0)
        .fetch_one(&mut *conn)
        .await?;
    if begun {
        let message = format!("A part of {} has come already. Close it when nothing more will come.", returned.number);
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
    }
    sqlx::query!("update returns set state = $2, ended_at = $3 where return_id = $1", returned.id.0, ReturnState::Cancelled.as_str(), act.now)
        .execute(&mut *conn)
        .await?;
    let details = EventDetails { reason: Some(returned.number), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, returned.order.0, vec![NewEvent { kind: EventKind::ReturnCancelled, details }]).await
}
