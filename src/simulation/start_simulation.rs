//! Asking for a simulation, calling it off, and throwing it away.

use crate::events::{self, EventKind, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{DraftId, RulesetId, SimulationId};
use crate::jobs::{self, Job};
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::routing::rules::Rules;
use crate::routing::{self, Ruleset};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Which rules are simulated.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// Rules that are being worked on, as they are now.
    Draft(DraftId),
    Version(RulesetId, i32),
    /// What was in force: it gives what was decided.
    AsItWas,
}

/// Rules as they are to be simulated.
struct Simulated {
    draft: Option<DraftId>,
    ruleset: Option<RulesetId>,
    version: Option<i32>,
    name: String,
    /// None where what was in force is simulated.
    rules: Option<Rules>,
}

async fn read_source(conn: &mut PgConnection, act: &Act, source: Source) -> Result<Simulated> {
    Ok(match source {
        Source::Draft(draft) => {
            let view = routing::read_draft(conn, act, draft).await?;
            if let Some(problem) = view.problems.first() {
                let message = format!("These rules are not sound yet: {}", problem.message);
                return Err(Refusal::new(RefusalCode::Invalid, message).into());
            }
            Simulated { draft: Some(draft), ruleset: Some(view.ruleset), version: None, name: view.name, rules: Some(view.rules) }
        }
        Source::Version(ruleset, version) => {
            let view = routing::read_version(conn, act, ruleset, version).await?;
            Simulated { draft: None, ruleset: Some(ruleset), version: Some(version), name: view.row.name, rules: Some(view.rules) }
        }
        Source::AsItWas => Simulated { draft: None, ruleset: None, version: None, name: "As it was".to_owned(), rules: None },
    })
}

/// The rules of a source, ready to be used; none where it is what is in force.
pub async fn ready_rules(conn: &mut PgConnection, act: &Act, source: Source) -> Result<Option<Ruleset>> {
    let Simulated { ruleset, version, name, rules, .. } = read_source(conn, act, source).await?;
    ruleset.zip(rules).map(|(id, rules)| routing::make_ready(id, version.unwrap_or(0), &name, &rules)).transpose()
}

/// The longest period that is simulated at once.
const MOST_DAYS: i64 = 800;

/// Asks for the orders that were placed after a moment, until another and with it, to be routed again. A period that is not over ends now.
pub async fn start_simulation(
    conn: &mut PgConnection,
    act: &Act,
    id: SimulationId,
    source: Source,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let until = until.min(act.now);
    if from >= until {
        return Err(Refusal::field("/from", "Choose a period that begins before it ends, and before now.").into());
    }
    if until - from > TimeDelta::days(MOST_DAYS) {
        return Err(Refusal::field("/from", format!("Choose a period of at most {MOST_DAYS} days.")).into());
    }
    let Simulated { draft, ruleset, version, name, rules } = read_source(conn, act, source).await?;
    let orders = sqlx::query_scalar!(
        r#"select count(*)::integer as "n!" from orders o
        where o.placed_at > $1 and o.placed_at <= $2 and exists (select from order_decisions d where d.order_id = o.order_id)"#,
        from,
        until
    )
    .fetch_one(&mut *conn)
    .await?;
    if orders == 0 {
        return Err(Refusal::field("/from", "No order was routed in this period. Choose another.").into());
    }
    sqlx::query!(
        "insert into simulations (simulation_id, draft_id, ruleset_id, version, name, rules, during, state, orders, asked_at, asked_by)
        values ($1, $2, $3, $4, $5, $6, tstzrange($7, $8, '(]'), 'waiting', $9, $10, $11)",
        id.0,
        draft.map(|d| d.0),
        ruleset.map(|r| r.0),
        version,
        name,
        rules.as_ref().map(Json) as _,
        from,
        until,
        orders,
        act.now,
        act.actor.user().map(|u| u.0)
    )
    .execute(&mut *conn)
    .await?;
    jobs::enqueue(conn, &[(Job::RunSimulation { simulation_id: id }, act.now)]).await
}

/// Calls a simulation off that is not over.
pub async fn cancel_simulation(conn: &mut PgConnection, act: &Act, id: SimulationId) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let called_off = sqlx::query!(
        "update simulations set state = 'cancelled', ended_at = $2 where simulation_id = $1 and state in ('waiting', 'running')",
        id.0,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    if called_off.rows_affected() == 0 {
        let known =
            sqlx::query_scalar!(r#"select exists (select from simulations where simulation_id = $1) as "known!""#, id.0).fetch_one(conn).await?;
        return Err(if known { Refusal::new(RefusalCode::IllegalTransition, "It is over already.") } else { gone() }.into());
    }
    jobs::forget(conn, &[Job::RunSimulation { simulation_id: id }]).await?;
    events::append(conn, act, StreamKind::Simulation, id.0, vec![EventKind::SimulationMoved.into()]).await
}

/// Throws a simulation away, with what it found; one that is not over ends.
pub async fn delete_simulation(conn: &mut PgConnection, act: &Act, id: SimulationId) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let deleted = sqlx::query!("delete from simulations where simulation_id = $1", id.0).execute(&mut *conn).await?;
    if deleted.rows_affected() == 0 {
        return Err(gone().into());
    }
    jobs::forget(conn, &[Job::RunSimulation { simulation_id: id }]).await
}

pub(super) fn gone() -> Refusal {
    Refusal::not_found("such simulation")
}
