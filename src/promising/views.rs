//! What pages and calls read of a try.

use crate::money::Money;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a parcel from somewhere to somewhere would cost, and when it would arrive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    pub at: DateTime<Utc>,
    /// Each carrier service, those that arrive first before the others.
    pub services: Vec<TriedService>,
    /// What the customer would pay for each way of delivery.
    pub methods: Vec<TriedMethod>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedService {
    pub code: String,
    pub name: String,
    pub carrier: String,
    /// None where it cannot bring it; `why_not` says why.
    pub way: Option<TriedWay>,
    pub why_not: Option<String>,
    /// What it costs us; none where that is not known.
    pub cost: Option<TriedPrice>,
}

/// A parcel's way through time, by the clocks of where each step is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedWay {
    pub zone: String,
    pub transit_days: i32,
    pub padding_days: i32,
    pub ready_at: NaiveDateTime,
    pub handed_over_at: NaiveDateTime,
    /// Until when it can be released for the same day.
    pub cut_off: NaiveDateTime,
    pub day: NaiveDate,
    pub from: NaiveDateTime,
    pub until: NaiveDateTime,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedMethod {
    pub code: String,
    pub name: String,
    pub price: Option<TriedPrice>,
    pub why_not: Option<String>,
}

/// An amount, and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedPrice {
    pub amount: Money,
    pub zone: Option<String>,
    pub billable_grams: i64,
    pub parts: Vec<(String, Money)>,
}

impl TriedPrice {
    /// From a charge in a rate card's currency; none where that is not known.
    #[cfg(feature = "postgres")]
    pub(super) fn of(charge: crate::carriers::Charge, currency: &str) -> Option<Self> {
        let currency = crate::money::Currency::from_code(currency)?;
        let parts = charge.parts.into_iter().map(|(of, minor)| (of, Money::new(minor, currency))).collect();
        Some(Self { amount: Money::new(charge.total_minor, currency), zone: charge.zone, billable_grams: charge.billable_grams, parts })
    }
}
