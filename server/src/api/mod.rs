//! The REST interface: `/api/v1`, described at `/api/openapi.json`. Its wire structs are its own, so that pages may change without
//! breaking anybody.

mod auth;
mod extract;
mod problem;
mod v1;

use crate::router::AppState;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
#[cfg(test)]
pub use v1::ACCESS;
use waybill::refusal::Refusal;

#[derive(OpenApi)]
#[openapi(info(
    title = "Waybill",
    version = "1",
    description = "Orders, stock and fulfilment. Authenticate with `Authorization: Bearer wb_…`. Every POST takes an `Idempotency-Key`: the same key with \
                   the same request is carried out once, however often it is sent. Errors are `application/problem+json` (RFC 9457) with a stable `type`."
))]
struct Description;

/// Routes and their description, from one list.
pub fn router(state: AppState) -> Router<AppState> {
    let (routes, description) = described();
    routes.route_layer(from_fn_with_state(state, auth::guard)).route("/openapi.json", get(move || async move { Json(description) }))
}

/// No such operation.
pub fn not_found() -> Response {
    problem::ApiProblem::from(Refusal::not_found("such operation; see /api/openapi.json")).into_response()
}

fn described() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (routes, mut description) = OpenApiRouter::with_openapi(Description::openapi()).nest("/v1", v1::routes()).split_for_parts();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    description.components.get_or_insert_default().add_security_scheme("token", scheme);
    description.servers = Some(vec![utoipa::openapi::Server::new("/api")]);
    (routes, description)
}

#[cfg(test)]
mod tests {
    use super::v1::ACCESS;

    /// Every operation that is described names what it needs, and the other way round.
    #[test]
    fn every_operation_names_its_permission() {
        let description = serde_json::to_value(super::described().1).unwrap();
        let mut described: Vec<(String, String)> = Vec::new();
        for (path, operations) in description["paths"].as_object().unwrap() {
            described.extend(operations.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())));
        }
        let mut known: Vec<(String, String)> = ACCESS.iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
        for (path, operations) in description["paths"].as_object().unwrap() {
            if let Some(post) = operations.get("post") {
                let named = post["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "Idempotency-Key" && p["in"] == "header");
                assert!(named, "POST {path} does not say that it takes a key");
            }
        }
        described.sort();
        known.sort();
        assert_eq!(described, known);
    }
}
