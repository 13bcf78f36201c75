//! The demo company: 300 products and 5,000 orders of the last 90 days, in every state, made up from a fixed seed.

use super::delivery::{offer_evenings, offer_installation};
use super::history::{Added, Fate, PastLine, PastOrder, Receipt, Writer};
use super::network::{CHANNELS, TAX_RATE_BP, open_company};
use super::{draw, mix, seed_of};
use crate::catalog::{NewPrice, NewProduct, ProductInput, SkuInput, gtin_check_digit, put_products, save_product, set_kit, set_price};
use crate::customers::{Contact, keep_contacts};
use crate::fulfilment::Method;
use crate::geo::{BRITISH_CITIES, COUNTRIES, GeoPoint};
use crate::identity::{Act, NewUser, Role, register_user};
use crate::ids::{ContactId, LocationId, SkuId};
use crate::inventory::rules::{ChannelSettings, set_channel};
use crate::inventory::{LocationKind, MovementReason, check_adjustment, location_by_code, post_movements};
use crate::money::{Currency, UnitPrice};
use crate::purchasing::{self, ReorderPoint, Supplier, SupplierSku};
use crate::refusal::Result;
use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use sqlx::PgConnection;

const PRODUCTS: u64 = 300;
const ORDERS: u64 = 5_000;
const DAYS: i64 = 90;
const CUSTOMERS: u64 = 1_200;

/// The password of all demo users. It opens nothing but the demo.
pub const PASSWORD: &str = "lantern-and-larder";

/// (e-mail, name, role, code of the location)
pub type User = (&'static str, &'static str, Role, Option<&'static str>);

const USERS: [User; 7] = [
    ("service@example.com", "Sam Service", Role::CustomerService, None),
    ("store@example.com", "Stella Store", Role::Store, Some("ST-LDS")),
    ("warehouse@example.com", "Walt Warehouse", Role::Warehouse, Some("WH-NTH")),
    ("planner@example.com", "Pim Planner", Role::Planner, None),
    ("admin@example.com", "Ada Admin", Role::Admin, None),
    ("finance@example.com", "Fay Finance", Role::Finance, None),
    ("board@example.com", "Bo Board", Role::Executive, None),
];

const ADJECTIVES: [&str; 15] = [
    "Brass",
    "Striped",
    "Enamel",
    "Woven",
    "Glass",
    "Painted",
    "Linen",
    "Oak",
    "Speckled",
    "Folding",
    "Scented",
    "Cast-iron",
    "Felt",
    "Copper",
    "Vintage",
];
const NOUNS: [(&str, &str, u64, u64); 20] = [
    ("lantern", "Light", 1_850, 900),
    ("candle holder", "Light", 1_200, 450),
    ("tea-light set", "Light", 650, 300),
    ("string lights", "Light", 1_500, 380),
    ("cake stand", "Kitchen", 2_400, 1_600),
    ("storage jar", "Kitchen", 890, 620),
    ("bread bin", "Kitchen", 3_200, 2_100),
    ("mixing bowl", "Kitchen", 1_450, 850),
    ("tea towel", "Kitchen", 550, 120),
    ("mug", "Table", 750, 340),
    ("dinner plate", "Table", 950, 560),
    ("jug", "Table", 1_650, 780),
    ("napkin set", "Table", 700, 160),
    ("picnic basket", "Outdoor", 4_500, 2_300),
    ("plant pot", "Outdoor", 1_100, 1_250),
    ("bird feeder", "Outdoor", 1_350, 640),
    ("doormat", "Home", 1_900, 1_800),
    ("cushion", "Home", 2_200, 540),
    ("photo frame", "Home", 1_050, 420),
    ("wall clock", "Home", 2_950, 1_150),
];
const FIRST_NAMES: [&str; 24] = [
    "Ash", "Bryn", "Cleo", "Dara", "Elif", "Finn", "Gwen", "Hugo", "Isla", "Jude", "Kit", "Lena", "Milo", "Nia", "Otis", "Pia", "Quinn", "Rosa",
    "Seth", "Tess", "Uma", "Vik", "Wren", "Zia",
];
const LAST_NAMES: [&str; 20] = [
    "Sampleton",
    "Exemplar",
    "Testwood",
    "Placeholt",
    "Demoor",
    "Mockford",
    "Fixtura",
    "Specimen",
    "Patternly",
    "Draftham",
    "Modelle",
    "Trialby",
    "Fictley",
    "Madeup",
    "Inventon",
    "Figmenta",
    "Pretenda",
    "Imaginer",
    "Supposely",
    "Dummond",
];

struct Item {
    sku: SkuId,
    code: String,
    name: String,
    price: UnitPrice,
    weight_grams: i32,
}

struct Person {
    contact: ContactId,
    point: GeoPoint,
    country: String,
    postcode: String,
}

/// Loads the demo company into a database without one. `progress` hears how far it is, 0 to 1.
pub async fn load(conn: &mut PgConnection, now: DateTime<Utc>, progress: &mut dyn FnMut(f64)) -> Result<()> {
    open_company(conn).await?;
    let start = now - TimeDelta::days(DAYS);
    register_users(conn, now).await?;
    let items = make_products(conn, start).await?;
    let people = make_people(conn, start).await?;
    let mut writer = Writer::new(conn, now).await?;
    writer.begin(conn).await?;
    stock_up(&mut writer, &items, start);
    for (n, placed_at) in (0..).zip(moments(start, now)) {
        let seed = mix(0x0DEE ^ n);
        writer.arrive(placed_at);
        let order = make_order(&writer, &items, &people, n, seed, placed_at, now);
        // What nobody has is not for sale: the shop would have refused it.
        if writer.add(&order) == Added::Unfillable {
            continue;
        }
        if n % 500 == 499 {
            writer.flush(conn).await?;
            progress(n as f64 / ORDERS as f64);
        }
    }
    writer.arrive(now);
    writer.flush(conn).await?;
    buy(conn, &items, now).await?;
    show_more(conn, &items, now).await?;
    progress(1.0);
    Ok(())
}

/// So many units of each of the slippers are in each warehouse.
const SLIPPERS: i32 = 60;

/// What the history has none of: times to choose, a service, variants, a kit, texts that are put on things, and gifts.
async fn show_more(conn: &mut PgConnection, items: &[Item], now: DateTime<Utc>) -> Result<()> {
    let act = Act::system(now);
    offer_evenings(conn, &act).await?;
    offer_installation(conn, &act).await?;
    set_channel(conn, &act, "web", &ChannelSettings { hold_minutes: 15, gift_wrap: "2.50".to_owned(), release_delay_minutes: 0 }).await?;
    sqlx::query!("update skus set personalisation_max = 14 where name like '% mug'").execute(&mut *conn).await?;
    let slipper = |size: &str| SkuInput {
        code: format!("WS-{size}"),
        name: format!("Wool slippers, size {size}"),
        option_values: vec![size.to_owned()],
        weight_grams: 320,
        ..SkuInput::default()
    };
    let slippers = ProductInput {
        name: "Wool slippers".to_owned(),
        description: "Slippers of thick wool for cold floors, with a sole that does not slip.".to_owned(),
        category: "Home".to_owned(),
        tags: vec!["winter".to_owned()],
        options: vec!["Size".to_owned()],
        skus: ["S", "M", "L"].map(slipper).to_vec(),
        ..ProductInput::default()
    };
    let breakfast = ProductInput {
        name: "Breakfast for two".to_owned(),
        description: "Two mugs and two plates that go together, for less than they cost one by one.".to_owned(),
        category: "Table".to_owned(),
        skus: vec![SkuInput { code: "SET-BREAKFAST".to_owned(), name: "Breakfast for two".to_owned(), ..SkuInput::default() }],
        ..ProductInput::default()
    };
    save_product(conn, &act, "wool-slippers", &slippers).await?;
    let installation = ProductInput {
        name: "Lamp installation".to_owned(),
        description: "We come to you once your lamp is there, put it up, and take the packaging away with us.".to_owned(),
        category: "Services".to_owned(),
        skus: vec![SkuInput {
            code: "INSTALL-LAMP".to_owned(),
            name: "Lamp installation".to_owned(),
            skill: "installation".to_owned(),
            ..SkuInput::default()
        }],
        ..ProductInput::default()
    };
    save_product(conn, &act, "breakfast-for-two", &breakfast).await?;
    save_product(conn, &act, "lamp-installation", &installation).await?;
    let first = |noun: &str| items.iter().find(|item| item.name.ends_with(noun)).map(|item| (item.code.clone(), 2));
    let parts: Vec<(String, i32)> = [first(" mug"), first(" dinner plate")].into_iter().flatten().collect();
    set_kit(conn, &act, "SET-BREAKFAST", &parts).await?;
    for (sku, price) in [("WS-S", "24.00"), ("WS-M", "24.00"), ("WS-L", "26.00"), ("SET-BREAKFAST", "29.00"), ("INSTALL-LAMP", "49.00")] {
        for (channel, ..) in CHANNELS {
            let price = NewPrice { sku: sku.to_owned(), channel: channel.to_owned(), price: price.to_owned(), ..NewPrice::default() };
            set_price(conn, &act, &price).await?;
        }
    }
    let mut arrived = Vec::new();
    for location in ["WH-NTH", "WH-WAR"] {
        for size in ["S", "M", "L"] {
            arrived.push(check_adjustment(conn, &act, &format!("WS-{size}"), location, SLIPPERS, MovementReason::Receipt).await?);
        }
    }
    post_movements(conn, &act, &arrived).await
}

/// (code, name, days from the order to the goods, smallest quantity, pack, code of the location it sends from itself)
const SUPPLIERS: [(&str, &str, i32, i32, i32, &str); 3] = [
    ("BRASS-CO", "Brass & Co (made up)", 14, 24, 12, ""),
    ("LINEN-HOUSE", "Linen House (made up)", 21, 20, 10, ""),
    ("SOAR-VALLEY", "Soar Valley Homeware (made up)", 5, 6, 6, "VN-LEI"),
];

/// So many things, those that sell best, have a reorder point in the first warehouse.
const WATCHED: usize = 60;

/// Suppliers, what they sell, and reorder points for what sells best.
async fn buy(conn: &mut PgConnection, items: &[Item], now: DateTime<Utc>) -> Result<()> {
    let act = Act::system(now);
    for (code, name, lead_days, _, _, location) in SUPPLIERS {
        let supplier = Supplier {
            code: code.to_owned(),
            name: name.to_owned(),
            email: format!("orders@{}.example.com", code.to_lowercase()),
            address: "1 Example Yard\nLE1 4FQ Leicester".to_owned(),
            currency: Currency::GBP.code().to_owned(),
            lead_days,
            location: location.to_owned(),
        };
        purchasing::save_supplier(conn, &act, &supplier).await?;
    }
    for (index, item) in items.iter().enumerate() {
        let (supplier, _, _, min_quantity, pack_quantity, _) = SUPPLIERS[if index % 10 == 3 { 2 } else { index % 2 }];
        let percent = 38 + i64::try_from(draw(seed_of(&item.code), 14)).unwrap_or(0);
        let terms = SupplierSku {
            sku: item.code.clone(),
            supplier_code: format!("{}-{}", &supplier[..2], 7_000 + index),
            cost: UnitPrice::from_micros(item.price.micros() * percent / 100 / 10_000 * 10_000).unwrap_or_default().to_string(),
            min_quantity,
            pack_quantity,
            lead_days: None,
        };
        purchasing::save_supplier_sku(conn, &act, supplier, &terms).await?;
        if index < WATCHED && index % 10 != 3 {
            let point = ReorderPoint { sku: item.code.clone(), location: "WH-NTH".to_owned(), point: 40, up_to: 160, supplier: String::new() };
            purchasing::set_reorder_point(conn, &act, &point).await?;
        }
    }
    Ok(())
}

/// How much is ordered in each hour of a day, in thousandths of the day.
const BY_HOUR: [u64; 24] = [12, 6, 4, 3, 3, 6, 14, 26, 38, 48, 54, 58, 62, 58, 52, 50, 50, 54, 62, 76, 86, 82, 60, 36];
/// And on each day of a week, from Monday, in percent.
const BY_WEEKDAY: [u64; 7] = [112, 104, 98, 96, 92, 82, 116];

/// Whatever the hour, so many of the last orders came within the last half hour, two minutes apart.
const LATEST: u64 = 12;

/// When the orders came, in order: more in the evening and on Sundays, a little more each week, no two days alike.
fn moments(start: DateTime<Utc>, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let hours = u64::try_from((now - start).num_hours()).unwrap_or(1);
    let mut before = 0;
    let until: Vec<u64> = (0..hours)
        .map(|h| {
            let at = start + TimeDelta::hours(i64::try_from(h).unwrap_or(0));
            let day = h / 24;
            let of_day = BY_WEEKDAY[at.weekday().num_days_from_monday() as usize] * (80 + 40 * h / hours) * (85 + draw(mix(0xDA7 ^ day), 31));
            before += BY_HOUR[at.hour() as usize] * of_day;
            before
        })
        .collect();
    let mut moments: Vec<DateTime<Utc>> = (0..ORDERS)
        .map(|n| {
            if n >= ORDERS - LATEST {
                return now - TimeDelta::minutes(2 * i64::try_from(ORDERS - n).unwrap_or(1));
            }
            // The n-th of equal shares, found in its hour and within it.
            let share = before * (2 * n + 1) / (2 * ORDERS);
            let hour = until.partition_point(|u| *u <= share);
            let (from, to) = (if hour == 0 { 0 } else { until[hour - 1] }, until[hour]);
            let seconds = hour as u64 * 3_600 + (share - from) * 3_600 / (to - from).max(1) + draw(mix(0x5EC ^ n), 60);
            (start + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0))).clamp(start + TimeDelta::minutes(1), now - TimeDelta::seconds(30))
        })
        .collect();
    moments.sort_unstable();
    moments
}

/// Those of the demo's users who are registered.
pub async fn users_there(conn: &mut PgConnection) -> Result<Vec<User>> {
    let there = sqlx::query_scalar!("select email from users").fetch_all(conn).await?;
    Ok(USERS.into_iter().filter(|user| there.iter().any(|email| email == user.0)).collect())
}

/// Adds those of the demo's users who are not there yet, one for each role.
pub async fn register_users(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let act = Act::system(now);
    let there = users_there(conn).await?;
    for (email, name, role, code) in USERS.into_iter().filter(|user| !there.contains(user)) {
        let location = match code {
            None => None,
            Some(code) => Some(location_by_code(conn, code).await?),
        };
        let new = NewUser { email: email.to_owned(), name: name.to_owned(), role, location, password: PASSWORD.to_owned() };
        register_user(conn, &act, new).await?;
    }
    Ok(())
}

async fn make_products(conn: &mut PgConnection, start: DateTime<Utc>) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut products = Vec::new();
    for n in 0..PRODUCTS {
        let (adjective, noun) = (ADJECTIVES[usize::try_from(n).unwrap_or(0) % 15], NOUNS[usize::try_from(n / 15).unwrap_or(0) % 20]);
        let seed = mix(0xF00D ^ n);
        let name = format!("{adjective} {}", noun.0);
        let code = format!("{}{:03}", &noun.1[..2].to_uppercase(), 100 + n);
        let pence = noun.2 + draw(seed, noun.2 / 2) / 5 * 5;
        let price = UnitPrice::from_micros(i64::try_from(pence).unwrap_or(0) * 10_000).unwrap_or_default();
        let weight_grams = i32::try_from(noun.3 + draw(seed ^ 1, noun.3 / 2)).unwrap_or(500);
        let item = Item { sku: SkuId::new(start), code: code.clone(), name: name.clone(), price, weight_grams };
        products.push(NewProduct {
            sku_id: item.sku,
            code,
            description: format!(
                "A {} for every day, in {} finish. Made to be used and to last. Weighs {:.1} kg.",
                noun.0,
                adjective.to_lowercase(),
                f64::from(weight_grams) / 1_000.0
            ),
            name,
            category: noun.1.to_owned(),
            gtin: Some(gtin_of(n)),
            weight_grams,
            tax_rate_bp: TAX_RATE_BP,
            unit_price: price,
        });
        items.push(item);
    }
    let channels: Vec<&str> = CHANNELS.iter().map(|c| c.0).collect();
    put_products(conn, &Act::system(start), &channels, Currency::GBP, &products).await?;
    Ok(items)
}

/// A GTIN of the range that GS1 keeps for use inside a company (prefix 02), padded to 14 digits.
fn gtin_of(n: u64) -> String {
    let body = format!("02{n:010}");
    let digits: Vec<u8> = body.bytes().map(|b| b - b'0').collect();
    format!("0{body}{}", gtin_check_digit(&digits))
}

async fn make_people(conn: &mut PgConnection, start: DateTime<Utc>) -> Result<Vec<Person>> {
    let population: u64 = BRITISH_CITIES.iter().map(|c| u64::from(c.population)).sum();
    let mut contacts = Vec::new();
    for n in 0..CUSTOMERS {
        let seed = mix(0xBEE ^ n);
        let first = FIRST_NAMES[usize::try_from(draw(seed, 24)).unwrap_or(0)];
        let last = LAST_NAMES[usize::try_from(draw(seed ^ 2, 20)).unwrap_or(0)];
        let (city, postcode, country, point) = if draw(seed ^ 3, 12) == 0 {
            let abroad = &COUNTRIES[usize::try_from(draw(seed ^ 4, COUNTRIES.len() as u64)).unwrap_or(0)];
            (abroad.largest_city, "10001".to_owned(), abroad.code, abroad.point)
        } else {
            let mut left = draw(seed ^ 5, population);
            let city = BRITISH_CITIES
                .iter()
                .find(|c| {
                    let here = left < u64::from(c.population);
                    left = left.saturating_sub(u64::from(c.population));
                    here
                })
                .unwrap_or(&BRITISH_CITIES[0]);
            (city.name, format!("{}{} {}{}{}", city.postcode_area, 1 + draw(seed ^ 6, 9), draw(seed ^ 7, 10), 'A', 'B'), "GB", city.point)
        };
        contacts.push(Contact {
            name: format!("{first} {last}"),
            email: Some(format!("{}.{}{n}@example.com", first.to_lowercase(), last.to_lowercase())),
            phone: None,
            street: format!("{} Example Street", 1 + draw(seed ^ 8, 180)),
            city: city.to_owned(),
            postcode,
            country: country.to_owned(),
            point,
        });
    }
    let ids = keep_contacts(conn, &contacts.iter().map(|contact| (start, contact)).collect::<Vec<_>>()).await?;
    Ok(ids.into_iter().zip(contacts).map(|(id, c)| Person { contact: id, point: c.point, country: c.country, postcode: c.postcode }).collect())
}

/// Opening stock and a receipt every week: much in the warehouses, a little in every store. Of ten things one is kept by one warehouse
/// alone and one by the vendor, so that some orders come in several parcels.
fn stock_up(writer: &mut Writer, items: &[Item], start: DateTime<Utc>) {
    let mut receipts = Vec::new();
    let sites = writer.sites();
    let warehouses: Vec<LocationId> = sites.iter().filter(|s| s.kind == LocationKind::Warehouse).map(|s| s.id).collect();
    for site in sites {
        for (index, item) in items.iter().enumerate() {
            let seed = seed_of(&item.code) ^ mix(site.id.0.as_u128() as u64 ^ index as u64);
            // Some things are in some places only.
            let share = draw(mix(index as u64 * 31) ^ seed_of(&item.name) ^ u64::from(site.kind == LocationKind::Store), 100);
            let weekly = match site.kind {
                _ if index % 10 == 7 && site.id != warehouses[index / 10 % warehouses.len()] => 0,
                LocationKind::Vendor if index % 10 == 3 => 24 + draw(seed, 12),
                _ if index % 10 == 3 => 0,
                LocationKind::Warehouse => 14 + draw(seed, 18),
                LocationKind::Store if share < 30 => 0,
                LocationKind::Store => 1 + draw(seed, 4),
                LocationKind::Vendor | LocationKind::ThirdParty => 2 + draw(seed, 3),
            };
            if weekly > 0 {
                // The last ten things sell out: the shop shows that, too.
                let weeks = if index >= items.len() - 10 { 1 } else { 13 };
                for week in 0..weeks {
                    let reason = if week == 0 { "opening" } else { "receipt" };
                    let quantity = i32::try_from(weekly).unwrap_or(1);
                    receipts.push(Receipt { at: start + TimeDelta::weeks(week), sku: item.sku, location: site.id, quantity, reason });
                }
            }
        }
    }
    writer.announce(receipts);
}

fn make_order(writer: &Writer, items: &[Item], people: &[Person], n: u64, seed: u64, placed_at: DateTime<Utc>, now: DateTime<Utc>) -> PastOrder {
    let person = &people[usize::try_from(draw(seed ^ 11, CUSTOMERS)).unwrap_or(0)];
    let count = 1 + draw(seed ^ 12, 4).min(draw(seed ^ 13, 5));
    let mut lines: Vec<PastLine> = Vec::new();
    for line in 0..count {
        // Squared: the first products sell most, as they do everywhere.
        let position = draw(seed ^ (100 + line), 1_000) * draw(seed ^ (200 + line), 1_000) * PRODUCTS / 1_000_000;
        let item = &items[usize::try_from(position).unwrap_or(0) % items.len()];
        if lines.iter().any(|l| l.sku == item.sku) {
            continue;
        }
        let quantity = 1 + i32::try_from(draw(seed ^ (300 + line), 3)).unwrap_or(0) * i32::from(draw(seed ^ (400 + line), 3) == 0);
        lines.push(PastLine {
            sku: item.sku,
            code: item.code.clone(),
            name: item.name.clone(),
            quantity,
            unit_price: item.price,
            amount_minor: item.price.amount(quantity, Currency::GBP).map_or(0, |m| m.minor),
            weight_grams: item.weight_grams,
        });
    }
    let channel = match draw(seed ^ 14, 100) {
        0..=69 => "web",
        70..=79 => "store",
        80..=89 => "marketplace",
        _ => "phone",
    };
    // A fifth of the British web orders are collected, where the nearest store has everything.
    let nearest_store = writer.nearest_of(person.point, |kind| kind == LocationKind::Store);
    let has_all = |store| lines.iter().all(|l| writer.free(l.sku, store) >= l.quantity);
    let pickup = nearest_store.filter(|store| channel == "web" && person.country == "GB" && draw(seed ^ 15, 5) == 0 && has_all(*store));
    let fate = match draw(seed ^ 16, 100) {
        _ if n + 3 > ORDERS => Fate::Undecided,
        0..=3 if placed_at + TimeDelta::minutes(15) < now => Fate::Cancelled,
        _ => Fate::Runs,
    };
    let grams: i32 = lines.iter().map(|l| l.weight_grams * l.quantity).sum();
    let shipping_minor = match (pickup, person.country.as_str()) {
        (Some(_), _) => 0,
        (None, "GB") if grams <= 2_000 => 395,
        (None, "GB") => 595,
        (None, _) => 1_495,
    };
    PastOrder {
        channel,
        external_id: (channel == "marketplace").then(|| format!("MP-{:06}", 100_000 + n)),
        customer: None,
        contact: person.contact,
        destination: person.point,
        country: person.country.clone(),
        postcode: person.postcode.clone(),
        method: if pickup.is_some() { Method::Pickup } else { Method::Ship },
        pickup_location: pickup,
        lines,
        shipping_minor,
        placed_at,
        fate,
        seed,
    }
}
