use super::changes::ChangeResult;
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
use waybill::ids::StockRuleId;
use waybill::inventory::backorders::{self, NewTerms};
use waybill::inventory::rules::views::RuleRow;
use waybill::inventory::rules::{self, NewRule, Quantity};
use waybill::inventory::{self, Buyer};
use waybill::refusal::Refusal;
use waybill::transact;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuleInput {
    /// `safety`: kept back. `ring_fence`: the last units are for a channel only. `cap`: a channel is offered no more.
    #[schema(example = "safety")]
    kind: String,
    /// A SKU or a category; all things where both are left out.
    sku: Option<String>,
    category: Option<String>,
    /// Code of a location, or the name of a group of them; each location where both are left out.
    location: Option<String>,
    location_group: Option<String>,
    channel: Option<String>,
    customer_group: Option<String>,
    /// The first and the last day on which it counts, such as `2026-12-01`; always where left out.
    from: Option<String>,
    until: Option<String>,
    /// Either units or days of cover.
    units: Option<i32>,
    days_of_cover: Option<i32>,
}

impl From<RuleInput> for NewRule {
    fn from(input: RuleInput) -> Self {
        Self {
            kind: input.kind,
            sku: input.sku.unwrap_or_default(),
            category: input.category.unwrap_or_default(),
            location: input.location.unwrap_or_default(),
            location_group: input.location_group.unwrap_or_default(),
            channel: input.channel.unwrap_or_default(),
            customer_group: input.customer_group.unwrap_or_default(),
            from: input.from.unwrap_or_default(),
            until: input.until.unwrap_or_default(),
            units: input.units,
            days_of_cover: input.days_of_cover,
        }
    }
}

/// A rule about what is offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rule {
    id: String,
    kind: String,
    sku: Option<String>,
    category: Option<String>,
    /// Names.
    location: Option<String>,
    location_group: Option<String>,
    channel: Option<String>,
    customer_group: Option<String>,
    from: Option<DateTime<Utc>>,
    /// The first moment at which it no longer counts.
    until: Option<DateTime<Utc>>,
    units: Option<i32>,
    days_of_cover: Option<i32>,
    /// In words.
    sentence: String,
    since: DateTime<Utc>,
}

impl From<RuleRow> for Rule {
    fn from(row: RuleRow) -> Self {
        let (units, days_of_cover) = match row.quantity {
            Quantity::Units(n) => (Some(n), None),
            Quantity::DaysOfCover(n) => (None, Some(n)),
        };
        Self {
            sentence: row.sentence(),
            id: row.id.to_string(),
            kind: row.kind.to_string(),
            sku: row.sku,
            category: row.category,
            location: row.location,
            location_group: row.location_group,
            channel: row.channel,
            customer_group: row.customer_group,
            from: row.from,
            until: row.until,
            units,
            days_of_cover,
            since: row.since,
        }
    }
}

fn id(text: &str) -> Result<StockRuleId, Refusal> {
    text.parse().map_err(|_| Refusal::not_found("such rule"))
}

async fn find(state: &AppState, id: StockRuleId) -> Result<RuleRow, ApiProblem> {
    let system = state.services.act(waybill::identity::Actor::System);
    let rules = rules::list_rules(&mut *state.services.pool.acquire().await?, &system).await?;
    Ok(rules.into_iter().find(|rule| rule.id == id).ok_or_else(|| Refusal::not_found("such rule any more"))?)
}

async fn answer(state: &AppState, id: StockRuleId) -> Result<Json<Rule>, ApiProblem> {
    Ok(Json(find(state, id).await?.into()))
}

/// Every rule that is set, those for everything first.
#[utoipa::path(get, path = "/stock-rules", security(("token" = [])), responses((status = 200, body = Vec<Rule>)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<Rule>>, ApiProblem> {
    let rules = rules::list_rules(&mut *state.services.pool.acquire().await?, &act).await?;
    Ok(Json(rules.into_iter().map(Rule::from).collect()))
}

/// Set a rule, from now on. Of safety stock the largest rule that applies counts; on top of it, for each other channel, the largest of what is kept
/// for that one; of caps the smallest.
#[utoipa::path(post, path = "/stock-rules", request_body = RuleInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Rule), (status = 422, body = Problem)))]
pub async fn set(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Rule>), ApiProblem> {
    let key = key(&act, &headers, "/v1/stock-rules", &body)?;
    let new: NewRule = json::<RuleInput>(&body)?.into();
    let id = transact!(state.services.pool, conn => {
        let id = StockRuleId::new(act.now);
        match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(id) => Ok(StockRuleId(id)),
            Seen::New => rules::put_rule(conn, &act, id, &new).await.map(|()| id),
        }
    })?;
    Ok((StatusCode::CREATED, answer(&state, id).await?))
}

/// Change a rule, from now on.
#[utoipa::path(put, path = "/stock-rules/{id}", request_body = RuleInput, params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = Rule), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(rule): Path<String>,
    body: Bytes,
) -> Result<Json<Rule>, ApiProblem> {
    let (id, new) = (id(&rule)?, json::<RuleInput>(&body)?.into());
    find(&state, id).await?;
    transact!(state.services.pool, conn => rules::put_rule(conn, &act, id, &new).await)?;
    answer(&state, id).await
}

/// End a rule now.
#[utoipa::path(delete, path = "/stock-rules/{id}", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn end(State(state): State<AppState>, Authenticated(act): Authenticated, Path(rule): Path<String>) -> Result<StatusCode, ApiProblem> {
    let id = id(&rule)?;
    transact!(state.services.pool, conn => rules::end_rule(conn, &act, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupInput {
    /// Codes; the group stands for no location where there is none.
    locations: Vec<String>,
    /// When it begins; left out, now.
    from: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    name: String,
    /// Codes.
    locations: Vec<String>,
    /// A change that is still to come.
    then: Option<GroupThen>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GroupThen {
    from: DateTime<Utc>,
    /// Codes.
    locations: Vec<String>,
}

/// Groups of locations, by name.
#[utoipa::path(get, path = "/location-groups", security(("token" = [])), responses((status = 200, body = Vec<Group>)))]
pub async fn groups(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<Group>>, ApiProblem> {
    let groups = rules::list_location_groups(&mut *state.services.pool.acquire().await?, &act).await?;
    let group = |g: rules::views::GroupRow| Group {
        name: g.name,
        locations: g.locations,
        then: g.then.map(|(from, locations)| GroupThen { from, locations }),
    };
    Ok(Json(groups.into_iter().map(group).collect()))
}

/// Say which locations make up a group, from now or a later moment on.
#[utoipa::path(put, path = "/location-groups/{name}", request_body = GroupInput, params(("name" = String, Path)), security(("token" = [])),
    responses((status = 200, body = ChangeResult), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn set_group(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input: GroupInput = json(&body)?;
    let preview = transact!(state.services.pool, conn => {
        let preview = rules::preview_location_group(conn, &act, &name, &input.locations, input.from).await?;
        rules::set_location_group(conn, &act, &name, &input.locations, input.from).await?;
        Ok(preview)
    })?;
    Ok(Json(preview.into()))
}

/// What a change of a group would do, without doing it.
#[utoipa::path(post, path = "/location-groups/{name}/preview", request_body = GroupInput, security(("token" = [])),
    params(("name" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = ChangeResult), (status = 422, body = Problem)))]
pub async fn preview_group(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input: GroupInput = json(&body)?;
    let mut conn = state.services.pool.acquire().await?;
    Ok(Json(rules::preview_location_group(&mut conn, &act, &name, &input.locations, input.from).await?.into()))
}

/// Take the last change of a group back: one that is still to come never happens.
#[utoipa::path(post, path = "/location-groups/{name}/undo", security(("token" = [])),
    params(("name" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn undo_group(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/location-groups/{name}/undo"), &[])?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            rules::undo_location_group(conn, &act, &name).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedInput {
    ship: bool,
    pickup: bool,
}

/// Say whether a SKU may be sent from a location, and collected there, from now on.
#[utoipa::path(put, path = "/stock/{sku}/allowed/{location}", request_body = AllowedInput, params(("sku" = String, Path), ("location" = String, Path)),
    security(("token" = [])), responses((status = 204), (status = 422, body = Problem)))]
pub async fn set_allowed(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((sku, location)): Path<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let input: AllowedInput = json(&body)?;
    transact!(state.services.pool, conn => rules::set_allowed(conn, &act, &sku, &location, input.ship, input.pickup).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BuyerQuery {
    /// Nobody in particular where left out.
    channel: Option<String>,
    customer_group: Option<String>,
}

/// How the number comes about that a channel sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explained {
    /// Units offered to be sent.
    offered: i64,
    /// What a kit is made of: it has no stock of its own.
    parts: Vec<Part>,
    cap: Option<Step>,
    places: Vec<Place>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Part {
    sku: String,
    /// Units of it in one kit.
    quantity: i32,
    offered: i64,
}

/// One step on the way.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    words: String,
    units: i32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    location: String,
    on_hand: i32,
    reserved: i32,
    /// Owed to orders that wait.
    backordered: i32,
    kept_back: Vec<Step>,
    to_send: i32,
    to_collect: i32,
    notes: Vec<String>,
}

/// Step by step, how the number comes about that a channel sees of a SKU.
#[utoipa::path(get, path = "/stock/{sku}/offered", params(("sku" = String, Path), BuyerQuery), security(("token" = [])),
    responses((status = 200, body = Explained), (status = 404, body = Problem)))]
pub async fn offered(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(sku): Path<String>,
    Query(query): Query<BuyerQuery>,
) -> Result<Json<Explained>, ApiProblem> {
    let network = state.services.network_of(None).await?;
    let buyer = Buyer { channel: query.channel.as_deref(), group: query.customer_group.as_deref() };
    let told = inventory::explain_availability(&mut *state.services.pool.acquire().await?, &act, &network, buyer, &sku).await?;
    let step = |s: inventory::views::Step| Step { words: s.words, units: s.units };
    let place = |p: inventory::views::PlaceExplained| Place {
        location: p.location,
        on_hand: p.on_hand,
        reserved: p.reserved,
        backordered: p.backordered,
        kept_back: p.kept_back.into_iter().map(step).collect(),
        to_send: p.to_send,
        to_collect: p.to_collect,
        notes: p.notes,
    };
    let part = |p: inventory::views::PartExplained| Part { sku: p.sku, quantity: p.quantity, offered: p.offered };
    let parts = told.parts.into_iter().map(part).collect();
    Ok(Json(Explained { offered: told.offered, parts, cap: told.cap.map(step), places: told.places.into_iter().map(place).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsInput {
    /// `backorder`: more is expected. `preorder`: not on sale before its day, even where it is there already.
    #[schema(example = "backorder")]
    kind: String,
    most_units: i32,
    /// The day on which it is expected, or on sale, such as `2026-12-01`, in the location's own time. Left out where it follows purchase orders.
    #[serde(default)]
    expected: String,
    /// A backorder's: it is expected when and as far as purchase orders say.
    #[serde(default)]
    follows_purchasing: bool,
    /// The last day on which orders are taken; as long as there is room where left out.
    until: Option<String>,
}

/// What a location may sell of a SKU before it has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Terms {
    /// Code.
    location: String,
    kind: String,
    most_units: i32,
    /// Of these, taken by orders.
    backordered: i32,
    /// None where purchase orders are followed and nothing is on its way.
    expected_at: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    /// When and how many, purchase orders say.
    follows_purchasing: bool,
}

/// What may be sold of a SKU before it is there, by location.
#[utoipa::path(get, path = "/stock/{sku}/backorder-terms", params(("sku" = String, Path)), security(("token" = [])),
    responses((status = 200, body = Vec<Terms>), (status = 404, body = Problem)))]
pub async fn terms(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(sku): Path<String>,
) -> Result<Json<Vec<Terms>>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    inventory::sku_name(&mut conn, &act, &sku).await?;
    let rows = backorders::terms_of_sku(&mut conn, &act, &sku).await?;
    let terms = rows.into_iter().map(|t| Terms {
        location: t.code,
        kind: t.kind.to_string(),
        most_units: t.most_units,
        backordered: t.backordered,
        expected_at: t.expected_at,
        until: t.until,
        follows_purchasing: t.follows,
    });
    Ok(Json(terms.collect()))
}

/// Say how many units of a SKU a location may sell before it has them, from now on. Orders that were taken on other terms keep theirs.
#[utoipa::path(put, path = "/stock/{sku}/backorder-terms/{location}", request_body = TermsInput, security(("token" = [])),
    params(("sku" = String, Path), ("location" = String, Path)), responses((status = 204), (status = 422, body = Problem)))]
pub async fn set_terms(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((sku, location)): Path<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let input: TermsInput = json(&body)?;
    let TermsInput { kind, most_units, expected, follows_purchasing, until } = input;
    let new = NewTerms { kind, most_units, expected, follows_purchasing, until: until.unwrap_or_default() };
    transact!(state.services.pool, conn => backorders::set_terms(conn, &act, &sku, &location, &new).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the terms of a SKU at a location now. What orders were promised stays promised.
#[utoipa::path(delete, path = "/stock/{sku}/backorder-terms/{location}", security(("token" = [])),
    params(("sku" = String, Path), ("location" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn end_terms(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((sku, location)): Path<(String, String)>,
) -> Result<StatusCode, ApiProblem> {
    transact!(state.services.pool, conn => backorders::end_terms(conn, &act, &sku, &location).await)?;
    state.services.changed.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
