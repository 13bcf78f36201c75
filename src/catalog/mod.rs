//! What is sold: products, SKUs, prices. It knows nothing of stock.

pub mod views;

#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod put_product;
#[cfg(feature = "postgres")]
pub use {
    list::{
        ChannelTerms, PriceList, PricedSku, Wanted, categories, channel_terms, code_of, find_product, list_products, price_skus, products_by_codes,
        skus_by_codes,
    },
    put_product::{NewProduct, put_products},
};

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
}
