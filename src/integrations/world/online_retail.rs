//! The UCI Online Retail data: a year of a real retailer (Chen, 2015; CC BY 4.0), brought in as orders of the company.
//!
//! `docs/guides/import-online-retail.md` says how each oddity of the file is treated. The file names no places, channels or stock, so those
//! are added, from fixed seeds.

use super::history::{Added, Fate, PastLine, PastOrder, Receipt, Writer};
use super::network::{CHANNELS, TAX_RATE_BP, open_company};
use super::{draw, mix, seed_of};
use crate::catalog::{NewProduct, put_products};
use crate::customers::{Contact, keep_contact};
use crate::fulfilment::Method;
use crate::geo::{BRITISH_CITIES, GeoPoint, country_by_code};
use crate::identity::Act;
use crate::ids::{ContactId, CustomerId, ImportId, LocationId, OrderId, SkuId, new_uuid};
use crate::inventory::LocationKind;
use crate::money::{Currency, UnitPrice};
use crate::refusal::{Refusal, Result};
use crate::secret::sha256;
use crate::transact;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use std::collections::{BTreeMap, HashMap};

const SOURCE: &str = "online-retail";
/// Invoices that share a transaction: no transaction is long.
const CHUNK: usize = 250;
/// Lines in a hundred that are stocked where they will be ordered from.
const STOCKED_NEAR: u64 = 72;

/// One kind of line in the file, in millionths of a pound before any rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    pub lines: u64,
    pub micros: i64,
}

impl Sums {
    fn add(&mut self, micros: i64) {
        self.lines += 1;
        self.micros += micros;
    }
}

/// The file against what was taken in. For each kind: file = imported + rejected, to the millionth; rounding is what lines gain or lose
/// when they become whole pence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub sales_file: Sums,
    pub sales_imported: Sums,
    pub sales_rejected: Sums,
    /// Pence booked for the imported sales.
    pub sales_booked_minor: i64,
    pub cancellations_file: Sums,
    pub cancellations_imported: Sums,
    pub cancellations_rejected: Sums,
    pub cancellations_booked_minor: i64,
    pub bad_debts_file: Sums,
    pub orders: u64,
    pub matched_returns: u64,
    pub blind_returns: u64,
    pub lines_planned: u64,
    pub lines_from_nearest: u64,
}

/// A line that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// In the file; the heading is line 1.
    pub file_line: u64,
    pub invoice: String,
    pub stock_code: String,
    pub reason: &'static str,
}

/// How an import went.
#[derive(Clone, Debug)]
pub struct Report {
    pub totals: Totals,
    pub rejected: Vec<Rejected>,
    /// The file was in already: nothing was changed.
    pub already_in: bool,
}

/// One line of the file.
#[derive(Clone, Debug)]
struct Line {
    file_line: u64,
    invoice: String,
    code: String,
    description: String,
    quantity: i64,
    at: DateTime<Utc>,
    price: Option<UnitPrice>,
    /// As it stands in the file, sign and all, in millionths.
    price_micros: i64,
    customer: Option<String>,
    country: String,
}

impl Line {
    fn micros(&self) -> i64 {
        self.quantity * self.price_micros
    }

    fn kind(&self) -> Kind {
        match self.invoice.bytes().next() {
            Some(b'C') => Kind::Cancellation,
            Some(b'A') => Kind::BadDebt,
            _ => Kind::Sale,
        }
    }
}

/// The lines of one invoice and minute.
type Group<'l> = ((DateTime<Utc>, String), Vec<&'l Line>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sale,
    Cancellation,
    BadDebt,
}

/// What a line means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Goods,
    /// Postage and carriage: the order's delivery charge.
    Delivery,
    Rejected(&'static str),
}

fn meaning(line: &Line) -> Meaning {
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
    if line.quantity == 0 || line.quantity.abs() > 1_000_000 {
        return Meaning::Rejected("impossible quantity");
    }
    Meaning::Goods
}

/// Reads the whole file; lines that cannot be read are named.
fn read_lines(text: &[u8]) -> Result<Vec<Line>> {
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
        let magnitude: UnitPrice = price.parse().map_err(|_| bad(file_line, "has no price such as 2.55"))?;
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

/// The file's countries by ISO 3166-1 code; what is no country is placed where its trade was.
fn country_code(name: &str) -> &'static str {
    const NAMES: &[(&str, &str)] = &[
        ("United Kingdom", "GB"),
        ("EIRE", "IE"),
        ("USA", "US"),
        ("RSA", "ZA"),
        ("Channel Islands", "JE"),
        ("European Community", "BE"),
        ("Unspecified", "GB"),
        ("Czech Republic", "CZ"),
        ("Korea", "KR"),
    ];
    NAMES
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, code)| *code)
        .or_else(|| crate::geo::COUNTRIES.iter().find(|c| c.name == name).map(|c| c.code))
        .unwrap_or("GB")
}

/// Where somebody lives: British people over the largest cities by population, others in their country's largest city.
fn destination(seed: u64, code: &'static str) -> (String, String, GeoPoint) {
    if code == "GB" {
        let population: u64 = BRITISH_CITIES.iter().map(|c| u64::from(c.population)).sum();
        let mut left = draw(seed, population);
        for city in BRITISH_CITIES {
            if left < u64::from(city.population) {
                let postcode = format!("{}{} {}AB", city.postcode_area, 1 + draw(seed ^ 1, 9), draw(seed ^ 2, 10));
                return (city.name.to_owned(), postcode, city.point);
            }
            left -= u64::from(city.population);
        }
    }
    country_by_code(code).map_or_else(|| destination(seed, "GB"), |c| (c.largest_city.to_owned(), "10001".to_owned(), c.point))
}

/// More than twenty lines is a phone order; else by lot.
fn channel_of(invoice: &str, lines: usize) -> &'static str {
    match (lines, draw(seed_of(invoice), 100)) {
        (21.., _) => "phone",
        (_, 0..=74) => "web",
        (_, 75..=89) => "store",
        _ => "marketplace",
    }
}

/// Weights of real products (Olist, MIT), if there is a file of them; else drawn from their distribution.
#[derive(Clone, Debug, Default)]
pub struct Weights(Vec<i32>);

impl Weights {
    /// Reads `product_weight_g` of the Olist products table.
    pub fn read(csv_text: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(csv_text);
        let column = reader.headers().ok().and_then(|h| h.iter().position(|name| name == "product_weight_g"));
        let Some(column) = column else { return Self::default() };
        Self(reader.records().flatten().filter_map(|r| r.get(column)?.parse().ok()).filter(|g| *g > 0).collect())
    }

    fn of(&self, code: &str) -> i32 {
        let seed = seed_of(code);
        if !self.0.is_empty() {
            return self.0[usize::try_from(draw(seed, self.0.len() as u64)).unwrap_or(0)];
        }
        // Between the percentiles 0, 10, 50, 90 and 99 of that table.
        const POINTS: [(u64, u64); 5] = [(0, 50), (10, 175), (50, 700), (90, 6_300), (100, 22_550)];
        let at = draw(seed, 100);
        let upper = POINTS.iter().position(|p| p.0 > at).unwrap_or(4);
        let ((x0, y0), (x1, y1)) = (POINTS[upper - 1], POINTS[upper]);
        i32::try_from(y0 + (y1 - y0) * (at - x0) / (x1 - x0)).unwrap_or(700)
    }
}

/// Unpacks a file compressed with zstd.
pub fn decompress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(bytes).map_err(std::io::Error::other)?;
    std::io::Read::read_to_end(&mut decoder, &mut text)?;
    Ok(text)
}

/// Imports the file: in chunks, each a transaction; a stopped import goes on where it was, a finished one changes nothing.
///
/// `progress` hears (invoices done, invoices in all).
pub async fn import(pool: &PgPool, now: DateTime<Utc>, text: &[u8], weights: &Weights, progress: &mut dyn FnMut(u64, u64)) -> Result<Report> {
    let lines = read_lines(text)?;
    let digest: String = sha256(text).iter().map(|b| format!("{b:02x}")).collect();
    let mut totals = Totals::default();
    let mut rejected = Vec::new();
    let mut conn = pool.acquire().await?;
    transact!(pool, conn => open_company(conn).await)?;
    let before = sqlx::query!(r#"select import_id as "id: ImportId", state, groups_done, totals as "totals: Json<Totals>" from imports where source = $1 and file_sha256 = $2"#, SOURCE, digest)
        .fetch_optional(&mut *conn)
        .await?;
    let (import_id, done) = match before {
        Some(row) if row.state == "done" => {
            rejected.extend(lines.iter().filter_map(|l| reject(l, meaning(l))));
            return Ok(Report { totals: row.totals.0, rejected, already_in: true });
        }
        Some(row) => {
            totals = row.totals.0;
            (row.id, usize::try_from(row.groups_done).unwrap_or(0))
        }
        None => {
            let id = ImportId::new(now);
            sqlx::query!(
                "insert into imports (import_id, source, file_sha256, state, groups_done, totals, started_at) values ($1, $2, $3, 'running', 0, $4, $5)",
                id.0,
                SOURCE,
                digest,
                Json(&totals) as _,
                now
            )
            .execute(&mut *conn)
            .await?;
            (id, 0)
        }
    };

    // Invoices in order of time. The same number at another minute is another group of the same invoice.
    let mut groups: BTreeMap<(DateTime<Utc>, String), Vec<&Line>> = BTreeMap::new();
    for line in &lines {
        groups.entry((line.at, line.invoice.clone())).or_default().push(line);
    }
    let groups: Vec<Group<'_>> = groups.into_iter().collect();
    let Some(start) = groups.first().map(|g| g.0.0) else {
        return Err(Refusal::field("", "The file has no lines. Is this the Online Retail CSV?").into());
    };
    let skus = transact!(pool, conn => put_catalogue(conn, start, &lines, weights).await)?;
    let mut writer = Writer::new(&mut conn, now).await?;
    let receipts = supply(&writer, &groups, &skus);
    // What came before the point where a stopped import goes on is in the stock already.
    let resumed_at = groups.get(done.wrapping_sub(1)).map(|g| g.0.0);
    writer.expect(receipts.into_iter().filter(|r| resumed_at.is_none_or(|at| r.at > at)).collect());
    writer.lines = totals.lines_planned;
    writer.lines_from_nearest = totals.lines_from_nearest;

    let mut people: HashMap<String, Person> = HashMap::new();
    let count = groups.len() as u64;
    for (chunk, first) in groups[done..].chunks(CHUNK).zip((done..).step_by(CHUNK)) {
        let (mut tx, mut after) = (pool.begin().await?, totals.clone());
        writer.begin(&mut tx).await?;
        for ((at, invoice), members) in chunk {
            match members[0].kind() {
                Kind::Sale => sell(&mut tx, &mut writer, &mut people, &skus, invoice, *at, members, &mut after).await?,
                Kind::Cancellation => {}
                Kind::BadDebt => members.iter().for_each(|l| after.bad_debts_file.add(l.micros())),
            }
        }
        writer.flush(&mut tx).await?;
        // What comes back looks for sales before it, which may be in this very chunk: they are in the tables now.
        for ((at, invoice), members) in chunk.iter().filter(|g| g.1[0].kind() == Kind::Cancellation) {
            take_back(&mut tx, &mut people, &skus, invoice, *at, members, &mut after).await?;
        }
        (after.lines_planned, after.lines_from_nearest) = (writer.lines, writer.lines_from_nearest);
        let done = first + chunk.len();
        let finished = done == groups.len();
        sqlx::query!(
            "update imports set groups_done = $2, totals = $3, state = $4, finished_at = $5 where import_id = $1",
            import_id.0,
            i64::try_from(done).unwrap_or(i64::MAX),
            Json(&after) as _,
            if finished { "done" } else { "running" },
            finished.then_some(now)
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        totals = after;
        progress(done as u64, count);
    }
    rejected.extend(lines.iter().filter_map(|l| reject(l, meaning(l))));
    Ok(Report { totals, rejected, already_in: false })
}

fn reject(line: &Line, meaning: Meaning) -> Option<Rejected> {
    match meaning {
        Meaning::Rejected(reason) => {
            Some(Rejected { file_line: line.file_line, invoice: line.invoice.clone(), stock_code: line.code.clone(), reason })
        }
        Meaning::Goods | Meaning::Delivery => None,
    }
}

/// A SKU as the import needs it.
#[derive(Clone, Debug)]
struct Item {
    id: SkuId,
    name: String,
    weight_grams: i32,
}

/// Puts every product of the file into the catalogue: the longest of its descriptions as its name, the last of its prices.
async fn put_catalogue(conn: &mut PgConnection, start: DateTime<Utc>, lines: &[Line], weights: &Weights) -> Result<HashMap<String, Item>> {
    let mut found: BTreeMap<&str, (&str, UnitPrice)> = BTreeMap::new();
    for line in lines.iter().filter(|l| meaning(l) == Meaning::Goods) {
        let Some(price) = line.price else { continue };
        let entry = found.entry(&line.code).or_insert(("", price));
        if line.description.len() > entry.0.len() {
            entry.0 = &line.description;
        }
        if price.micros() > 0 {
            entry.1 = price;
        }
    }
    let products: Vec<NewProduct> = found
        .iter()
        .map(|(code, (name, price))| NewProduct {
            sku_id: SkuId::new(start),
            code: (*code).to_owned(),
            name: readable(if name.is_empty() { code } else { name }),
            description: String::new(),
            category: "Online Retail".to_owned(),
            gtin: None,
            weight_grams: weights.of(code),
            tax_rate_bp: TAX_RATE_BP,
            unit_price: *price,
        })
        .collect();
    let channels: Vec<&str> = CHANNELS.iter().map(|c| c.0).collect();
    put_products(conn, &Act::system(start), &channels, Currency::GBP, &products).await?;
    let codes: Vec<String> = products.into_iter().map(|p| p.code).collect();
    let rows =
        sqlx::query!(r#"select sku_id as "id: SkuId", code, name, weight_grams from skus where code = any ($1)"#, &codes).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (r.code, Item { id: r.id, name: r.name, weight_grams: r.weight_grams })).collect())
}

/// The file shouts: "WHITE METAL LANTERN" becomes "White metal lantern".
fn readable(name: &str) -> String {
    let lower = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What arrives when: each week's demand at the week's beginning, most of it where it will be nearest, the rest elsewhere, so that supply
/// covers demand in total while a part of the lines has to come from further away.
fn supply(writer: &Writer, groups: &[Group<'_>], skus: &HashMap<String, Item>) -> Vec<Receipt> {
    let sites = writer.sites();
    let of_kind = |kind: LocationKind| sites.iter().filter(move |s| s.kind == kind).map(|s| s.id).collect::<Vec<_>>();
    let (warehouses, vendors) = (of_kind(LocationKind::Warehouse), of_kind(LocationKind::Vendor));
    let Some(start) = groups.first().map(|g| g.0.0) else { return Vec::new() };
    let mut near: HashMap<(u64, u64), LocationId> = HashMap::new();
    let mut arriving: BTreeMap<(i64, SkuId, LocationId), i32> = BTreeMap::new();
    for ((at, invoice), members) in groups.iter().filter(|g| g.1[0].kind() == Kind::Sale) {
        let week = (*at - start).num_days() / 7;
        let (_, _, point) = destination(person_seed(members[0], invoice), country_code(&members[0].country));
        let key = (point.latitude.to_bits(), point.longitude.to_bits());
        let Some(nearest) = near.get(&key).copied().or_else(|| writer.nearest_of(point, |_| true)) else { continue };
        near.insert(key, nearest);
        for line in members.iter().filter(|l| meaning(l) == Meaning::Goods) {
            let Some(item) = skus.get(&line.code) else { continue };
            let seed = mix(line.file_line);
            let place = if draw(seed, 100) < STOCKED_NEAR {
                nearest
            } else if draw(seed ^ 1, 5) == 0 {
                vendors.first().copied().unwrap_or(nearest)
            } else {
                warehouses[usize::try_from(draw(seed ^ 2, warehouses.len() as u64)).unwrap_or(0)]
            };
            *arriving.entry((week, item.id, place)).or_default() += i32::try_from(line.quantity).unwrap_or(0);
        }
    }
    arriving
        .into_iter()
        .map(|((week, sku, location), quantity)| {
            // Before the week's first order can come.
            let at = start + TimeDelta::weeks(week) - TimeDelta::hours(1);
            Receipt { at, sku, location, quantity, reason: if week == 0 { "opening" } else { "receipt" } }
        })
        .collect()
}

struct Person {
    customer: Option<CustomerId>,
    contact: ContactId,
    point: GeoPoint,
    country: &'static str,
}

/// A customer of the file is one person; an invoice without one is a guest of its own.
fn person_key(line: &Line, invoice: &str) -> String {
    line.customer.clone().unwrap_or_else(|| format!("guest {}", invoice.trim_start_matches('C')))
}

fn person_seed(line: &Line, invoice: &str) -> u64 {
    seed_of(&person_key(line, invoice))
}

async fn person<'p>(conn: &mut PgConnection, people: &'p mut HashMap<String, Person>, line: &Line, invoice: &str) -> Result<&'p Person> {
    let key = person_key(line, invoice);
    if !people.contains_key(&key) {
        let known = match &line.customer {
            None => None,
            Some(id) => sqlx::query!(
                r#"select u.customer_id as "customer: CustomerId", u.contact_id as "contact: ContactId" from customers u where u.external_id = $1"#,
                format!("{SOURCE}:{id}")
            )
            .fetch_optional(&mut *conn)
            .await?,
        };
        let country = country_code(&line.country);
        let (city, postcode, point) = destination(seed_of(&key), country);
        let (customer, contact) = match known {
            Some(row) => (Some(row.customer), row.contact),
            None => {
                let name = line.customer.as_ref().map_or_else(|| "Guest".to_owned(), |id| format!("Customer {id}"));
                let email = line.customer.as_ref().map(|id| format!("customer{id}@example.com"));
                let street = format!("{} Example Street", 1 + draw(seed_of(&key), 200));
                let contact = Contact { name, email, phone: None, street, city, postcode, country: country.to_owned(), point };
                let contact = keep_contact(conn, line.at, &contact).await?;
                let customer = match &line.customer {
                    None => None,
                    Some(id) => {
                        let customer = CustomerId::new(line.at);
                        sqlx::query!(
                            "insert into customers (customer_id, external_id, contact_id, created_at) values ($1, $2, $3, $4)",
                            customer.0,
                            format!("{SOURCE}:{id}"),
                            contact.0,
                            line.at
                        )
                        .execute(conn)
                        .await?;
                        Some(customer)
                    }
                };
                (customer, contact)
            }
        };
        people.insert(key.clone(), Person { customer, contact, point, country });
    }
    people.get(&key).ok_or_else(|| Refusal::not_found("such person").into())
}

/// A sales invoice becomes an order that was sent and delivered.
async fn sell(
    conn: &mut PgConnection,
    writer: &mut Writer,
    people: &mut HashMap<String, Person>,
    skus: &HashMap<String, Item>,
    invoice: &str,
    at: DateTime<Utc>,
    members: &[&Line],
    totals: &mut Totals,
) -> Result<()> {
    let mut goods = Vec::new();
    let mut delivery: Vec<&Line> = Vec::new();
    for line in members {
        totals.sales_file.add(line.micros());
        match (meaning(line), skus.get(&line.code), line.price) {
            (Meaning::Goods, Some(item), Some(price)) => {
                let quantity = i32::try_from(line.quantity).unwrap_or(0);
                goods.push((
                    PastLine {
                        sku: item.id,
                        code: line.code.clone(),
                        name: item.name.clone(),
                        quantity,
                        unit_price: price,
                        amount_minor: price.amount(quantity, Currency::GBP).map_or(0, |m| m.minor),
                        weight_grams: item.weight_grams,
                    },
                    line.micros(),
                ));
            }
            (Meaning::Delivery, ..) => delivery.push(line),
            _ => totals.sales_rejected.add(line.micros()),
        }
    }
    if goods.is_empty() {
        // Postage with nothing in the parcel: no order of ours.
        delivery.iter().for_each(|l| totals.sales_rejected.add(l.micros()));
        return Ok(());
    }
    let who = person(conn, people, members[0], invoice).await?;
    let delivery_micros: i64 = delivery.iter().map(|l| l.micros()).sum();
    let shipping_minor = UnitPrice::from_micros(delivery_micros).ok().and_then(|p| p.amount(1, Currency::GBP)).map_or(0, |m| m.minor);
    let order = PastOrder {
        channel: channel_of(invoice, goods.len()),
        external_id: Some(format!("{invoice}@{}", at.format("%Y%m%d%H%M"))),
        customer: who.customer,
        contact: who.contact,
        destination: who.point,
        country: who.country.to_owned(),
        method: Method::Ship,
        pickup_location: None,
        lines: goods.iter().map(|g| g.0.clone()).collect(),
        shipping_minor,
        placed_at: at,
        fate: Fate::Runs,
        seed: seed_of(invoice),
    };
    match writer.add(&order) {
        Added::Taken { .. } => {
            totals.orders += 1;
            for (line, micros) in &goods {
                totals.sales_imported.add(*micros);
                totals.sales_booked_minor += line.amount_minor;
            }
            delivery.iter().for_each(|l| totals.sales_imported.add(l.micros()));
            totals.sales_booked_minor += shipping_minor;
        }
        Added::Unfillable => {
            members.iter().filter(|l| !matches!(meaning(l), Meaning::Rejected(_))).for_each(|l| totals.sales_rejected.add(l.micros()))
        }
    }
    Ok(())
}

/// A cancellation invoice comes back against the customer's latest earlier sales of the same things, or blind where there are none.
async fn take_back(
    conn: &mut PgConnection,
    people: &mut HashMap<String, Person>,
    skus: &HashMap<String, Item>,
    invoice: &str,
    at: DateTime<Utc>,
    members: &[&Line],
    totals: &mut Totals,
) -> Result<()> {
    for line in members {
        totals.cancellations_file.add(line.micros());
        let (Meaning::Goods, Some(item), Some(price)) = (meaning(line), skus.get(&line.code), line.price) else {
            totals.cancellations_rejected.add(line.micros());
            continue;
        };
        totals.cancellations_imported.add(line.micros());
        let customer = match line.customer {
            Some(_) => person(conn, people, line, invoice).await?.customer,
            None => None,
        };
        let mut left = i32::try_from(-line.quantity).unwrap_or(0);
        let booked = price.amount(left, Currency::GBP).map_or(0, |m| m.minor);
        totals.cancellations_booked_minor -= booked;
        let sales = sqlx::query!(
            r#"select l.order_id as "order: OrderId", l.line_no, l.shipped + l.collected - l.returned as "free!"
            from orders o
            join order_lines l using (order_id)
            where o.customer_id = $1 and l.sku_id = $2 and o.placed_at < $3 and l.shipped + l.collected > l.returned
            order by o.placed_at desc, l.line_no"#,
            customer.map(|c| c.0),
            item.id.0,
            at
        )
        .fetch_all(&mut *conn)
        .await?;
        let (whole, mut given) = (left, 0i64);
        let mut parts: Vec<(Option<(OrderId, i32)>, i32)> = Vec::new();
        for sale in sales {
            let units = left.min(sale.free);
            if units > 0 {
                left -= units;
                parts.push((Some((sale.order, sale.line_no)), units));
            }
        }
        if left > 0 {
            parts.push((None, left));
        }
        let mut units_before = 0;
        for (part, (sale, units)) in (0i32..).zip(parts) {
            units_before += units;
            // Shares of one line add up to it.
            let amount = crate::money::share(booked, units_before, whole) - given;
            given += amount;
            if let Some((order, line_no)) = sale {
                totals.matched_returns += 1;
                sqlx::query!("update order_lines set returned = returned + $3 where order_id = $1 and line_no = $2", order.0, line_no, units)
                    .execute(&mut *conn)
                    .await?;
            } else {
                totals.blind_returns += 1;
            }
            let file_line = i32::try_from(line.file_line).unwrap_or(0);
            sqlx::query!(
                "insert into historic_returns (return_id, channel, external_id, line_no, part, order_id, order_line_no, customer_id, sku_id, quantity,
                    amount_minor, currency, returned_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'GBP', $12)",
                new_uuid(at),
                SOURCE,
                invoice,
                file_line,
                part,
                sale.map(|s| s.0.0),
                sale.map(|s| s.1),
                customer.map(|c| c.0),
                item.id.0,
                units,
                amount,
                at
            )
            .execute(&mut *conn)
            .await?;
        }
    }
    Ok(())
}
