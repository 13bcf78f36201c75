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

/// Asks whether a key was used before. Refuses one that was used for something else.
pub async fn see(conn: &mut PgConnection, key: &Key) -> Result<Seen> {
    let found = sqlx::query!("select fingerprint, resource_id from idempotency_keys where client = $1 and key = $2", key.client, key.key)
        .fetch_optional(conn)
        .await?;
    match found {
        None => Ok(Seen::New),
        Some(row) if row.fingerprint == key.fingerprint => Ok(Seen::Before(row.resource_id)),
        Some(_) => Err(Refusal::new(
            RefusalCode::IdempotencyMismatch,
            "This Idempotency-Key was sent before with a different request. Use a new key for a new request.",
        )
        .into()),
    }
}

/// Takes a key for a resource, in the transaction that makes it. Where another transaction has the key, this waits for it; if that one
/// commits, this one must not: it gets the other's resource, and the caller rolls back.
pub async fn remember(conn: &mut PgConnection, key: &Key, resource_id: Uuid, now: DateTime<Utc>) -> Result<Seen> {
    let taken = sqlx::query!(
        "insert into idempotency_keys (client, key, fingerprint, resource_id, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        key.client,
        key.key,
        key.fingerprint,
        resource_id,
        now
    )
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() == 1 { Ok(Seen::New) } else { see(conn, key).await }
}
