//! A network that is made for measuring: stores in British cities with stock of some things.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::sync::Arc;
use uuid::Uuid;
use waybill::catalog::Size;
use waybill::fulfilment::Method;
use waybill::geo::{BRITISH_CITIES, GeoPoint};
use waybill::ids::{LocationId, SkuId};
use waybill::inventory::calendar::{Calendar, Hours, Week};
use waybill::inventory::levels::Levels;
use waybill::inventory::{Location, LocationKind, Network, Snapshot, StockView};
use waybill::routing::{OrderTraits, PlanLine, PlanOrder};

/// The tag of one location in five.
pub const CHOSEN: &str = "chosen";

/// A network with its stock at a moment.
pub struct World {
    pub network: Network,
    pub stock: StockView,
    at: DateTime<Utc>,
}

impl World {
    /// So many stores, each with so many of three things, ten units of each.
    pub fn with(locations: u32, skus: &[SkuId], of_three: u32) -> Self {
        let network = Network { locations: (0..locations).map(place).collect(), ..Network::default() };
        let mut levels = Levels::default();
        for (s, sku) in skus.iter().enumerate() {
            for l in (0..locations).filter(|l| (s as u32 + l) % 3 < of_three) {
                levels.entry(*sku, location_id(l)).on_hand = 10;
            }
        }
        Self { network, stock: StockView { levels, ..StockView::default() }, at: DateTime::UNIX_EPOCH + TimeDelta::days(20_000) }
    }

    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot { at: self.at, network: &self.network, stock: &self.stock }
    }
}

fn location_id(n: u32) -> LocationId {
    LocationId(Uuid::from_u128(u128::from(n) + 1))
}

pub fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

/// A store in a British city; each fifth has the tag.
fn place(n: u32) -> Location {
    let city = &BRITISH_CITIES[n as usize % BRITISH_CITIES.len()];
    let tags = if n.is_multiple_of(5) { vec![CHOSEN.to_owned()] } else { Vec::new() };
    Location { code: format!("L{n:05}"), name: city.name.to_owned(), city: city.name.to_owned(), tags, ..location(location_id(n), city.point) }
}

/// A store at a point.
pub fn location(id: LocationId, point: GeoPoint) -> Location {
    let open = Some(Hours { opens: time(9), closes: time(18), cut_off: time(14) });
    let week = Week { from: DateTime::UNIX_EPOCH, days: [open, open, open, open, open, open, None] };
    Location {
        id,
        code: id.to_string(),
        name: String::new(),
        kind: LocationKind::Store,
        city: String::new(),
        postcode: String::new(),
        country: "GB".to_owned(),
        point,
        calendar: Calendar { zone: chrono_tz::Europe::London, weeks: vec![week], ..Calendar::default() },
        ships: true,
        offers_pickup: true,
        priority: 50,
        handling_minutes: 120,
        daily_order_capacity: None,
        closed: None,
        groups: Vec::new(),
        tags: Vec::new(),
        attributes: Vec::new(),
        handling_order_minor: 0,
        handling_unit_minor: 0,
        measured: None,
    }
}

/// An order without lines.
pub fn order(channel: &str, country: &str, destination: GeoPoint) -> PlanOrder {
    PlanOrder {
        channel: channel.to_owned(),
        customer_group: None,
        method: Method::Ship,
        pickup_location: None,
        country: country.to_owned(),
        destination,
        postcode: "LS1 4AP".to_owned(),
        services: None,
        release_at: None,
        slot: None,
        value_minor: 1_000,
        lines: Vec::new(),
        excluded: Vec::new(),
        not_before: Vec::new(),
        taken_by: None,
        by_hand: false,
        promised: Vec::new(),
        traits: OrderTraits::default(),
    }
}

/// A line after so many others.
pub fn line(earlier: usize, sku: SkuId, quantity: i32) -> PlanLine {
    PlanLine {
        line_no: i32::try_from(earlier + 1).unwrap_or(i32::MAX),
        sku,
        quantity,
        size: Size { grams: 500, ..Size::default() },
        promised_by: None,
        amount_minor: 1_000,
        queue: None,
        traits: Arc::default(),
    }
}

/// One unit of each of some things.
pub fn lines(skus: &[SkuId]) -> Vec<PlanLine> {
    skus.iter().enumerate().map(|(n, sku)| line(n, *sku, 1)).collect()
}

/// So many things.
pub fn skus(count: u32) -> Vec<SkuId> {
    (0..count).map(|n| SkuId(Uuid::from_u128(u128::from(n) + 1))).collect()
}
