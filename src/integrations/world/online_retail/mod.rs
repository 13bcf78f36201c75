//! The UCI Online Retail data: a year of a real retailer (Chen, 2015; CC BY 4.0), brought in as orders of the company.
//!
//! `docs/guides/import-online-retail.md` says how each oddity of the file is treated. The file names no places, channels or stock, so those
//! are added, from fixed seeds.

mod catalogue;
mod file;
mod people;
mod sell;
mod supply;
mod take_back;

pub use catalogue::Weights;
pub use file::decompress;

use super::history::Writer;
use super::network::open_company;
use crate::ids::ImportId;
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::secret::sha256;
use crate::transact;
use catalogue::{Item, put_catalogue};
use chrono::{DateTime, Utc};
use file::{Kind, Line, read_lines};
use people::People;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use std::collections::{BTreeMap, HashMap};
use supply::supply;

const SOURCE: &str = "online-retail";
/// Invoices that share a transaction: no transaction is long.
const CHUNK: usize = 250;

/// One kind of line in the file, in millionths of a pound before any rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    pub lines: u64,
    pub micros: i64,
}

impl Sums {
    fn add(&mut self, micros: i64) {
        self.lines += 1;
        self.micros += micros;
    }
}

/// The file against what was taken in. For each kind: file = imported + rejected, to the millionth; rounding is what lines gain or lose
/// when they become whole pence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub sales_file: Sums,
    pub sales_imported: Sums,
    pub sales_rejected: Sums,
    /// Pence booked for the imported sales.
    pub sales_booked_minor: i64,
    pub cancellations_file: Sums,
    pub cancellations_imported: Sums,
    pub cancellations_rejected: Sums,
    pub cancellations_booked_minor: i64,
    pub bad_debts_file: Sums,
    pub orders: u64,
    pub matched_returns: u64,
    pub blind_returns: u64,
    pub lines_planned: u64,
    pub lines_from_nearest: u64,
}

/// A line that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// In the file; the heading is line 1.
    pub file_line: i64,
    pub invoice: String,
    pub stock_code: String,
    pub reason: String,
}

/// How an import went.
#[derive(Clone, Debug)]
pub struct Report {
    pub totals: Totals,
    pub rejected: Vec<Rejected>,
    /// The file was in already: nothing was changed.
    pub already_in: bool,
}

/// The lines of one invoice and minute.
type Group<'l> = ((DateTime<Utc>, String), Vec<&'l Line>);

/// An import that runs.
struct Import {
    id: ImportId,
    writer: Writer,
    people: People,
    skus: HashMap<String, Item>,
    totals: Totals,
    /// Not written yet.
    rejected: Vec<Rejected>,
}

/// Where an import stands.
struct Standing {
    id: ImportId,
    finished: bool,
    groups_done: usize,
    totals: Totals,
}

/// Imports the file: in chunks, each a transaction; a stopped import goes on where it was, a finished one changes nothing.
///
/// `progress` hears (invoices done, invoices in all).
pub async fn import(pool: &PgPool, now: DateTime<Utc>, text: &[u8], weights: &Weights, progress: &mut dyn FnMut(u64, u64)) -> Result<Report> {
    let lines = read_lines(text)?;
    // Invoices in order of time. The same number at another minute is another group of the same invoice.
    let mut groups: BTreeMap<(DateTime<Utc>, String), Vec<&Line>> = BTreeMap::new();
    for line in &lines {
        groups.entry((line.at, line.invoice.clone())).or_default().push(line);
    }
    let groups: Vec<Group<'_>> = groups.into_iter().collect();
    let Some(start) = groups.first().map(|g| g.0.0) else {
        return Err(Refusal::field("", "The file has no lines. Is this the Online Retail CSV?").into());
    };

    let digest: String = sha256(text).iter().map(|b| format!("{b:02x}")).collect();
    let standing = transact!(pool, conn => {
        open_company(conn).await?;
        standing(conn, &digest, now).await
    })?;
    let mut conn = pool.acquire().await?;
    if standing.finished {
        return Ok(Report { totals: standing.totals, rejected: rejections(&mut conn, standing.id).await?, already_in: true });
    }
    let done = standing.groups_done;
    let skus = transact!(pool, conn => put_catalogue(conn, start, &lines, weights).await)?;
    let mut writer = Writer::new(&mut conn, now).await?;
    // What came before the point where a stopped import goes on is in the stock already.
    let resumed_at = groups.get(done.wrapping_sub(1)).map(|g| g.0.0);
    let receipts = supply(&writer, &groups, &skus);
    writer.announce(receipts.into_iter().filter(|r| resumed_at.is_none_or(|at| r.at > at)).collect());
    (writer.lines, writer.lines_from_nearest) = (standing.totals.lines_planned, standing.totals.lines_from_nearest);

    let mut import = Import { id: standing.id, writer, people: People::default(), skus, totals: standing.totals, rejected: Vec::new() };
    for (chunk, first) in groups[done..].chunks(CHUNK).zip((done..).step_by(CHUNK)) {
        let done = first + chunk.len();
        let finished = (done == groups.len()).then_some(now);
        let mut tx = pool.begin().await?;
        import.take_chunk(&mut tx, chunk).await?;
        import.keep_standing(&mut tx, done, finished).await?;
        tx.commit().await?;
        progress(done as u64, groups.len() as u64);
    }
    Ok(Report { rejected: rejections(&mut conn, import.id).await?, totals: import.totals, already_in: false })
}

/// What became of the imports of this data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    None,
    /// Begun, and not finished: it can go on.
    Running,
    Done,
}

/// Whether a file of this data is in.
pub async fn state(conn: &mut PgConnection) -> Result<ImportState> {
    let states = sqlx::query_scalar!("select state from imports where source = $1", SOURCE).fetch_all(conn).await?;
    Ok(match states.as_slice() {
        [] => ImportState::None,
        all if all.iter().any(|state| state == "running") => ImportState::Running,
        _ => ImportState::Done,
    })
}

/// Where the import of this file stands; it begins where there is none.
async fn standing(conn: &mut PgConnection, digest: &str, now: DateTime<Utc>) -> Result<Standing> {
    let other = sqlx::query_scalar!(
        r#"select exists (select from imports where source = $1 and file_sha256 <> $2 and state = 'running') as "other!""#,
        SOURCE,
        digest
    )
    .fetch_one(&mut *conn)
    .await?;
    if other {
        let words = "Another Online Retail file was imported half-way. Let that import go on to its end first, with the same file.";
        return Err(Refusal::new(RefusalCode::Conflict, words).into());
    }
    let new = ImportId::new(now);
    sqlx::query!(
        "insert into imports (import_id, source, file_sha256, state, groups_done, totals, started_at) values ($1, $2, $3, 'running', 0, $4, $5)
        on conflict (source, file_sha256) do nothing",
        new.0,
        SOURCE,
        digest,
        Json(Totals::default()) as _,
        now
    )
    .execute(&mut *conn)
    .await?;
    let row = sqlx::query!(
        r#"select import_id as "id: ImportId", state, groups_done, totals as "totals: Json<Totals>" from imports where source = $1 and file_sha256 = $2"#,
        SOURCE,
        digest
    )
    .fetch_one(conn)
    .await?;
    Ok(Standing { id: row.id, finished: row.state == "done", groups_done: usize::try_from(row.groups_done).unwrap_or(0), totals: row.totals.0 })
}

/// All lines that were not taken, in the order of the file.
async fn rejections(conn: &mut PgConnection, import: ImportId) -> Result<Vec<Rejected>> {
    let rows = sqlx::query_as!(
        Rejected,
        "select file_line, invoice, stock_code, reason from import_rejections where import_id = $1 order by file_line",
        import.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

impl Import {
    async fn take_chunk(&mut self, conn: &mut PgConnection, chunk: &[Group<'_>]) -> Result<()> {
        self.writer.begin(conn).await?;
        for ((at, invoice), members) in chunk {
            // Even where nothing is sold: a resumed import takes all that was due by then as arrived.
            self.writer.arrive(*at);
            match members[0].kind() {
                Kind::Sale => self.sell(conn, invoice, *at, members).await?,
                Kind::Cancellation => {}
                Kind::BadDebt => {
                    for line in members {
                        self.totals.bad_debts_file.add(line.micros());
                        self.reject(line, "bad-debt entry: not an order");
                    }
                }
            }
        }
        self.writer.flush(conn).await?;
        // What comes back looks for sales before it, which may be in this very chunk: they are in the tables now.
        for ((at, invoice), members) in chunk.iter().filter(|g| g.1[0].kind() == Kind::Cancellation) {
            self.take_back(conn, invoice, *at, members).await?;
        }
        (self.totals.lines_planned, self.totals.lines_from_nearest) = (self.writer.lines, self.writer.lines_from_nearest);
        Ok(())
    }

    fn reject(&mut self, line: &Line, reason: &str) {
        let file_line = i64::try_from(line.file_line).unwrap_or(0);
        self.rejected.push(Rejected { file_line, invoice: line.invoice.clone(), stock_code: line.code.clone(), reason: reason.to_owned() });
    }

    /// Writes down how far the import is, in the transaction of what it took in.
    async fn keep_standing(&mut self, conn: &mut PgConnection, groups_done: usize, finished: Option<DateTime<Utc>>) -> Result<()> {
        let rejected = std::mem::take(&mut self.rejected);
        sqlx::query!(
            "insert into import_rejections (import_id, file_line, invoice, stock_code, reason)
            select $1, * from unnest ($2::bigint[], $3::text[], $4::text[], $5::text[])",
            self.id.0,
            &rejected.iter().map(|r| r.file_line).collect::<Vec<_>>(),
            &rejected.iter().map(|r| r.invoice.clone()).collect::<Vec<_>>(),
            &rejected.iter().map(|r| r.stock_code.clone()).collect::<Vec<_>>(),
            &rejected.iter().map(|r| r.reason.clone()).collect::<Vec<_>>()
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!(
            "update imports set groups_done = $2, totals = $3, state = $4, finished_at = $5 where import_id = $1",
            self.id.0,
            i64::try_from(groups_done).unwrap_or(i64::MAX),
            Json(&self.totals) as _,
            if finished.is_some() { "done" } else { "running" },
            finished
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}
