//! Guessing slows down, on every node alike: wrong tries are counted by what they were about.

use crate::refusal::{Refusal, RefusalCode, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// So many wrong tries within the window, and the door stays shut until they are older.
const ALLOWED: i64 = 8;
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Refuses where too many wrong tries were made about `subject`.
pub async fn check_guesses(conn: &mut PgConnection, now: DateTime<Utc>, subject: &str) -> Result<Result<(), Refusal>> {
    let wrong =
        sqlx::query_scalar!(r#"select count(*) as "count!" from sign_in_failures where subject = $1 and failed_at > $2"#, subject, now - WINDOW)
            .fetch_one(conn)
            .await?;
    Ok(if wrong < ALLOWED {
        Ok(())
    } else {
        Err(Refusal::new(RefusalCode::TooManyAttempts, "Too many wrong tries. Wait a quarter of an hour, then try again."))
    })
}

/// Counts a wrong try. The caller commits, though it refuses.
pub async fn note_wrong_guess(conn: &mut PgConnection, now: DateTime<Utc>, subject: &str) -> Result<()> {
    sqlx::query!("insert into sign_in_failures (subject, failed_at) values ($1, $2)", subject, now).execute(conn).await?;
    Ok(())
}

/// Drops wrong tries that no longer count.
pub(super) async fn forget_old_guesses(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from sign_in_failures where failed_at <= $1", now - WINDOW).execute(conn).await?;
    Ok(())
}
