//! Tables in and out, as CSV and as workbooks (XLSX): products, prices and stock.
//!
//! An import is looked at before anything changes: the same use cases that will take its rows in are run and undone, so that what is said of a row is
//! what will happen to it. Then the good rows are taken in, a chunk at a time, each chunk once.

use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// What the rows of a table are.
    pub enum TableKind {
        Products = "products",
        Prices = "prices",
        Stock = "stock",
        /// Prices of rate cards.
        Rates = "rates",
        /// Places on zone maps.
        Zones = "zones",
        /// How long carrier services take.
        Transit = "transit",
    }
}

text_enum! {
    /// Where an import is.
    pub enum ImportState {
        /// Which column is which is still to be said, or was changed.
        Open = "open",
        Checking = "checking",
        Checked = "checked",
        Applying = "applying",
        Done = "done",
    }
}

text_enum! {
    /// How a table is written.
    pub enum TableFormat {
        Csv = "csv",
        Xlsx = "xlsx",
    }
}

/// A column that we read, and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// As it heads our own tables.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    pub required: bool,
    /// What others call it, in small letters without spaces or signs.
    also: &'static [&'static str],
}

const fn column(name: &'static str, label: &'static str, required: bool, also: &'static [&'static str]) -> Column {
    Column { name, label, required, also }
}

const SKU: Column = column("sku", "SKU", true, &["skucode", "variantsku", "article", "articlenumber", "itemcode", "code", "stockcode"]);

const PRODUCTS: &[Column] = &[
    SKU,
    column("handle", "Handle of the product", false, &["product", "producthandle", "slug"]),
    column("name", "Name of the product", false, &["title", "productname"]),
    column("description", "Description", false, &["body", "bodyhtml", "text"]),
    column("category", "Category", false, &["type", "producttype", "group"]),
    column("brand", "Brand", false, &["vendor", "manufacturer", "make"]),
    column("tags", "Tags, with commas", false, &["keywords", "labels", "collections"]),
    column("options", "Options, with commas", false, &["optionnames"]),
    column("sku_name", "Name of the variant", false, &["variant", "variantname", "variantdescription"]),
    column("option_values", "Values of the options, with commas", false, &["values"]),
    column("gtin", "GTIN", false, &["ean", "upc", "barcode", "variantbarcode"]),
    column("weight_grams", "Weight in grams", false, &["weight", "grams", "variantgrams"]),
    column("tax_percent", "Tax in percent", false, &["tax", "vat", "taxrate"]),
    column("unit", "Unit", false, &["unitofmeasure", "uom"]),
    column("length_mm", "Length in millimetres", false, &["length"]),
    column("width_mm", "Width in millimetres", false, &["width"]),
    column("height_mm", "Height in millimetres", false, &["height"]),
    column("personalisation_max", "Characters of a text that is put on it", false, &["personalisation", "engraving"]),
    column("skill", "Skill, of a service", false, &[]),
    column("handling", "What has to be minded, with commas: hazardous, perishable, two_person, fragile", false, &["hazards"]),
    column("substitutes", "SKUs that may be sent in its place, with commas, the best first", false, &["alternatives", "replacements"]),
    column("retired", "Not sold any more (yes or no)", false, &["discontinued", "archived"]),
];

const PRICES: &[Column] = &[
    SKU,
    column("channel", "Channel", true, &["saleschannel", "shop"]),
    column("customer_group", "Customer group", false, &["group", "pricelist"]),
    column("price", "Price", true, &["unitprice", "variantprice", "amount"]),
];

const STOCK: &[Column] = &[
    SKU,
    column("location", "Code of the location", true, &["warehouse", "store", "site", "locationcode"]),
    column("on_hand", "On hand", true, &["quantity", "qty", "stock", "available", "units"]),
];

const RATES: &[Column] = &[
    column("card", "Code of the rate card", true, &["ratecard", "tariff"]),
    column("zone", "Zone", false, &["ratezone", "region"]),
    column("up_to_kg", "Up to, kg", false, &["weight", "maxweight", "uptoweight", "kg"]),
    column("goods_from", "Goods from", false, &["ordervalue", "valuefrom", "minvalue"]),
    column("price", "Price", true, &["amount", "rate", "charge"]),
    column("name", "Name of the card", false, &["cardname"]),
    column("currency", "Currency of a new card", false, &["currencycode"]),
    column("zone_map", "Zone map of a new card", false, &["map"]),
];

const ZONES: &[Column] = &[
    column("map", "Code of the zone map", true, &["zonemap"]),
    column("zone", "Zone", true, &["region"]),
    column("from_country", "From country", false, &["origin", "origincountry"]),
    column("to_country", "To country", false, &["country", "destination", "destinationcountry"]),
    column("postcode", "Postcodes beginning with", false, &["postcodeprefix", "prefix", "zip"]),
];

const TRANSIT: &[Column] = &[
    column("service", "Code of the carrier service", true, &["carrierservice"]),
    column("zone", "Zone", true, &["region"]),
    column("days", "Days", true, &["transitdays", "transit", "leadtime"]),
];

impl TableKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Products => "Products",
            Self::Prices => "Prices",
            Self::Stock => "Stock",
            Self::Rates => "Rate cards",
            Self::Zones => "Zone maps",
            Self::Transit => "Transit times",
        }
    }

    /// The columns that are read, in the order in which a mapping names them.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Products => PRODUCTS,
            Self::Prices => PRICES,
            Self::Stock => STOCK,
            Self::Rates => RATES,
            Self::Zones => ZONES,
            Self::Transit => TRANSIT,
        }
    }

    /// Which column of a file is which of ours, by its heading; −1 where none is.
    pub fn guess(self, header: &[String]) -> Vec<i32> {
        let plain = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
        let heads: Vec<String> = header.iter().map(|h| plain(h)).collect();
        let place = |wanted: &str| heads.iter().position(|h| h == wanted);
        let mut taken = Vec::new();
        let mut mapping = Vec::new();
        // Our own names go before what others might mean.
        let own: Vec<Option<usize>> = self.columns().iter().map(|c| place(&plain(c.name)).or_else(|| place(&plain(c.label)))).collect();
        taken.extend(own.iter().flatten().copied());
        for (column, own) in self.columns().iter().zip(own) {
            let found = own.or_else(|| column.also.iter().filter_map(|a| place(a)).find(|p| !taken.contains(p)));
            taken.extend(found);
            mapping.push(found.and_then(|p| i32::try_from(p).ok()).unwrap_or(-1));
        }
        mapping
    }
}

impl ImportState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "To be looked at",
            Self::Checking => "Being looked at",
            Self::Checked => "Looked at",
            Self::Applying => "Being taken in",
            Self::Done => "Taken in",
        }
    }

    /// Something is being done with it.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Checking | Self::Applying)
    }
}

/// A file that somebody has brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewImport {
    pub kind: TableKind,
    /// Its ending says how it is written: `.xlsx` is a workbook, anything else is text.
    pub file_name: String,
    pub bytes: Vec<u8>,
}

#[cfg(feature = "postgres")]
mod export_table;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod open_import;
#[cfg(feature = "postgres")]
mod run_import;
#[cfg(feature = "postgres")]
mod take_delivery;
#[cfg(feature = "postgres")]
mod take_rows;
#[cfg(feature = "postgres")]
mod workbook;
#[cfg(feature = "postgres")]
pub use {
    export_table::export_table,
    list::{bad_rows, list_imports, read_import},
    open_import::{apply_import, map_import, open_import},
    run_import::{Chunk, Step, finish_chunk, next_chunk, run_chunk},
    take_rows::readings,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_recognised() {
        let header = |heads: &[&str]| heads.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>();
        assert_eq!(TableKind::Stock.guess(&header(&["Qty", "SKU", "Warehouse"])), [1, 2, 0]);
        assert_eq!(TableKind::Prices.guess(&header(&["sku", "channel", "customer_group", "price"])), [0, 1, 2, 3]);
        assert_eq!(TableKind::Prices.guess(&header(&["Variant SKU", "Variant Price"])), [0, -1, -1, 1]);
        let products = TableKind::Products.guess(&header(&["code", "name", "group", "category"]));
        assert_eq!((products[0], products[2], products[4]), (0, 1, 3), "its own name goes before what others call it");
        let own: Vec<String> = PRODUCTS.iter().map(|c| c.name.to_owned()).collect();
        assert_eq!(TableKind::Products.guess(&own), (0..22).collect::<Vec<i32>>(), "what is written can be read");
    }
}
