//! Which systems are told what, and what their calls are signed with.

use super::queue_deliveries::start_from_now;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{DeliveryId, WebhookId};
use crate::random_bytes;
use crate::refusal::{Error, FieldProblem, Refusal, RefusalCode, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use url::Url;

/// So long calls are signed with the secret from before, too.
const BOTH_COUNT_FOR: TimeDelta = TimeDelta::hours(24);

/// Characters of an address.
const LONGEST_URL: usize = 500;

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

/// Adds a webhook, under an id of the caller's, which is told what happens from now on. Returns the secret, which is not shown again.
pub async fn add_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId, settings: &WebhookSettings) -> Result<String> {
    act.require(Permission::ManageWebhooks)?;
    let wanted = check(conn, None, settings).await?;
    let from = start_from_now(conn).await?;
    let added = sqlx::query!(
        "insert into webhooks (webhook_id, name, url, kinds, paused, version, created_at, horizon, position)
        values ($1, $2, $3, $4, $5, 1, $6, $7, $8)
        on conflict do nothing",
        id.0,
        wanted.name,
        wanted.url,
        &kinds_of(&wanted),
        wanted.paused,
        act.now,
        from.horizon,
        from.position
    )
    .execute(&mut *conn)
    .await?;
    if added.rows_affected() == 0 {
        return Err(taken().into());
    }
    let secret = make_secret(conn, act, id).await?;
    let none = WebhookSettings { name: String::new(), url: String::new(), kinds: Vec::new(), paused: wanted.paused };
    let changes = changes_of(&none, &wanted).into_iter().filter(|change| !change.after.is_empty()).collect();
    record(conn, act, id, EventKind::WebhookAdded, changes).await?;
    Ok(secret)
}

/// A new secret, as the other side has it.
async fn make_secret(conn: &mut PgConnection, act: &Act, id: WebhookId) -> Result<String> {
    let secret = random_bytes::<24>();
    sqlx::query!("insert into webhook_secrets (webhook_id, made_at, secret) values ($1, $2, $3)", id.0, act.now, &secret).execute(conn).await?;
    Ok(format!("whsec_{}", STANDARD.encode(secret)))
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
    .await
    .map_err(|error| match &error {
        sqlx::Error::Database(e) if e.constraint() == Some("webhooks_name") => taken().into(),
        _ => Error::from(error),
    })?;
    record(conn, act, id, EventKind::WebhookChanged, changes).await
}

fn taken() -> Refusal {
    Refusal::field("/name", "There is another webhook of that name. Choose another.")
}

/// Has calls signed with another secret. For a day they are signed with those from before, too. Returns the new one, which is not shown again.
pub async fn renew_secret(conn: &mut PgConnection, act: &Act, id: WebhookId) -> Result<String> {
    act.require(Permission::ManageWebhooks)?;
    lock(conn, id).await?;
    sqlx::query!("delete from webhook_secrets where webhook_id = $1 and until <= $2", id.0, act.now).execute(&mut *conn).await?;
    sqlx::query!("update webhook_secrets set until = $2 where webhook_id = $1 and until is null", id.0, act.now + BOTH_COUNT_FOR)
        .execute(&mut *conn)
        .await?;
    let secret = make_secret(conn, act, id).await?;
    record(conn, act, id, EventKind::WebhookSecretRenewed, Vec::new()).await?;
    Ok(secret)
}

/// Nothing is sent to it any more. What was kept for it is dropped in time.
pub async fn remove_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    lock(conn, id).await?;
    sqlx::query!("update webhooks set removed_at = $2 where webhook_id = $1", id.0, act.now).execute(&mut *conn).await?;
    sqlx::query!("delete from webhook_secrets where webhook_id = $1", id.0).execute(&mut *conn).await?;
    record(conn, act, id, EventKind::WebhookRemoved, Vec::new()).await
}

/// Sends a webhook something that is about no order, to see whether it arrives, under an id of the caller's.
pub async fn try_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId, delivery: DeliveryId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    if lock(conn, id).await?.settings.paused {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "It is paused: nothing is sent. Let it go on first.").into());
    }
    sqlx::query!(
        "insert into webhook_deliveries (delivery_id, webhook_id, state, is_next, due_at, created_at) values ($1, $2, 'queued', true, $3, $3)",
        delivery.0,
        id.0,
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Refused where there is no such webhook, or not for whoever asks.
pub async fn require_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    let known = sqlx::query_scalar!(r#"select exists (select from webhooks where webhook_id = $1 and removed_at is null) as "known!""#, id.0);
    if known.fetch_one(conn).await? { Ok(()) } else { Err(Refusal::not_found("such webhook").into()) }
}

struct Known {
    settings: WebhookSettings,
    version: i32,
}

async fn lock(conn: &mut PgConnection, id: WebhookId) -> Result<Known> {
    let found =
        sqlx::query!("select name, url, kinds, paused, version from webhooks where webhook_id = $1 and removed_at is null for no key update", id.0)
            .fetch_optional(conn)
            .await?
            .ok_or_else(|| Refusal::not_found("such webhook"))?;
    let kinds = found.kinds.iter().filter_map(|kind| kind.parse().ok()).collect();
    Ok(Known { settings: WebhookSettings { name: found.name, url: found.url, kinds, paused: found.paused }, version: found.version })
}

/// The settings as they are kept, or what is wrong with them.
async fn check(conn: &mut PgConnection, id: Option<WebhookId>, settings: &WebhookSettings) -> Result<WebhookSettings> {
    let mut problems = Vec::new();
    let name = settings.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 60 {
        problems.push(FieldProblem { field: "/name".to_owned(), message: "Give it a name of at most 60 characters.".to_owned() });
    }
    let is_taken = sqlx::query_scalar!(
        r#"select exists (select from webhooks where lower(name) = lower($1) and removed_at is null and webhook_id is distinct from $2) as "taken!""#,
        name,
        id.map(|id| id.0) as _
    )
    .fetch_one(conn)
    .await?;
    if is_taken {
        problems.extend(taken().fields);
    }
    let mut problem = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    // As it is understood is as it is called: a name in other letters is written in those of the network.
    let url = match Url::parse(settings.url.trim()) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => {
            if !url.username().is_empty() || url.password().is_some() {
                problem("/url", "Leave the user name and the password out: calls are signed with a secret.");
            }
            url.to_string()
        }
        _ => {
            problem("/url", "Give the address that is called, such as https://erp.example.com/waybill.");
            String::new()
        }
    };
    if url.len() > LONGEST_URL {
        problem("/url", "Give an address of at most 500 characters.");
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
