//! **exactly once**: the same key from the same client is the same request, however often and however concurrently it is sent.

use crate::refusal::{Refusal, RefusalCode, Result};
use crate::secret::sha256;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A client's key, with what it was sent with.
#[derive(Clone, Debug)]
pub struct Key {
    /// Who sends: a token's id, so that two clients never share keys.
    pub client: String,
    pub key: String,
    fingerprint: Vec<u8>,
}

impl Key {
    /// `request` is what must be the same when the key is: method, path and body.
    pub fn new(client: impl Into<String>, key: impl Into<String>, request: &[u8]) -> Self {
        Self { client: client.into(), key: key.into(), fingerprint: sha256(request) }
    }
}

/// Whether a key has done its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    New,
    /// Done before, to this resource: answer with it.
    Before(Uuid),
}

fn reused() -> Refusal {
    Refusal::new(RefusalCode::IdempotencyMismatch, "This Idempotency-Key was sent before with a different request. Use a new key for a new request.")
}

impl Key {
    /// True where two clients' keys are the same key.
    pub fn is_same(&self, other: &Self) -> bool {
        self.client == other.client && self.key == other.key
    }

    /// Refuses a key that was sent with another request before.
    pub fn matches(&self, other: &Self) -> Result<(), Refusal> {
        if self.fingerprint == other.fingerprint { Ok(()) } else { Err(reused()) }
    }
}

/// Asks of each of some keys whether it was used before: an answer each, a refusal where it was used for something else.
pub async fn see_all(conn: &mut PgConnection, keys: &[&Key]) -> Result<Vec<Result<Seen, Refusal>>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        "select k.client, k.key, k.fingerprint, k.resource_id
        from unnest($1::text[], $2::text[]) as w (client, key)
        join idempotency_keys k using (client, key)",
        &keys.iter().map(|k| k.client.clone()).collect::<Vec<_>>(),
        &keys.iter().map(|k| k.key.clone()).collect::<Vec<_>>()
    )
    .fetch_all(conn)
    .await?;
    let answer = |key: &&Key| match rows.iter().find(|r| r.client == key.client && r.key == key.key) {
        None => Ok(Seen::New),
        Some(row) if row.fingerprint == key.fingerprint => Ok(Seen::Before(row.resource_id)),
        Some(_) => Err(reused()),
    };
    Ok(keys.iter().map(answer).collect())
}

/// Takes keys for resources, in the transaction that makes them, and says how many were free. Where another transaction has one of them,
/// this waits for it; if that one commits, the key is not free, and the caller rolls back.
pub async fn take_all(conn: &mut PgConnection, keys: &[(&Key, Uuid)], now: DateTime<Utc>) -> Result<usize> {
    // In the order of the keys, so that no two transactions wait for each other in a circle.
    let mut sorted = keys.to_vec();
    sorted.sort_by(|(a, _), (b, _)| (&a.client, &a.key).cmp(&(&b.client, &b.key)));
    let taken = sqlx::query!(
        "insert into idempotency_keys (client, key, fingerprint, resource_id, created_at)
        select client, key, fingerprint, resource_id, $5
        from unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[]) as k (client, key, fingerprint, resource_id)
        on conflict do nothing",
        &sorted.iter().map(|(k, _)| k.client.clone()).collect::<Vec<_>>(),
        &sorted.iter().map(|(k, _)| k.key.clone()).collect::<Vec<_>>(),
        &sorted.iter().map(|(k, _)| k.fingerprint.clone()).collect::<Vec<_>>(),
        &sorted.iter().map(|(_, id)| *id).collect::<Vec<_>>(),
        now
    )
    .execute(conn)
    .await?;
    Ok(usize::try_from(taken.rows_affected()).unwrap_or(usize::MAX))
}

/// Takes a key for a resource, or says what it did before: then the caller changes nothing. A request without a key is always new.
pub async fn remember<'a>(conn: &mut PgConnection, key: impl Into<Option<&'a Key>>, resource_id: Uuid, now: DateTime<Utc>) -> Result<Seen> {
    let Some(key) = key.into() else { return Ok(Seen::New) };
    if take_all(conn, &[(key, resource_id)], now).await? == 1 {
        return Ok(Seen::New);
    }
    Ok(see_all(conn, &[key]).await?.into_iter().next().unwrap_or(Ok(Seen::New))?)
}
