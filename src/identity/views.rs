//! Read models of who works here.

use super::Role;
use crate::events::{Change, Told};
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

/// Somebody, what they will do, and what was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetail {
    pub user: UserRow,
    /// A change that is still to come: from when on, and what it changes.
    pub scheduled: Option<(DateTime<Utc>, Vec<Change>)>,
    /// True where the last change can be taken back.
    pub can_undo: bool,
    /// Newest first.
    pub history: Vec<Told>,
}
