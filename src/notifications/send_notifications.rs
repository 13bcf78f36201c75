//! Sending what is written: taken by one node at a time, sent, and its end recorded. What a node had in hand that died is sent by another.

use super::Mail;
use crate::identity::{Act, Permission};
use crate::ids::NotificationId;
use crate::refusal::{Refusal, RefusalCode, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use std::future::Future;
use std::pin::Pin;

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailTrouble {
    /// It may go another time.
    #[error("{0}")]
    Passing(String),
    /// It never will: the address does not exist.
    #[error("{0}")]
    Lasting(String),
}

/// A call to whoever sends mail.
pub type MailCall<'a> = Pin<Box<dyn Future<Output = Result<(), MailTrouble>> + Send + 'a>>;

/// Whoever sends mail.
pub trait Mailer: Send + Sync {
    /// Hands a message over. It may be asked twice for the same one, whose id is the same then.
    fn send(&self, mail: Mail) -> MailCall<'_>;
}

/// A message in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub mail: Mail,
    /// How often it was taken, this time included.
    pub attempts: i32,
}

/// Whoever takes a message has so long to send it.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// After so many tries, over about a day, it waits for somebody.
const MOST_TRIES: i32 = 12;

/// Takes messages that are due, at most so many. Addresses that were erased are given up.
pub async fn take_due(conn: &mut PgConnection, now: DateTime<Utc>, most: i64) -> Result<Vec<Taken>> {
    let rows = sqlx::query!(
        r#"with due as (
            select notification_id
            from notifications
            where state = 'queued' and due_at <= $1
            order by due_at
            limit $3
            for update skip locked
        )
        update notifications n
        set due_at = $2, attempts = n.attempts + 1
        from due
        join notifications d using (notification_id)
        left join contacts c on c.contact_id = d.contact_id and c.version = d.contact_version
        where n.notification_id = due.notification_id
        returning n.notification_id as "id: NotificationId", n.subject, n.body, n.attempts, coalesce(c.name, '') as "name!",
            coalesce(n.address, c.email, '') as "email!""#,
        now,
        now + LEASE,
        most
    )
    .fetch_all(conn)
    .await?;
    let mail = |r: (NotificationId, String, String, String, String)| Mail { id: r.0, to_name: r.1, to_address: r.2, subject: r.3, body: r.4 };
    Ok(rows.into_iter().map(|r| Taken { mail: mail((r.id, r.name, r.email, r.subject, r.body)), attempts: r.attempts }).collect())
}

/// Says what became of a message that was taken: it is done, tried again later, or given up.
pub async fn record_outcome(conn: &mut PgConnection, now: DateTime<Utc>, taken: &Taken, outcome: &Result<(), MailTrouble>) -> Result<()> {
    let (state, trouble) = match outcome {
        Ok(()) => ("sent", None),
        Err(MailTrouble::Passing(words)) if taken.attempts < MOST_TRIES => ("queued", Some(words)),
        Err(MailTrouble::Passing(words) | MailTrouble::Lasting(words)) => ("failed", Some(words)),
    };
    // Half a minute, a minute, two: about a day in all.
    let wait = TimeDelta::seconds(15 * 2i64.pow(taken.attempts.clamp(1, 12).unsigned_abs()));
    sqlx::query!(
        "update notifications
        set state = $2, due_at = $3, last_error = $4, ended_at = case when $2 <> 'queued' then $5::timestamptz end
        where notification_id = $1 and state = 'queued'",
        taken.mail.id.0,
        state,
        now + wait,
        trouble.map(|words| words.chars().take(300).collect::<String>()),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what is due, where nothing is set up to send it with. Returns how many.
pub async fn keep_unsent(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<u64> {
    let kept =
        sqlx::query!("update notifications set state = 'kept', ended_at = $1 where state = 'queued' and due_at <= $1", now).execute(conn).await?;
    Ok(kept.rows_affected())
}

/// Has a message sent again that was given up or kept.
pub async fn send_again(conn: &mut PgConnection, act: &Act, id: NotificationId) -> Result<()> {
    act.require(Permission::WriteToCustomers)?;
    let again = sqlx::query!(
        "update notifications
        set state = 'queued', due_at = $2, attempts = 0, last_error = null, ended_at = null
        where notification_id = $1 and state in ('failed', 'kept')",
        id.0,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    if again.rows_affected() == 1 {
        return Ok(());
    }
    let known =
        sqlx::query_scalar!(r#"select exists (select from notifications where notification_id = $1) as "known!""#, id.0).fetch_one(conn).await?;
    if known {
        Err(Refusal::new(RefusalCode::IllegalTransition, "This message was sent already, or is about to be.").into())
    } else {
        Err(Refusal::not_found("such message").into())
    }
}
