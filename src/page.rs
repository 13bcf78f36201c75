//! Keyset paging: a page is asked for by the key it starts after, so that page 500 costs what page 1 costs.

use serde::{Deserialize, Serialize};

/// One page of a list and where the next one starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Send it back as `after` for the next page; none on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of at most `size` from rows fetched with one more than that.
    pub fn cut(mut rows: Vec<T>, size: usize, key: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > size;
        rows.truncate(size);
        let next = if more { rows.last().map(key) } else { None };
        Self { rows, next }
    }
}

/// The key of a list that goes by time, newest first: the moment and what tells two of the same moment apart.
#[cfg(feature = "postgres")]
pub fn time_key(at: chrono::DateTime<chrono::Utc>, id: impl std::fmt::Display) -> String {
    format!("{}~{id}", at.to_rfc3339())
}

/// Reads what [`time_key`] made; nothing where the first page is asked for.
#[cfg(feature = "postgres")]
pub fn read_time_key<T: std::str::FromStr>(
    after: Option<&str>,
) -> Result<(Option<chrono::DateTime<chrono::Utc>>, Option<T>), crate::refusal::Refusal> {
    let Some(key) = after else { return Ok((None, None)) };
    let parsed = key.split_once('~').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    let (at, id) = parsed.ok_or_else(|| crate::refusal::Refusal::field("/after", "This page link is damaged. Start from the first page."))?;
    Ok((Some(at), Some(id)))
}

/// A pattern for `like` that finds a text anywhere, in lower case; wildcards that were typed mean themselves.
pub fn containing(text: &str) -> String {
    format!("%{}%", text.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
