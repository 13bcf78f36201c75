//! Selling what is not there yet: backorders of what is expected, pre-orders of what is not on sale before a date. Both within a limit.
//!
//! **no-oversell**: `0 <= backordered <= limit` for every SKU at every location; `backordered` is the sum of the open backorders. Units that come
//! belong to those who wait: nobody who orders later is promised them.
//!
//! When more is expected, somebody has said; or it follows what has been bought, day by day ([`follow_receipts`]).

use crate::ids::LocationId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// Why a thing is sold before it is there.
    pub enum LaterKind {
        /// More is expected.
        Backorder = "backorder",
        /// Not on sale before a date, even where it is there already.
        Preorder = "preorder",
    }
}

impl LaterKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Backorder => "Backorder",
            Self::Preorder => "Pre-order",
        }
    }
}

/// What a location may sell of a SKU before it has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterTerms {
    pub location: LocationId,
    pub kind: LaterKind,
    /// Units that may be owed, what comes on earlier days among them.
    pub most_units: i32,
    pub expected_at: DateTime<Utc>,
    /// Orders are taken until then.
    pub until: Option<DateTime<Utc>>,
}

impl LaterTerms {
    /// True while orders are taken on these terms. What should have come and has not, nobody knows the day of.
    pub fn hold_at(&self, at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| at < until) && at < self.expected_at
    }
}

/// The terms of a SKU that hold at a moment, each with the units that are left of it. `terms` are all of the SKU, what is expected first before the
/// others; `owed` says how many units are owed at a location: they have what is expected first.
pub fn rooms(terms: &[LaterTerms], at: DateTime<Utc>, owed: impl Fn(LocationId) -> i32) -> impl Iterator<Item = (&LaterTerms, i32)> {
    terms.iter().enumerate().filter_map(move |(index, one)| {
        let earlier = terms[..index].iter().filter(|t| t.location == one.location).map(|t| t.most_units).max().unwrap_or(0);
        let left = one.most_units - owed(one.location).max(earlier);
        (left > 0 && one.hold_at(at)).then_some((one, left))
    })
}

/// Terms as somebody writes them down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTerms {
    /// `backorder` or `preorder`.
    pub kind: String,
    pub most_units: i32,
    /// The day on which it is expected, or on sale, such as `2026-12-01`, in the location's own time; empty where it follows what has been bought.
    pub expected: String,
    /// A backorder's: it is expected when and as far as purchase orders say.
    #[serde(default)]
    pub follows_purchasing: bool,
    /// The last day on which orders are taken; empty is as long as there is room.
    pub until: String,
}

#[cfg(feature = "postgres")]
mod follow_receipts;
#[cfg(feature = "postgres")]
mod keep_backorders;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod set_terms;
#[cfg(feature = "postgres")]
pub(super) use keep_backorders::{change_backordered, close_rows, insert_rows};
#[cfg(feature = "postgres")]
pub use {
    follow_receipts::{follow_receipts, lock_followed},
    keep_backorders::{Owed, open_backorders, postpone},
    list::{arrivals, later_of_product, later_terms_at, owed_at, terms_of_sku},
    set_terms::{end_terms, set_terms},
};
