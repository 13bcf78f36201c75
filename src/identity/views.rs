//! Read models of who works here.

use super::Role;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Somebody who can, or could, sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Code and name of the location where they work; none for those who work everywhere.
    pub location: Option<(String, String)>,
    pub disabled: bool,
    pub last_seen: Option<DateTime<Utc>>,
}
