//! The server's side of a server function: who calls, with what services, and what goes into the response. The only place that touches
//! `leptos_axum`.

use crate::error::{ApiError, status_of};
use axum::http::{HeaderName, HeaderValue, StatusCode, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use waybill::identity::{Act, Actor, CurrentUser};
use waybill::services::Services;

/// Who makes this request; put there by the session middleware.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub user: Option<CurrentUser>,
}

impl Caller {
    pub fn actor(&self) -> Actor {
        self.user.as_ref().map_or(Actor::Visitor, CurrentUser::actor)
    }
}

pub fn services() -> Services {
    expect_context()
}

pub fn caller() -> Caller {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().cloned()).unwrap_or_default()
}

/// Whoever calls, now.
pub fn act() -> Act {
    services().act(caller().actor())
}

/// The path of the request.
pub fn path() -> String {
    use_context::<Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
}

/// A cookie of the request.
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let header = parts.headers.get("cookie")?.to_str().ok()?;
    header.split("; ").find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()))
}

/// Sets a cookie that scripts cannot read. `max_age` is in seconds; zero removes it.
pub fn set_cookie(name: &str, value: &str, max_age: i64) {
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{}", if is_https() { "; Secure" } else { "" });
    header("set-cookie", &text);
}

fn is_https() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https"))
}

pub fn header(name: &'static str, value: &str) {
    if let (Some(options), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        options.append_header(HeaderName::from_static(name), value);
    }
}

/// Gives the response the status that fits the error, where it is the page's own.
pub fn set_error_status(error: &ApiError) {
    let status = match error {
        ApiError::Refused(refusal) => status_of(refusal.code),
        ApiError::Internal | ApiError::Transport => 500,
    };
    if let (Some(options), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        options.set_status(status);
    }
}

/// Gives a server function's response the status that fits the error. A form that was sent without scripts is redirected instead.
pub fn answer_function_with_status(error: &ApiError) {
    let is_call = use_context::<Parts>().is_some_and(|parts| {
        let accepts_html = parts.headers.get("accept").is_some_and(|accept| accept.to_str().is_ok_and(|text| text.contains("text/html")));
        parts.uri.path().starts_with("/_fn/") && !accepts_html
    });
    if is_call {
        set_error_status(error);
    }
}

/// A path of our own, never a way out to another site; or the other one.
pub fn own_path<'a>(path: &'a str, otherwise: &'a str) -> &'a str {
    if path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') { path } else { otherwise }
}

pub fn redirect(path: &str) {
    leptos_axum::redirect(path);
}

/// The location that whoever asks works at; none for those who work everywhere.
pub async fn own_place(conn: &mut sqlx::PgConnection) -> waybill::refusal::Result<Option<waybill::inventory::views::LocationChoice>> {
    match caller().user.and_then(|user| user.location) {
        None => Ok(None),
        Some(own) => Ok(waybill::inventory::list_locations(conn, &act()).await?.into_iter().find(|place| place.location_id == own)),
    }
}
