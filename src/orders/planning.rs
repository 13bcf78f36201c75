//! What planning reads and what seldom changes, kept by each node and read again when it changes.

use super::terms::{Terms, terms_at};
use crate::inventory::{Network, NetworkCache};
use crate::refusal::Result;
use crate::routing::{self, Ruleset};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::sync::{Arc, RwLock};

/// The network, the rules and the terms in force.
#[derive(Clone, Debug)]
pub struct Planning {
    pub network: Arc<Network>,
    pub ruleset: Arc<Ruleset>,
    pub terms: Arc<Terms>,
}

/// A node's copies.
#[derive(Debug, Default)]
pub struct PlanningCache {
    network: NetworkCache,
    held: RwLock<Option<Planning>>,
}

impl PlanningCache {
    /// What is in force now. Rules and terms are read again whenever the network is: whoever changes them touches it.
    pub async fn get(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Planning> {
        let network = self.network.get(conn, now).await?;
        let held = self.held.read().ok().and_then(|held| held.clone());
        if let Some(held) = held
            && Arc::ptr_eq(&held.network, &network)
        {
            return Ok(held);
        }
        let ruleset = Arc::new(routing::active_ruleset(conn, now).await?);
        let terms = Arc::new(terms_at(conn, now).await?);
        let planning = Planning { network, ruleset, terms };
        if let Ok(mut slot) = self.held.write() {
            *slot = Some(planning.clone());
        }
        Ok(planning)
    }
}
