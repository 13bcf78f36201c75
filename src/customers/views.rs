//! Read models of customers.

use serde::{Deserialize, Serialize};

/// A group of customers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerGroup {
    /// As orders name it.
    pub code: String,
    /// For people.
    pub name: String,
}
