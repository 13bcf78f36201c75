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

/// A pattern for `like` that finds a text anywhere, in lower case; wildcards that were typed mean themselves.
pub fn containing(text: &str) -> String {
    format!("%{}%", text.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
