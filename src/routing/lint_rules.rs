//! What is odd about rules, on the network as it is.

use super::lint::{Oddity, lint};
use super::rules::Rules;
use super::ruleset::Ruleset;
use crate::identity::{Act, Permission};
use crate::ids::RulesetId;
use crate::inventory;
use crate::refusal::Result;
use sqlx::PgConnection;

/// Looks for what is odd about rules; nothing is said of rules that are not sound.
pub async fn lint_rules(conn: &mut PgConnection, act: &Act, rules: &Rules) -> Result<Vec<Oddity>> {
    act.require(Permission::ReadRouting)?;
    let Ok(ruleset) = Ruleset::of(RulesetId(uuid::Uuid::nil()), 0, "", rules) else { return Ok(Vec::new()) };
    let network = inventory::network_at(conn, act.now).await?;
    Ok(lint(&ruleset, &network, act.now))
}
