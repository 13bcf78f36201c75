//! What pages and calls read of settings.

use super::{Setting, SettingKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A setting in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingRow {
    pub kind: SettingKind,
    pub code: String,
    pub name: String,
    /// What matters of it, in a line.
    pub summary: String,
    /// In force since; in the future where it is still to come.
    pub since: DateTime<Utc>,
    /// Another version begins then, or it ends.
    pub changes_at: Option<DateTime<Utc>>,
}

/// A setting, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingView {
    pub code: String,
    pub setting: Setting,
    /// What it says, as (of what, what).
    pub facts: Vec<(String, String)>,
    pub since: DateTime<Utc>,
    /// The last change can be taken back.
    pub can_undo: bool,
    /// What is planned: from when on, and what is different then.
    pub planned: Vec<(DateTime<Utc>, String)>,
    /// What was done to it, the latest first.
    pub history: Vec<crate::events::Told>,
}
