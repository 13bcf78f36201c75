//! Ends the parcels of an order whose goods have all come back before their customers had them.

use super::{Command, FulfilmentState, Way};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::OrderId;
use crate::refusal::Result;
use sqlx::PgConnection;

/// Ends what is on its way, or waits in the store that it was sent to, where returns have brought all of it back. What came back because it could not be
/// delivered or nobody collected it was in such a parcel; anything else that came back was in one only as far as the customer did not have as many from
/// others. Parcels are gone through in the order of their numbers. Returns what is to be written of it. The caller holds the order's lock.
pub async fn return_fulfilments(conn: &mut PgConnection, act: &Act, order: OrderId) -> Result<Vec<NewEvent>> {
    let rows = sqlx::query_file!("src/fulfilment/sql/sent_back.sql", order.0).fetch_all(&mut *conn).await?;
    let mut told = Vec::new();
    for row in rows {
        let state = row.state.apply(Command::Return, row.way)?;
        sqlx::query_file!("src/fulfilment/sql/set_state.sql", order.0, row.no, state.as_str(), act.now).execute(&mut *conn).await?;
        let details = EventDetails { fulfilment_no: Some(row.no), ..EventDetails::default() };
        told.push(NewEvent { kind: EventKind::ParcelReturned, details });
    }
    Ok(told)
}
