//! The gateway's HTTP side: `POST /operations` answers a request, the same key always the same; `GET /summary` counts.

use super::journal::Journal;
use super::rules::Book;
use crate::config::GatewayArgs;
use anyhow::{Context as _, Result, bail};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use std::fs::{self, File};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use waybill::clock::Clock;
use waybill::ids::OperationId;
use waybill::payments::{GatewayAnswer, GatewayRequest};

#[derive(Clone)]
struct Gateway {
    book: Arc<Mutex<Book>>,
    journal: Journal,
    /// Requests are decided one after the other: two with the same key never both anew.
    turn: Arc<tokio::sync::Mutex<()>>,
    reports: Option<Arc<Reports>>,
}

struct Reports {
    url: String,
    key: String,
    http: reqwest::Client,
}

/// How long `tok_slow` keeps its caller waiting.
const SLOW: Duration = Duration::from_secs(4);

/// Runs the gateway until the process ends.
pub async fn serve(args: GatewayArgs) -> Result<()> {
    fs::create_dir_all(&args.store)?;
    let lock = File::options().create(true).truncate(false).write(true).open(args.store.join("gateway.lock"))?;
    if lock.try_lock().is_err() {
        bail!("a gateway is already running on {}", args.store.display());
    }
    let (journal, book) = Journal::open(&args.store)?;
    let reports = args.callback.map(|url| Arc::new(Reports { url, key: args.key, http: reqwest::Client::new() }));
    let overdue = book.undecided(Clock::System.now());
    let gateway = Gateway { book: Arc::new(Mutex::new(book)), journal, turn: Arc::default(), reports };
    for (key, at) in overdue {
        gateway.report_at(key, at);
    }
    let listener = tokio::net::TcpListener::bind(args.listen).await?;
    // Written whole and moved into place, so that a reader never sees half of it.
    let address = args.store.join("gateway.address");
    fs::write(address.with_extension("new"), format!("http://{} {}", listener.local_addr()?, std::process::id()))?;
    fs::rename(address.with_extension("new"), &address)?;
    let app = Router::new().route("/operations", post(operate)).route("/summary", get(summary)).with_state(gateway);
    axum::serve(listener, app).await.context("serving the gateway")
}

async fn operate(State(gateway): State<Gateway>, Json(request): Json<GatewayRequest>) -> Response {
    if request.token.as_deref() == Some("tok_slow") {
        tokio::time::sleep(SLOW).await;
    }
    match gateway.answer(request).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

async fn summary(State(gateway): State<Gateway>) -> Json<serde_json::Value> {
    let authorisations = gateway.book.lock().unwrap_or_else(PoisonError::into_inner).authorisations();
    Json(serde_json::json!({ "authorisations": authorisations }))
}

impl Gateway {
    async fn answer(&self, request: GatewayRequest) -> Result<GatewayAnswer> {
        let now = Clock::System.now();
        let book = || self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = self.turn.lock().await;
        if let Some(known) = book().known(request.key, now) {
            return Ok(known);
        }
        let entry = book().decide(&request, now);
        // In the book at once, so that the next in turn sees it; answered only when it is on disk.
        book().keep(entry.clone());
        drop(turn);
        let (answer, decides_at) = (entry.answer.clone(), entry.decides_at);
        self.journal.append(entry).await?;
        if let Some(at) = decides_at {
            self.report_at(answer.key, at);
        }
        Ok(answer)
    }

    /// Reports a late decision when it falls, a few times if nobody listens; the other side may also ask.
    fn report_at(&self, key: OperationId, at: DateTime<Utc>) {
        let (Some(reports), book) = (self.reports.clone(), Arc::clone(&self.book)) else { return };
        tokio::spawn(async move {
            let wait = (at - Clock::System.now()).to_std().unwrap_or_default();
            tokio::time::sleep(wait).await;
            let answer = book.lock().unwrap_or_else(PoisonError::into_inner).known(key, Clock::System.now().max(at));
            let Some(body) = answer.and_then(|a| serde_json::to_vec(&a).ok()) else { return };
            for pause in [1, 5, 25] {
                let sent = reports
                    .http
                    .post(&reports.url)
                    .header("waybill-signature", waybill::sign(reports.key.as_bytes(), &body))
                    .header("content-type", "application/json")
                    .body(body.clone())
                    .send()
                    .await;
                if sent.is_ok_and(|r| r.status().is_success()) {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(pause)).await;
            }
        });
    }
}
