//! The REST interface: `/api/v1`, described at `/api/openapi.json`. Its wire structs are its own, so that pages may change without
//! breaking anybody.

mod auth;
mod problem;
mod v1;

use crate::router::AppState;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(info(
    title = "Waybill",
    version = "1",
    description = "Orders, stock and fulfilment. Authenticate with `Authorization: Bearer wb_…`. Every POST takes an `Idempotency-Key`: the same key with \
                   the same request is carried out once, however often it is sent. Errors are `application/problem+json` (RFC 9457) with a stable `type`."
))]
struct Description;

/// Routes and their description, from one list.
pub fn router() -> Router<AppState> {
    let (routes, mut description) = OpenApiRouter::with_openapi(Description::openapi()).nest("/v1", v1::routes()).split_for_parts();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    description.components.get_or_insert_default().add_security_scheme("token", scheme);
    description.servers = Some(vec![utoipa::openapi::Server::new("/api")]);
    routes.route("/openapi.json", get(move || async move { Json(description) }))
}
