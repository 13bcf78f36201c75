//! Four eyes: somebody else looks at a version before it is put in force.

use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{RulesetId, UserId, new_uuid};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use uuid::Uuid;

/// Approves a version that others have written. To do it again changes nothing.
pub async fn approve_ruleset(conn: &mut PgConnection, act: &Act, id: RulesetId, version: i32) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let user = act.actor.user().ok_or_else(|| Refusal::new(RefusalCode::Forbidden, "Only somebody who is signed in can approve a version."))?;
    let made =
        sqlx::query!(r#"select name, written_by as "written_by: Vec<UserId>" from rulesets where ruleset_id = $1 and version = $2"#, id.0, version)
            .fetch_optional(&mut *conn)
            .await?
            .ok_or_else(|| Refusal::not_found(format_args!("version {version} of these rules")))?;
    if made.written_by.contains(&user) {
        return Err(Refusal::new(RefusalCode::Forbidden, "You have had a hand in this version. Somebody else has to approve it.").into());
    }
    let new = sqlx::query!(
        "insert into ruleset_approvals (ruleset_id, version, approved_by, approved_at) values ($1, $2, $3, $4) on conflict do nothing",
        id.0,
        version,
        user.0,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    if new.rows_affected() > 0 {
        let details = EventDetails { reason: Some(super::publish_ruleset::version_name(&made.name, version)), ..EventDetails::default() };
        events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::RulesetApproved, details }]).await?;
    }
    Ok(())
}

/// What has to be before a version is put in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demands {
    /// Somebody who has not written it has approved it.
    pub four_eyes: bool,
    /// A past period was routed by it.
    pub simulated_first: bool,
}

/// Says what has to be before a version is put in force.
pub async fn set_demands(conn: &mut PgConnection, act: &Act, wanted: Demands) -> Result<()> {
    act.require(Permission::ManageUsers)?;
    let before = sqlx::query!("select four_eyes, simulated_first from routing_settings for update").fetch_one(&mut *conn).await?;
    let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let demands = [
        ("Rules need somebody else's approval", before.four_eyes, wanted.four_eyes),
        ("Rules need a simulation first", before.simulated_first, wanted.simulated_first),
    ];
    let changed = demands.into_iter().filter(|(_, before, after)| before != after);
    let changes: Vec<Change> =
        changed.map(|(field, before, after)| Change { field: field.to_owned(), before: word(before), after: word(after) }).collect();
    if changes.is_empty() {
        return Ok(());
    }
    sqlx::query!("update routing_settings set four_eyes = $1, simulated_first = $2", wanted.four_eyes, wanted.simulated_first)
        .execute(&mut *conn)
        .await?;
    let details = EventDetails { changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, Uuid::nil(), vec![NewEvent { kind: EventKind::RoutingSettingsChanged, details }]).await
}

/// Says something about a version.
pub async fn comment_on_ruleset(conn: &mut PgConnection, act: &Act, id: RulesetId, version: i32, text: &str) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 2_000 {
        return Err(Refusal::field("/text", "Write something, at most 2,000 characters.").into());
    }
    let known = sqlx::query_scalar!(r#"select exists (select from rulesets where ruleset_id = $1 and version = $2) as "known!""#, id.0, version)
        .fetch_one(&mut *conn)
        .await?;
    if !known {
        return Err(Refusal::not_found(format_args!("version {version} of these rules")).into());
    }
    sqlx::query!(
        "insert into ruleset_comments (comment_id, ruleset_id, version, author, said_at, text) values ($1, $2, $3, $4, $5, $6)",
        new_uuid(act.now),
        id.0,
        version,
        act.actor.user().map(|u| u.0),
        act.now,
        text
    )
    .execute(conn)
    .await?;
    Ok(())
}
