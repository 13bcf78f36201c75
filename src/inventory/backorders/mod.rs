//! Selling what is not there yet: backorders of what is expected, pre-orders of what is not on sale before a date. Both within a limit.
//!
//! **no-oversell**: `0 <= backordered <= limit` for every SKU at every location; `backordered` is the sum of the open backorders. Units that come
//! belong to those who wait: nobody who orders later is promised them.

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
    pub most_units: i32,
    pub expected_at: DateTime<Utc>,
    /// Orders are taken until then.
    pub until: Option<DateTime<Utc>>,
}

impl LaterTerms {
    /// True while orders are taken on these terms.
    pub fn hold_at(&self, at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| at < until) && (self.kind == LaterKind::Backorder || at < self.expected_at)
    }
}

/// Terms as somebody writes them down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTerms {
    /// `backorder` or `preorder`.
    pub kind: String,
    pub most_units: i32,
    /// The day on which it is expected, or on sale, such as `2026-12-01`, in the location's own time.
    pub expected: String,
    /// The last day on which orders are taken; empty is as long as there is room.
    pub until: String,
}

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
    keep_backorders::{Owed, open_backorders, postpone},
    list::{later_of_product, later_terms_at, owed_at, terms_of_sku},
    set_terms::{end_terms, set_terms},
};
