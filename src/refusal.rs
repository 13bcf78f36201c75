//! How the domain says no. A refusal is an expected answer with a stable code, words for people, and the field each problem is about.

use serde::{Deserialize, Serialize};

text_enum! {
    /// The kinds of refusal. The REST interface makes its stable problem types of them.
    pub enum RefusalCode {
        /// The input is wrong; `fields` says where and what to do.
        Invalid = "invalid",
        NotFound = "not-found",
        /// Nobody is signed in, or the token is unknown.
        Unauthenticated = "unauthenticated",
        Forbidden = "forbidden",
        /// The thing is in a state that does not allow this; the message says what it would allow.
        IllegalTransition = "illegal-transition",
        OutOfStock = "out-of-stock",
        /// The location takes no more orders that day.
        NoCapacity = "no-capacity",
        /// The same key was used with a different request.
        IdempotencyMismatch = "idempotency-key-reused",
        /// Changed by somebody else meanwhile: read again and retry.
        Conflict = "conflict",
        TooManyAttempts = "too-many-attempts",
    }
}

/// One problem with one field of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// A JSON pointer into the input (RFC 6901), such as `/lines/0/sku`.
    pub field: String,
    pub message: String,
}

/// An expected "no".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub code: RefusalCode,
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
}

impl Refusal {
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: Vec::new() }
    }

    /// `what` as in "order W-1234": the message says it was not found.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(RefusalCode::NotFound, format!("There is no {what}, or you may not see it."))
    }

    pub fn invalid(fields: Vec<FieldProblem>) -> Self {
        let message = match fields.as_slice() {
            [one] => one.message.clone(),
            many => format!("{} things need your attention.", many.len()),
        };
        Self { code: RefusalCode::Invalid, message, fields }
    }

    /// All that is wrong, for where the fields cannot say it themselves.
    pub fn everything(&self) -> String {
        if self.fields.is_empty() { self.message.clone() } else { self.fields.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join(" ") }
    }

    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldProblem { field: field.into(), message: message.into() }])
    }
}

/// A name that is not in its closed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not one of {}", known.join(", "))]
pub struct UnknownName {
    pub text: String,
    pub known: &'static [&'static str],
}

/// What a use case fails with: an expected refusal, or the database.
#[derive(Debug, thiserror::Error)]
#[cfg(feature = "postgres")]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// Others were faster: the transaction is worth running again. The refusal is what the caller hears where they always are.
    #[error("{0}")]
    Contended(Refusal),
}

#[cfg(feature = "postgres")]
impl Error {
    /// The refusal, where it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) | Self::Contended(refusal) => Some(refusal),
            Self::Database(_) => None,
        }
    }

    /// True where the transaction should be run again: others were faster, or Postgres asks for it (deadlock, serialisation failure, two versions of a thing from the same moment on).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Contended(_) => true,
            Self::Database(sqlx::Error::Database(e)) => matches!(e.code().as_deref(), Some("40001" | "40P01" | "23P01")),
            _ => false,
        }
    }
}

#[cfg(feature = "postgres")]
pub type Result<T, E = Error> = std::result::Result<T, E>;
