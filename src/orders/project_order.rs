//! The header is written here and nowhere else.

use crate::ids::OrderId;
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Takes the order's lock: the first statement of every use case that changes it.
pub async fn lock_order(conn: &mut PgConnection, order: OrderId) -> Result<()> {
    sqlx::query!(r#"select order_id from orders where order_id = $1 for update"#, order.0)
        .fetch_optional(conn)
        .await?
        .map(|_| ())
        .ok_or_else(|| Refusal::not_found("such order").into())
}

/// Brings the headers of some orders in line with their lines, fulfilments and payments. The last statement of every change.
pub async fn project_order(conn: &mut PgConnection, now: DateTime<Utc>, orders: &[OrderId]) -> Result<()> {
    let ids: Vec<_> = orders.iter().map(|o| o.0).collect();
    sqlx::query_file!("src/orders/sql/project_order.sql", &ids, now).execute(conn).await?;
    Ok(())
}
