//! The database of this run: the one that was named, or our own.

use crate::config::Store;
use crate::embedded::{self, Cluster};
use anyhow::{Context as _, Result};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{Connection as _, PgConnection};
use std::str::FromStr as _;

/// An open database, and the cluster to stop afterwards where it is ours.
pub struct Database {
    pub pool: PgPool,
    pub options: PgConnectOptions,
    cluster: Option<Cluster>,
}

/// Statements of one node that may run at once.
const CONNECTIONS: u32 = 48;

/// Who opens the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A server: the only one on a cluster of our own.
    Serve,
    /// A command, which may work beside a running server.
    Command,
}

/// Finds or starts the database, brings it to the current schema and connects.
pub async fn open(store: &Store, purpose: Use) -> Result<Database> {
    let (options, cluster) = match &store.database_url {
        Some(url) => (PgConnectOptions::from_str(url).context("reading DATABASE_URL")?, None),
        None => {
            let dir = embedded::data_dir(store.data_dir.as_deref());
            let cluster = tokio::task::spawn_blocking(move || embedded::start(&dir, purpose == Use::Command)).await??;
            (cluster.options.clone(), Some(cluster))
        }
    };
    let options = options.application_name("waybill");
    let mut owner = PgConnection::connect_with(&options).await.context("connecting to Postgres")?;
    waybill::MIGRATOR.run(&mut owner).await.context("bringing the database to the current schema")?;
    owner.close().await?;
    let pool = waybill::db::connect(options.clone(), CONNECTIONS).await.context("connecting as waybill_app")?;
    Ok(Database { pool, options, cluster })
}

impl Database {
    /// Closes the connections and stops the cluster where it is ours.
    pub async fn close(self) -> Result<()> {
        self.pool.close().await;
        match self.cluster {
            Some(cluster) => tokio::task::spawn_blocking(move || cluster.stop()).await?,
            None => Ok(()),
        }
    }
}
