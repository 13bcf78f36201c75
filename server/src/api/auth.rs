//! Who calls the REST interface: a bearer token with permissions.

use super::problem::ApiProblem;
use crate::router::AppState;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use waybill::identity::{self, Act};
use waybill::refusal::{Refusal, RefusalCode};

/// The caller, with the permissions of its token.
pub struct Authenticated(pub Act);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiProblem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Bearer "))
            .ok_or_else(|| Refusal::new(RefusalCode::Unauthenticated, "Send your API token as `Authorization: Bearer wb_…`. `waybill token` makes one."))?;
        let actor = identity::authenticate_token(&mut *state.services.pool.acquire().await?, token).await?;
        Ok(Self(state.services.act(actor)))
    }
}
