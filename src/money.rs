//! Money: integer minor units with a currency; unit prices with six places; rounding once; splitting without losing a cent.

pub use iso_currency::Currency;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An amount in the currency's minor unit (pence, cents; whole yen).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// The currency that the company counts its own costs in.
pub const COMPANY_CURRENCY: Currency = Currency::GBP;

/// Decimal places of a currency's minor unit: 2 for GBP, 0 for JPY, 3 for KWD (ISO 4217).
pub fn exponent(currency: Currency) -> u32 {
    u32::from(currency.exponent().unwrap_or(0))
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

/// For people: `£1,234.50`, `€12.00`, `¥900`; currencies without a sign of their own by code.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "−" } else { "" };
        let symbol = match self.currency {
            Currency::GBP => "£",
            Currency::EUR => "€",
            Currency::USD => "$",
            Currency::JPY => "¥",
            other => return write!(f, "{sign}{}\u{a0}{}", decimal_text(self.minor.unsigned_abs(), exponent(other), true), other.code()),
        };
        write!(f, "{sign}{symbol}{}", decimal_text(self.minor.unsigned_abs(), exponent(self.currency), true))
    }
}

/// A count for people: `1,234`.
pub fn grouped(count: i64) -> String {
    format!("{}{}", if count < 0 { "−" } else { "" }, decimal_text(count.unsigned_abs(), 0, true))
}

fn decimal_text(value: u64, places: u32, grouped: bool) -> String {
    let scale = 10u64.pow(places);
    let whole = (value / scale).to_string();
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if grouped && index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if places > 0 {
        text.push_str(&format!(".{:0width$}", value % scale, width = places as usize));
    }
    text
}

/// The price of one unit in millionths of the currency's major unit, because real price lists have 0.001.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(transparent))]
pub struct UnitPrice(i64);

const MICROS: i64 = 1_000_000;

/// Why a text is not a unit price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a price is a number from 0 to 1,000,000,000 with at most six decimal places, such as 12.50")]
pub struct BadUnitPrice;

impl UnitPrice {
    pub const FREE: Self = Self(0);

    /// `micros` are millionths of the major unit; negative prices are refused.
    pub fn from_micros(micros: i64) -> Result<Self, BadUnitPrice> {
        if (0..=1_000_000_000 * MICROS).contains(&micros) { Ok(Self(micros)) } else { Err(BadUnitPrice) }
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// What one unit comes to of an amount, rounded to the nearest millionth: for the eye, since the amount is what counts. Refused beyond the range of
    /// prices, and where there is no unit.
    pub fn of_amount(amount: Money, quantity: i32) -> Result<Self, BadUnitPrice> {
        if quantity <= 0 {
            return Err(BadUnitPrice);
        }
        let per_minor = i128::from(MICROS) / 10i128.pow(exponent(amount.currency));
        let micros = round_half_away(i128::from(amount.minor) * per_minor, quantity.into());
        Self::from_micros(i64::try_from(micros).map_err(|_| BadUnitPrice)?)
    }

    /// What this and another price come to together. Refused beyond the range of prices.
    pub fn plus(self, other: Self) -> Result<Self, BadUnitPrice> {
        Self::from_micros(self.0.saturating_add(other.0))
    }

    /// The amount of a line: price times quantity, rounded once, half away from zero. Refused beyond the range of an `i64`.
    pub fn amount(self, quantity: i32, currency: Currency) -> Option<Money> {
        let micros = i128::from(self.0) * i128::from(quantity);
        let per_minor = i128::from(MICROS) / 10i128.pow(exponent(currency));
        i64::try_from(round_half_away(micros, per_minor)).ok().map(|minor| Money::new(minor, currency))
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = decimal_text(self.0.unsigned_abs(), 6, false);
        let trimmed = text.trim_end_matches('0');
        // Two places at least: 12.50, not 12.5.
        let keep = trimmed.len().max(text.len() - 4);
        f.write_str(&text[..keep])
    }
}

impl FromStr for UnitPrice {
    type Err = BadUnitPrice;

    fn from_str(text: &str) -> Result<Self, BadUnitPrice> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 10 || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
            return Err(BadUnitPrice);
        }
        let whole: i64 = whole.parse().map_err(|_| BadUnitPrice)?;
        let fraction: i64 = format!("{fraction:0<6}").parse().map_err(|_| BadUnitPrice)?;
        Self::from_micros(whole * MICROS + fraction)
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// `numerator / denominator`, rounded half away from zero. `denominator` is positive.
fn round_half_away(numerator: i128, denominator: i128) -> i128 {
    let rounded = (numerator.abs() * 2 + denominator) / (denominator * 2);
    if numerator < 0 { -rounded } else { rounded }
}

/// The tax included in a gross amount. `rate_bp` is in hundredths of a percent: 2000 is 20 %.
pub fn included_tax(gross_minor: i64, rate_bp: i32) -> i64 {
    let rate = i128::from(rate_bp);
    i64::try_from(round_half_away(i128::from(gross_minor) * rate, 10_000 + rate)).unwrap_or(gross_minor)
}

/// The part of `total` that belongs to the first `done` of `all` units. Parts taken one after the other add up to `total` exactly.
pub fn share(total: i64, done: i32, all: i32) -> i64 {
    if all == 0 {
        return 0;
    }
    i64::try_from(round_half_away(i128::from(total) * i128::from(done), i128::from(all))).unwrap_or(total)
}

/// Splits `total` in proportion to `weights` so that the parts add up to it: each gets the whole part of its share, and the cents left
/// over go to the largest remainders, ties to the earlier (the largest-remainder method of Hamilton).
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from((*w).max(0))).sum();
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return parts;
    }
    let shares: Vec<(i128, i128)> = weights
        .iter()
        .map(|w| {
            let product = i128::from(total) * i128::from((*w).max(0));
            (product.div_euclid(sum), product.rem_euclid(sum))
        })
        .collect();
    let left = i128::from(total) - shares.iter().map(|s| s.0).sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(shares[i].1), i));
    let mut parts: Vec<i128> = shares.iter().map(|s| s.0).collect();
    for &index in order.iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts.into_iter().map(|p| i64::try_from(p).unwrap_or(i64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unit_prices_read_and_print_the_same() {
        for (text, micros, printed) in [("0.001", 1_000, "0.001"), ("12.5", 12_500_000, "12.50"), ("7", 7_000_000, "7.00")] {
            let price: UnitPrice = text.parse().unwrap();
            assert_eq!(price.micros(), micros);
            assert_eq!(price.to_string(), printed);
        }
        for bad in ["", "-1", "1.0000001", "1e3", ".5", "12,50", "99999999999"] {
            assert_eq!(bad.parse::<UnitPrice>(), Err(BadUnitPrice), "{bad}");
        }
    }

    #[test]
    fn a_line_is_rounded_once() {
        let price: UnitPrice = "0.001".parse().unwrap();
        assert_eq!(price.amount(4, Currency::GBP).unwrap().minor, 0);
        assert_eq!(price.amount(5, Currency::GBP).unwrap().minor, 1);
        assert_eq!(price.amount(1_000, Currency::GBP).unwrap().minor, 100);
        assert_eq!("1.5".parse::<UnitPrice>().unwrap().amount(1, Currency::JPY).unwrap().minor, 2);
    }

    #[test]
    fn amounts_read_like_money() {
        assert_eq!(Money::new(123_450, Currency::GBP).to_string(), "£1,234.50");
        assert_eq!(Money::new(-5, Currency::EUR).to_string(), "−€0.05");
        assert_eq!((grouped(1_234_567), grouped(-12)), ("1,234,567".to_owned(), "−12".to_owned()));
        assert_eq!(Money::new(900, Currency::JPY).to_string(), "¥900");
        assert_eq!(Money::new(100, Currency::CHF).to_string(), "1.00\u{a0}CHF");
    }

    #[test]
    fn included_tax_of_twenty_percent() {
        assert_eq!(included_tax(1_200, 2_000), 200);
        assert_eq!(included_tax(999, 2_000), 167);
        assert_eq!(included_tax(999, 0), 0);
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing(total in -1_000_000_000i64..1_000_000_000, weights in prop::collection::vec(0i64..1_000_000, 1..40)) {
            let parts = split(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let sum: i64 = weights.iter().sum();
            if sum > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    let exact = i128::from(total) * i128::from(*weight);
                    prop_assert!((i128::from(*part) * i128::from(sum) - exact).abs() < i128::from(sum), "no part is a whole cent off");
                }
            }
        }

        #[test]
        fn shares_taken_in_turn_add_up(total in 0i64..10_000_000, all in 1i32..500, cut in 0i32..500) {
            let cut = cut.min(all);
            prop_assert_eq!(share(total, cut, all) + (share(total, all, all) - share(total, cut, all)), total);
            prop_assert!(share(total, cut, all) <= total);
        }
    }
}
