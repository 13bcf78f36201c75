//! Buying: whom from and on which terms, when it is time to, and what has been ordered.
//!
//! When it is time is the (s, S) policy: at or below the point s, order up to the level S (Scarf 1960, *The Optimality of (S, s) Policies in the Dynamic
//! Inventory Problem*). What is compared is what is free and on its way, so that what has been ordered is not ordered again.
//!
//! **stock-ledger**: what a purchase order says was received is what its movements make; doctor compares the two.

use crate::refusal::{Refusal, RefusalCode};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// Where a purchase order is.
    pub enum PurchaseState {
        Draft = "draft",
        Approved = "approved",
        Sent = "sent",
        /// The supplier has said what will come, and when.
        Confirmed = "confirmed",
        PartlyReceived = "partly_received",
        /// Everything has come, or nothing more will.
        Closed = "closed",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What can be done to a purchase order.
    pub enum PurchaseStep {
        Approve = "approve",
        Send = "send",
        Confirm = "confirm",
        Receive = "receive",
        Close = "close",
        Cancel = "cancel",
    }
}

impl PurchaseState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Approved => "Approved",
            Self::Sent => "Sent",
            Self::Confirmed => "Confirmed",
            Self::PartlyReceived => "Partly received",
            Self::Closed => "Closed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The state after a step, or a refusal that says what could be done instead.
    pub fn apply(self, step: PurchaseStep) -> Result<Self, Refusal> {
        self.next(step).ok_or_else(|| {
            let legal: Vec<&str> = PurchaseStep::ALL.iter().filter(|s| self.next(**s).is_some()).map(|s| s.as_str()).collect();
            let instead = if legal.is_empty() { "nothing more can be done with it".to_owned() } else { format!("it can: {}", legal.join(", ")) };
            let message = format!("“{step}” is not possible: this purchase order is {}; {instead}.", self.label().to_lowercase());
            Refusal::new(RefusalCode::IllegalTransition, message)
        })
    }

    /// The state after a step; none where the step is not possible.
    pub const fn next(self, step: PurchaseStep) -> Option<Self> {
        use PurchaseState as S;
        use PurchaseStep as T;
        match (self, step) {
            (S::Draft, T::Approve) => Some(S::Approved),
            (S::Approved, T::Send) => Some(S::Sent),
            // They may think again until something has come.
            (S::Sent | S::Confirmed, T::Confirm) => Some(S::Confirmed),
            // Goods come whether anybody has confirmed them or not.
            (S::Sent | S::Confirmed | S::PartlyReceived, T::Receive) => Some(S::PartlyReceived),
            (S::Sent | S::Confirmed | S::PartlyReceived, T::Close) => Some(S::Closed),
            (S::Draft | S::Approved | S::Sent | S::Confirmed, T::Cancel) => Some(S::Cancelled),
            _ => None,
        }
    }

    /// Nothing more happens to it.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled)
    }
}

/// Whom we buy from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplier {
    /// Capital letters, digits and dashes.
    pub code: String,
    pub name: String,
    pub email: String,
    /// As it stands on a letter, over several lines.
    pub address: String,
    /// ISO 4217.
    pub currency: String,
    /// From the order to the goods.
    pub lead_days: i32,
    /// Code of the location it sends our customers' orders from itself; empty for none.
    pub location: String,
}

/// What a supplier sells us, and on which terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierSku {
    /// Our code or GTIN.
    pub sku: String,
    /// Theirs.
    pub supplier_code: String,
    /// A decimal in the supplier's currency, such as `4.25`, for one unit.
    pub cost: String,
    pub min_quantity: i32,
    /// It is sold in multiples of this.
    pub pack_quantity: i32,
    /// The supplier's own where none is said.
    pub lead_days: Option<i32>,
}

/// When it is time to order a SKU for a location, and how many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReorderPoint {
    pub sku: String,
    pub location: String,
    pub point: i32,
    pub up_to: i32,
    /// Code of the supplier; empty is the cheapest.
    pub supplier: String,
}

/// A purchase order to be drafted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPurchaseOrder {
    /// Codes.
    pub supplier: String,
    pub location: String,
    pub note: String,
    /// (SKU code or GTIN, units)
    pub lines: Vec<(String, i32)>,
}

/// What a supplier says it will send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    pub expected_on: Option<NaiveDate>,
    /// (SKU code or GTIN, units) where it is fewer than was ordered; everything else comes as ordered.
    pub lines: Vec<(String, i32)>,
}

/// How many to order of what is short by `need` units: at least the smallest quantity that is sold, in whole packs. Zero where nothing is short.
pub fn order_quantity(need: i32, min_quantity: i32, pack_quantity: i32) -> i32 {
    if need <= 0 {
        return 0;
    }
    let (wanted, pack) = (i64::from(need.max(min_quantity)), i64::from(pack_quantity.max(1)));
    i32::try_from((wanted + pack - 1) / pack * pack).unwrap_or(i32::MAX)
}

#[cfg(feature = "postgres")]
mod draft_order;
#[cfg(feature = "postgres")]
mod drop_ship;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod receive_order;
#[cfg(feature = "postgres")]
mod save_supplier;
#[cfg(feature = "postgres")]
mod set_reorder_point;
#[cfg(feature = "postgres")]
mod take_step;
#[cfg(feature = "postgres")]
mod watch_levels;
#[cfg(feature = "postgres")]
pub use {
    draft_order::{change_draft, draft_order, draft_suggested, drafted_with},
    drop_ship::{SupplierWork, follow_orders, link_of, open_supplier_link, supplier_link, supplier_work},
    list::{list_purchase_orders, list_reorder_points, list_suppliers, number_of, read_purchase_order, read_supplier},
    receive_order::receive_order,
    save_supplier::{remove_supplier_sku, save_supplier, save_supplier_sku},
    set_reorder_point::{remove_reorder_point, set_reorder_point},
    take_step::{confirm_order, take_step},
    watch_levels::watch_levels,
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_states_of_a_purchase_order() {
        use PurchaseState as S;
        use PurchaseStep as T;
        let through = [T::Approve, T::Send, T::Confirm, T::Receive, T::Receive, T::Close].iter().try_fold(S::Draft, |s, t| s.apply(*t));
        assert_eq!(through, Ok(S::Closed));
        assert_eq!(S::Sent.apply(T::Receive), Ok(S::PartlyReceived), "not every supplier confirms");
        let refusal = S::Draft.apply(T::Receive).unwrap_err();
        assert_eq!(refusal.message, "“receive” is not possible: this purchase order is draft; it can: approve, cancel.");
        for state in S::ALL {
            let ended = PurchaseStep::ALL.iter().all(|step| state.next(*step).is_none());
            assert_eq!(ended, state.is_ended());
        }
        assert_eq!(S::PartlyReceived.next(T::Cancel), None, "what has come has come");
    }

    proptest! {
        #[test]
        fn what_is_ordered_is_enough_and_can_be_bought(need in -50i32..5_000, min in 1i32..500, pack in 1i32..144) {
            let quantity = order_quantity(need, min, pack);
            if need <= 0 {
                prop_assert_eq!(quantity, 0);
            } else {
                prop_assert!(quantity >= need && quantity >= min && quantity % pack == 0);
                prop_assert!(quantity - pack < need.max(min), "a pack fewer would not be enough");
            }
        }
    }
}
