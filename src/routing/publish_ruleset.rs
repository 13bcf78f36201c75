//! Publishing rules and reading the version in force.

use super::ruleset::{Rule, Ruleset};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::Act;
use crate::ids::RulesetId;
use crate::inventory::touch_network;
use crate::refusal::{Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Publishes a new version, in force from `act.now` on; the one before it ends then.
pub async fn publish_ruleset(conn: &mut PgConnection, act: &Act, id: RulesetId, name: &str, rules: &[Rule]) -> Result<i32> {
    Ruleset::check(rules).map_err(|problem| Refusal::field("/rules", problem.to_string()))?;
    sqlx::query!("update rulesets set active = tstzrange(lower(active), $1) where active @> $1::timestamptz", act.now).execute(&mut *conn).await?;
    let version = sqlx::query_scalar!(
        r#"insert into rulesets (ruleset_id, version, name, rules, created_at, active)
        select $1, coalesce(max(version), 0) + 1, $2, $3, $4, tstzrange($4, null) from rulesets where ruleset_id = $1
        returning version"#,
        id.0,
        name,
        Json(rules) as _,
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let details = EventDetails { reason: Some(format!("{name}, version {version}")), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::RulesetActivated, details }]).await?;
    Ok(version)
}

/// The version in force at a moment.
pub async fn active_ruleset(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<Ruleset> {
    let row = sqlx::query!(
        r#"select ruleset_id as "id: RulesetId", version, name, rules as "rules: Json<Vec<Rule>>" from rulesets where active @> $1::timestamptz"#,
        at
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::new(RefusalCode::Conflict, "No routing rules are in force. Publish a ruleset first."))?;
    Ok(Ruleset { id: row.id, version: row.version, name: row.name, rules: row.rules.0 })
}
