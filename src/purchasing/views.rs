//! Read models of buying. What things cost is left out for those who may not see it.

use super::{PurchaseState, Supplier, SupplierSku};
use crate::fulfilment::views::WishView;
use crate::ids::LocationId;
use crate::money::Money;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A supplier in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierRow {
    pub code: String,
    pub name: String,
    pub lead_days: i32,
    /// Things it sells us.
    pub skus: i64,
    /// Purchase orders that have not ended.
    pub open_orders: i64,
}

/// A supplier and what it sells us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierDetail {
    pub supplier: Supplier,
    /// Each with the name we give it.
    pub skus: Vec<(SupplierSku, String)>,
}

/// A SKU at a location with its reorder point, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReorderRow {
    pub sku: String,
    pub name: String,
    pub location_code: String,
    pub location: String,
    pub point: i32,
    pub up_to: i32,
    /// On hand, less what is reserved and what is owed to those who wait; negative where more is owed than is there.
    pub free: i32,
    /// On its way: bought, or sent by another location.
    pub incoming: i32,
    /// In drafts of purchase orders.
    pub drafted: i32,
    /// The newest of these.
    pub draft: Option<String>,
    /// Since when it has been at or below its point.
    pub since: Option<DateTime<Utc>>,
    /// How many to order; zero where nothing is to be ordered, or nobody sells it.
    pub suggested: i32,
    /// Whom from: (code, name).
    pub supplier: Option<(String, String)>,
    /// What these cost.
    pub cost: Option<Money>,
    pub lead_days: Option<i32>,
}

/// A purchase order in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseRow {
    pub number: String,
    pub supplier: String,
    pub location: String,
    pub state: PurchaseState,
    pub ordered: i64,
    pub received: i64,
    pub expected_on: Option<NaiveDate>,
    /// It should have come.
    pub late: bool,
    /// The order whose customer gets it from the supplier.
    pub order_number: Option<String>,
    pub drafted_at: DateTime<Utc>,
}

/// One purchase order, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseDetail {
    pub number: String,
    /// The company that buys.
    pub buyer: String,
    pub supplier: Supplier,
    pub location_id: LocationId,
    pub location_code: String,
    pub location: String,
    /// Where the goods go, as it stands on a letter.
    pub deliver_to: Vec<String>,
    pub state: PurchaseState,
    pub note: String,
    pub expected_on: Option<NaiveDate>,
    pub late: bool,
    pub order_number: Option<String>,
    pub lines: Vec<PurchaseLineView>,
    /// What the customer wants done, where the supplier sends it there itself.
    pub wishes: Vec<WishLine>,
    /// What is written on the card that goes with a gift.
    pub gift_message: Option<String>,
    pub total: Option<Money>,
    /// What happened, oldest first: (what, when, who).
    pub history: Vec<(String, DateTime<Utc>, String)>,
}

/// What a customer wants done to some units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WishLine {
    pub sku: String,
    pub quantity: i32,
    pub wish: WishView,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseLineView {
    pub sku: String,
    pub name: String,
    pub supplier_code: String,
    pub ordered: i32,
    pub confirmed: Option<i32>,
    pub received: i32,
    /// Of one unit.
    pub cost: Option<String>,
    pub amount: Option<Money>,
}
