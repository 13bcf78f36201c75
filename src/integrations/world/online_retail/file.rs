//! The file: its lines, and what each of them means to us.

use crate::money::UnitPrice;
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, NaiveDateTime, Utc};

/// One line of the file.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub file_line: u64,
    pub invoice: String,
    pub code: String,
    pub description: String,
    pub quantity: i64,
    pub at: DateTime<Utc>,
    pub price: Option<UnitPrice>,
    /// As it stands in the file, sign and all, in millionths.
    pub price_micros: i64,
    pub customer: Option<String>,
    pub country: String,
}

impl Line {
    pub fn micros(&self) -> i64 {
        self.quantity * self.price_micros
    }

    pub fn kind(&self) -> Kind {
        match self.invoice.bytes().next() {
            Some(b'C') => Kind::Cancellation,
            Some(b'A') => Kind::BadDebt,
            _ => Kind::Sale,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sale,
    Cancellation,
    BadDebt,
}

/// What a line means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Goods,
    /// Postage and carriage: the order's delivery charge.
    Delivery,
    Rejected(&'static str),
}

pub(super) fn meaning(line: &Line) -> Meaning {
    let code = line.code.as_str();
    match line.kind() {
        Kind::BadDebt => return Meaning::Rejected("bad-debt entry: not an order"),
        Kind::Sale if line.quantity < 0 => return Meaning::Rejected("negative quantity without a cancellation: a stock write-off"),
        Kind::Sale | Kind::Cancellation => {}
    }
    if line.price.is_none() {
        return Meaning::Rejected("negative price");
    }
    match code {
        "POST" | "DOT" | "C2" => return Meaning::Delivery,
        "D" => return Meaning::Rejected("discount: not a product"),
        "M" => return Meaning::Rejected("manual entry: not a product"),
        "S" => return Meaning::Rejected("samples: not a product"),
        "B" => return Meaning::Rejected("bad-debt adjustment: not a product"),
        "AMAZONFEE" | "BANK CHARGES" | "CRUK" => return Meaning::Rejected("fee or donation: not a product"),
        _ => {}
    }
    if code.starts_with("GIFT") {
        return Meaning::Rejected("gift voucher: not stock");
    }
    if !code.bytes().next().is_some_and(|b| b.is_ascii_digit()) && !code.starts_with("DCGS") && code != "PADS" {
        return Meaning::Rejected("not a product code");
    }
    if line.price_micros == 0 && line.customer.is_none() {
        return Meaning::Rejected("no price and no customer: a stock adjustment");
    }
    if line.quantity == 0 {
        return Meaning::Rejected("impossible quantity");
    }
    Meaning::Goods
}

/// The real file has 80,995 at most.
const MOST_UNITS: i64 = 1_000_000;

/// Reads the whole file; lines that cannot be read are named.
pub(super) fn read_lines(text: &[u8]) -> Result<Vec<Line>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let bad = |n: u64, what: &str| Refusal::field(format!("/{n}"), format!("Line {n} of the file {what}. Is this the Online Retail CSV?"));
    let mut lines = Vec::new();
    for (record, file_line) in reader.records().zip(2u64..) {
        let record = record.map_err(|_| bad(file_line, "is not CSV"))?;
        let part = |i: usize| record.get(i).unwrap_or_default().trim();
        if record.len() < 8 {
            return Err(bad(file_line, "has fewer than eight columns").into());
        }
        let at =
            NaiveDateTime::parse_from_str(part(4), "%Y-%m-%d %H:%M:%S").map_err(|_| bad(file_line, "has no date such as 2010-12-01 08:26:00"))?;
        let quantity: i64 = part(3).parse().map_err(|_| bad(file_line, "has no whole quantity"))?;
        let (negative, price) = part(5).strip_prefix('-').map_or((false, part(5)), |rest| (true, rest));
        if quantity.abs() > MOST_UNITS {
            return Err(bad(file_line, "has an impossible quantity").into());
        }
        let magnitude: UnitPrice = price.parse().map_err(|_| bad(file_line, "has no price such as 2.55"))?;
        if magnitude.micros().checked_mul(quantity).is_none() {
            return Err(bad(file_line, "comes to an impossible amount").into());
        }
        lines.push(Line {
            file_line,
            invoice: part(0).to_owned(),
            // The file writes some codes in both cases: they are one product.
            code: part(1).to_ascii_uppercase(),
            description: part(2).to_owned(),
            quantity,
            at: at.and_utc(),
            price: (!negative).then_some(magnitude),
            price_micros: if negative { -magnitude.micros() } else { magnitude.micros() },
            customer: Some(part(6).trim_end_matches(".0")).filter(|c| !c.is_empty()).map(str::to_owned),
            country: part(7).to_owned(),
        });
    }
    Ok(lines)
}

/// Unpacks a file compressed with zstd.
pub fn decompress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(bytes).map_err(std::io::Error::other)?;
    std::io::Read::read_to_end(&mut decoder, &mut text)?;
    Ok(text)
}
