//! Who brings parcels, where to, how fast, and for how much: carrier services, zones, rate cards, the ways of delivery that customers choose from,
//! and the holidays of countries. Each is a [`Setting`] with a code, in force from a moment on; planning reads those of one moment as [`Delivery`].

use crate::geo::{self, GeoPoint};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(feature = "postgres")]
mod facts;
mod rates;
mod service;
mod slots;
pub mod views;
mod zones;

pub use rates::{Charge, NoRate, Parcel, RateCard, RateRow, Surcharge, SurchargeBy, SurchargeWhen, Tariff};
pub use service::{Collection, Service, Transit, Weekdays};
pub use slots::{Slot, SlotPlan, SlotUse, SlotWindow};
pub use zones::{ZoneMap, ZonePlace, zone_among};

text_enum! {
    /// What a setting is of.
    pub enum SettingKind {
        ZoneMap = "zone_map",
        RateCard = "rate_card",
        Service = "service",
        Method = "method",
        Holidays = "holidays",
        Slots = "slots",
    }
}

impl SettingKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ZoneMap => "Zone map",
            Self::RateCard => "Rate card",
            Self::Service => "Carrier service",
            Self::Method => "Way of delivery",
            Self::Holidays => "Holidays",
            Self::Slots => "Time slots",
        }
    }
}

/// Whatever can be set about delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case")]
pub enum Setting {
    ZoneMap(ZoneMap),
    RateCard(RateCard),
    Service(Service),
    Method(DeliveryMethod),
    Holidays(Holidays),
    Slots(SlotPlan),
}

impl Setting {
    pub const fn kind(&self) -> SettingKind {
        match self {
            Self::ZoneMap(_) => SettingKind::ZoneMap,
            Self::RateCard(_) => SettingKind::RateCard,
            Self::Service(_) => SettingKind::Service,
            Self::Method(_) => SettingKind::Method,
            Self::Holidays(_) => SettingKind::Holidays,
            Self::Slots(_) => SettingKind::Slots,
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        match self {
            Self::ZoneMap(map) => &map.name,
            Self::RateCard(card) => &card.name,
            Self::Service(service) => &service.name,
            Self::Method(method) => &method.name,
            Self::Holidays(holidays) => &holidays.name,
            Self::Slots(plan) => &plan.name,
        }
    }
}

/// A way of delivery, as customers choose it: `Standard delivery`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryMethod {
    pub name: String,
    /// Where it stands among the others, lowest first; the first is chosen for those who do not.
    pub position: i32,
    /// Codes of the carrier services that may bring it. Each parcel goes by the cheapest of those that reach its address.
    pub services: Vec<String>,
    /// Code of the rate card that says what the customer pays.
    pub rate_card: String,
    /// Channels that offer it; empty is all.
    pub channels: Vec<String>,
    /// Code of the slots of which the customer chooses one; empty where it comes at any time.
    pub slots: String,
}

/// The public holidays of a country, whose code is the setting's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Holidays {
    pub name: String,
    pub days: BTreeMap<NaiveDate, String>,
}

/// All that is set about delivery at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub zone_maps: BTreeMap<String, ZoneMap>,
    pub rate_cards: BTreeMap<String, RateCard>,
    pub services: BTreeMap<String, Service>,
    /// In the order in which customers see them.
    pub methods: Vec<(String, DeliveryMethod)>,
    /// By country, ISO 3166-1 alpha-2.
    pub holidays: BTreeMap<String, BTreeSet<NaiveDate>>,
    pub slots: BTreeMap<String, SlotPlan>,
    /// Codes of the services that take nothing at the moment, with when they are expected to again, where anybody knows. Nothing is planned with them; what
    /// they have is on its way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stopped: BTreeMap<String, Option<DateTime<Utc>>>,
}

impl Delivery {
    pub fn of(settings: impl IntoIterator<Item = (String, Setting)>) -> Self {
        let mut all = Self::default();
        for (code, setting) in settings {
            match setting {
                Setting::ZoneMap(map) => drop(all.zone_maps.insert(code, map)),
                Setting::RateCard(card) => drop(all.rate_cards.insert(code, card)),
                Setting::Service(service) => drop(all.services.insert(code, service)),
                Setting::Method(method) => all.methods.push((code, method)),
                Setting::Slots(plan) => drop(all.slots.insert(code, plan)),
                Setting::Holidays(holidays) => drop(all.holidays.insert(code, holidays.days.into_keys().collect())),
            }
        }
        all.methods.sort_by(|a, b| (a.1.position, &a.0).cmp(&(b.1.position, &b.0)));
        all
    }

    /// The ways of delivery of a channel, in the order in which customers see them.
    pub fn methods_of<'a>(&'a self, channel: &'a str) -> impl Iterator<Item = (&'a str, &'a DeliveryMethod)> {
        let offers = move |method: &DeliveryMethod| method.channels.is_empty() || method.channels.iter().any(|c| c == channel);
        self.methods.iter().filter(move |(_, method)| offers(method)).map(|(code, method)| (code.as_str(), method))
    }

    pub fn method(&self, code: &str) -> Option<&DeliveryMethod> {
        self.methods.iter().find(|(c, _)| c == code).map(|(_, method)| method)
    }

    pub fn is_holiday(&self, country: &str, day: NaiveDate) -> bool {
        self.holidays.get(country).is_some_and(|days| days.contains(&day))
    }

    /// What the customer pays for a way of delivery, sent by a company of a country.
    pub fn price(
        &self,
        method: &DeliveryMethod,
        from_country: &str,
        to: &Destination<'_>,
        parcel: &Parcel,
        goods_minor: i64,
    ) -> Result<Charge, NoRate> {
        self.charge(&method.rate_card, from_country, to, parcel, goods_minor)
    }

    /// What a rate card asks for a parcel.
    pub fn charge(&self, card: &str, from_country: &str, to: &Destination<'_>, parcel: &Parcel, goods_minor: i64) -> Result<Charge, NoRate> {
        self.tariff(card, from_country, to, goods_minor)?.charge(parcel)
    }

    /// What a rate card asks for parcels from a country to a destination.
    pub fn tariff<'a>(&'a self, card: &str, from_country: &str, to: &Destination<'_>, goods_minor: i64) -> Result<Tariff<'a>, NoRate> {
        let card = self.rate_cards.get(card).ok_or(NoRate::NoCard)?;
        let zone = match card.zone_map.as_str() {
            "" => None,
            map => Some(self.zone_maps.get(map).and_then(|map| map.zone(from_country, to)).ok_or(NoRate::NoZone)?),
        };
        Ok(card.tariff(zone, to, goods_minor))
    }
}

/// Where a parcel goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Destination<'a> {
    /// ISO 3166-1 alpha-2.
    pub country: &'a str,
    pub postcode: &'a str,
    pub point: GeoPoint,
}

impl Destination<'_> {
    /// The clocks there: those of the country's largest city.
    pub fn time_zone(&self) -> Tz {
        geo::country_by_code(self.country).map_or(Tz::UTC, |country| country.time_zone)
    }
}

/// A postcode as prefixes are compared with it: capital letters and digits only.
pub fn bare_postcode(postcode: &str) -> String {
    postcode.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(feature = "postgres")]
mod check;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod put_row;
#[cfg(feature = "postgres")]
mod save_setting;
#[cfg(feature = "postgres")]
pub use {
    list::{delivery_at, list_settings, read_setting},
    put_row::{PlaceRow, Rate, TransitRow, put_place, put_rate, put_transit},
    save_setting::{end_setting, preview_setting, save_setting, undo_setting},
};
