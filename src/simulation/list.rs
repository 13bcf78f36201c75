//! Reading simulations.

use super::SimulationState;
use super::start_simulation::gone;
use super::views::{Findings, Move, MoveRow, MoveView, SimulationRow, SimulationView};
use crate::identity::{Act, Permission};
use crate::ids::{DraftId, OrderId, RulesetId, SimulationId};
use crate::page::Page;
use crate::refusal::{Refusal, Result};
use crate::routing;
use crate::routing::rules::Rules;
use sqlx::PgConnection;
use sqlx::types::Json;

/// Simulations, the newest first, at most so many; of a draft or of a version where one is named.
pub async fn list_simulations(
    conn: &mut PgConnection,
    act: &Act,
    of_draft: Option<DraftId>,
    of_version: Option<(RulesetId, i32)>,
    most: i64,
) -> Result<Vec<SimulationRow>> {
    act.require(Permission::ReadRouting)?;
    let (ruleset, version) = of_version.unzip();
    rows(conn, of_draft, ruleset, version, None, most).await
}

async fn rows(
    conn: &mut PgConnection,
    draft: Option<DraftId>,
    ruleset: Option<RulesetId>,
    version: Option<i32>,
    like: Option<SimulationId>,
    most: i64,
) -> Result<Vec<SimulationRow>> {
    let (draft, ruleset, like) = (draft.map(|d| d.0), ruleset.map(|r| r.0), like.map(|l| l.0));
    Ok(sqlx::query_file_as!(SimulationRow, "src/simulation/sql/list_simulations.sql", draft, ruleset, version, like, most).fetch_all(conn).await?)
}

/// A simulation with what it found, and others of the same period.
pub async fn read_simulation(conn: &mut PgConnection, act: &Act, id: SimulationId) -> Result<SimulationView> {
    act.require(Permission::ReadRouting)?;
    let found = sqlx::query!(
        r#"select findings as "findings: Json<Findings>", rules as "rules: Json<Rules>" from simulations where simulation_id = $1"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(gone)?;
    let mut rows = rows(conn, None, None, None, Some(id), 20).await?;
    let at = rows.iter().position(|row| row.id == id).ok_or_else(gone)?;
    let row = rows.remove(at);
    rows.retain(|other| other.state == SimulationState::Done);
    Ok(SimulationView {
        row,
        findings: found.findings.map(|found| found.0),
        rules: found.rules.map_or_else(Vec::new, |rules| rules.0.rules.into_iter().map(|rule| rule.name).collect()),
        others: rows,
        may_manage: act.actor.may(Permission::ManageRouting),
    })
}

/// Orders that would have gone elsewhere, in the order in which they came to their end.
pub async fn list_moves(conn: &mut PgConnection, act: &Act, id: SimulationId, after: Option<&str>) -> Result<Page<MoveRow>> {
    act.require(Permission::ReadRouting)?;
    let damaged = || Refusal::field("/after", "This page link is damaged. Start from the first page.");
    let after: i32 = after.map_or(Ok(0), |after| after.parse().map_err(|_| damaged()))?;
    let rows = sqlx::query!(
        r#"select move_no, order_id as "order: OrderId", move as "moved: Json<Move>"
        from simulated_moves
        where simulation_id = $1 and move_no > $2
        order by move_no
        limit $3"#,
        id.0,
        after,
        i64::try_from(PAGE + 1).unwrap_or(i64::MAX)
    )
    .fetch_all(&mut *conn)
    .await?;
    if rows.is_empty() {
        let known =
            sqlx::query_scalar!(r#"select exists (select from simulations where simulation_id = $1) as "known!""#, id.0).fetch_one(conn).await?;
        known.then_some(()).ok_or_else(gone)?;
    }
    let rows: Vec<MoveRow> = rows.into_iter().map(|r| move_row(r.move_no, r.order, &r.moved.0)).collect();
    Ok(Page::cut(rows, PAGE, |row| row.no.to_string()))
}

const PAGE: usize = 20;

/// One of them, with why it went where it did and why it would not.
pub async fn read_move(conn: &mut PgConnection, act: &Act, id: SimulationId, no: i32) -> Result<MoveView> {
    act.require(Permission::ReadRouting)?;
    let row = sqlx::query!(
        r#"select order_id as "order: OrderId", move as "moved: Json<Move>" from simulated_moves where simulation_id = $1 and move_no = $2"#,
        id.0,
        no
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(gone)?;
    // The very decision that would have been another, so that the two are about the same.
    let real = routing::explain_decision(conn, row.order, row.moved.0.decision).await?;
    Ok(MoveView { row: move_row(no, row.order, &row.moved.0), real, simulated: row.moved.0.explanation })
}

fn move_row(no: i32, order: OrderId, moved: &Move) -> MoveRow {
    MoveRow { no, order, number: moved.number.clone(), placed_at: moved.placed_at, real: moved.real.clone(), simulated: moved.simulated.clone() }
}
