//! How long a channel keeps baskets.

use crate::identity::{Act, Permission};
use crate::inventory::touch_network;
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Sets for how many minutes a channel keeps what is in a basket; zero is not at all. Baskets that are kept already keep their time.
pub async fn set_hold_time(conn: &mut PgConnection, act: &Act, channel: &str, minutes: i32) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    if !(0..=24 * 60).contains(&minutes) {
        return Err(Refusal::field("/hold_minutes", "Keep baskets for 0 to 1,440 minutes.").into());
    }
    let set = sqlx::query!("update channels set hold_seconds = $2 where channel = $1", channel, minutes * 60).execute(&mut *conn).await?;
    if set.rows_affected() == 0 {
        return Err(Refusal::field("/channel", format!("There is no channel “{channel}”.")).into());
    }
    touch_network(conn).await
}
