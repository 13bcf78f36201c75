//! Which systems are told what, and what their calls are signed with.

use super::queue_deliveries::start_from_now;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{DeliveryId, WebhookId};
use crate::random_bytes;
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use url::Url;

/// So long calls are signed with the secret from before, too.
const BOTH_COUNT_FOR: TimeDelta = TimeDelta::hours(24);

/// What is to be known of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    pub name: String,
    /// Where it is called, `https://…` or `http://…`.
    pub url: String,
    /// Empty: all that [`super::offered`] gives.
    pub kinds: Vec<EventKind>,
    /// Nothing is sent, and everything kept, until it goes on.
    pub paused: bool,
}

/// A secret as the other side has it.
fn in_words(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// Adds a webhook, under an id of the caller's, which is told what happens from now on. Returns the secret, which is not shown again.
pub async fn add_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId, settings: &WebhookSettings) -> Result<String> {
    act.require(Permission::ManageWebhooks)?;
    let wanted = check(conn, None, settings).await?;
    let secret = random_bytes::<24>();
    sqlx::query!(
        "insert into webhooks (webhook_id, name, url, kinds, secret, paused, version, created_at) values ($1, $2, $3, $4, $5, $6, 1, $7)",
        id.0,
        wanted.name,
        wanted.url,
        &kinds_of(&wanted),
        &secret,
        wanted.paused,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    start_from_now(conn).await?;
    let none = WebhookSettings { name: String::new(), url: String::new(), kinds: Vec::new(), paused: wanted.paused };
    let changes = changes_of(&none, &wanted).into_iter().filter(|change| !change.after.is_empty()).collect();
    record(conn, act, id, EventKind::WebhookAdded, changes).await?;
    Ok(in_words(&secret))
}

/// Changes a webhook. `version` is the one that was read: refused where somebody has changed it meanwhile.
pub async fn change_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId, version: i32, settings: &WebhookSettings) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    let now = lock(conn, id).await?;
    if now.version != version {
        return Err(Refusal::new(RefusalCode::Conflict, "Somebody has changed this webhook meanwhile. Look at it again.").into());
    }
    let wanted = check(conn, Some(id), settings).await?;
    let changes = changes_of(&now.settings, &wanted);
    if changes.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update webhooks
        set name = $2, url = $3, kinds = $4, paused = $5, paused_why = case when $5 then paused_why end, version = version + 1
        where webhook_id = $1",
        id.0,
        wanted.name,
        wanted.url,
        &kinds_of(&wanted),
        wanted.paused
    )
    .execute(&mut *conn)
    .await?;
    record(conn, act, id, EventKind::WebhookChanged, changes).await
}

/// Has calls signed with another secret. For a day they are signed with the one from before, too. Returns the new one, which is not shown again.
pub async fn renew_secret(conn: &mut PgConnection, act: &Act, id: WebhookId) -> Result<String> {
    act.require(Permission::ManageWebhooks)?;
    lock(conn, id).await?;
    let secret = random_bytes::<24>();
    sqlx::query!(
        "update webhooks set former_secret = secret, former_until = $3, secret = $2, version = version + 1 where webhook_id = $1",
        id.0,
        &secret,
        act.now + BOTH_COUNT_FOR
    )
    .execute(&mut *conn)
    .await?;
    record(conn, act, id, EventKind::WebhookSecretRenewed, Vec::new()).await?;
    Ok(in_words(&secret))
}

/// Nothing is sent to it any more, and nothing kept for it.
pub async fn remove_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    lock(conn, id).await?;
    sqlx::query!("update webhooks set removed_at = $2 where webhook_id = $1", id.0, act.now).execute(&mut *conn).await?;
    sqlx::query!("delete from webhook_deliveries where webhook_id = $1", id.0).execute(&mut *conn).await?;
    record(conn, act, id, EventKind::WebhookRemoved, Vec::new()).await
}

/// Sends a webhook something that is about no order, to see whether it arrives, under an id of the caller's.
pub async fn try_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId, delivery: DeliveryId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    if lock(conn, id).await?.settings.paused {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "It is paused: nothing is sent. Let it go on first.").into());
    }
    sqlx::query!(
        "insert into webhook_deliveries (delivery_id, webhook_id, kind, state, due_at, created_at) values ($1, $2, 'trial', 'queued', $3, $3)",
        delivery.0,
        id.0,
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct Known {
    settings: WebhookSettings,
    version: i32,
}

async fn lock(conn: &mut PgConnection, id: WebhookId) -> Result<Known> {
    let found = sqlx::query!("select name, url, kinds, paused, version from webhooks where webhook_id = $1 and removed_at is null for update", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found("such webhook"))?;
    let kinds = found.kinds.iter().filter_map(|kind| kind.parse().ok()).collect();
    Ok(Known { settings: WebhookSettings { name: found.name, url: found.url, kinds, paused: found.paused }, version: found.version })
}

/// The settings as they are kept, or what is wrong with them.
async fn check(conn: &mut PgConnection, id: Option<WebhookId>, settings: &WebhookSettings) -> Result<WebhookSettings> {
    let mut problems = Vec::new();
    let mut problem = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    let name = settings.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 60 {
        problem("/name", "Give it a name of at most 60 characters.");
    }
    let taken = sqlx::query_scalar!(
        r#"select exists (select from webhooks where lower(name) = lower($1) and removed_at is null and webhook_id is distinct from $2) as "taken!""#,
        name,
        id.map(|id| id.0) as _
    )
    .fetch_one(conn)
    .await?;
    if taken {
        problem("/name", "There is another webhook of that name. Choose another.");
    }
    let url = settings.url.trim().to_owned();
    match Url::parse(&url) {
        Ok(parsed) if matches!(parsed.scheme(), "https" | "http") && parsed.has_host() && url.len() <= 500 => {
            if !parsed.username().is_empty() || parsed.password().is_some() {
                problem("/url", "Leave the user name and the password out: calls are signed with a secret.");
            }
        }
        _ => problem("/url", "Give the address that is called, such as https://erp.example.com/waybill."),
    }
    let kinds: BTreeSet<EventKind> = settings.kinds.iter().copied().collect();
    if let Some(kind) = kinds.iter().find(|kind| !kind.is_for_systems()) {
        problem("/kinds", &format!("{kind} is not something that happens to orders. Choose others."));
    }
    if problems.is_empty() {
        Ok(WebhookSettings { name, url, kinds: kinds.into_iter().collect(), paused: settings.paused })
    } else {
        Err(Refusal::invalid(problems).into())
    }
}

fn kinds_of(settings: &WebhookSettings) -> Vec<String> {
    settings.kinds.iter().map(EventKind::to_string).collect()
}

fn changes_of(before: &WebhookSettings, after: &WebhookSettings) -> Vec<Change> {
    let told = |settings: &WebhookSettings| match settings.kinds.as_slice() {
        [] => "everything".to_owned(),
        kinds => kinds.iter().map(|kind| kind.label()).collect::<Vec<_>>().join(", "),
    };
    let sends = |settings: &WebhookSettings| if settings.paused { "paused" } else { "sent" }.to_owned();
    [
        ("Name", before.name.clone(), after.name.clone()),
        ("Address", before.url.clone(), after.url.clone()),
        ("Told of", told(before), told(after)),
        ("Calls", sends(before), sends(after)),
    ]
    .into_iter()
    .filter(|c| c.1 != c.2)
    .map(|(field, before, after)| Change { field: field.to_owned(), before, after })
    .collect()
}

async fn record(conn: &mut PgConnection, act: &Act, id: WebhookId, kind: EventKind, changes: Vec<Change>) -> Result<()> {
    let details = EventDetails { changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::Webhook, id.0, vec![NewEvent { kind, details }]).await
}
