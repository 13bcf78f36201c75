//! What planning reads, each node keeps a copy of: the network, the rules, the terms. One number says that a copy is old.

use crate::refusal::Result;
use sqlx::PgConnection;

/// Says that the network or the rules have changed, so that every node reads them anew. Called in the transaction of the change.
pub async fn touch_network(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!("update network_state set version = version + 1").execute(conn).await?;
    Ok(())
}
