//! What a setting must be like, by itself and beside the others.

use super::{Delivery, RateCard, Service, Setting, SettingKind, SlotPlan, SlotUse, SlotWindow, SurchargeBy, SurchargeWhen, ZoneMap, bare_postcode};
use crate::catalog::{SKILL_WORDS, is_skill};
use crate::geo;
use crate::money::Currency;
use crate::refusal::{FieldProblem, Refusal};

const LONGEST_NAME: usize = 100;
const MOST_ROWS: usize = 5_000;
/// Ten million in a currency with two decimals.
const MOST_MINOR: i64 = 1_000_000_000;
const MOST_GRAMS: i32 = 100_000_000;

/// What a code must be like: it is in addresses and in files.
pub(super) fn check_code(kind: SettingKind, code: &str) -> Result<(), Refusal> {
    if kind == SettingKind::Holidays {
        let known = geo::country_by_code(code).map(|_| ());
        return known.ok_or_else(|| Refusal::field("/code", "The holidays of a country have its two-letter code, such as GB."));
    }
    let fits = (2..=40).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(()) } else { Err(Refusal::field("/code", "A code has 2 to 40 small letters, digits and hyphens, such as next-day.")) }
}

struct Problems(Vec<FieldProblem>);

impl Problems {
    fn say(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldProblem { field: field.into(), message: message.into() });
    }

    fn name(&mut self, field: &str, text: &str, example: &str) {
        if text.trim().is_empty() {
            self.say(field, format!("Enter a name, such as {example}."));
        } else if text.chars().count() > LONGEST_NAME {
            self.say(field, "Shorten this to 100 characters.");
        }
    }

    fn rows(&mut self, field: &str, count: usize) {
        if count > MOST_ROWS {
            self.say(field, "There is room for 5,000 rows.");
        }
    }

    /// A country that may be left out.
    fn country(&mut self, field: String, code: &str) {
        if !code.is_empty() && geo::country_by_code(code).is_none() {
            self.say(field, format!("“{code}” is not a country: use a two-letter code such as GB, or nothing for anywhere."));
        }
    }
}

/// Customers choose among so many ways of delivery at most.
const MOST_METHODS: usize = 8;

/// Everything wrong with a setting, `others` being those in force beside it.
pub(super) fn check(code: &str, setting: &Setting, others: &Delivery, channels: &[String], locations: &[String]) -> Result<(), Refusal> {
    let mut problems = Problems(Vec::new());
    match setting {
        Setting::ZoneMap(map) => check_map(map, &mut problems),
        Setting::RateCard(card) => check_card(card, others, &mut problems),
        Setting::Service(service) => check_service(service, others, locations, &mut problems),
        Setting::Method(method) => {
            problems.name("/name", &method.name, "Standard delivery");
            if others.methods.iter().filter(|(other, _)| other != code).count() >= MOST_METHODS {
                problems.say("/code", "There is room for eight ways of delivery. End one that is not needed first.");
            }
            if method.services.is_empty() {
                problems.say("/services", "Choose at least one carrier service that brings it.");
            }
            for (index, code) in method.services.iter().enumerate().filter(|(_, code)| !others.services.contains_key(*code)) {
                problems.say(format!("/services/{index}"), format!("There is no carrier service “{code}”."));
            }
            if !others.rate_cards.contains_key(&method.rate_card) {
                problems.say("/rate_card", "Choose the rate card that says what the customer pays.");
            }
            for (index, channel) in method.channels.iter().enumerate().filter(|(_, channel)| !channels.contains(channel)) {
                problems.say(format!("/channels/{index}"), format!("There is no channel “{channel}”."));
            }
            if !method.slots.is_empty() && others.slots.get(&method.slots).is_none_or(|plan| plan.serves != SlotUse::Delivery) {
                problems.say("/slots", "Choose slots that are for delivery, or none.");
            }
            if !(0..=1_000).contains(&method.position) {
                problems.say("/position", "The position is from 0, which comes first, to 1,000.");
            }
        }
        Setting::Slots(plan) => check_slots(code, plan, others, locations, &mut problems),
        Setting::Holidays(holidays) => {
            problems.name("/name", &holidays.name, "England");
            problems.rows("/days", holidays.days.len());
        }
    }
    if problems.0.is_empty() { Ok(()) } else { Err(Refusal::invalid(problems.0)) }
}

fn check_map(map: &ZoneMap, problems: &mut Problems) {
    problems.name("/name", &map.name, "Parcel zones");
    problems.rows("/places", map.places.len());
    if map.places.is_empty() {
        problems.say("/places", "A map has at least one zone.");
    }
    for (index, place) in map.places.iter().enumerate() {
        let field = |name: &str| format!("/places/{index}/{name}");
        if place.zone.trim().is_empty() || place.zone.chars().count() > 40 {
            problems.say(field("zone"), "Name the zone in at most 40 characters.");
        }
        problems.country(field("from"), &place.from);
        problems.country(field("to"), &place.to);
        if !place.postcode.is_empty() && (place.to.is_empty() || bare_postcode(&place.postcode).is_empty()) {
            problems.say(field("postcode"), "The beginning of a postcode needs the country that it is of.");
        }
        let same = |other: &&super::ZonePlace| {
            other.from == place.from && other.to == place.to && bare_postcode(&other.postcode) == bare_postcode(&place.postcode)
        };
        if map.places[..index].iter().find(same).is_some() {
            problems.say(field("zone"), "Another row is for the same place already.");
        }
    }
}

fn check_card(card: &RateCard, others: &Delivery, problems: &mut Problems) {
    problems.name("/name", &card.name, "Standard prices");
    problems.rows("/rows", card.rows.len());
    if Currency::from_code(&card.currency).is_none() {
        problems.say("/currency", "Enter a currency by its three-letter code, such as GBP.");
    }
    let map = others.zone_maps.get(&card.zone_map);
    if !card.zone_map.is_empty() && map.is_none() {
        problems.say("/zone_map", format!("There is no zone map “{}”.", card.zone_map));
    }
    if card.volume_per_kg.is_some_and(|v| !(1..=1_000_000).contains(&v)) {
        problems.say(
            "/volume_per_kg",
            "From 1 to 1,000,000 cm³ count as a kilogram; carriers mostly say 4,000 to 6,000. Leave it empty to go by weight alone.",
        );
    }
    if !(0..=MOST_MINOR).contains(&card.minimum_minor) {
        problems.say("/minimum_minor", "The minimum is zero or more.");
    }
    if card.rows.is_empty() {
        problems.say("/rows", "A card has at least one price.");
    }
    for (index, row) in card.rows.iter().enumerate() {
        let field = |name: &str| format!("/rows/{index}/{name}");
        if !row.zone.is_empty() && !map.is_some_and(|m| m.zones().contains(&row.zone.as_str())) {
            problems.say(field("zone"), format!("“{}” is no zone of its map. Leave it empty for any zone.", row.zone));
        }
        if row.up_to_grams.is_some_and(|g| !(1..=MOST_GRAMS).contains(&g)) {
            problems.say(field("up_to_grams"), "The weight is above zero and at most 100 tonnes. Leave it empty for any weight.");
        }
        if !(0..=MOST_MINOR).contains(&row.amount_minor) {
            problems.say(field("amount_minor"), "The price is zero or more.");
        }
        if !(0..=MOST_MINOR).contains(&row.from_value_minor) {
            problems.say(field("from_value_minor"), "The value of the goods is zero or more.");
        }
        if card.rows[..index].iter().any(|r| (&r.zone, r.up_to_grams, r.from_value_minor) == (&row.zone, row.up_to_grams, row.from_value_minor)) {
            problems.say(field("amount_minor"), "Another row is for the same zone, weight and value already.");
        }
    }
    for (index, extra) in card.surcharges.iter().enumerate() {
        problems.name(&format!("/surcharges/{index}/name"), &extra.name, "Fuel");
        let sensible = match extra.by {
            SurchargeBy::Fixed(minor) => (0..=MOST_MINOR).contains(&minor),
            SurchargeBy::Share(bp) => (0..=100_000).contains(&bp),
        };
        if !sensible {
            problems.say(format!("/surcharges/{index}/by"), "A surcharge is an amount of zero or more, or 0 to 1,000 %.");
        }
        match &extra.when {
            SurchargeWhen::GoingTo(country, _) if geo::country_by_code(country).is_none() => {
                problems.say(format!("/surcharges/{index}/when"), "Say to which country, by its two-letter code.");
            }
            SurchargeWhen::HeavierThanGrams(n) | SurchargeWhen::LongerThanMm(n) if *n < 0 => {
                problems.say(format!("/surcharges/{index}/when"), "Weights and lengths are zero or more.");
            }
            _ => {}
        }
    }
}

fn check_service(service: &Service, others: &Delivery, locations: &[String], problems: &mut Problems) {
    problems.name("/carrier", &service.carrier, "Waybill Parcel");
    problems.name("/name", &service.name, "Next day");
    let map = others.zone_maps.get(&service.zone_map);
    if map.is_none() {
        problems.say("/zone_map", "Choose the zone map that its days go by.");
    }
    if service.transit.is_empty() {
        problems.say("/transit", "Say how many days it takes to at least one zone.");
    }
    for (index, transit) in service.transit.iter().enumerate() {
        if map.is_some_and(|m| !m.zones().contains(&transit.zone.as_str())) {
            problems.say(format!("/transit/{index}/zone"), format!("“{}” is no zone of its map.", transit.zone));
        } else if service.transit[..index].iter().any(|t| t.zone == transit.zone) {
            problems.say(format!("/transit/{index}/zone"), format!("The zone “{}” comes twice.", transit.zone));
        }
        if !(0..=90).contains(&transit.days) {
            problems.say(format!("/transit/{index}/days"), "It takes 0 days, which is the same day, to 90.");
        }
    }
    if service.collections.is_empty() {
        problems.say("/collections", "Say when it collects: without that, nothing can be sent with it.");
    }
    for (index, collection) in service.collections.iter().enumerate() {
        if !collection.location.is_empty() && !locations.contains(&collection.location) {
            problems.say(format!("/collections/{index}/location"), format!("There is no location {}.", collection.location));
        }
        if collection.weekdays.is_empty() {
            problems.say(format!("/collections/{index}/weekdays"), "Choose at least one day.");
        }
    }
    if service.delivers.is_empty() {
        problems.say("/delivers", "Choose the days on which it delivers.");
    }
    if service.delivers_until <= service.delivers_from {
        problems.say("/delivers_until", "It delivers until a later time than from.");
    }
    if !(0..=30).contains(&service.padding_days) {
        problems.say("/padding_days", "From 0 to 30 days can be promised on top.");
    }
    if !service.rate_card.is_empty() && !others.rate_cards.contains_key(&service.rate_card) {
        problems.say("/rate_card", format!("There is no rate card “{}”.", service.rate_card));
    }
    if service.max_grams.is_some_and(|g| g < 1) || service.max_mm.is_some_and(|mm| mm < 1) {
        problems.say("/max_grams", "Limits are above zero. Leave them empty for none.");
    }
}

fn check_slots(code: &str, plan: &SlotPlan, others: &Delivery, locations: &[String], problems: &mut Problems) {
    problems.name("/name", &plan.name, "Evenings in Leeds");
    if !locations.contains(&plan.location) {
        problems.say("/location", "Choose the location that does it: its clocks count.");
    }
    let collected = |p: &SlotPlan| p.serves == SlotUse::Pickup && p.location == plan.location;
    if let Some((_, other)) = others.slots.iter().find(|(other, p)| *other != code && collected(p) && collected(plan)) {
        problems.say("/location", format!("The location has {} for those who collect. Change these.", other.name));
    }
    if let Some((_, method)) = others.methods.iter().find(|(_, m)| m.slots == code && plan.serves != SlotUse::Delivery) {
        problems.say("/serves", format!("{} is delivered in these slots. Change that first.", method.name));
    }
    match (plan.serves, plan.skill.trim()) {
        (SlotUse::Appointment, "") => problems.say("/skill", "Say what those who come can do, as the service's SKU names it, such as installation."),
        (SlotUse::Appointment, _) if !is_skill(&plan.skill) => problems.say("/skill", SKILL_WORDS),
        (SlotUse::Delivery | SlotUse::Pickup, _) if !plan.skill.is_empty() || plan.brings_goods => {
            problems.say("/skill", "Only appointments need a skill, and bring goods. Leave both out.");
        }
        _ => {}
    }
    let map = others.zone_maps.get(&plan.zone_map);
    if !plan.zone_map.is_empty() && map.is_none() {
        problems.say("/zone_map", format!("There is no zone map “{}”.", plan.zone_map));
    }
    for (index, zone) in plan.zones.iter().enumerate().filter(|(_, zone)| !map.is_some_and(|m| m.zones().contains(&zone.as_str()))) {
        problems.say(format!("/zones/{index}"), format!("“{zone}” is no zone of its map."));
    }
    if !(0..=720).contains(&plan.lead_hours) {
        problems.say("/lead_hours", "It is booked 0 to 720 hours before.");
    }
    if !(1..=90).contains(&plan.horizon_days) {
        problems.say("/horizon_days", "It is booked 1 to 90 days ahead.");
    }
    if plan.windows.is_empty() {
        problems.say("/windows", "Say at least one window.");
    }
    for (index, window) in plan.windows.iter().enumerate() {
        let field = |name: &str| format!("/windows/{index}/{name}");
        if window.weekdays.is_empty() {
            problems.say(field("weekdays"), "Choose at least one day.");
        }
        if window.until <= window.from {
            problems.say(field("until"), "A window ends after it begins, on the same day.");
        }
        let days: Vec<u8> = window.weekdays.into();
        let overlaps = |other: &SlotWindow| other.from == window.from && Vec::<u8>::from(other.weekdays).iter().any(|day| days.contains(day));
        if plan.windows.iter().take(index).any(overlaps) {
            problems.say(field("from"), "Another window of the same day begins then. Let one of them begin at another time.");
        }
        if !(1..=100_000).contains(&window.capacity) {
            problems.say(field("capacity"), "There is room for 1 to 100,000.");
        }
    }
}

/// What would miss a setting that ends, if anything: its name in words.
pub(super) fn missed_by(kind: SettingKind, code: &str, others: &Delivery) -> Option<String> {
    let service = |uses: &dyn Fn(&Service) -> bool| others.services.values().find(|s| uses(s)).map(|s| format!("carrier service {}", s.name));
    match kind {
        SettingKind::ZoneMap => {
            let card = others.rate_cards.values().find(|c| c.zone_map == code).map(|c| format!("rate card {}", c.name));
            let slots = others.slots.values().find(|s| s.zone_map == code).map(|s| format!("time slots {}", s.name));
            card.or_else(|| service(&|s| s.zone_map == code)).or(slots)
        }
        SettingKind::RateCard => {
            let method = others.methods.iter().find(|(_, m)| m.rate_card == code).map(|(_, m)| format!("way of delivery {}", m.name));
            method.or_else(|| service(&|s| s.rate_card == code))
        }
        SettingKind::Service => {
            let needs = |services: &[String]| services.iter().any(|s| s == code);
            others.methods.iter().find(|(_, m)| needs(&m.services)).map(|(_, m)| format!("way of delivery {}", m.name))
        }
        SettingKind::Slots => others.methods.iter().find(|(_, m)| m.slots == code).map(|(_, m)| format!("way of delivery {}", m.name)),
        SettingKind::Method | SettingKind::Holidays => None,
    }
}
