//! Amounts as they are typed into forms.

use waybill::money::{Currency, exponent};

/// An amount in a currency's main unit, as it is typed: `3.95`.
pub fn amount_text(minor: i64, currency: &str) -> String {
    let digits = Currency::from_code(currency).map_or(2, exponent) as usize;
    let text = format!("{:0>width$}", minor, width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// An amount as somebody typed it, in minor units; none where the field is empty.
#[cfg(feature = "ssr")]
pub fn minor(field: &str, text: &str, currency: &str) -> Result<Option<i64>, waybill::refusal::Refusal> {
    use waybill::money::UnitPrice;
    use waybill::refusal::Refusal;
    match text.trim() {
        "" => Ok(None),
        text => {
            let currency = Currency::from_code(currency).unwrap_or(Currency::GBP);
            let price = text.parse::<UnitPrice>().map_err(|e| Refusal::field(field, format!("“{text}” is not an amount: {e}.")))?;
            let amount = price.amount(1, currency).ok_or_else(|| Refusal::field(field, "This amount is too large."))?;
            Ok(Some(amount.minor))
        }
    }
}
