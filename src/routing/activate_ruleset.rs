//! Putting a version in force, from when until when, and taking it back.

use super::publish_ruleset::version_name;
use super::rules::Rules;
use super::ruleset::Ruleset;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{ActivationId, RulesetId};
use crate::inventory::touch_network;
use crate::refusal::{Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Puts a version in force from a moment on, now where none is named, until another. Of several the one that began last counts; when it ends, the one
/// before it comes back.
pub async fn activate_ruleset(
    conn: &mut PgConnection,
    act: &Act,
    activation: ActivationId,
    (id, version): (RulesetId, i32),
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let from = act.begin("/from", from)?;
    if until.is_some_and(|until| until <= from) {
        return Err(Refusal::field("/until", "It ends before it begins. Choose a later end, or none.").into());
    }
    let found = sqlx::query!(
        r#"select r.name,
            s.four_eyes and not exists (
                select from ruleset_approvals a
                where a.ruleset_id = r.ruleset_id and a.version = r.version and not a.approved_by = any (r.written_by)
            ) as "needs_approval!",
            s.simulated_first and not exists (
                select from simulations m where m.ruleset_id = r.ruleset_id and m.version = r.version and m.state = 'done'
            ) as "needs_simulation!"
        from rulesets r
        cross join routing_settings s
        where r.ruleset_id = $1 and r.version = $2"#,
        id.0,
        version
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("version {version} of these rules")))?;
    let name = found.name;
    if found.needs_approval {
        let message = "Somebody who has not written it has to approve this version first.";
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    if found.needs_simulation {
        let message = "This version has to be simulated first. Choose a past period for it, and look at what it finds.";
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    sqlx::query!(
        "insert into ruleset_activations (activation_id, ruleset_id, version, during, planned_at, planned_by)
        values ($1, $2, $3, tstzrange($4, $5), $6, $7)",
        activation.0,
        id.0,
        version,
        from,
        until,
        act.now,
        act.actor.user().map(|u| u.0)
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let details = EventDetails { reason: Some(version_name(&name, version)), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::RulesetActivated, details }]).await
}

/// Takes a time that a version is in force back, now or before it begins: what was before it comes again at once. The last one stays: without rules
/// nothing can be routed.
pub async fn withdraw_activation(conn: &mut PgConnection, act: &Act, activation: ActivationId) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    // One at a time: two that are both not the last may not both go.
    sqlx::query!("select four_eyes from routing_settings for update").fetch_one(&mut *conn).await?;
    let found = sqlx::query!(
        r#"select a.ruleset_id as "ruleset: RulesetId", a.version, r.name, a.withdrawn_at is not null or upper(a.during) <= $2 as "is_over",
            a.during @> $2::timestamptz as "counts_now!",
            exists (select from ruleset_activations o
                where o.activation_id <> a.activation_id and o.withdrawn_at is null and o.during @> $2::timestamptz and upper_inf(o.during)) as "has_other!"
        from ruleset_activations a
        join rulesets r using (ruleset_id, version)
        where a.activation_id = $1"#,
        activation.0,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such activation"))?;
    if found.is_over.unwrap_or(false) {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "This is over: there is nothing to take back.").into());
    }
    if found.counts_now && !found.has_other {
        let message = "Nothing would be in force without it. Put another version in force first.";
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    sqlx::query!(
        "update ruleset_activations set withdrawn_at = $2, withdrawn_by = $3 where activation_id = $1",
        activation.0,
        act.now,
        act.actor.user().map(|u| u.0)
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let details = EventDetails { reason: Some(version_name(&found.name, found.version)), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, found.ruleset.0, vec![NewEvent { kind: EventKind::RulesetWithdrawn, details }]).await
}

/// A version in force, and when that may next be another.
#[derive(Clone, Debug)]
pub struct InForce {
    pub ruleset: Ruleset,
    pub until: Option<DateTime<Utc>>,
}

/// The version in force at a moment.
pub async fn active_ruleset(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<InForce> {
    let row = sqlx::query!(
        r#"select r.ruleset_id as "id: RulesetId", r.version, r.name, r.rules as "rules: Json<Rules>",
            (select min(moment)
                from ruleset_activations o, lateral (values (lower(o.during)), (upper(o.during))) as m (moment)
                where moment > $1 and o.planned_at <= $1 and o.withdrawn_at is null) as until
        from ruleset_activations a
        join rulesets r using (ruleset_id, version)
        where a.during @> $1::timestamptz and a.planned_at <= $1 and (a.withdrawn_at is null or a.withdrawn_at > $1)
        order by lower(a.during) desc, a.planned_at desc, a.activation_id desc
        limit 1"#,
        at
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::new(RefusalCode::Conflict, "No routing rules are in force. Activate a version first."))?;
    let ruleset = make_ready(row.id, row.version, &row.name, &row.rules.0)?;
    Ok(InForce { ruleset, until: row.until })
}

/// Makes rules ready that were checked when they were published.
pub fn make_ready(id: RulesetId, version: i32, name: &str, rules: &Rules) -> Result<Ruleset> {
    Ruleset::of(id, version, name, rules).map_err(|problems| {
        let first = problems.first().map_or_else(String::new, |p| format!("{}: {}", p.at, p.message));
        Refusal::new(RefusalCode::Conflict, format!("{} cannot be used any more. {first}", version_name(name, version))).into()
    })
}
