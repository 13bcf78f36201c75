//! What is sold: products, SKUs, prices. It knows nothing of stock.

pub mod views;

use serde::{Deserialize, Serialize};

text_enum! {
    /// What one unit of a SKU is.
    pub enum Unit {
        Each = "each",
        Pair = "pair",
        Pack = "pack",
        Metre = "metre",
        Kilogram = "kilogram",
        Litre = "litre",
    }
}

/// A product as somebody writes it down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductInput {
    pub name: String,
    pub description: String,
    pub category: String,
    /// Empty where it has none.
    pub brand: String,
    /// Words that put it into lists, such as `new` or `outlet`, for rules to go by.
    pub tags: Vec<String>,
    /// What its variants differ in, such as size and colour.
    pub options: Vec<String>,
    pub skus: Vec<SkuInput>,
}

/// A variant as somebody writes it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SkuInput {
    pub code: String,
    pub name: String,
    /// One for each of the product's options.
    pub option_values: Vec<String>,
    /// 8, 12, 13 or 14 digits; empty where it has none.
    pub gtin: String,
    pub weight_grams: i32,
    /// Hundredths of a percent, included in the price.
    pub tax_rate_bp: i32,
    pub unit: String,
    pub length_mm: Option<i32>,
    pub width_mm: Option<i32>,
    pub height_mm: Option<i32>,
    /// Text of at most so many characters can be put on each unit: 1 to 200, none where it takes none.
    pub personalisation_max: Option<i32>,
    /// It is sold no longer; what was ordered is still sent.
    pub retired: bool,
    /// A service, done by people with this skill at a time that is booked, such as `installation`; empty where it is a thing.
    pub skill: String,
    /// What has to be minded when it is carried, such as `fragile`: see [`Handling`].
    pub handling: Vec<String>,
    /// Codes of what may be sent in its place where it is missing and the customer agrees, the best first; at most five.
    pub substitutes: Vec<String>,
}

impl Default for SkuInput {
    fn default() -> Self {
        Self {
            code: String::new(),
            name: String::new(),
            option_values: Vec::new(),
            gtin: String::new(),
            weight_grams: 0,
            tax_rate_bp: 2_000,
            unit: Unit::Each.to_string(),
            length_mm: None,
            width_mm: None,
            height_mm: None,
            personalisation_max: None,
            retired: false,
            skill: String::new(),
            handling: Vec::new(),
            substitutes: Vec::new(),
        }
    }
}

/// How heavy and how large one unit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub grams: i32,
    /// Cubic centimetres; 0 where it was not measured.
    pub volume_ml: i32,
    /// Its longest side; 0 where it was not measured.
    pub longest_mm: i32,
}

impl Size {
    /// From what is known of it: a volume needs all three sides.
    pub fn of(grams: i32, length_mm: Option<i32>, width_mm: Option<i32>, height_mm: Option<i32>) -> Self {
        let sides = [length_mm, width_mm, height_mm];
        let volume = sides.iter().try_fold(1i64, |product, side| Some(product * i64::from((*side)?))).unwrap_or(0);
        Self {
            grams,
            volume_ml: i32::try_from((volume + 999) / 1_000).unwrap_or(i32::MAX),
            longest_mm: sides.iter().flatten().copied().max().unwrap_or(0),
        }
    }
}

text_enum! {
    /// What has to be minded when something is carried.
    pub enum Handling {
        Hazardous = "hazardous",
        Perishable = "perishable",
        TwoPerson = "two_person",
        Fragile = "fragile",
    }
}

impl Handling {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hazardous => "Hazardous",
            Self::Perishable => "Perishable",
            Self::TwoPerson => "For two people",
            Self::Fragile => "Fragile",
        }
    }
}

/// What routing rules may ask about a SKU, as it was at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkuTraits {
    pub code: String,
    pub category: String,
    pub brand: String,
    pub tags: Vec<String>,
    pub handling: Vec<Handling>,
}

/// A part of a kit, as orders need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KitPart {
    pub sku: crate::ids::SkuId,
    pub code: String,
    pub name: String,
    /// Units of it in one kit.
    pub quantity: i32,
    pub size: Size,
    pub tax_rate_bp: i32,
    /// In this proportion the kit's price is spread over its parts.
    pub share: i64,
}

#[cfg(feature = "postgres")]
mod images;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod put_product;
#[cfg(feature = "postgres")]
mod save_product;
#[cfg(feature = "postgres")]
mod set_kit;
#[cfg(feature = "postgres")]
mod set_price;
#[cfg(feature = "postgres")]
mod traits;
#[cfg(feature = "postgres")]
pub use {
    images::{ImageSize, Picture, add_image, change_image, image_file, read_picture, remove_image},
    list::{
        ChannelTerms, PriceList, PricedSku, Wanted, all_sizes, categories, channel_terms, codes_of, find_product, kits_at, list_catalog,
        list_products, price_skus, product_record, products_by_codes, require_shelved, skus_by_codes,
    },
    put_product::{NewProduct, put_products},
    save_product::{require_free_handle, save_product},
    set_kit::set_kit,
    set_price::{NewPrice, set_price},
    traits::traits_of,
};

/// What a skill may be written as, for people.
pub const SKILL_WORDS: &str = "A skill is of small letters, digits, hyphens and spaces, at most 40, such as installation.";

/// True of a skill that can be written down: what a service's SKU and a plan of appointments name alike.
pub fn is_skill(text: &str) -> bool {
    let fits = |c: char| c.is_lowercase() || c.is_ascii_digit() || c == '-' || c == ' ';
    !text.is_empty() && text.trim() == text && text.chars().count() <= 40 && text.chars().all(fits)
}

/// Says what is wrong with a GTIN; nothing is wrong with none at all.
pub fn check_gtin(gtin: &str) -> Result<(), &'static str> {
    let gtin = gtin.trim();
    let digits: Vec<u8> = gtin.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    match digits.as_slice() {
        _ if gtin.is_empty() => Ok(()),
        [rest @ .., check] if digits.len() == gtin.len() && matches!(digits.len(), 8 | 12 | 13 | 14) => {
            if gtin_check_digit(rest) == *check {
                Ok(())
            } else {
                Err("The last digit does not fit the others: one of them is mistyped.")
            }
        }
        _ => Err("A GTIN has 8, 12, 13 or 14 digits."),
    }
}

/// A GTIN's check digit is the one that makes the weighted sum a multiple of ten (GS1 General Specifications, section 7.9.1).
///
/// `digits` are 7, 11, 12 or 13 digits without the check digit; returns the digit 0 to 9.
pub fn gtin_check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().rev().enumerate().map(|(i, d)| u32::from(*d) * if i % 2 == 0 { 3 } else { 1 }).sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn check_digit_of_the_standards_example() {
        // GS1's own example: 629104150021 has the check digit 3.
        assert_eq!(super::gtin_check_digit(&[6, 2, 9, 1, 0, 4, 1, 5, 0, 0, 2, 1]), 3);
    }

    #[test]
    fn a_mistyped_gtin_is_found() {
        assert_eq!(super::check_gtin("6291041500213"), Ok(()));
        assert_eq!(super::check_gtin(""), Ok(()));
        assert!(super::check_gtin("6291041500231").is_err_and(|e| e.contains("mistyped")));
        assert!(super::check_gtin("62910415002").is_err_and(|e| e.contains("8, 12, 13 or 14")));
        assert!(super::check_gtin("629104150021X").is_err());
    }
}
