//! Transactions. The outermost caller owns one; every function below takes its connection.

use crate::refusal::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

/// A transaction that Postgres asks to run again is run again this often: contention, not a fault.
const MAX_TRIES: u32 = 8;

/// Connects as the running program: every connection takes on the role that may not rewrite history.
pub async fn connect(options: PgConnectOptions, max_connections: u32) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .after_connect(|conn, _| {
            Box::pin(async move {
                sqlx::raw_sql("set role waybill_app; set idle_in_transaction_session_timeout = '60s'; set timezone = 'UTC'").execute(conn).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
}

/// Runs `work` in a transaction, commits what succeeds, and runs it again where Postgres asks for it.
pub async fn transact<T>(pool: &PgPool, mut work: impl AsyncFnMut(&mut PgConnection) -> Result<T>) -> Result<T> {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut transaction: Transaction<'_, Postgres> = pool.begin().await?;
        let outcome = match work(&mut transaction).await {
            Ok(value) => transaction.commit().await.map(|()| value).map_err(Error::from),
            Err(error) => {
                transaction.rollback().await?;
                Err(error)
            }
        };
        match outcome {
            Err(error) if error.is_retryable() && tries < MAX_TRIES => tracing::debug!(%error, tries, "running a transaction again"),
            done => return done,
        }
    }
}
