//! Transactions. The outermost caller owns one; every function below takes its connection.

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;

/// Connects as the running program: every connection takes on the role that may not rewrite history.
pub async fn connect(options: PgConnectOptions, max_connections: u32) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(max_connections)
        // Nobody is helped by waiting longer: while the database is gone, say so.
        .acquire_timeout(Duration::from_secs(5))
        .after_connect(|conn, _| {
            Box::pin(async move {
                sqlx::raw_sql("set role waybill_app; set idle_in_transaction_session_timeout = '60s'; set timezone = 'UTC'").execute(conn).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
}

/// Tells the other nodes that something was committed. Never called inside a business transaction: NOTIFY takes a lock that all commits of
/// the cluster queue for.
pub async fn notify(pool: &PgPool, channel: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, '')", channel).fetch_one(pool).await.map(|_| ())
}

/// A transaction that lost against others is run at most this often: contention, not a fault.
pub const MAX_TRIES: u32 = 8;

/// Runs work in a transaction, commits what succeeds, and runs it again where it lost against others ([`crate::refusal::Error::is_retryable`]).
///
/// `transact!(pool, conn => { ... })`: inside, `conn` is a `&mut PgConnection` and `?` ends the work, which rolls back. With a second name,
/// `transact!(pool, conn, tries => { ... })`, the work is told the how-manieth time it is run, from 1. A macro, because a
/// closure that borrows from its surroundings and takes a connection cannot be shown to be `Send`.
#[macro_export]
macro_rules! transact {
    ($pool:expr, $conn:ident => $work:expr) => {
        $crate::transact!($pool, $conn, _tries => $work)
    };
    ($pool:expr, $conn:ident, $tries:ident => $work:expr) => {{
        let mut tries: u32 = 0;
        loop {
            tries += 1;
            let $tries = tries;
            let outcome: $crate::refusal::Result<_> = async {
                let mut transaction = $pool.begin().await?;
                let $conn: &mut sqlx::PgConnection = &mut transaction;
                // On an error the transaction is dropped, which rolls it back.
                let worked: $crate::refusal::Result<_> = async { $work }.await;
                let value = worked?;
                transaction.commit().await?;
                Ok(value)
            }
            .await;
            match outcome {
                Err(error) if error.is_retryable() && tries < $crate::db::MAX_TRIES => {}
                done => break done,
            }
        }
    }};
}
