//! What planning reads and what seldom changes, kept by each node and read again when it changes.

use super::MOST_UNITS;
use super::terms::{Terms, terms_now};
use crate::catalog::{KitPart, PricedSku, Size};
use crate::ids::SkuId;
use crate::inventory::{Network, NetworkCache};
use crate::refusal::Result;
use crate::routing::{self, PlanLine, Ruleset};
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

/// Something that stands on shelves, of what is sold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thing<'a> {
    pub sku: SkuId,
    /// Units of it in one of what is sold.
    pub units: i32,
    pub size: Size,
    /// The part of a kit that it is.
    pub part: Option<&'a KitPart>,
}

impl Thing<'_> {
    /// The line of a plan for some of what is sold, after `earlier` lines.
    pub fn as_line(&self, earlier: usize, quantity: i32) -> PlanLine {
        let line_no = i32::try_from(earlier + 1).unwrap_or(i32::MAX);
        PlanLine { line_no, sku: self.sku, quantity: self.units.saturating_mul(quantity).min(MOST_UNITS), size: self.size, promised_by: None }
    }
}

impl Planning {
    /// What stands on shelves of something that is sold: itself, or a kit's parts; nothing of a service.
    pub(super) fn things_of(&self, sku: &PricedSku) -> Vec<Thing<'_>> {
        match self.network.kits.get(&sku.id) {
            None if sku.skill.is_some() => Vec::new(),
            None => vec![Thing { sku: sku.id, units: 1, size: sku.size, part: None }],
            Some(parts) => parts.iter().map(|p| Thing { sku: p.sku, units: p.quantity, size: p.size, part: Some(p) }).collect(),
        }
    }
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
        let terms = Arc::new(terms_now(conn).await?);
        let planning = Planning { network, ruleset, terms };
        if let Ok(mut slot) = self.held.write() {
            *slot = Some(planning.clone());
        }
        Ok(planning)
    }
}
