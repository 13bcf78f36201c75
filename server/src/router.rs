//! Every route on one screen, and the layers around them.

use crate::api;
use crate::documents;
use crate::live::{self, Hub};
use anyhow::Result;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRef, Multipart, Path as UrlPath, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, generate_route_list};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use waybill::catalog::{self, ImageSize};
use waybill::ids::{FileImportId, ImageId};
use waybill::integrations::files::{self, NewImport};
use waybill::payments::GatewayAnswer;
use waybill::purchasing;
use waybill::refusal::Refusal;
use waybill::services::Services;
use waybill::transact;
use waybill_app::access::access_of;
use waybill_app::ctx::Caller;
use waybill_app::pages::account::api::SESSION_COOKIE;
use waybill_app::{CustomerApp, StaffApp, document, forbidden};

/// What handlers share.
#[derive(Clone)]
pub struct AppState {
    pub services: Services,
    pub hub: Hub,
    pub leptos: LeptosOptions,
    gateway_key: String,
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// The largest request body: an order of 2,000 lines is about 200 kB.
const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// The largest file that is brought.
pub const LARGEST_FILE: usize = 16 * 1024 * 1024;
/// A form with a larger file is heard to its end up to here, so that what is wrong can be said on a page.
const LARGEST_UPLOAD: usize = 64 * 1024 * 1024;

/// The pages of customers and those of staff, as Leptos lists them.
pub fn page_routes() -> Vec<AxumRouteListing> {
    let mut routes = generate_route_list(CustomerApp);
    routes.extend(generate_route_list(StaffApp));
    routes
}

/// The whole website and REST interface.
pub fn build(services: Services, hub: Hub, gateway_key: String, site_root: &Path, address: SocketAddr) -> Result<Router> {
    let leptos = LeptosOptions::builder()
        .output_name("waybill")
        .site_root(site_root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .site_addr(address)
        .build();
    let state = AppState { services: services.clone(), hub, leptos: leptos.clone(), gateway_key };
    let with_services = {
        let services = services.clone();
        move || provide_context(services.clone())
    };

    let pages = Router::new()
        .leptos_routes_with_context(&state, page_routes(), with_services, move || document(leptos.clone()))
        .route("/live", get(live::stream))
        .route("/stock/purchase-orders/{number}/document.pdf", get(purchase_order))
        .route("/supplier/o/{token}/document.pdf", get(purchase_order_for_supplier))
        .route("/images/{file}", get(image))
        .route("/admin/files/out/{table}", get(table))
        .route("/admin/files/{id}/bad-rows.csv", get(bad_rows))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .route("/admin/files/upload", post(upload).layer(DefaultBodyLimit::max(LARGEST_UPLOAD)))
        .route("/catalog/{handle}/images", post(add_image).layer(DefaultBodyLimit::max(LARGEST_UPLOAD)))
        .layer(middleware::from_fn_with_state(services, guard))
        .layer(middleware::from_fn_with_state(state.clone(), identify))
        // Browsers say where a request comes from; another site's is refused.
        .layer(CsrfLayer::new());
    let unsplit = DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"));
    let layers = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http())
        .layer(CompressionLayer::new().compress_when(unsplit))
        .layer(RequestBodyLimitLayer::new(LARGEST_UPLOAD))
        .layer(set("x-content-type-options", "nosniff"))
        .layer(set("referrer-policy", "same-origin"))
        .layer(set("permissions-policy", "camera=(self), microphone=(), geolocation=(self)"))
        .layer(set("cross-origin-opener-policy", "same-origin"));
    Ok(Router::new()
        .merge(pages)
        .nest("/api", api::router(state.clone()))
        .route("/hooks/gateway", post(gateway_reports))
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .fallback(static_files)
        .with_state(state)
        .layer(layers))
}

fn set(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// Finds out who calls, from the session cookie.
async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let token = cookie(request.headers(), SESSION_COOKIE);
    let caller = match token {
        None => Caller::default(),
        Some(token) => match find_user(&state.services, &token).await {
            Ok(user) => Caller { user },
            Err(error) => {
                tracing::error!(%error, "a session cannot be read");
                return (StatusCode::SERVICE_UNAVAILABLE, "The database cannot be reached. Try again in a moment.").into_response();
            }
        },
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

async fn find_user(services: &Services, token: &str) -> waybill::refusal::Result<Option<waybill::identity::CurrentUser>> {
    waybill::identity::current_user(&mut *services.pool.acquire().await?, services.clock.now(), token).await
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(header::COOKIE)?.to_str().ok()?;
    text.split("; ").find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()))
}

/// Denies by default: a page or server function that is in no table is refused, one that is asks for what it needs.
async fn guard(State(services): State<Services>, Extension(caller): Extension<Caller>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path == "/live" {
        return next.run(request).await;
    }
    let Some(access) = access_of(path) else {
        return (StatusCode::FORBIDDEN, "This address is not open to anybody.").into_response();
    };
    if access.allows(&caller.actor()) {
        return next.run(request).await;
    }
    let is_function = path.starts_with("/_fn/");
    match (&caller.user, is_function) {
        (None, false) => Redirect::to(&format!("/sign-in?next={}", encoded(request.uri()))).into_response(),
        (None, true) => refused(StatusCode::UNAUTHORIZED, waybill::refusal::RefusalCode::Unauthenticated, "Sign in first."),
        (Some(_), true) => refused(StatusCode::FORBIDDEN, waybill::refusal::RefusalCode::Forbidden, "Your role may not do this."),
        (Some(user), false) => {
            let role = user.role;
            let render = leptos_axum::render_app_async_with_context(move || provide_context(services.clone()), move || forbidden(role));
            let mut response = render(request).await.into_response();
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
    }
}

/// `GET /stock/purchase-orders/{number}/document.pdf`
async fn purchase_order(State(services): State<Services>, Extension(caller): Extension<Caller>, UrlPath(number): UrlPath<String>) -> Response {
    let act = services.act(caller.actor());
    documents::purchase_order_of(&services, &act, &number).await.unwrap_or_else(not_printed)
}

/// `GET /supplier/o/{token}/document.pdf`: the signed link is the key.
async fn purchase_order_for_supplier(State(services): State<Services>, UrlPath(token): UrlPath<String>) -> Response {
    let printed = async {
        let opened = purchasing::open_supplier_link(&mut *services.pool.acquire().await?, &services.link_key, &token).await?;
        let (actor, number) = opened.ok_or_else(|| Refusal::not_found("purchase order behind this link"))?;
        documents::purchase_order_of(&services, &services.act(actor), &number).await
    };
    printed.await.unwrap_or_else(not_printed)
}

/// `GET /images/{id}-small.jpg`: a picture of a product. What an address shows never changes.
async fn image(State(services): State<Services>, UrlPath(file): UrlPath<String>) -> Response {
    let sizes = [("-small.jpg", ImageSize::Small), ("-large.jpg", ImageSize::Large)];
    let named = sizes.iter().find_map(|(end, size)| Some((file.strip_suffix(end)?.parse().ok()?, *size)));
    let found = async {
        let (id, size) = named.ok_or_else(|| Refusal::not_found(format_args!("picture {file}")))?;
        catalog::image_file(&mut *services.pool.acquire().await?, id, size).await
    };
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    found.await.map_or_else(not_printed, |bytes| (headers, bytes).into_response())
}

/// `POST /catalog/{handle}/images`: a form with a `file` and a `description`. Goes to the product's page, with what is wrong where something is.
async fn add_image(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    UrlPath(handle): UrlPath<String>,
    form: Multipart,
) -> Response {
    let act = services.act(caller.actor());
    let added = async {
        let mut parts = read_parts(form).await?;
        let file = parts.remove("file").map(|part| part.1).unwrap_or_default();
        let description = parts.remove("description").map(|part| String::from_utf8_lossy(&part.1).into_owned()).unwrap_or_default();
        let picture = documents::picture_of(file).await?;
        let id = ImageId::new(act.now);
        transact!(services.pool, conn => catalog::add_image(conn, &act, &handle, id, &description, &picture).await)
    };
    let page = format!("/catalog/{}", query_text(&handle));
    match added.await {
        Ok(()) => Redirect::to(&page).into_response(),
        Err(error) => match error.refusal() {
            Some(refusal) => Redirect::to(&format!("{page}?problem={}", query_text(&refusal.everything()))).into_response(),
            None => not_printed(error),
        },
    }
}

/// `GET /admin/files/out/products.csv`: a whole table.
async fn table(State(services): State<Services>, Extension(caller): Extension<Caller>, UrlPath(table): UrlPath<String>) -> Response {
    let named = table.split_once('.').and_then(|(kind, format)| Some((kind.parse().ok()?, format.parse().ok()?)));
    let Some((kind, format)) = named else { return not_printed(Refusal::not_found(format_args!("table {table}")).into()) };
    documents::table_of(&services, &services.act(caller.actor()), kind, format).await.unwrap_or_else(not_printed)
}

/// `GET /admin/files/{id}/bad-rows.csv`
async fn bad_rows(State(services): State<Services>, Extension(caller): Extension<Caller>, UrlPath(id): UrlPath<uuid::Uuid>) -> Response {
    documents::bad_rows_of(&services, &services.act(caller.actor()), FileImportId(id)).await.unwrap_or_else(not_printed)
}

/// `POST /admin/files/upload`: a form with a `kind` and a `file`. Goes to the import's page, or back with what is wrong.
async fn upload(State(services): State<Services>, Extension(caller): Extension<Caller>, form: Multipart) -> Response {
    let act = services.act(caller.actor());
    let id = FileImportId::new(act.now);
    let opened = async {
        let new = read_upload(form).await?;
        transact!(services.pool, conn => files::open_import(conn, &act, id, &new).await)
    };
    match opened.await {
        Ok(()) => Redirect::to(&format!("/admin/files/{id}")).into_response(),
        Err(error) => match error.refusal() {
            Some(refusal) => Redirect::to(&format!("/admin/files?problem={}", query_text(&refusal.message))).into_response(),
            None => not_printed(error),
        },
    }
}

/// The parts of a form that brings a file, by their names: each with the name of its file, and its bytes.
async fn read_parts(mut form: Multipart) -> waybill::refusal::Result<HashMap<String, (String, Bytes)>> {
    let too_large = || Refusal::field("/file", "The file did not arrive whole, or is larger than 16 MB. Try again, or bring a smaller one.");
    let unread = |_| too_large();
    let mut parts = HashMap::new();
    while let Some(part) = form.next_field().await.map_err(unread)? {
        let (name, file_name) = (part.name().unwrap_or_default().to_owned(), part.file_name().unwrap_or_default().to_owned());
        let bytes = part.bytes().await.map_err(unread)?;
        if bytes.len() > LARGEST_FILE {
            return Err(too_large().into());
        }
        parts.insert(name, (file_name, bytes));
    }
    Ok(parts)
}

/// The table that a form brings.
async fn read_upload(form: Multipart) -> waybill::refusal::Result<NewImport> {
    let mut parts = read_parts(form).await?;
    let kind = parts.remove("kind").and_then(|part| std::str::from_utf8(&part.1).ok()?.parse().ok());
    let file = parts.remove("file");
    let kind = kind.ok_or_else(|| Refusal::field("/kind", "Say what the table is of."))?;
    let (file_name, bytes) = file.filter(|f| !f.1.is_empty()).ok_or_else(|| Refusal::field("/file", "Choose a file that is not empty."))?;
    Ok(NewImport { kind, file_name, bytes: bytes.to_vec() })
}

/// Why there is no document, in words.
fn not_printed(error: waybill::refusal::Error) -> Response {
    let Some(refusal) = error.refusal() else {
        tracing::error!(%error, "a document could not be made");
        return (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side. Try again in a moment.").into_response();
    };
    let status = StatusCode::from_u16(waybill_app::error::status_of(refusal.code)).unwrap_or(StatusCode::BAD_REQUEST);
    (status, refusal.message.clone()).into_response()
}

/// An error as server functions send it.
fn refused(status: StatusCode, code: waybill::refusal::RefusalCode, message: &str) -> Response {
    let error = waybill_app::error::ApiError::Refused(waybill::refusal::Refusal::new(code, message));
    (status, [("serverfnerror", "")], serde_json::to_string(&error).unwrap_or_default()).into_response()
}

fn encoded(uri: &Uri) -> String {
    query_text(uri.path_and_query().map_or("/", |p| p.as_str()))
}

/// A text as it stands in a query.
fn query_text(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() || b"-_.~/".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// `POST /hooks/gateway`: the gateway's late decisions, signed.
async fn gateway_reports(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("waybill-signature").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !waybill::signature_is_valid(state.gateway_key.as_bytes(), &body, signature) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(answer) = serde_json::from_slice::<GatewayAnswer>(&body) else { return StatusCode::UNPROCESSABLE_ENTITY };
    match state.services.order_of_operation(answer.key).await {
        Ok(Some(order)) => match state.services.settle_answer(order, answer).await {
            Ok(_) => StatusCode::NO_CONTENT,
            Err(error) => {
                tracing::error!(%error, "a gateway report could not be recorded");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        },
        Ok(None) => StatusCode::NOT_FOUND,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn ready(State(state): State<AppState>) -> StatusCode {
    match state.services.pool.acquire().await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Files of the built site; what is not there is answered by the app's own page.
async fn static_files(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") {
        return api::not_found();
    }
    let service = ServeDir::new(state.leptos.site_root.as_ref()).precompressed_br();
    match tower::ServiceExt::oneshot(service, request).await {
        Ok(response) if response.status() != StatusCode::NOT_FOUND => {
            let mut response = response.map(Body::new);
            let lasting = if path.starts_with("/fonts/") { "public, max-age=31536000, immutable" } else { "public, no-cache" };
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
            response
        }
        _ => {
            let (services, leptos) = (state.services.clone(), state.leptos.clone());
            let mut plain = Request::new(Body::empty());
            *plain.uri_mut() = path.parse().unwrap_or_default();
            let render = leptos_axum::render_app_async_with_context(move || provide_context(services.clone()), move || document(leptos.clone()));
            let mut response = render(plain).await.into_response();
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use waybill::identity::{Actor, Role};
    use waybill::ids::UserId;
    use waybill_app::access::{FILES, PAGES, SERVER_FUNCTIONS};

    /// Nothing is reachable that names no permission, and nothing is named that does not exist.
    #[tokio::test]
    async fn every_route_is_in_the_table() {
        let mut functions: Vec<&str> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
        functions.sort_unstable();
        let mut named: Vec<&str> = SERVER_FUNCTIONS.iter().map(|f| f.0).collect();
        named.sort_unstable();
        assert_eq!(functions, named);
        // Axum writes `{name}` where the table writes `:name`.
        let mut pages: Vec<String> = page_routes().iter().map(|r| r.path().replace('{', ":").replace('}', "")).collect();
        pages.sort_unstable();
        let mut named: Vec<&str> = PAGES.iter().map(|p| p.0).collect();
        named.sort_unstable();
        assert_eq!(pages, named);
    }

    /// Who may do what, as a table that is read in every review. Write it anew with `WAYBILL_GOLDEN=write`.
    #[test]
    fn the_table_of_roles_is_the_reviewed_one() {
        let mut table = String::new();
        let actors: Vec<(&str, Actor)> = std::iter::once(("nobody", Actor::Visitor))
            .chain(Role::ALL.iter().map(|role| (role.as_str(), Actor::User { id: UserId(uuid::Uuid::nil()), role: *role, location: None })))
            .collect();
        for (path, access) in PAGES.iter().chain(FILES).chain(SERVER_FUNCTIONS) {
            let may: Vec<&str> = actors.iter().filter(|(_, actor)| access.allows(actor)).map(|(name, _)| *name).collect();
            let who = if may.len() == actors.len() { "everybody".to_owned() } else { may.join(", ") };
            writeln!(table, "{path}\n    {}: {who}", access.label()).unwrap();
        }
        for (method, path, permission) in crate::api::ACCESS {
            writeln!(table, "{} /api{path}\n    {}", method.to_uppercase(), permission.map_or("public", |p| p.as_str())).unwrap();
        }
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/access.txt");
        if std::env::var("WAYBILL_GOLDEN").is_ok_and(|v| v == "write") {
            std::fs::write(golden, &table).unwrap();
        }
        assert_eq!(table, std::fs::read_to_string(golden).unwrap_or_default());
    }
}
