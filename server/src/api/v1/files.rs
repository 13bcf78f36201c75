use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::documents;
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::idempotency::{Seen, remember};
use waybill::identity::Act;
use waybill::ids::FileImportId;
use waybill::integrations::files::{self, NewImport, TableFormat, TableKind, views};
use waybill::refusal::{FieldProblem, Refusal, UnknownName};
use waybill::transact;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// `products`, `prices` or `stock`.
    kind: String,
    /// Its ending says how it is written: `.xlsx` is a workbook, anything else CSV.
    name: String,
}

/// A file that was brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileImport {
    id: Uuid,
    kind: String,
    file_name: String,
    /// `open`, `checking`, `checked`, `applying` or `done`.
    state: String,
    rows: i32,
    /// Rows that the step which runs, or ran last, is through with.
    rows_done: i32,
    bad_rows: i64,
    opened_at: DateTime<Utc>,
    /// The headings of the file.
    header: Vec<String>,
    /// Which heading each of our columns is read from.
    mapping: BTreeMap<String, Option<String>>,
    /// The first hundred; `/errors` has all of them.
    problems: Vec<RowProblem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RowProblem {
    /// Of the file; the heading is line 1.
    line: i32,
    problem: String,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MappingInput {
    /// Which heading each of our columns is read from. Columns that are left out stay as they were guessed; null reads a column from nowhere.
    mapping: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApplyInput {
    /// Take the good rows in and leave the bad ones out. Else nothing is taken in where any row is bad.
    leave_out_bad: bool,
}

fn read_kind(text: &str) -> Result<TableKind, Refusal> {
    text.parse().map_err(|e: UnknownName| Refusal::field("/kind", e.to_string()))
}

async fn answer(state: &AppState, act: &Act, id: FileImportId) -> Result<Json<FileImport>, ApiProblem> {
    let views::ImportDetail { row, header, mapping, done, problems, .. } =
        files::read_import(&mut *state.services.pool.acquire().await?, act, id).await?;
    let heading = |place: i32| usize::try_from(place).ok().and_then(|p| header.get(p).cloned());
    Ok(Json(FileImport {
        id: row.id.0,
        kind: row.kind.to_string(),
        file_name: row.file_name,
        state: row.state.to_string(),
        rows: row.rows,
        rows_done: done,
        bad_rows: row.bad,
        opened_at: row.opened_at,
        mapping: row.kind.columns().iter().zip(&mapping).map(|(column, place)| (column.name.to_owned(), heading(*place))).collect(),
        problems: problems.into_iter().map(|(line, problem)| RowProblem { line, problem }).collect(),
        header,
    }))
}

/// Bring a table of products, prices or stock. Nothing changes yet: which column is which is guessed from the headings.
#[utoipa::path(post, path = "/imports", params(FileQuery, ("Idempotency-Key" = String, Header)), security(("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = FileImport), (status = 422, body = Problem)))]
pub async fn open(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<FileImport>), ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/imports?{}&{}", query.kind, query.name), &body)?;
    let new = NewImport { kind: read_kind(&query.kind)?, file_name: query.name, bytes: body.to_vec() };
    let id = transact!(state.services.pool, conn => {
        let id = FileImportId::new(act.now);
        match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(id) => Ok(FileImportId(id)),
            Seen::New => files::open_import(conn, &act, id, &new).await.map(|()| id),
        }
    })?;
    Ok((StatusCode::CREATED, answer(&state, &act, id).await?))
}

/// An import, how far it is, and what is wrong with its rows.
#[utoipa::path(get, path = "/imports/{id}", params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = FileImport), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<Uuid>) -> Result<Json<FileImport>, ApiProblem> {
    answer(&state, &act, FileImportId(id)).await
}

/// The rows that are wrong, as CSV: as they came, with their line and what is wrong in front.
#[utoipa::path(get, path = "/imports/{id}/errors", params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, content_type = "text/csv"), (status = 404, body = Problem)))]
pub async fn errors(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<Uuid>) -> Result<Response, ApiProblem> {
    Ok(documents::bad_rows_of(&state.services, &act, FileImportId(id)).await?)
}

/// Say which column is which, and have the rows looked at: the answer comes at once, the work goes on behind it.
#[utoipa::path(put, path = "/imports/{id}/mapping", request_body = MappingInput, params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = FileImport), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn map(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Result<Json<FileImport>, ApiProblem> {
    let input: MappingInput = json(&body)?;
    let id = FileImportId(id);
    let detail = files::read_import(&mut *state.services.pool.acquire().await?, &act, id).await?;
    let columns = detail.row.kind.columns();
    let mut mapping = detail.mapping;
    let mut problems = Vec::new();
    for (name, heading) in input.mapping {
        let place = heading.as_ref().map(|h| detail.header.iter().position(|known| known == h));
        let message = match (columns.iter().position(|c| c.name == name), place) {
            (None, _) => format!("There is no column “{name}”."),
            (_, Some(None)) => format!("The file has no heading “{}”.", heading.unwrap_or_default()),
            (Some(at), place) => {
                mapping[at] = place.flatten().and_then(|p| i32::try_from(p).ok()).unwrap_or(-1);
                continue;
            }
        };
        problems.push(FieldProblem { field: format!("/mapping/{name}"), message });
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    transact!(state.services.pool, conn => files::map_import(conn, &act, id, &mapping).await)?;
    state.services.changed.notify_waiters();
    answer(&state, &act, id).await
}

/// Take the rows in: the answer comes at once, the work goes on behind it.
#[utoipa::path(post, path = "/imports/{id}/apply", request_body = ApplyInput, params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    security(("token" = [])), responses((status = 200, body = FileImport), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn apply(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<FileImport>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/imports/{id}/apply"), &body)?;
    let input: ApplyInput = json(&body)?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, id, act.now).await? {
            files::apply_import(conn, &act, FileImportId(id), input.leave_out_bad).await?;
        }
        Ok(())
    })?;
    state.services.changed.notify_waiters();
    answer(&state, &act, FileImportId(id)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormatQuery {
    /// `csv` or `xlsx`.
    #[serde(default)]
    format: Option<String>,
}

/// The whole table of products, prices or stock, in the columns that an import reads.
#[utoipa::path(get, path = "/exports/{kind}", params(("kind" = String, Path), FormatQuery), security(("token" = [])),
    responses((status = 200, content_type = "text/csv"), (status = 422, body = Problem)))]
pub async fn export(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(kind): Path<String>,
    Query(query): Query<FormatQuery>,
) -> Result<Response, ApiProblem> {
    let format = query.format.as_deref().unwrap_or("csv").parse::<TableFormat>().map_err(|e| Refusal::field("/format", e.to_string()))?;
    Ok(documents::table_of(&state.services, &act, read_kind(&kind)?, format).await?)
}
