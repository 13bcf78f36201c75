//! What a rule that asks for least cost adds up.

use super::Cost;

facts! { Cost:
    shipping, handling, split, distance, time, capacity, stock_out, markdown, carbon,
}

/// The part of a code.
pub fn cost(code: &str) -> Option<&'static Cost> {
    ALL.iter().find(|cost| cost.code == code).copied()
}
