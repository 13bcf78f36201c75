//! What the rows of each kind mean: each goes through the use case that a page or a call would go through.

use super::TableKind;
use super::run_import::Chunk;
use crate::catalog::{self, NewPrice, ProductInput, SkuInput};
use crate::identity::Act;
use crate::orders::{Readings, check_readings};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeMap;

/// A row in the order of our columns; none where the file has no such column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub no: i32,
    pub cells: Vec<Option<String>>,
}

impl Row {
    /// What stands in one of the columns of a kind; empty where nothing does, none where the file has no such column.
    pub fn cell(&self, kind: &str, name: &str) -> Option<&str> {
        let kind: TableKind = kind.parse().ok()?;
        let at = kind.columns().iter().position(|c| c.name == name)?;
        self.cells.get(at)?.as_deref()
    }
}

/// The refusal of an error that is one, for the rows it is about; other errors stop the work.
pub(super) fn refused(error: Error) -> Result<Refusal> {
    match error {
        Error::Refused(refusal) => Ok(refusal),
        other => Err(other),
    }
}

/// Makes and changes products and their variants. An empty cell, and a column that is not there, leaves what is known. A product is taken in with all
/// its rows or not at all.
pub(super) async fn take_products(conn: &mut PgConnection, act: &Act, rows: &[Row]) -> Result<Vec<(i32, String)>> {
    let cell = |row: &Row, name: &str| row.cell("products", name).map(str::to_owned).filter(|t| !t.is_empty());
    let codes: Vec<String> = rows.iter().filter_map(|r| cell(r, "sku")).collect();
    let known: BTreeMap<String, String> = match catalog::products_by_codes(conn, act, &codes).await {
        Ok(products) => products.into_iter().collect(),
        Err(error) => {
            let refusal = refused(error)?;
            return Ok(rows.iter().map(|r| (r.no, refusal.message.clone())).collect());
        }
    };
    let mut problems = Vec::new();
    let mut groups: Vec<(String, Vec<&Row>)> = Vec::new();
    for row in rows {
        let Some(code) = cell(row, "sku") else {
            problems.push((row.no, "Write the SKU.".to_owned()));
            continue;
        };
        let Some(handle) = cell(row, "handle").or_else(|| known.get(&code).cloned()) else {
            problems.push((row.no, format!("{code} is new: write the handle of its product, such as brass-lantern.")));
            continue;
        };
        match groups.last_mut() {
            Some((last, rows)) if *last == handle => rows.push(row),
            _ => groups.push((handle, vec![row])),
        }
    }
    for (handle, rows) in groups {
        let mut tried = conn.begin().await?;
        let outcome = take_product(&mut tried, act, &handle, &rows).await?;
        if outcome.is_empty() {
            tried.commit().await?;
            continue;
        }
        tried.rollback().await?;
        for row in &rows {
            let own = outcome.iter().find(|p| p.0 == row.no).map(|p| p.1.clone());
            problems.push((row.no, own.unwrap_or_else(|| format!("Another row of the product {handle} cannot be taken in."))));
        }
    }
    Ok(problems)
}

/// One product with its rows; what is wrong, by line.
async fn take_product(conn: &mut PgConnection, act: &Act, handle: &str, rows: &[&Row]) -> Result<Vec<(i32, String)>> {
    let record = match catalog::product_record(conn, act, handle).await {
        Ok(record) => Some(record),
        Err(error) => match refused(error)? {
            refusal if refusal.code == RefusalCode::NotFound => None,
            refusal => return Ok(rows.iter().map(|r| (r.no, refusal.message.clone())).collect()),
        },
    };
    let mut product = record.as_ref().map(|r| ProductInput { skus: Vec::new(), ..r.product.clone() }).unwrap_or_default();
    let list = |text: &str| text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let mut problems = Vec::new();
    for row in rows {
        let cell = |name: &str| row.cell("products", name).filter(|t| !t.is_empty());
        let mut wrong: Vec<String> = Vec::new();
        let texts = [
            ("name", &mut product.name),
            ("description", &mut product.description),
            ("category", &mut product.category),
            ("brand", &mut product.brand),
        ];
        for (name, field) in texts {
            if let Some(text) = cell(name) {
                text.clone_into(field);
            }
        }
        if let Some(tags) = cell("tags") {
            product.tags = list(tags);
        }
        if let Some(options) = cell("options") {
            product.options = list(options);
        }
        let code = cell("sku").unwrap_or_default();
        let before = record.as_ref().and_then(|r| r.skus.iter().find(|s| s.sku.code == code)).map(|s| s.sku.clone());
        let mut sku = before.unwrap_or_else(|| SkuInput { code: code.to_owned(), name: product.name.clone(), ..SkuInput::default() });
        for (name, field) in [("sku_name", &mut sku.name), ("gtin", &mut sku.gtin), ("unit", &mut sku.unit), ("skill", &mut sku.skill)] {
            if let Some(text) = cell(name) {
                text.clone_into(field);
            }
        }
        if let Some(values) = cell("option_values") {
            sku.option_values = list(values);
        }
        if let Some(words) = cell("handling") {
            sku.handling = list(words);
        }
        if let Some(codes) = cell("substitutes") {
            sku.substitutes = list(codes);
        }
        let mut number = |name: &str| {
            let text = cell(name)?;
            let read = text.parse::<i32>().ok();
            if read.is_none() {
                wrong.push(format!("{name}: “{text}” is no whole number."));
            }
            read
        };
        if let Some(grams) = number("weight_grams") {
            sku.weight_grams = grams;
        }
        sku.length_mm = number("length_mm").or(sku.length_mm);
        sku.width_mm = number("width_mm").or(sku.width_mm);
        sku.height_mm = number("height_mm").or(sku.height_mm);
        sku.personalisation_max = number("personalisation_max").or(sku.personalisation_max);
        match cell("retired").map(str::to_ascii_lowercase).as_deref() {
            None => {}
            Some("yes" | "true" | "1") => sku.retired = true,
            Some("no" | "false" | "0") => sku.retired = false,
            Some(text) => wrong.push(format!("retired: “{text}” is neither yes nor no.")),
        }
        if let Some(text) = cell("tax_percent") {
            match text.trim_end_matches('%').trim().parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => sku.tax_rate_bp = (percent * 100.0).round() as i32,
                _ => wrong.push(format!("tax_percent: “{text}” is no rate from 0 to 100.")),
            }
        }
        if !wrong.is_empty() {
            problems.push((row.no, wrong.join(" ")));
        }
        product.skus.push(sku);
    }
    if !problems.is_empty() {
        return Ok(problems);
    }
    match catalog::save_product(conn, act, handle, &product).await {
        Ok(()) => Ok(Vec::new()),
        Err(error) => Ok(by_row(&refused(error)?, "skus", rows.iter().map(|r| r.no))),
    }
}

/// Spreads what a refusal says of `/list/N` over the rows; what it says of no row in particular is said of the first.
fn by_row(refusal: &Refusal, list: &str, rows: impl Iterator<Item = i32>) -> Vec<(i32, String)> {
    let rows: Vec<i32> = rows.collect();
    let mut said: BTreeMap<i32, Vec<&str>> = BTreeMap::new();
    for problem in &refusal.fields {
        let at = problem.field.strip_prefix('/').and_then(|f| f.strip_prefix(list)).and_then(|f| f.strip_prefix('/'));
        let index = at.and_then(|f| f.split('/').next()).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
        if let Some(row) = rows.get(index) {
            said.entry(*row).or_default().push(&problem.message);
        }
    }
    if said.is_empty()
        && let Some(first) = rows.first()
    {
        said.entry(*first).or_default().push(&refusal.message);
    }
    said.into_iter().map(|(row, words)| (row, words.join(" "))).collect()
}

/// Sets prices, each row by itself.
pub(super) async fn take_prices(conn: &mut PgConnection, act: &Act, rows: &[Row]) -> Result<Vec<(i32, String)>> {
    let mut problems = Vec::new();
    for row in rows {
        let cell = |name: &str| row.cell("prices", name).unwrap_or_default().to_owned();
        let new = NewPrice { sku: cell("sku"), channel: cell("channel"), customer_group: cell("customer_group"), price: cell("price") };
        if new.price.is_empty() {
            problems.push((row.no, "Write the price, or take the row out.".to_owned()));
            continue;
        }
        let mut tried = conn.begin().await?;
        match catalog::set_price(&mut tried, act, &new).await {
            Ok(()) => tried.commit().await?,
            Err(error) => {
                tried.rollback().await?;
                problems.push((row.no, refused(error)?.everything()));
            }
        }
    }
    Ok(problems)
}

/// What rows say of stock, by the code of their location: the readings, and the row of each line.
pub type ByLocation = BTreeMap<String, (Readings, Vec<i32>)>;

/// Reads the figures; rows without one are named.
pub fn readings(chunk: &Chunk) -> (ByLocation, Vec<(i32, String)>) {
    let (mut locations, mut problems) = (ByLocation::new(), Vec::new());
    for row in &chunk.rows {
        let cell = |name: &str| row.cell("stock", name).unwrap_or_default();
        let (location, figure) = (cell("location"), cell("on_hand"));
        let Ok(on_hand) = figure.parse::<i32>() else {
            problems.push((row.no, format!("on_hand: “{figure}” is no whole number.")));
            continue;
        };
        let of = locations
            .entry(location.to_owned())
            .or_insert_with(|| (Readings { location: location.to_owned(), as_of: chunk.brought_at, lines: Vec::new() }, Vec::new()));
        of.0.lines.push((cell("sku").to_owned(), on_hand));
        of.1.push(row.no);
    }
    (locations, problems)
}

/// Looks at what rows say of stock.
pub(super) async fn check_stock(conn: &mut PgConnection, chunk: &Chunk) -> Result<Vec<(i32, String)>> {
    let (locations, mut problems) = readings(chunk);
    for (readings, rows) in locations.into_values() {
        match check_readings(conn, &chunk.act, &readings).await {
            Ok(_) => {}
            // The location is wrong: so are all its rows.
            Err(error) => {
                let refusal = refused(error)?;
                if refusal.fields.iter().any(|f| f.field.starts_with("/lines/")) {
                    problems.extend(by_row(&refusal, "lines", rows.into_iter()));
                } else {
                    problems.extend(rows.into_iter().map(|row| (row, refusal.everything())));
                }
            }
        }
    }
    Ok(problems)
}
