//! Read models of imports.

use super::{ImportState, TableKind};
use crate::ids::FileImportId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An import in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    pub id: FileImportId,
    pub kind: TableKind,
    pub file_name: String,
    pub state: ImportState,
    pub rows: i32,
    pub bad: i64,
    pub who: String,
    pub opened_at: DateTime<Utc>,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportDetail {
    pub row: ImportRow,
    pub header: Vec<String>,
    /// For each column of the kind the place of theirs; −1 is none.
    pub mapping: Vec<i32>,
    /// Rows that the step which runs, or ran last, is through with.
    pub done: i32,
    /// The first rows of the file.
    pub sample: Vec<Vec<String>>,
    /// The first bad rows: (line of the file, what is wrong).
    pub problems: Vec<(i32, String)>,
}
