//! What selling goes by and what seldom changes: who sells through each channel, and on what terms.

use crate::catalog::{self, ChannelTerms};
use crate::money::UnitPrice;
use crate::refusal::Result;
use chrono::TimeDelta;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// The terms in force.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub(super) channels: HashMap<String, ChannelTerms>,
    customer_groups: HashSet<String>,
}

impl Terms {
    /// How many seconds a channel keeps a basket's units; zero is not at all.
    pub fn hold_seconds(&self, channel: &str) -> i32 {
        self.channels.get(channel).map_or(0, |c| c.hold_seconds)
    }

    /// What a channel takes for wrapping a unit as a gift; none where it does not offer it.
    pub fn gift_wrap(&self, channel: &str) -> Option<UnitPrice> {
        self.channels.get(channel)?.gift_wrap
    }

    /// What is wrong with a group of customers that somebody names, if anything.
    pub(super) fn wrong_group(&self, group: Option<&str>) -> Option<String> {
        let unknown = group.filter(|group| !self.customer_groups.contains(*group))?;
        Some(format!("There is no customer group “{unknown}”. Leave it out, or make it known first."))
    }

    /// So long an order of a channel waits after it was placed before it becomes a location's work.
    pub fn release_delay(&self, channel: &str) -> TimeDelta {
        self.channels.get(channel).map_or(TimeDelta::zero(), |c| TimeDelta::minutes(c.release_delay_minutes.into()))
    }
}

/// The group of customers that somebody names: empty is none.
pub(super) fn named_group(named: Option<&str>) -> Option<&str> {
    named.map(str::trim).filter(|group| !group.is_empty())
}

/// Reads the terms in force.
pub(super) async fn terms_now(conn: &mut PgConnection) -> Result<Terms> {
    let channels = catalog::channel_terms(conn).await?;
    let groups = sqlx::query_scalar!("select customer_group from customer_groups").fetch_all(conn).await?;
    Ok(Terms { channels, customer_groups: groups.into_iter().collect() })
}
