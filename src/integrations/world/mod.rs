//! A made-up company in real British cities, with a past: the demo company, and the year of a real retailer brought in from a file.
//!
//! Everything is drawn from fixed seeds: the same input gives the same company.

mod delivery;
pub mod demo;
mod history;
mod network;
pub mod online_retail;

pub use network::{is_empty, open_company};

/// A number that looks random and is always the same for the same seed (SplitMix64, Steele et al. 2014).
const fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A seed from a text (FNV-1a).
fn seed_of(text: &str) -> u64 {
    mix(text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)))
}

/// A number from 0 to `below` - 1 out of a seed.
const fn draw(seed: u64, below: u64) -> u64 {
    mix(seed) % below
}
