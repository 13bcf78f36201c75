//! What selling goes by and what seldom changes: who sells through each channel, and what delivery costs.

use crate::catalog::{self, ChannelTerms};
use crate::geo::Zone;
use crate::money::{Currency, UnitPrice};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// The terms in force at one moment.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub(super) channels: HashMap<String, ChannelTerms>,
    customer_groups: HashSet<String>,
    /// Lightest first.
    bands: Vec<Band>,
}

/// What the customer pays for a parcel up to a weight.
#[derive(Clone, Debug)]
struct Band {
    zone: Zone,
    currency: String,
    up_to_grams: i32,
    amount_minor: i64,
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

    /// What delivery costs the customer: the lightest band of the rate card that carries the weight. None where nothing carries it.
    pub(super) fn delivery_charge(&self, zone: Zone, currency: Currency, grams: i64) -> Option<i64> {
        let fits = |b: &&Band| b.zone == zone && b.currency == currency.code() && i64::from(b.up_to_grams) >= grams;
        self.bands.iter().find(fits).map(|b| b.amount_minor)
    }
}

/// The group of customers that somebody names: empty is none.
pub(super) fn named_group(named: Option<&str>) -> Option<&str> {
    named.map(str::trim).filter(|group| !group.is_empty())
}

/// Reads the terms in force at `at`.
pub(super) async fn terms_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<Terms> {
    let channels = catalog::channel_terms(conn).await?;
    let bands = sqlx::query_as!(
        Band,
        r#"select zone as "zone: Zone", currency, up_to_grams, amount_minor from rate_cards where valid @> $1::timestamptz order by up_to_grams"#,
        at
    )
    .fetch_all(&mut *conn)
    .await?;
    let groups = sqlx::query_scalar!("select customer_group from customer_groups").fetch_all(conn).await?;
    Ok(Terms { channels, customer_groups: groups.into_iter().collect(), bands })
}
