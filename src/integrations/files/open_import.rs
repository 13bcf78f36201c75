//! Opening an import, saying which column is which, and asking for the rows to be taken in.

use super::run_import::{Step, enqueue};
use super::workbook;
use super::{ImportState, NewImport, TableKind};
use crate::identity::{Act, Permission};
use crate::ids::FileImportId;
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use sqlx::PgConnection;

const LONGEST_NAME: usize = 200;

impl TableKind {
    /// What whoever brings, or takes away, such a table may do.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Products | Self::Prices => Permission::ManageCatalog,
            Self::Stock => Permission::AdjustStock,
            Self::Rates | Self::Zones | Self::Transit => Permission::ManageNetwork,
        }
    }
}

/// In whose name the rows are looked at and taken in.
fn somebody(act: &Act) -> Result<uuid::Uuid, Refusal> {
    act.actor.id().ok_or_else(|| Refusal::new(RefusalCode::Forbidden, "An import is somebody's: sign in, or use a token."))
}

/// Reads a file and keeps its rows, with a first idea of which column is which. Nothing is taken in yet. The caller chooses the id.
pub async fn open_import(conn: &mut PgConnection, act: &Act, id: FileImportId, new: &NewImport) -> Result<()> {
    act.require(new.kind.permission())?;
    let actor = somebody(act)?;
    let table = workbook::read(&new.file_name, &new.bytes)?;
    let name: String = new.file_name.chars().take(LONGEST_NAME).collect();
    sqlx::query!(
        "insert into file_imports (file_import_id, kind, file_name, header, mapping, state, row_count, actor_kind, actor_id, opened_at)
        values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9)",
        id.0,
        new.kind.as_str(),
        name,
        &table.header,
        &new.kind.guess(&table.header),
        i32::try_from(table.rows.len()).unwrap_or(i32::MAX),
        act.actor.kind(),
        actor,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    for rows in table.rows.chunks(1_000) {
        sqlx::query!(
            "insert into file_import_rows (file_import_id, row_no, cells)
            select $1, (r ->> 0)::integer, array(select jsonb_array_elements_text(r -> 1)) from jsonb_array_elements($2::jsonb) r",
            id.0,
            serde_json::to_value(rows).unwrap_or_default()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// An import that is being changed: its row is locked.
struct Locked {
    kind: TableKind,
    state: ImportState,
    header: Vec<String>,
    rows: i32,
}

async fn lock_import(conn: &mut PgConnection, act: &Act, id: FileImportId) -> Result<Locked> {
    let import = sqlx::query_as!(
        Locked,
        r#"select kind as "kind: TableKind", state as "state: ImportState", header, row_count as rows from file_imports where file_import_id = $1 for update"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such import"))?;
    act.require(import.kind.permission())?;
    Ok(import)
}

fn not_now(state: ImportState) -> Refusal {
    let instead = match state {
        ImportState::Open => "Say first which column is which.",
        ImportState::Checking | ImportState::Applying => "Wait until that is done.",
        ImportState::Checked => "Take its rows in, or say anew which column is which.",
        ImportState::Done => "Bring the file again to change more.",
    };
    Refusal::new(RefusalCode::IllegalTransition, format!("This import is {}. {instead}", state.label().to_lowercase()))
}

/// Says which column is which, for each of the kind's columns the place of theirs, −1 for none; the rows are then looked at.
pub async fn map_import(conn: &mut PgConnection, act: &Act, id: FileImportId, mapping: &[i32]) -> Result<()> {
    let import = lock_import(conn, act, id).await?;
    if !matches!(import.state, ImportState::Open | ImportState::Checked) {
        return Err(not_now(import.state).into());
    }
    let columns = import.kind.columns();
    let mut problems = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let place = mapping.get(index).copied().unwrap_or(-1);
        let message = match usize::try_from(place) {
            Err(_) if column.required => format!("Say which column has “{}”.", column.label),
            Ok(place) if place >= import.header.len() => format!("The file has no such column for “{}”.", column.label),
            _ => continue,
        };
        problems.push(FieldProblem { field: format!("/mapping/{}", column.name), message });
    }
    if mapping.len() != columns.len() {
        problems.push(FieldProblem { field: "/mapping".to_owned(), message: format!("Name {} columns.", columns.len()) });
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    sqlx::query!("update file_import_rows set problem = null where file_import_id = $1 and problem is not null", id.0).execute(&mut *conn).await?;
    sqlx::query!("update file_imports set mapping = $2 where file_import_id = $1", id.0, mapping).execute(&mut *conn).await?;
    begin(conn, act, id, false).await
}

/// Starts to look at the rows, or to take them in: in the name of whoever asks for it.
async fn begin(conn: &mut PgConnection, act: &Act, id: FileImportId, applies: bool) -> Result<()> {
    let state = if applies { ImportState::Applying } else { ImportState::Checking };
    sqlx::query!(
        "update file_imports set state = $2, rows_done = 0, last_row = 1, actor_kind = $3, actor_id = $4 where file_import_id = $1",
        id.0,
        state.as_str(),
        act.actor.kind(),
        somebody(act)?
    )
    .execute(&mut *conn)
    .await?;
    enqueue(conn, act, Step { import: id, applies, after: 1 }).await
}

/// Takes the rows in. Where some are bad, only if they shall be left out.
pub async fn apply_import(conn: &mut PgConnection, act: &Act, id: FileImportId, leave_out_bad: bool) -> Result<()> {
    let import = lock_import(conn, act, id).await?;
    if import.state != ImportState::Checked {
        return Err(not_now(import.state).into());
    }
    let bad = sqlx::query_scalar!(r#"select count(*) as "n!" from file_import_rows where file_import_id = $1 and problem is not null"#, id.0)
        .fetch_one(&mut *conn)
        .await?;
    if bad == i64::from(import.rows) {
        return Err(Refusal::new(RefusalCode::Invalid, "No row can be taken in. Mend the file and bring it again.").into());
    }
    if bad > 0 && !leave_out_bad {
        return Err(Refusal::field("/leave_out_bad", format!("{bad} rows cannot be taken in. Mend the file, or leave them out.")).into());
    }
    begin(conn, act, id, true).await
}
