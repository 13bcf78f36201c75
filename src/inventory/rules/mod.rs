//! What is there and still not offered to everybody: safety stock, units kept for a channel, and the most that a channel is offered.
//!
//! Of safety stock the largest rule that applies counts; on top of it, for each other channel, the largest of what is kept for that one.
//! Rules are effective-dated: what counted at any moment can be read again.

use super::Buyer;
use crate::ids::{LocationId, SkuId, StockRuleId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub mod views;

text_enum! {
    /// What a rule does with the units it is about.
    pub enum RuleKind {
        /// Kept back, at each location.
        Safety = "safety",
        /// The last units at each location are for one channel only.
        RingFence = "ring_fence",
        /// A channel is offered no more than so many in all.
        Cap = "cap",
    }
}

impl RuleKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Safety => "Safety stock",
            Self::RingFence => "Kept for a channel",
            Self::Cap => "Most that is offered",
        }
    }
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    Units(i32),
    /// As many as the location sells in so many days, rounded up.
    DaysOfCover(i32),
}

impl Quantity {
    /// `per_day_milli` is what is sold in a day, in thousandths of a unit.
    pub fn units(self, per_day_milli: i32) -> i32 {
        match self {
            Self::Units(units) => units,
            Self::DaysOfCover(days) => i32::try_from((i64::from(days) * i64::from(per_day_milli) + 999) / 1000).unwrap_or(i32::MAX),
        }
    }
}

/// A rule in force at one moment, for some SKUs or, where it stands among the general ones, for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRule {
    pub id: StockRuleId,
    pub kind: RuleKind,
    /// None is everywhere.
    pub locations: Option<BTreeSet<LocationId>>,
    /// Whom a safety stock is kept back from, none is everybody; whom a fence is for; who is capped.
    pub channel: Option<String>,
    pub group: Option<String>,
    pub quantity: Quantity,
}

impl StockRule {
    fn is_at(&self, location: LocationId) -> bool {
        self.locations.as_ref().is_none_or(|places| places.contains(&location))
    }

    fn is_of(&self, buyer: Buyer<'_>) -> bool {
        let fits = |own: &Option<String>, theirs: Option<&str>| own.as_deref().is_none_or(|own| theirs == Some(own));
        fits(&self.channel, buyer.channel) && fits(&self.group, buyer.group)
    }
}

/// What keeps units back from somebody at a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBack<'a> {
    pub rule: &'a StockRule,
    pub units: i32,
}

/// The rules that keep units of a SKU back from a buyer, wherever it is.
#[derive(Clone, Debug, Default)]
pub struct Keeping<'a> {
    safety: Vec<&'a StockRule>,
    /// For the other channels, one after the other.
    fences: Vec<&'a StockRule>,
}

impl<'a> Keeping<'a> {
    /// The rules that keep units back at a location, each with how many: the safety stock first.
    pub fn at(&self, location: LocationId, per_day_milli: i32) -> impl Iterator<Item = KeptBack<'a>> {
        let alike = std::iter::once(self.safety.as_slice()).chain(self.fences.chunk_by(|a, b| a.channel == b.channel));
        alike.filter_map(move |rules| {
            let there = rules.iter().filter(|rule| rule.is_at(location));
            let kept = there.map(|rule| KeptBack { rule, units: rule.quantity.units(per_day_milli) });
            kept.reduce(|most, next| if next.units > most.units { next } else { most }).filter(|kept| kept.units > 0)
        })
    }

    /// Units that they keep back at a location.
    pub fn units_at(&self, location: LocationId, per_day_milli: i32) -> i32 {
        self.at(location, per_day_milli).fold(0, |sum, kept| sum.saturating_add(kept.units))
    }
}

/// All rules in force at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRules {
    /// For every SKU.
    pub general: Vec<StockRule>,
    /// For the SKUs that a rule names, or whose category one names.
    pub of_sku: BTreeMap<SkuId, Vec<StockRule>>,
}

impl StockRules {
    /// True where a rule goes by how much is sold.
    pub fn ask_for_demand(&self) -> bool {
        let mut all = self.general.iter().chain(self.of_sku.values().flatten());
        all.any(|rule| matches!(rule.quantity, Quantity::DaysOfCover(_)))
    }

    fn of(&self, sku: SkuId) -> impl Iterator<Item = &StockRule> {
        self.general.iter().chain(self.of_sku.get(&sku).into_iter().flatten())
    }

    /// The rules that keep units of a SKU back from a buyer.
    pub fn keeping(&self, buyer: Buyer<'_>, sku: SkuId) -> Keeping<'_> {
        let mut keeping = Keeping::default();
        for rule in self.of(sku) {
            match (rule.kind, rule.channel.as_deref(), buyer.channel) {
                (RuleKind::Safety, ..) if rule.is_of(buyer) => keeping.safety.push(rule),
                // Kept for another channel than the one that asks.
                (RuleKind::RingFence, Some(theirs), Some(own)) if theirs != own => keeping.fences.push(rule),
                _ => {}
            }
        }
        keeping.fences.sort_by_key(|rule| rule.channel.as_deref());
        keeping
    }

    /// Units that are kept back from a buyer.
    pub fn kept_back(&self, buyer: Buyer<'_>, sku: SkuId, location: LocationId, per_day_milli: i32) -> i32 {
        self.keeping(buyer, sku).units_at(location, per_day_milli)
    }

    /// The most that a buyer is offered, over all locations, and by which rule; none where there is no limit.
    pub fn cap(&self, buyer: Buyer<'_>, sku: SkuId) -> Option<KeptBack<'_>> {
        let caps = self.of(sku).filter(|rule| rule.kind == RuleKind::Cap && rule.is_of(buyer));
        caps.map(|rule| KeptBack { rule, units: rule.quantity.units(0) }).min_by_key(|cap| cap.units)
    }
}

/// A rule as somebody writes it down. Empty text is no limit on what it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewRule {
    /// `safety`, `ring_fence` or `cap`.
    pub kind: String,
    /// Code of a SKU, or its GTIN.
    pub sku: String,
    pub category: String,
    /// Code of a location.
    pub location: String,
    /// Name of a group of locations.
    pub location_group: String,
    pub channel: String,
    pub customer_group: String,
    /// The days on which it counts, such as `2026-12-01`, the first and the last, in the company's time; empty is always.
    pub from: String,
    pub until: String,
    pub units: Option<i32>,
    pub days_of_cover: Option<i32>,
}

#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod put_rule;
#[cfg(feature = "postgres")]
mod set_allowed;
#[cfg(feature = "postgres")]
mod set_channel;
#[cfg(feature = "postgres")]
mod set_group;
#[cfg(feature = "postgres")]
pub use {
    list::{allowed_of_sku, list_channels, list_location_groups, list_rules, rule_choices, rules_at},
    put_rule::{end_rule, put_rule},
    set_allowed::set_allowed,
    set_channel::{ChannelSettings, set_channel},
    set_group::{preview_location_group, set_location_group, undo_location_group},
};

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const SKU: SkuId = SkuId(Uuid::from_u128(1));
    const HERE: LocationId = LocationId(Uuid::from_u128(2));
    const THERE: LocationId = LocationId(Uuid::from_u128(3));

    fn rule(kind: RuleKind, channel: Option<&str>, quantity: Quantity) -> StockRule {
        StockRule { id: StockRuleId(Uuid::nil()), kind, locations: None, channel: channel.map(str::to_owned), group: None, quantity }
    }

    #[test]
    fn the_largest_safety_stock_counts_and_what_is_kept_for_others_comes_on_top() {
        let general = vec![
            rule(RuleKind::Safety, None, Quantity::Units(2)),
            rule(RuleKind::Safety, Some("marketplace"), Quantity::Units(4)),
            rule(RuleKind::RingFence, Some("store"), Quantity::Units(5)),
            rule(RuleKind::RingFence, Some("store"), Quantity::Units(3)),
            rule(RuleKind::RingFence, Some("phone"), Quantity::Units(1)),
        ];
        let mut rules = StockRules { general, ..StockRules::default() };
        rules
            .of_sku
            .insert(SKU, vec![StockRule { locations: Some(BTreeSet::from([HERE])), ..rule(RuleKind::Safety, None, Quantity::DaysOfCover(7)) }]);
        let kept = |channel, place, per_day| rules.kept_back(Buyer::in_channel(channel), SKU, place, per_day);
        assert_eq!(kept("web", THERE, 0), 2 + 5 + 1);
        assert_eq!(kept("marketplace", THERE, 0), 4 + 5 + 1);
        assert_eq!(kept("store", THERE, 0), 2 + 1, "what is kept for it, it may have");
        assert_eq!(kept("web", HERE, 1_200), 9 + 5 + 1, "seven days of 1.2 are 8.4, which is 9");
        assert_eq!(rules.kept_back(Buyer::default(), SKU, THERE, 0), 2, "to nobody in particular only what nobody gets is kept back");
    }

    #[test]
    fn the_smallest_cap_counts_for_those_it_names() {
        let general = vec![rule(RuleKind::Cap, Some("marketplace"), Quantity::Units(10))];
        let mut rules = StockRules { general, ..StockRules::default() };
        rules.general.push(StockRule { group: Some("trade".to_owned()), ..rule(RuleKind::Cap, Some("web"), Quantity::Units(50)) });
        rules.of_sku.insert(SKU, vec![rule(RuleKind::Cap, Some("marketplace"), Quantity::Units(3))]);
        let cap = |channel, group| rules.cap(Buyer { channel: Some(channel), group }, SKU).map(|cap| cap.units);
        assert_eq!((cap("marketplace", None), cap("web", None), cap("web", Some("trade"))), (Some(3), None, Some(50)));
    }
}
