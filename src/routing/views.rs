//! A decision in plain words.

use serde::{Deserialize, Serialize};

/// Why an order went where it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// "Nearest first, version 3".
    pub ruleset: String,
    /// Sentences, most important first.
    pub summary: Vec<String>,
    pub candidates: Vec<CandidateView>,
}

/// One location that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateView {
    pub location: String,
    pub distance_km: f64,
    pub units: i32,
    pub chosen: bool,
    /// Why it was not chosen.
    pub reason: Option<String>,
}
