//! The only error that crosses to the browser.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use waybill::refusal::{Refusal, RefusalCode};

/// What a server function fails with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum ApiError {
    /// An expected "no", with words for people.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// Our fault. The log has more.
    #[error("Something went wrong on our side. Try again in a moment; nothing was lost.")]
    Internal,
    /// The request did not get through.
    #[error("The server could not be reached. Check the connection and try again.")]
    Transport,
}

impl ApiError {
    /// The problem with one field of a form, by its JSON pointer.
    pub fn of_field(&self, pointer: &str) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.fields.iter().find(|f| f.field == pointer).map(|f| f.message.clone()),
            Self::Internal | Self::Transport => None,
        }
    }

    /// The first problem with a field or anything below it.
    pub fn of_part(&self, pointer: &str) -> Option<String> {
        self.below(pointer).next().map(|(_, message)| message.to_owned())
    }

    /// The problems with rows of a table: (position from 0, message).
    pub fn of_rows(&self, pointer: &str) -> Vec<(usize, String)> {
        let position = |rest: &str| rest.strip_prefix('/')?.split('/').next()?.parse().ok();
        self.below(pointer).filter_map(|(rest, message)| Some((position(rest)?, message.to_owned()))).collect()
    }

    /// What is wrong at a pointer or below: (the rest of its pointer, message).
    fn below<'a>(&'a self, pointer: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let fields = match self {
            Self::Refused(refusal) => refusal.fields.as_slice(),
            Self::Internal | Self::Transport => &[],
        };
        let below = move |field: &'a str| field.strip_prefix(pointer).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        fields.iter().filter_map(move |f| Some((below(&f.field)?, f.message.as_str())))
    }

    /// All that is wrong, for a form whose fields cannot say it themselves.
    pub fn everything(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.everything(),
            other => other.to_string(),
        }
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(Refusal { code: RefusalCode::NotFound, .. }))
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let error = Self::Refused(refusal);
        #[cfg(feature = "ssr")]
        crate::ctx::answer_function_with_status(&error);
        error
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => Self::Refused(Refusal::new(
                RefusalCode::Invalid,
                "Something in this form is missing or cannot be read, such as a number that is too large. Mend it and send it again.",
            )),
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Transport,
            _ => Self::Internal,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<waybill::refusal::Error> for ApiError {
    fn from(error: waybill::refusal::Error) -> Self {
        if let Some(refusal) = error.refusal() {
            return refusal.clone().into();
        }
        tracing::error!(%error, "a server function failed");
        Self::Internal
    }
}

#[cfg(feature = "ssr")]
impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        waybill::refusal::Error::from(error).into()
    }
}

/// The HTTP status of a refusal, for pages, server functions and the REST interface alike.
pub const fn status_of(code: RefusalCode) -> u16 {
    match code {
        RefusalCode::Invalid | RefusalCode::IdempotencyMismatch => 422,
        RefusalCode::NotFound => 404,
        RefusalCode::Unauthenticated => 401,
        RefusalCode::Forbidden => 403,
        RefusalCode::IllegalTransition | RefusalCode::OutOfStock | RefusalCode::NoCapacity | RefusalCode::Conflict => 409,
        RefusalCode::TooManyAttempts => 429,
    }
}

/// A whole number that somebody typed; empty or anything else is told at its field.
#[cfg(feature = "ssr")]
pub fn whole_number(field: &str, text: &str) -> Result<i32, waybill::refusal::Refusal> {
    text.trim().parse().map_err(|_| waybill::refusal::Refusal::field(field, "Write a whole number."))
}

/// A whole number that somebody typed; none where the field is empty.
#[cfg(feature = "ssr")]
pub fn whole_number_if_any(field: &str, text: &str) -> Result<Option<i32>, waybill::refusal::Refusal> {
    if text.trim().is_empty() { Ok(None) } else { whole_number(field, text).map(Some) }
}

/// One of a list that somebody chose; none where nothing is chosen.
#[cfg(feature = "ssr")]
pub fn choice<T: std::str::FromStr<Err = waybill::refusal::UnknownName>>(field: &str, text: &str) -> Result<Option<T>, waybill::refusal::Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|e: waybill::refusal::UnknownName| waybill::refusal::Refusal::field(field, e.to_string())),
    }
}

/// A day that somebody chose; none where the field is empty.
#[cfg(feature = "ssr")]
pub fn day(field: &str, text: &str) -> Result<Option<chrono::NaiveDate>, waybill::refusal::Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| waybill::refusal::Refusal::field(field, "Write a day as 2026-12-01.")),
    }
}
