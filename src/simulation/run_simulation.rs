//! Running a simulation, from whenever it was asked for to what it found.

use super::happened::{Happened, Period, happened, of_older, owed_before};
use super::replay::{Replay, Rulebook, Things};
use super::views::{Findings, Move};
use crate::catalog;
use crate::events::{self, EventKind, StreamKind};
use crate::identity::Act;
use crate::ids::{OrderId, RulesetId, SimulationId, SkuId};
use crate::inventory::{self, StockView};
use crate::refusal::Result;
use crate::routing::rules::Rules;
use crate::routing::{self, LookUps, Ruleset};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;
use sqlx::{Connection as _, PgConnection};
use std::collections::{HashMap, VecDeque};
use uuid::Uuid;

/// So much of a period is read at once.
const PART: TimeDelta = TimeDelta::days(7);
/// After so many orders others have their turn on the thread.
const ORDERS_AT_ONCE: u32 = 32;

/// Runs a simulation that was asked for, from the beginning, and keeps what it found. Each part of the period notes how far it is; whoever calls it off stops
/// it there. What was begun by a node that died is begun anew. Nothing happens where it is over.
pub async fn run_simulation(conn: &mut PgConnection, now: impl Fn() -> DateTime<Utc> + Send, id: SimulationId) -> Result<()> {
    let Some(asked) = sqlx::query!(
        r#"update simulations set state = 'running', orders_done = 0, run = run + 1
        where simulation_id = $1 and state in ('waiting', 'running')
        returning run, ruleset_id as "ruleset: RulesetId", version, name, rules as "rules: Json<Rules>", lower(during) as "from!", upper(during) as "until!""#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    else {
        return Ok(());
    };
    sqlx::query!("delete from simulated_moves where simulation_id = $1", id.0).execute(&mut *conn).await?;
    let period = Period { from: asked.from, until: asked.until };
    let rulebook = match (asked.ruleset, asked.rules) {
        (Some(ruleset), Some(rules)) => match Ruleset::of(ruleset, asked.version.unwrap_or(0), &asked.name, &rules.0) {
            Ok(ruleset) => Rulebook::One(Box::new(ruleset)),
            Err(problems) => return fail_simulation(conn, now(), id, problems.first().map_or("", |problem| &problem.message)).await,
        },
        _ => as_it_was(conn, period).await?,
    };
    let mut run = Run::begin(conn, period, rulebook).await?;
    let mut moves_kept = 0;
    while run.go_on(conn).await? {
        if !note(conn, now(), (id, asked.run), run.done, &mut moves_kept, &run.replay.take_moves()).await? {
            return Ok(());
        }
    }
    let done = run.done;
    let (findings, moves) = run.finish();
    if note(conn, now(), (id, asked.run), done, &mut moves_kept, &moves).await? {
        sqlx::query!(
            "update simulations set state = 'done', orders_done = orders, findings = $2, ended_at = $3
            where simulation_id = $1 and state = 'running' and run = $4",
            id.0,
            Json(&findings) as _,
            now(),
            asked.run
        )
        .execute(&mut *conn)
        .await?;
        tell(conn, now(), id).await?;
    }
    Ok(())
}

/// Whoever looks at a simulation sees how far it is.
async fn tell(conn: &mut PgConnection, now: DateTime<Utc>, id: SimulationId) -> Result<()> {
    events::append(conn, &Act::system(now), StreamKind::Simulation, id.0, vec![EventKind::SimulationMoved.into()]).await
}

/// Keeps how far a run of a simulation is. False where it was called off, or another has begun it anew.
async fn note(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (id, run): (SimulationId, i32),
    done: u32,
    moves_kept: &mut i64,
    moves: &[(OrderId, Move)],
) -> Result<bool> {
    let mut tx = conn.begin().await?;
    let still = sqlx::query!(
        "update simulations set orders_done = least(orders, $2) where simulation_id = $1 and state = 'running' and run = $3",
        id.0,
        i32::try_from(done).unwrap_or(i32::MAX),
        run
    )
    .execute(&mut *tx)
    .await?;
    if still.rows_affected() == 0 {
        return Ok(false);
    }
    keep_moves(&mut tx, id, moves_kept, moves).await?;
    tell(&mut tx, now, id).await?;
    tx.commit().await?;
    Ok(true)
}

/// A simulation comes to nothing.
pub async fn fail_simulation(conn: &mut PgConnection, now: DateTime<Utc>, id: SimulationId, why: &str) -> Result<()> {
    sqlx::query!(
        "update simulations set state = 'failed', problem = $2, ended_at = $3 where simulation_id = $1 and state in ('waiting', 'running')",
        id.0,
        why,
        now
    )
    .execute(&mut *conn)
    .await?;
    tell(conn, now, id).await
}

async fn keep_moves(conn: &mut PgConnection, id: SimulationId, kept: &mut i64, moves: &[(OrderId, Move)]) -> Result<()> {
    sqlx::query!(
        "insert into simulated_moves (simulation_id, move_no, order_id, move)
        select $1, ($2 + row_number() over ())::integer, m.order_id, m.move from unnest($3::uuid[], $4::jsonb[]) as m (order_id, move)",
        id.0,
        *kept,
        &moves.iter().map(|(order, _)| order.0).collect::<Vec<_>>(),
        &moves.iter().map(|(_, one)| serde_json::to_value(one).unwrap_or_default()).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    *kept += i64::try_from(moves.len()).unwrap_or(0);
    Ok(())
}

/// The versions that decided in a period.
async fn as_it_was(conn: &mut PgConnection, period: Period) -> Result<Rulebook> {
    let rows = sqlx::query!(
        r#"select r.ruleset_id as "id: RulesetId", r.version, r.name, r.rules as "rules: Json<Rules>"
        from rulesets r
        where exists (
            select from order_decisions d
            where d.ruleset_id = r.ruleset_id and d.ruleset_version = r.version and d.decided_at > $1 and d.decided_at <= $2
        )"#,
        period.from,
        period.until
    )
    .fetch_all(conn)
    .await?;
    let mut versions = HashMap::new();
    for row in rows {
        versions.insert((row.id, row.version), routing::make_ready(row.id, row.version, &row.name, &row.rules.0)?);
    }
    Ok(Rulebook::AsItWas(versions))
}

/// A period on the way, a part of it at a time.
pub(super) struct Run {
    period: Period,
    /// Until when it is gone through.
    at: DateTime<Utc>,
    skus: Vec<SkuId>,
    needs: LookUps,
    with_demand: bool,
    changes: VecDeque<DateTime<Utc>>,
    of_older: VecDeque<Happened>,
    /// What happened in the next part, where it has been read.
    next: Option<Vec<Happened>>,
    /// Orders that were decided about.
    pub done: u32,
    pub replay: Replay,
}

impl Run {
    /// Reads the world as it was when the period began.
    pub async fn begin(conn: &mut PgConnection, period: Period, rulebook: Rulebook) -> Result<Self> {
        let needs = rulebook.needs();
        let network = inventory::network_at(conn, period.from).await?;
        let sizes = catalog::all_sizes(conn).await?;
        let skus: Vec<SkuId> = sizes.keys().copied().collect();
        let debts = owed_before(conn, period).await?;
        let mut stock = StockView { levels: inventory::stock_of_all(conn, period.from).await?, ..StockView::default() };
        for ((sku, location), debts) in &debts {
            let level = stock.levels.entry(*sku, *location);
            level.backordered = debts.iter().map(|debt| debt.units).sum();
            // Whoever orders comes after all of them.
            level.ahead = level.backordered;
        }
        let traits = if needs.traits { catalog::traits_of(conn, &skus, period.from).await? } else { HashMap::new() };
        let with_demand = needs.demand || network.rules.ask_for_demand();
        let mut run = Self {
            period,
            at: period.from,
            skus,
            needs,
            with_demand,
            changes: inventory::network_changes(conn, period.from, period.until, with_demand).await?.into(),
            of_older: of_older(conn, period).await?.into(),
            next: None,
            done: 0,
            replay: Replay::new(network, stock, Things { sizes, traits }, rulebook, debts),
        };
        run.see_demand(conn, period.from).await?;
        Ok(run)
    }

    /// Goes through the next part. False where there is none.
    pub async fn go_on(&mut self, conn: &mut PgConnection) -> Result<bool> {
        if self.at >= self.period.until {
            return Ok(false);
        }
        let part = self.part_from(self.at);
        let mut all: Vec<Happened> = Vec::new();
        while let Some(one) = self.of_older.pop_front_if(|one| one.at <= part.until) {
            all.push(one);
        }
        all.extend(match self.next.take() {
            Some(read) => read,
            None => happened(conn, part, self.period).await?,
        });
        // Stable: those of the same moment and kind stay as they were read.
        all.sort_by_key(|one| (one.at, one.what.rank()));
        let (whole, next) = (self.period, self.part_from(part.until));
        if part.until >= whole.until || self.changes.front().is_some_and(|at| *at <= part.until) {
            self.go_through(Some(conn), all).await?;
        } else {
            // The database reads on meanwhile.
            let (gone, read) = tokio::join!(self.go_through(None, all), happened(conn, next, whole));
            gone?;
            self.next = Some(read?);
        }
        self.at = part.until;
        Ok(true)
    }

    fn part_from(&self, from: DateTime<Utc>) -> Period {
        Period { from, until: (from + PART).min(self.period.until) }
    }

    /// Goes through what happened in a part, with a connection where the network changes in it.
    async fn go_through(&mut self, mut conn: Option<&mut PgConnection>, all: Vec<Happened>) -> Result<()> {
        for one in all {
            let mut changed = None;
            while let Some(at) = self.changes.pop_front_if(|at| *at <= one.at) {
                changed = Some(at);
            }
            if let (Some(at), Some(conn)) = (changed, conn.as_deref_mut()) {
                self.see_changes(conn, at).await?;
            }
            let is_new_order = one.what.is_new_order();
            self.replay.step(one);
            self.done += u32::from(is_new_order);
            if is_new_order && self.done.is_multiple_of(ORDERS_AT_ONCE) {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn see_changes(&mut self, conn: &mut PgConnection, at: DateTime<Utc>) -> Result<()> {
        // What waited before was looked at before.
        self.replay.look_at_waiting();
        self.replay.network = inventory::network_at(conn, at).await?;
        if self.needs.traits {
            self.replay.things.traits = catalog::traits_of(conn, &self.skus, at).await?;
        }
        self.see_demand(conn, at).await
    }

    /// What is sold in a day, where anybody asks.
    async fn see_demand(&mut self, conn: &mut PgConnection, at: DateTime<Utc>) -> Result<()> {
        if self.with_demand || self.replay.network.rules.ask_for_demand() {
            let skus: Vec<Uuid> = self.skus.iter().map(|sku| sku.0).collect();
            self.replay.stock.levels.iter_mut().for_each(|(.., level)| (level.per_day_milli, level.came_day) = (0, 0));
            inventory::add_demand(conn, true, &skus, at, &mut self.replay.stock).await?;
        }
        Ok(())
    }

    /// What was found, and the orders that went elsewhere and were still on their way.
    pub fn finish(self) -> (Findings, Vec<(OrderId, Move)>) {
        self.replay.finish()
    }
}
