//! What planning reads and what seldom changes, kept by each node and read again when it changes.

use super::MOST_UNITS;
use super::terms::{Terms, terms_now};
use crate::catalog::{self, KitPart, PricedSku, Size};
use crate::ids::SkuId;
use crate::inventory::{Network, NetworkCache};
use crate::money::split;
use crate::refusal::Result;
use crate::routing::{self, InForce, PlanLine, PlanOrder, Ruleset};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;
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
    pub fn as_line(&self, earlier: usize, quantity: i32, amount_minor: i64) -> PlanLine {
        let line_no = i32::try_from(earlier + 1).unwrap_or(i32::MAX);
        PlanLine {
            line_no,
            sku: self.sku,
            quantity: self.units.saturating_mul(quantity).min(MOST_UNITS),
            size: self.size,
            promised_by: None,
            amount_minor,
            queue: None,
            traits: Arc::default(),
        }
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

    /// The lines of a plan for some of what is sold, after `earlier` lines. What it comes to is spread over the parts of a kit as an order spreads it.
    pub(super) fn lines_of(&self, sku: &PricedSku, earlier: usize, quantity: i32, amount_minor: i64) -> Vec<PlanLine> {
        let things = self.things_of(sku);
        let shares: Vec<i64> = things.iter().map(|thing| thing.part.map_or(1, |part| part.share)).collect();
        let amounts = split(amount_minor, &shares);
        things.iter().zip(amounts).enumerate().map(|(n, (thing, amount))| thing.as_line(earlier + n, quantity, amount)).collect()
    }

    /// Looks up what the rules ask about the SKUs of orders.
    pub(super) async fn look_up(&self, conn: &mut PgConnection, orders: &mut [&mut PlanOrder], at: DateTime<Utc>) -> Result<()> {
        if !self.ruleset.needs.traits {
            return Ok(());
        }
        let skus: BTreeSet<SkuId> = orders.iter().flat_map(|order| order.lines.iter().map(|line| line.sku)).collect();
        let traits = catalog::traits_of(conn, &skus.into_iter().collect::<Vec<_>>(), at).await?;
        for line in orders.iter_mut().flat_map(|order| &mut order.lines) {
            line.traits = traits.get(&line.sku).map(Arc::clone).unwrap_or_default();
        }
        Ok(())
    }
}

/// A node's copies.
#[derive(Debug, Default)]
pub struct PlanningCache {
    network: NetworkCache,
    held: RwLock<Option<HeldPlanning>>,
}

#[derive(Clone, Debug)]
struct HeldPlanning {
    planning: Planning,
    read_at: DateTime<Utc>,
    /// When other rules may be in force, though nothing is written then.
    until: Option<DateTime<Utc>>,
}

impl PlanningCache {
    /// What is in force now. Rules and terms are read again whenever the network is: whoever changes them touches it.
    pub async fn get(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Planning> {
        let network = self.network.get(conn, now).await?;
        let held = self.held.read().ok().and_then(|held| held.clone());
        if let Some(held) = held
            && Arc::ptr_eq(&held.planning.network, &network)
            && held.read_at <= now
            && held.until.is_none_or(|until| now < until)
        {
            return Ok(held.planning);
        }
        let InForce { ruleset, until } = routing::active_ruleset(conn, now).await?;
        let terms = Arc::new(terms_now(conn).await?);
        let planning = Planning { network, ruleset: Arc::new(ruleset), terms };
        if let Ok(mut slot) = self.held.write() {
            *slot = Some(HeldPlanning { planning: planning.clone(), read_at: now, until });
        }
        Ok(planning)
    }
}
