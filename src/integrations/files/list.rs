//! Reading imports.

use super::views::{ImportDetail, ImportRow};
use super::workbook;
use super::{ImportState, TableFormat, TableKind};
use crate::identity::Act;
use crate::ids::FileImportId;
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use uuid::Uuid;

const PAGE: usize = 30;
/// So many rows show what the columns are.
const SAMPLE: i64 = 3;
/// So many bad rows are shown; the file has all of them.
const SHOWN: i64 = 100;

/// Imports, newest first, a page at a time: of the kinds that whoever asks may bring.
pub async fn list_imports(conn: &mut PgConnection, act: &Act, after: Option<&str>) -> Result<Page<ImportRow>> {
    let kinds: Vec<String> = TableKind::ALL.iter().filter(|k| act.actor.may(k.permission())).map(ToString::to_string).collect();
    let (at, id) = read_time_key::<Uuid>(after)?;
    let rows = sqlx::query_file_as!(ImportRow, "src/integrations/files/sql/list_imports.sql", &kinds, at, id, None::<Uuid>, PAGE as i64 + 1)
        .fetch_all(conn)
        .await?;
    Ok(Page::cut(rows, PAGE, |r| time_key(r.opened_at, r.id)))
}

/// One import, with the first rows that are wrong.
pub async fn read_import(conn: &mut PgConnection, act: &Act, id: FileImportId) -> Result<ImportDetail> {
    let kinds: Vec<String> = TableKind::ALL.iter().filter(|k| act.actor.may(k.permission())).map(ToString::to_string).collect();
    let row = sqlx::query_file_as!(
        ImportRow,
        "src/integrations/files/sql/list_imports.sql",
        &kinds,
        None::<chrono::DateTime<chrono::Utc>>,
        None::<Uuid>,
        id.0,
        1
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such import"))?;
    let more = sqlx::query!("select header, mapping, rows_done from file_imports where file_import_id = $1", id.0).fetch_one(&mut *conn).await?;
    let sample = sqlx::query_scalar!("select cells from file_import_rows where file_import_id = $1 order by row_no limit $2", id.0, SAMPLE)
        .fetch_all(&mut *conn)
        .await?;
    let problems = sqlx::query!(
        r#"select row_no, problem as "problem!" from file_import_rows where file_import_id = $1 and problem is not null order by row_no limit $2"#,
        id.0,
        SHOWN
    )
    .fetch_all(conn)
    .await?;
    Ok(ImportDetail {
        row,
        header: more.header,
        mapping: more.mapping,
        done: more.rows_done,
        sample,
        problems: problems.into_iter().map(|p| (p.row_no, p.problem)).collect(),
    })
}

/// The rows that are wrong, as a file to be mended and brought again: as they came, with their line and what is wrong in front.
pub async fn bad_rows(conn: &mut PgConnection, act: &Act, id: FileImportId) -> Result<Vec<u8>> {
    let detail = read_import(conn, act, id).await?;
    let rows = sqlx::query!(
        r#"select row_no, cells, problem as "problem!" from file_import_rows where file_import_id = $1 and problem is not null order by row_no"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    let header: Vec<&str> = ["line", "problem"].into_iter().chain(detail.header.iter().map(String::as_str)).collect();
    let rows: Vec<Vec<String>> = rows.into_iter().map(|r| [r.row_no.to_string(), r.problem].into_iter().chain(r.cells).collect()).collect();
    Ok(workbook::write(TableFormat::Csv, "Bad rows", &header, &rows)?)
}
