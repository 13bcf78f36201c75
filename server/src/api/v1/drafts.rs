use super::routing::{Version, read_version};
use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::idempotency::{Seen, remember};
use waybill::identity::Act;
use waybill::ids::{DraftId, RulesetId};
use waybill::refusal::Refusal;
use waybill::routing::rules::Rules;
use waybill::routing::views::Problem as RulesProblem;
use waybill::routing::{self, Beginning};
use waybill::transact;

/// Rules that are being worked on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Draft {
    id: Uuid,
    /// The ruleset that it will be the next version of.
    ruleset: Uuid,
    name: String,
    /// The version that it was begun from; null of one that begins a ruleset.
    based_on: Option<i32>,
    /// The newest version of its ruleset; null where there is none yet.
    newest: Option<i32>,
    /// Send it back with a change.
    revision: i32,
    changed_at: DateTime<Utc>,
    changed_by: Option<String>,
    #[schema(value_type = Object)]
    rules: Rules,
    /// What is still wrong with them, each with `at`, a JSON Pointer, and `message`. Only rules without problems can be published.
    #[schema(value_type = Vec<Object>)]
    problems: Vec<RulesProblem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DraftSummary {
    id: Uuid,
    name: String,
    /// The version that it was begun from; null of one that begins a ruleset.
    based_on: Option<i32>,
    /// How many rules it has.
    rules: usize,
    changed_at: DateTime<Utc>,
    changed_by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Drafts {
    drafts: Vec<DraftSummary>,
    /// Rulesets to begin from.
    templates: Vec<Template>,
}

/// A ruleset to begin from.
#[derive(Debug, Serialize, ToSchema)]
pub struct Template {
    code: String,
    name: String,
    help: String,
}

/// What a draft begins as: a template, a version, or rules with a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftInput {
    template: Option<String>,
    /// With `version`.
    ruleset: Option<Uuid>,
    version: Option<i32>,
    /// With `rules`.
    name: Option<String>,
    #[schema(value_type = Option<Object>)]
    rules: Option<Rules>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftChange {
    name: String,
    #[schema(value_type = Object)]
    rules: Rules,
    /// The one that was read.
    revision: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishInput {
    /// The one that was read.
    revision: i32,
    /// The newest version that you know of, where one was published since the draft was begun.
    seen: Option<i32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RevisionQuery {
    /// The one that was read.
    revision: i32,
}

async fn as_it_stands(state: &AppState, act: &Act, id: DraftId) -> Result<Json<Draft>, ApiProblem> {
    let draft = routing::read_draft(&mut *state.services.pool.acquire().await?, act, id).await?;
    Ok(Json(Draft {
        id: draft.id.0,
        ruleset: draft.ruleset.0,
        name: draft.name,
        based_on: draft.based_on,
        newest: draft.newest,
        revision: draft.revision,
        changed_at: draft.changed_at,
        changed_by: draft.changed_by,
        rules: draft.rules,
        problems: draft.problems,
    }))
}

/// Rules that are being worked on, and what can be begun from.
#[utoipa::path(get, path = "/routing/drafts", security(("token" = [])), responses((status = 200, body = Drafts)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Drafts>, ApiProblem> {
    let all = routing::routing_overview(&mut *state.services.pool.acquire().await?, &act).await?;
    let drafts = all.drafts.into_iter().map(|d| DraftSummary {
        id: d.id.0,
        name: d.name,
        based_on: d.based_on,
        rules: d.rules,
        changed_at: d.changed_at,
        changed_by: d.changed_by,
    });
    let templates = all.templates.into_iter().map(|t| Template { code: t.code, name: t.name, help: t.help });
    Ok(Json(Drafts { drafts: drafts.collect(), templates: templates.collect() }))
}

/// Begin a draft: from a template, from a version, or from rules of your own.
#[utoipa::path(post, path = "/routing/drafts", request_body = DraftInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Draft), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn begin(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Draft>), ApiProblem> {
    let key = key(&act, &headers, "/v1/routing/drafts", &body)?;
    let input: DraftInput = json(&body)?;
    let beginning = match (&input.template, input.ruleset, input.version, &input.name, &input.rules) {
        (Some(template), None, None, None, None) => Beginning::Template(template),
        (None, Some(ruleset), Some(version), None, None) => Beginning::Version(RulesetId(ruleset), version),
        (None, None, None, Some(name), Some(rules)) => Beginning::Rules(name, rules),
        _ => return Err(Refusal::field("", "Give a template, or a ruleset with its version, or a name with rules.").into()),
    };
    let new = DraftId::new(act.now);
    let id = transact!(state.services.pool, conn => match remember(conn, &key, new.0, act.now).await? {
        Seen::New => routing::begin_draft(conn, &act, new, beginning.clone()).await.map(|()| new),
        Seen::Before(id) => Ok(DraftId(id)),
    })?;
    Ok((StatusCode::CREATED, as_it_stands(&state, &act, id).await?))
}

/// A draft with its rules, and what is still wrong with them.
#[utoipa::path(get, path = "/routing/drafts/{draft}", params(("draft" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = Draft), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<Uuid>) -> Result<Json<Draft>, ApiProblem> {
    as_it_stands(&state, &act, DraftId(id)).await
}

/// Save a draft as it is, whatever is still wrong with it. Refused where somebody has changed it meanwhile.
#[utoipa::path(put, path = "/routing/drafts/{draft}", request_body = DraftChange, params(("draft" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = Draft), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn save(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Result<Json<Draft>, ApiProblem> {
    let DraftChange { name, rules, revision } = json(&body)?;
    transact!(state.services.pool, conn => routing::save_draft(conn, &act, DraftId(id), revision, &name, &rules).await)?;
    as_it_stands(&state, &act, DraftId(id)).await
}

/// Throw a draft away.
#[utoipa::path(delete, path = "/routing/drafts/{draft}", params(("draft" = Uuid, Path), RevisionQuery), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    Query(query): Query<RevisionQuery>,
) -> Result<StatusCode, ApiProblem> {
    transact!(state.services.pool, conn => routing::delete_draft(conn, &act, DraftId(id), query.revision).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a version of a draft, which is gone then. Sent again, it gives the version that it made.
#[utoipa::path(post, path = "/routing/drafts/{draft}/publish", request_body = PublishInput, security(("token" = [])),
    params(("draft" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Version), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn publish(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Result<Json<Version>, ApiProblem> {
    let PublishInput { revision, seen } = json(&body)?;
    let (ruleset, version) = transact!(state.services.pool, conn => routing::publish_draft(conn, &act, DraftId(id), revision, seen).await)?;
    read_version(&state, &act, ruleset, version).await
}
