//! Working on an import, a chunk of rows at a time. What is done of a chunk, and that it is done, is one transaction: a chunk that was cut off is
//! worked on again as if nothing had been.

use super::take_delivery::take_delivery;
use super::take_rows::{self, Row};
use super::{ImportState, TableKind};
use crate::events::{self, EventKind, StreamKind};
use crate::identity::{self, Act};
use crate::ids::FileImportId;
use crate::jobs::{self, Job};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::{Connection as _, PgConnection};

/// Rows that are worked on in one transaction.
const CHUNK: usize = 200;

/// What is to be worked on next: the rows after a line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub import: FileImportId,
    /// They are taken in; else they are looked at.
    pub applies: bool,
    pub after: i32,
}

/// Rows of an import, in whose name they are taken in, and the step that they are.
#[derive(Clone, Debug)]
pub struct Chunk {
    step: Step,
    pub kind: TableKind,
    pub act: Act,
    /// When the file was brought: what it says of stock was so then.
    pub brought_at: DateTime<Utc>,
    /// Those that are not known to be bad.
    pub rows: Vec<Row>,
    /// All of them.
    count: i32,
    last_row: i32,
    is_last: bool,
}

impl Chunk {
    /// Its rows are of stock, and shall be taken in: [`run_chunk`] has only looked at them.
    pub fn takes_in_stock(&self) -> bool {
        self.kind == TableKind::Stock && self.step.applies
    }

    /// Leaves rows out that turned out to be bad.
    pub fn leave_out(&mut self, problems: &[(i32, String)]) {
        self.rows.retain(|row| problems.iter().all(|p| p.0 != row.no));
    }
}

pub(super) async fn enqueue(conn: &mut PgConnection, act: &Act, step: Step) -> Result<()> {
    let job = Job::RunFileImport { file_import_id: step.import, applies: step.applies, after: step.after, since: act.now };
    jobs::enqueue(conn, &[(job, act.now)]).await
}

/// Locks the import and reads the rows of a step; none where the step is done.
pub async fn next_chunk(conn: &mut PgConnection, now: DateTime<Utc>, step: Step) -> Result<Option<Chunk>> {
    let state = if step.applies { ImportState::Applying } else { ImportState::Checking };
    let import = sqlx::query!(
        r#"select kind as "kind: TableKind", mapping, actor_kind, actor_id, opened_at
        from file_imports
        where file_import_id = $1 and state = $2 and last_row = $3
        for update"#,
        step.import.0,
        state.as_str(),
        step.after
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(import) = import else { return Ok(None) };
    let rows = sqlx::query!(
        "select row_no, cells, problem from file_import_rows where file_import_id = $1 and row_no > $2 order by row_no limit $3",
        step.import.0,
        step.after,
        CHUNK as i64 + 1
    )
    .fetch_all(&mut *conn)
    .await?;
    let cells = |cells: &[String]| -> Vec<Option<String>> {
        import.mapping.iter().map(|place| usize::try_from(*place).ok().map(|p| cells.get(p).cloned().unwrap_or_default())).collect()
    };
    let is_last = rows.len() <= CHUNK;
    let mut rows: Vec<(Row, bool)> = rows.into_iter().map(|r| (Row { no: r.row_no, cells: cells(&r.cells) }, r.problem.is_some())).collect();
    if !is_last {
        let next = rows.pop();
        // The rows of one product stay together where they stand together.
        let product = |row: &Row| if import.kind == TableKind::Products { row.cell("products", "handle").map(str::to_owned) } else { None };
        if let Some(handle) = next.as_ref().and_then(|n| product(&n.0)).filter(|h| !h.is_empty()) {
            let fits = rows.iter().rposition(|r| product(&r.0).as_deref() != Some(&handle)).map_or(0, |at| at + 1);
            if fits > 0 {
                rows.truncate(fits);
            }
        }
    }
    let actor = identity::actor_of(conn, now, &import.actor_kind, import.actor_id).await?;
    Ok(Some(Chunk {
        step,
        kind: import.kind,
        act: Act::new(actor, now),
        brought_at: import.opened_at,
        count: i32::try_from(rows.len()).unwrap_or(i32::MAX),
        last_row: rows.last().map_or(step.after, |r| r.0.no),
        rows: rows.into_iter().filter(|r| !r.1).map(|r| r.0).collect(),
        is_last,
    }))
}

/// Takes the rows of a chunk in, or only tries to where they are looked at. Returns what is wrong, by line. Stock is only looked at here: taking it in
/// goes beyond one transaction.
pub async fn run_chunk(conn: &mut PgConnection, chunk: &Chunk) -> Result<Vec<(i32, String)>> {
    if chunk.kind == TableKind::Stock {
        return take_rows::check_stock(conn, chunk).await;
    }
    let mut tried = conn.begin().await?;
    let problems = match chunk.kind {
        TableKind::Products => take_rows::take_products(&mut tried, &chunk.act, &chunk.rows).await?,
        TableKind::Prices | TableKind::Stock => take_rows::take_prices(&mut tried, &chunk.act, &chunk.rows).await?,
        TableKind::Rates | TableKind::Zones | TableKind::Transit => take_delivery(&mut tried, &chunk.act, chunk.kind, &chunk.rows).await?,
    };
    if chunk.step.applies {
        tried.commit().await?;
    } else {
        tried.rollback().await?;
    }
    Ok(problems)
}

/// Writes what became of a chunk, and asks for the next. Nothing happens where somebody else was faster.
pub async fn finish_chunk(conn: &mut PgConnection, chunk: &Chunk, problems: &[(i32, String)]) -> Result<()> {
    let Step { import, applies, after } = chunk.step;
    let (state, next) = match (applies, chunk.is_last) {
        (false, false) => (ImportState::Checking, ImportState::Checking),
        (false, true) => (ImportState::Checking, ImportState::Checked),
        (true, false) => (ImportState::Applying, ImportState::Applying),
        (true, true) => (ImportState::Applying, ImportState::Done),
    };
    let moved = sqlx::query!(
        "update file_imports
        set state = $4, rows_done = rows_done + $5, last_row = $6, ended_at = case when $4 = 'done' then $7::timestamptz end
        where file_import_id = $1 and state = $2 and last_row = $3",
        import.0,
        state.as_str(),
        after,
        next.as_str(),
        chunk.count,
        // The last chunk leaves it where it is not looked for again.
        if chunk.is_last { i32::MAX } else { chunk.last_row },
        chunk.act.now
    )
    .execute(&mut *conn)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query!(
        "update file_import_rows r
        set problem = p.problem
        from unnest($2::integer[], $3::text[]) as p (row_no, problem)
        where r.file_import_id = $1 and r.row_no = p.row_no",
        import.0,
        &problems.iter().map(|p| p.0).collect::<Vec<_>>(),
        &problems.iter().map(|p| p.1.clone()).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    if !chunk.is_last {
        enqueue(conn, &chunk.act, Step { after: chunk.last_row, ..chunk.step }).await?;
    }
    // Whoever looks at the import sees how far it is.
    events::append(conn, &Act::system(chunk.act.now), StreamKind::Import, import.0, vec![EventKind::ImportMoved.into()]).await
}
