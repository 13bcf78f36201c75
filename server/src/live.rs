//! Live pages: one reader of the event log per node, fanned out to the browsers of that node.
//!
//! The reader is the gap-free one, so nothing is missed. What rings it: a commit on this node, another node's NOTIFY (sent after commits,
//! coalesced, outside any business transaction), or a second passing.

use crate::router::AppState;
use axum::extract::{Query, State};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;
use waybill::events::{Cursor, EventKind, StreamKind};
use waybill::identity::Permission;
use waybill::orders::open_tracking_link;
use waybill::services::Services;
use waybill_app::ctx::Caller;

/// Something happened to an order, a place or a transfer.
#[derive(Clone, Debug)]
pub struct Change {
    pub stream: Uuid,
    pub kind: EventKind,
}

/// Where browsers subscribe.
#[derive(Clone, Debug)]
pub struct Hub {
    changes: broadcast::Sender<Change>,
}

/// Rung once, when the node stops: open streams end.
pub static STOPPING: LazyLock<Notify> = LazyLock::new(Notify::new);

const CHANNEL: &str = "waybill_changed";
/// A browser that is further behind than this is told to read its page again.
const BACKLOG: usize = 1_024;
const BATCH: i64 = 500;
/// Nodes that cannot be notified are no further behind than this.
const POLL: Duration = Duration::from_secs(1);
/// Commits within this time share one NOTIFY.
const COALESCE: Duration = Duration::from_millis(20);

/// Starts the reader and the notifier.
pub async fn start(services: Services, options: PgConnectOptions) -> anyhow::Result<Hub> {
    let (changes, _) = broadcast::channel(BACKLOG);
    let hub = Hub { changes: changes.clone() };
    let ring = Arc::new(Notify::new());
    let cursor = waybill::events::horizon(&mut *services.pool.acquire().await?).await?;
    tokio::spawn(read(services.clone(), changes, Arc::clone(&ring), cursor));
    tokio::spawn(listen(options, Arc::clone(&ring)));
    tokio::spawn(tell_others(services, ring));
    Ok(hub)
}

async fn read(services: Services, changes: broadcast::Sender<Change>, ring: Arc<Notify>, mut cursor: Cursor) {
    loop {
        match services.events_after(cursor, BATCH).await {
            Ok(events) if !events.is_empty() => {
                for (after, event) in events {
                    cursor = after;
                    // Who signs in or out is nobody's page.
                    if event.stream_kind != StreamKind::User {
                        let _nobody_may_be_listening = changes.send(Change { stream: event.stream_id, kind: event.kind });
                    }
                }
                continue;
            }
            Ok(_) => {}
            // The node is stopping.
            Err(_) if services.pool.is_closed() => return,
            Err(error) => tracing::warn!(%error, "the event log cannot be read"),
        }
        let _rung_or_not = tokio::time::timeout(POLL, ring.notified()).await;
    }
}

/// Hears other nodes. While the connection is gone, polling does the work.
async fn listen(options: PgConnectOptions, ring: Arc<Notify>) {
    loop {
        let heard: Result<(), sqlx::Error> = async {
            let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            loop {
                listener.recv().await?;
                ring.notify_one();
            }
        }
        .await;
        if let Err(error) = heard {
            tracing::warn!(%error, "not hearing other nodes; polling instead");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Rings our own reader at once and the other nodes' a moment later, all commits of that moment together.
async fn tell_others(services: Services, ring: Arc<Notify>) {
    loop {
        services.changed.notified().await;
        ring.notify_one();
        tokio::time::sleep(COALESCE).await;
        ring.notify_one();
        if let Err(error) = waybill::db::notify(&services.pool, CHANNEL).await {
            tracing::warn!(%error, "other nodes could not be told");
        }
    }
}

/// What a browser wants to hear of: `desk`, or `track.` and the token of a signed link; separated by commas.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    topics: String,
}

#[derive(Serialize)]
struct Message<'a> {
    topic: &'a str,
    stream: Option<Uuid>,
    kind: &'a str,
}

/// `GET /live`: one stream for all tabs of a browser. Topics that the caller may not hear are left out.
pub async fn stream(
    State(state): State<AppState>,
    caller: axum::Extension<Caller>,
    Query(wanted): Query<Wanted>,
) -> Sse<impl Stream<Item = Result<SseEvent, Infallible>>> {
    let mut orders: HashMap<Uuid, String> = HashMap::new();
    let mut desk = false;
    for topic in wanted.topics.split(',') {
        if topic == "desk" {
            desk = [Permission::ReadOrders, Permission::ReadFulfilment].iter().any(|p| caller.actor().may(*p));
        } else if let Some(order) = topic.strip_prefix("track.").and_then(|token| open_tracking_link(&state.services.link_key, token)) {
            orders.insert(order.0, topic.to_owned());
        }
    }
    let mut changes = state.hub.changes.subscribe();
    let events = async_stream::stream! {
        // The page may have missed something while it was not connected.
        yield Ok(message("all", None, "connected"));
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = STOPPING.notified() => break,
            };
            match change {
                Ok(change) => {
                    if let Some(topic) = orders.get(&change.stream) {
                        yield Ok(message(topic, None, change.kind.as_str()));
                    }
                    if desk {
                        yield Ok(message("desk", Some(change.stream), change.kind.as_str()));
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => yield Ok(message("all", None, "lagged")),
                Err(broadcast::error::RecvError::Closed) => break,
            }
        }
    };
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

fn message(topic: &str, stream: Option<Uuid>, kind: &str) -> SseEvent {
    SseEvent::default().data(serde_json::to_string(&Message { topic, stream, kind }).unwrap_or_default())
}
