//! Reading addresses, so that a wrong one is answered as a problem document, too.

use super::problem::ApiProblem;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path as AxumPath, Query as AxumQuery};
use waybill::refusal::Refusal;

/// The query of the address.
#[derive(Debug, FromRequestParts)]
#[from_request(via(AxumQuery), rejection(ApiProblem))]
pub struct Query<T>(pub T);

/// The parts of the address's path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(AxumPath), rejection(ApiProblem))]
pub struct Path<T>(pub T);

fn unreadable(part: &str, why: &str) -> ApiProblem {
    Refusal::field("", format!("The {part} cannot be read: {why}. Compare it with /api/openapi.json.")).into()
}

impl From<QueryRejection> for ApiProblem {
    fn from(rejection: QueryRejection) -> Self {
        unreadable("query", &rejection.body_text())
    }
}

impl From<PathRejection> for ApiProblem {
    fn from(rejection: PathRejection) -> Self {
        unreadable("path", &rejection.body_text())
    }
}
