//! What a setting says, fact by fact: for the page that shows it and for the audit's before and after.

use super::{
    Collection, DeliveryMethod, Holidays, RateCard, RateRow, Service, Setting, SlotPlan, SlotWindow, Surcharge, SurchargeBy, SurchargeWhen, ZoneMap,
};
use crate::events::Change;
use crate::money::{Currency, Money};

impl Setting {
    /// What it says, as (of what, what).
    pub fn facts(&self) -> Vec<(String, String)> {
        match self {
            Self::ZoneMap(map) => of_map(map),
            Self::RateCard(card) => of_card(card),
            Self::Service(service) => of_service(service),
            Self::Method(method) => of_method(method),
            Self::Holidays(holidays) => of_holidays(holidays),
            Self::Slots(plan) => of_slots(plan),
        }
    }

    /// What is different in `after`; without one it ends, without `before` it is new.
    pub fn changes(before: Option<&Self>, after: Option<&Self>) -> Vec<Change> {
        let facts = |setting: Option<&Self>| setting.map(Self::facts).unwrap_or_default();
        let (before, after) = (facts(before), facts(after));
        let find = |facts: &[(String, String)], name: &str| facts.iter().find(|f| f.0 == name).map(|f| f.1.clone()).unwrap_or_default();
        let mut names: Vec<&String> = before.iter().map(|f| &f.0).collect();
        names.extend(after.iter().map(|f| &f.0).filter(|name| !before.iter().any(|f| f.0 == **name)));
        let change = |name: &String| Change { field: name.clone(), before: find(&before, name), after: find(&after, name) };
        names.into_iter().map(change).filter(|c| c.before != c.after).collect()
    }
}

fn fact(of: impl Into<String>, what: impl Into<String>) -> (String, String) {
    (of.into(), what.into())
}

fn any(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

/// An amount with its currency, as people read it.
pub(super) fn amount(minor: i64, currency: &str) -> String {
    Currency::from_code(currency).map_or_else(|| minor.to_string(), |c| Money::new(minor, c).to_string())
}

/// A weight as people read it.
pub(super) fn kilos(grams: i64) -> String {
    let text = format!("{:.3}", grams as f64 / 1_000.0);
    format!("{} kg", text.trim_end_matches('0').trim_end_matches('.'))
}

fn of_map(map: &ZoneMap) -> Vec<(String, String)> {
    let mut facts = vec![fact("Name", &map.name)];
    facts.extend(map.places.iter().map(|p| {
        let postcode = if p.postcode.is_empty() { String::new() } else { format!(", postcodes {}…", p.postcode) };
        fact(format!("From {} to {}{postcode}", any(&p.from, "anywhere"), any(&p.to, "anywhere")), &p.zone)
    }));
    facts
}

fn of_card(card: &RateCard) -> Vec<(String, String)> {
    let money = |minor| amount(minor, &card.currency);
    let mut facts = vec![
        fact("Name", &card.name),
        fact("Currency", &card.currency),
        fact("Zones", any(&card.zone_map, "the same everywhere")),
        fact("Size that counts as a kilogram", card.volume_per_kg.map_or_else(|| "by weight alone".to_owned(), |v| format!("{v} cm³"))),
        fact("Minimum", money(card.minimum_minor)),
    ];
    facts.extend(card.rows.iter().map(|row| fact(row_words(row, &card.currency), money(row.amount_minor))));
    facts.extend(card.surcharges.iter().map(|s| fact(format!("{} ({})", s.name, s.when.words()), s.words(&card.currency))));
    facts
}

fn row_words(row: &RateRow, currency: &str) -> String {
    let weight = row.up_to_grams.map_or_else(|| "any weight".to_owned(), |g| format!("up to {}", kilos(g.into())));
    let value = if row.from_value_minor > 0 { format!(", goods from {}", amount(row.from_value_minor, currency)) } else { String::new() };
    format!("{}, {weight}{value}", any(&row.zone, "any zone"))
}

impl SurchargeWhen {
    /// Which parcels bear it.
    pub fn words(&self) -> String {
        match self {
            Self::Always => "every parcel".to_owned(),
            Self::HeavierThanGrams(grams) => format!("heavier than {}", kilos((*grams).into())),
            Self::LongerThanMm(mm) => format!("longer than {mm} mm"),
            Self::GoingTo(country, prefix) => format!("to {country} {prefix}").trim_end().to_owned(),
        }
    }
}

impl Surcharge {
    /// How much it is.
    pub fn words(&self, currency: &str) -> String {
        match self.by {
            SurchargeBy::Fixed(minor) => amount(minor, currency),
            SurchargeBy::Share(bp) => format!("{} %", f64::from(bp) / 100.0),
        }
    }
}

fn of_service(service: &Service) -> Vec<(String, String)> {
    let days = |n: i32| match n {
        0 => "the same day".to_owned(),
        1 => "1 day".to_owned(),
        n => format!("{n} days"),
    };
    let mut facts = vec![
        fact("Carrier", &service.carrier),
        fact("Name", &service.name),
        fact("Zones", &service.zone_map),
        fact("Delivers", format!("{}, {} to {}", service.delivers, service.delivers_from.format("%H:%M"), service.delivers_until.format("%H:%M"))),
        fact("Public holidays", if service.works_on_holidays { "works" } else { "rests" }),
        fact("Promised on top", if service.padding_days == 0 { "nothing".to_owned() } else { days(service.padding_days) }),
        fact("What it costs us", any(&service.rate_card, "not known")),
        fact("Heaviest thing", service.max_grams.map_or_else(|| "no limit".to_owned(), |g| kilos(g.into()))),
        fact("Longest thing", service.max_mm.map_or_else(|| "no limit".to_owned(), |mm| format!("{mm} mm"))),
    ];
    facts.extend(service.transit.iter().map(|t| fact(format!("To zone {}", t.zone), days(t.days))));
    let mut places: Vec<&str> = Vec::new();
    for collection in &service.collections {
        if !places.contains(&collection.location.as_str()) {
            places.push(&collection.location);
        }
    }
    for place in places {
        let times: Vec<String> = service.collections.iter().filter(|c| c.location == place).map(Collection::words).collect();
        facts.push(fact(format!("Collects at {}", any(place, "every location")), times.join("; ")));
    }
    facts
}

impl Collection {
    fn words(&self) -> String {
        format!("{} at {}", self.weekdays, self.at.format("%H:%M"))
    }
}

fn of_method(method: &DeliveryMethod) -> Vec<(String, String)> {
    vec![
        fact("Name", &method.name),
        fact("Position", method.position.to_string()),
        fact("Carrier services", method.services.join(", ")),
        fact("What the customer pays", &method.rate_card),
        fact("Time slots", any(&method.slots, "none to choose")),
        fact("Channels", if method.channels.is_empty() { "all".to_owned() } else { method.channels.join(", ") }),
    ]
}

fn of_slots(plan: &SlotPlan) -> Vec<(String, String)> {
    let zones = if plan.zones.is_empty() { "all zones".to_owned() } else { plan.zones.join(", ") };
    let region = if plan.zone_map.is_empty() { "everywhere".to_owned() } else { format!("{} of {}", zones, plan.zone_map) };
    let mut facts = vec![
        fact("Name", &plan.name),
        fact("For", plan.serves.label()),
        fact("Done by", &plan.location),
        fact("Region", region),
        fact("Booked", format!("{} hours before at the latest, {} days ahead at most", plan.lead_hours, plan.horizon_days)),
    ];
    if !plan.skill.is_empty() {
        facts.push(fact("Skill", &plan.skill));
        facts.push(fact("The order's parcels", if plan.brings_goods { "come with it" } else { "come before it" }));
    }
    let hours = |w: &SlotWindow| format!("{}, {} to {}", w.weekdays, w.from.format("%H:%M"), w.until.format("%H:%M"));
    facts.extend(plan.windows.iter().map(|w| fact(hours(w), format!("room for {}", w.capacity))));
    facts
}

fn of_holidays(holidays: &Holidays) -> Vec<(String, String)> {
    let mut facts = vec![fact("Name", &holidays.name)];
    facts.extend(holidays.days.iter().map(|(day, name)| fact(day.to_string(), name)));
    facts
}
