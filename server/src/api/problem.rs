//! Errors as RFC 9457 problem documents.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use waybill::refusal::{Error, Refusal, RefusalCode};
use waybill_app::error::status_of;

/// What a failed request is answered with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Stable: `urn:waybill:problem:` and the kind.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// What happened and what to do, for people.
    pub detail: String,
    /// Each wrong field, by JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Names this failure in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<Uuid>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}

/// The error type of every handler.
#[derive(Debug)]
pub struct ApiProblem(pub Problem);

impl From<Refusal> for ApiProblem {
    fn from(refusal: Refusal) -> Self {
        Self(Problem {
            kind: format!("urn:waybill:problem:{}", refusal.code),
            title: title(refusal.code).to_owned(),
            status: status_of(refusal.code),
            detail: refusal.message,
            errors: refusal.fields.into_iter().map(|f| FieldError { pointer: f.field, detail: f.message }).collect(),
            trace_id: None,
        })
    }
}

const fn title(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::Invalid => "The request is not valid",
        RefusalCode::NotFound => "Not found",
        RefusalCode::Unauthenticated => "Who are you?",
        RefusalCode::Forbidden => "Not allowed",
        RefusalCode::IllegalTransition => "Not possible in this state",
        RefusalCode::OutOfStock => "Not enough stock",
        RefusalCode::NoCapacity => "No capacity",
        RefusalCode::IdempotencyMismatch => "The Idempotency-Key was used for something else",
        RefusalCode::Conflict => "Changed meanwhile",
        RefusalCode::TooManyAttempts => "Too many attempts",
    }
}

impl From<Error> for ApiProblem {
    fn from(error: Error) -> Self {
        if let Some(refusal) = error.refusal() {
            return refusal.clone().into();
        }
        let trace_id = Uuid::now_v7();
        tracing::error!(%trace_id, %error, "a request failed");
        Self(Problem {
            kind: "urn:waybill:problem:internal".to_owned(),
            title: "Our fault".to_owned(),
            status: 500,
            detail: "Something went wrong on our side. Send the request again with the same Idempotency-Key: it will not be carried out twice."
                .to_owned(),
            errors: Vec::new(),
            trace_id: Some(trace_id),
        })
    }
}

impl From<sqlx::Error> for ApiProblem {
    fn from(error: sqlx::Error) -> Self {
        Error::from(error).into()
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.0)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
