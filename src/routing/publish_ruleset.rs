//! Publishing rules: from then on they never change.

use super::rules::Rules;
use super::ruleset::{Ruleset, RulesetProblem};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{RulesetId, UserId};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Keeps rules as a new version of a ruleset, or says all that is wrong with them. It is in force once it is activated. `written_by` are those who had a hand
/// in them besides whoever publishes.
pub async fn publish_ruleset(conn: &mut PgConnection, act: &Act, id: RulesetId, name: &str, rules: &Rules, written_by: &[UserId]) -> Result<i32> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 {
        return Err(Refusal::field("/name", "Give the ruleset a name of at most 80 characters.").into());
    }
    Ruleset::of(id, 0, name, rules).map_err(refused)?;
    let mut written_by: Vec<Uuid> = written_by.iter().copied().chain(act.actor.user()).map(|user| user.0).collect();
    written_by.sort_unstable();
    written_by.dedup();
    // One at a time, so that each has a number of its own.
    sqlx::query!("select four_eyes from routing_settings for update").fetch_one(&mut *conn).await?;
    let version = sqlx::query_scalar!(
        r#"insert into rulesets (ruleset_id, version, name, rules, created_at, created_by, written_by)
        select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6 from rulesets where ruleset_id = $1
        returning version"#,
        id.0,
        name,
        Json(rules) as _,
        act.now,
        act.actor.user().map(|u| u.0),
        &written_by
    )
    .fetch_one(&mut *conn)
    .await?;
    let details = EventDetails { reason: Some(version_name(name, version)), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::RulesetPublished, details }]).await?;
    Ok(version)
}

/// Publishes rules under the number that the next version is to have. The same rules under a number that is taken change nothing.
pub async fn publish_version(conn: &mut PgConnection, act: &Act, id: RulesetId, version: i32, name: &str, rules: &Rules) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let known =
        sqlx::query!(r#"select version, name, rules as "rules: Json<Rules>" from rulesets where ruleset_id = $1 order by version desc"#, id.0)
            .fetch_all(&mut *conn)
            .await?;
    if let Some(same) = known.iter().find(|v| v.version == version) {
        return if same.name == name.trim() && same.rules.0 == *rules {
            Ok(())
        } else {
            Err(Refusal::new(RefusalCode::Conflict, format!("Version {version} has other rules, and versions never change.")).into())
        };
    }
    let next = known.first().map_or(1, |newest| newest.version + 1);
    if version != next {
        return Err(Refusal::new(RefusalCode::Conflict, format!("The next version is {next}. Publish that.")).into());
    }
    publish_ruleset(conn, act, id, name, rules, &[]).await?;
    Ok(())
}

/// `Nearest first, version 3`.
pub(super) fn version_name(name: &str, version: i32) -> String {
    format!("{name}, version {version}")
}

/// Problems as fields of what was sent in.
fn refused(problems: Vec<RulesetProblem>) -> Refusal {
    Refusal::invalid(problems.into_iter().map(|p| FieldProblem { field: format!("/rules{}", p.at), message: p.message }).collect())
}
