//! Who calls the REST interface, and whether they may: a bearer token with permissions, against one table of operations.

use super::problem::ApiProblem;
use super::v1::ACCESS;
use crate::router::AppState;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use waybill::identity::{self, Act, Actor};
use waybill::refusal::{Refusal, RefusalCode};

/// Denies by default: an operation that is in no table is refused; one that is asks for a token with its permission.
pub async fn guard(State(state): State<AppState>, path: MatchedPath, mut request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_ascii_lowercase();
    let operation = path.as_str().trim_start_matches("/api");
    let needs = ACCESS.iter().find(|(m, p, _)| *m == method && *p == operation).map(|(.., permission)| *permission);
    let allowed = match needs {
        None => Err(Refusal::new(RefusalCode::Forbidden, "This operation is not open to anybody.").into()),
        Some(None) => Ok(Actor::Visitor),
        Some(Some(permission)) => match authenticate(&state, request.headers()).await {
            Ok(actor) => state.services.act(actor.clone()).require(permission).map(|()| actor).map_err(ApiProblem::from),
            Err(problem) => Err(problem),
        },
    };
    match allowed {
        Ok(actor) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Actor, ApiProblem> {
    let token = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer ")).ok_or_else(|| {
        Refusal::new(RefusalCode::Unauthenticated, "Send your API token as `Authorization: Bearer wb_…`. `waybill token` makes one.")
    })?;
    Ok(identity::authenticate_token(&mut *state.services.pool.acquire().await?, token).await?)
}

/// The caller, as [`guard`] found it.
pub struct Authenticated(pub Act);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiProblem> {
        let actor = parts.extensions.get::<Actor>().cloned().unwrap_or(Actor::Visitor);
        Ok(Self(state.services.act(actor)))
    }
}
