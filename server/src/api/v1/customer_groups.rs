use super::json;
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill::customers::{list_customer_groups, put_customer_group, views};
use waybill::transact;

/// Customers that prices and stock rules speak of together.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerGroup {
    /// As orders name it.
    #[schema(example = "trade")]
    code: String,
    name: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerGroupInput {
    /// For people.
    #[schema(example = "Trade customers")]
    name: String,
}

/// Groups of customers, by name.
#[utoipa::path(get, path = "/customer-groups", security(("token" = [])), responses((status = 200, body = Vec<CustomerGroup>)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<CustomerGroup>>, ApiProblem> {
    let groups = list_customer_groups(&mut *state.services.pool.acquire().await?, &act).await?;
    Ok(Json(groups.into_iter().map(|g| CustomerGroup { code: g.code, name: g.name }).collect()))
}

/// Make a group of customers known, or give it another name.
#[utoipa::path(put, path = "/customer-groups/{code}", request_body = CustomerGroupInput, params(("code" = String, Path)),
    security(("token" = [])), responses((status = 204), (status = 422, body = Problem)))]
pub async fn put(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let input: CustomerGroupInput = json(&body)?;
    let group = views::CustomerGroup { code, name: input.name };
    transact!(state.services.pool, conn => put_customer_group(conn, &act, &group).await)?;
    Ok(StatusCode::NO_CONTENT)
}
