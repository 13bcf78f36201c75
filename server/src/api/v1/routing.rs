use super::orders::{OrderInput, new_order};
use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use waybill::idempotency::{Seen, remember};
use waybill::identity::Act;
use waybill::ids::{ActivationId, DraftId, RulesetId};
use waybill::orders::views::TriedOrder;
use waybill::refusal::Refusal;
use waybill::routing;
use waybill::routing::lint::Oddity;
use waybill::routing::rules::Rules;
use waybill::routing::views::{ActivationRow, Problem as RulesProblem, VersionRow};
use waybill::simulation::Source;
use waybill::transact;

/// Rules of routing: which versions there are, and which of them is in force when.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rulesets {
    /// In force now, and still to come, the one that begins first before the others. Of several the one that began last counts.
    activations: Vec<Activation>,
    /// The newest first.
    versions: Vec<Version>,
    /// Nothing is given to locations, and why.
    stopped: Option<String>,
}

/// A time that a version is in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activation {
    id: Uuid,
    ruleset: Uuid,
    version: i32,
    name: String,
    from: DateTime<Utc>,
    /// Null is without an end.
    until: Option<DateTime<Utc>>,
    in_force: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    ruleset: Uuid,
    version: i32,
    name: String,
    /// `published`, `scheduled`, `active` or `archived`.
    state: String,
    published_at: DateTime<Utc>,
    /// Who has approved it, in the browser: nobody can who has had a hand in it, and no token.
    approved_by: Vec<String>,
    /// The rules, as they are published; only of a version that is read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    rules: Option<Rules>,
    /// What was said about it; only of a version that is read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<Vec<Comment>>,
}

/// What somebody has said about a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct Comment {
    author: String,
    said_at: DateTime<Utc>,
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentInput {
    /// At most 2,000 characters.
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionInput {
    name: String,
    /// An object with `rules`, each with `id`, `name`, `when`, `candidates`, `prefer`, `allocate` and `then`. `GET /v1/routing/catalogue` tells what they are
    /// made of.
    #[schema(value_type = Object)]
    rules: Rules,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationInput {
    /// Left out: now.
    from: Option<DateTime<Utc>>,
    /// Left out: without an end. Then what was in force before comes back.
    until: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Activated {
    id: Uuid,
}

/// An order that nobody has placed, and by which rules it is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialInput {
    /// With `version`; both left out, and the draft: by what is in force.
    ruleset: Option<Uuid>,
    version: Option<i32>,
    /// By rules that are being worked on.
    draft: Option<Uuid>,
    order: OrderInput,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopInput {
    /// Why; null lets it go on.
    reason: Option<String>,
}

fn activation(a: ActivationRow) -> Activation {
    Activation { id: a.id.0, ruleset: a.ruleset.0, version: a.version, name: a.name, from: a.from, until: a.until, in_force: a.in_force }
}

fn version(v: VersionRow) -> Version {
    Version {
        ruleset: v.ruleset.0,
        version: v.version,
        name: v.name,
        state: v.state.to_string(),
        published_at: v.published_at,
        approved_by: v.approved_by,
        rules: None,
        comments: None,
    }
}

fn ruleset_id(text: &str) -> Result<RulesetId, Refusal> {
    text.parse().map_err(|_| Refusal::field("/ruleset", "A ruleset is named by a UUID: its own, or a new one."))
}

/// Versions of rules, and which of them is in force when.
#[utoipa::path(get, path = "/rulesets", security(("token" = [])), responses((status = 200, body = Rulesets)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Rulesets>, ApiProblem> {
    let all = routing::routing_overview(&mut *state.services.pool.acquire().await?, &act).await?;
    Ok(Json(Rulesets {
        activations: all.activations.into_iter().map(activation).collect(),
        versions: all.versions.into_iter().map(version).collect(),
        stopped: all.stopped.map(|s| s.reason),
    }))
}

/// A version with its rules.
#[utoipa::path(get, path = "/rulesets/{ruleset}/versions/{version}", params(("ruleset" = String, Path), ("version" = i32, Path)), security(("token" = [])),
    responses((status = 200, body = Version), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((ruleset, number)): Path<(String, i32)>,
) -> Result<Json<Version>, ApiProblem> {
    read_version(&state, &act, ruleset_id(&ruleset)?, number).await
}

pub(super) async fn read_version(state: &AppState, act: &Act, ruleset: RulesetId, number: i32) -> Result<Json<Version>, ApiProblem> {
    let view = routing::read_version(&mut *state.services.pool.acquire().await?, act, ruleset, number).await?;
    let comments = view.comments.into_iter().map(|c| Comment { author: c.author, said_at: c.said_at, text: c.text });
    Ok(Json(Version { rules: Some(view.rules), comments: Some(comments.collect()), ..version(view.row) }))
}

/// Say something about a version.
#[utoipa::path(post, path = "/rulesets/{ruleset}/versions/{version}/comments", request_body = CommentInput, security(("token" = [])),
    params(("ruleset" = String, Path), ("version" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = Version), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn comment(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((ruleset, number)): Path<(String, i32)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Version>), ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/rulesets/{ruleset}/versions/{number}/comments"), &body)?;
    let (id, input) = (ruleset_id(&ruleset)?, json::<CommentInput>(&body)?);
    transact!(state.services.pool, conn => match remember(conn, &key, id.0, act.now).await? {
        Seen::New => routing::comment_on_ruleset(conn, &act, id, number, &input.text).await,
        Seen::Before(_) => Ok(()),
    })?;
    Ok((StatusCode::CREATED, read_version(&state, &act, id, number).await?))
}

/// Publish rules as the next version of a ruleset; version 1 of a UUID that is new makes a ruleset. The same rules again change nothing.
#[utoipa::path(put, path = "/rulesets/{ruleset}/versions/{version}", request_body = VersionInput, security(("token" = [])),
    params(("ruleset" = String, Path), ("version" = i32, Path)),
    responses((status = 200, body = Version), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn publish(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((ruleset, number)): Path<(String, i32)>,
    body: Bytes,
) -> Result<Json<Version>, ApiProblem> {
    let id = ruleset_id(&ruleset)?;
    let input: VersionInput = json(&body)?;
    transact!(state.services.pool, conn => routing::publish_version(conn, &act, id, number, &input.name, &input.rules).await)?;
    read(State(state), Authenticated(act), Path((ruleset, number))).await
}

/// Put a version in force, from when until when.
#[utoipa::path(post, path = "/rulesets/{ruleset}/versions/{version}/activations", request_body = ActivationInput, security(("token" = [])),
    params(("ruleset" = String, Path), ("version" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = Activated), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn activate(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((ruleset, number)): Path<(String, i32)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Activated>), ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/rulesets/{ruleset}/versions/{number}/activations"), &body)?;
    let id = ruleset_id(&ruleset)?;
    let input: ActivationInput = json(&body)?;
    let activation = ActivationId::new(act.now);
    let id = transact!(state.services.pool, conn => {
        match remember(conn, &key, activation.0, act.now).await? {
            Seen::Before(id) => Ok(id),
            Seen::New => {
                routing::activate_ruleset(conn, &act, activation, (id, number), input.from, input.until).await?;
                Ok(activation.0)
            }
        }
    })?;
    Ok((StatusCode::CREATED, Json(Activated { id })))
}

/// Take a time that a version is in force back: what was before it comes again at once.
#[utoipa::path(delete, path = "/ruleset-activations/{activation}", params(("activation" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 409, body = Problem)))]
pub async fn withdraw(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(activation): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let id = activation.parse().map_err(|_| Refusal::not_found("such activation"))?;
    transact!(state.services.pool, conn => routing::withdraw_activation(conn, &act, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stop giving work to locations, or let it go on. Orders are taken meanwhile and keep their stock.
#[utoipa::path(put, path = "/routing/stop", request_body = StopInput, security(("token" = [])), responses((status = 204), (status = 409, body = Problem)))]
pub async fn stop(State(state): State<AppState>, Authenticated(act): Authenticated, body: Bytes) -> Result<StatusCode, ApiProblem> {
    let input: StopInput = json(&body)?;
    transact!(state.services.pool, conn => match &input.reason {
        Some(reason) => routing::stop_routing(conn, &act, reason).await,
        None => routing::resume_routing(conn, &act).await,
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// What has to be before a version is put in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandsInput {
    /// Somebody who has not written it has approved it.
    four_eyes: bool,
    /// A past period was routed by it.
    simulated_first: bool,
}

/// Say what has to be before a version is put in force.
#[utoipa::path(put, path = "/routing/demands", request_body = DemandsInput, security(("token" = [])), responses((status = 204), (status = 422, body = Problem)))]
pub async fn set_demands(State(state): State<AppState>, Authenticated(act): Authenticated, body: Bytes) -> Result<StatusCode, ApiProblem> {
    let DemandsInput { four_eyes, simulated_first } = json(&body)?;
    transact!(state.services.pool, conn => routing::set_demands(conn, &act, routing::Demands { four_eyes, simulated_first }).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// All that rules can be made of: facts of orders, lines and locations, costs and actions, with what can be chosen now.
#[utoipa::path(get, path = "/routing/catalogue", security(("token" = [])), responses((status = 200, body = Object)))]
pub async fn catalogue(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
) -> Result<Json<waybill::routing::views::Catalogue>, ApiProblem> {
    Ok(Json(routing::routing_catalogue(&mut *state.services.pool.acquire().await?, &act).await?))
}

/// What would become of an order that nobody has placed, and why. Nothing is reserved, kept or told to anybody.
#[utoipa::path(put, path = "/routing/trial", request_body = TrialInput, security(("token" = [])),
    responses((status = 200, body = Object), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn try_order(State(state): State<AppState>, Authenticated(act): Authenticated, body: Bytes) -> Result<Json<TriedOrder>, ApiProblem> {
    let input: TrialInput = json(&body)?;
    let source = named(input.draft, input.ruleset, input.version)?;
    Ok(Json(state.services.try_order(&act, source, &new_order(input.order)?).await?))
}

/// The draft or the version that is named, or what is in force.
pub(super) fn named(draft: Option<Uuid>, ruleset: Option<Uuid>, version: Option<i32>) -> Result<Source, Refusal> {
    match (draft, ruleset, version) {
        (Some(draft), None, None) => Ok(Source::Draft(DraftId(draft))),
        (None, Some(ruleset), Some(version)) => Ok(Source::Version(RulesetId(ruleset), version)),
        (None, None, None) => Ok(Source::AsItWas),
        _ => Err(Refusal::field("/version", "Name a draft, or a ruleset and its version, or none of them.")),
    }
}

/// Rules that are looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LintInput {
    /// As in a version.
    #[schema(value_type = Object)]
    rules: Rules,
}

/// All that is wrong with rules, and what is odd about them where nothing is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Linted {
    /// Each with `at`, a JSON Pointer, and `message`.
    #[schema(value_type = Vec<Object>)]
    problems: Vec<RulesProblem>,
    /// Each with `rule`, its position, `kind`, `message` and `example`.
    #[schema(value_type = Vec<Object>)]
    oddities: Vec<Oddity>,
}

/// Look at rules before they are published: what is wrong with them, and what can never happen by them.
#[utoipa::path(put, path = "/routing/lint", request_body = LintInput, security(("token" = [])), responses((status = 200, body = Linted), (status = 422, body = Problem)))]
pub async fn lint(State(state): State<AppState>, Authenticated(act): Authenticated, body: Bytes) -> Result<Json<Linted>, ApiProblem> {
    let input: LintInput = json(&body)?;
    let oddities = routing::lint_rules(&mut *state.services.pool.acquire().await?, &act, &input.rules).await?;
    Ok(Json(Linted { problems: routing::problems_of(&input.rules), oddities }))
}
