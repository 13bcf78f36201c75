//! Trying out what is set: what a parcel costs and when it arrives, with every step of the way, and nothing sent.

use super::schedule::{Piece, Schedule, reaches};
use super::views::{Tried, TriedMethod, TriedPrice, TriedService, TriedWay};
use crate::carriers::{Destination, NoRate, Parcel};
use crate::clock::shown_at;
use crate::geo;
use crate::identity::{Act, Permission};
use crate::inventory;
use crate::refusal::{FieldProblem, Refusal, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::PgConnection;

/// A parcel to be tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Code of the location that sends it.
    pub location: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub postcode: String,
    pub grams: i32,
    /// Its sides; all three for its size to count.
    pub length_mm: Option<i32>,
    pub width_mm: Option<i32>,
    pub height_mm: Option<i32>,
    /// What the goods come to, minor units.
    pub goods_minor: i64,
    /// When it is released; now where left out.
    pub at: Option<DateTime<Utc>>,
}

/// Tries a parcel on everything that is in force at its moment.
pub async fn try_delivery(conn: &mut PgConnection, act: &Act, trial: &Trial) -> Result<Tried> {
    act.require(Permission::ManageNetwork)?;
    let at = trial.at.unwrap_or(act.now);
    let network = inventory::network_at(conn, at).await?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    let location = network.locations.iter().find(|l| l.code == trial.location.trim());
    if location.is_none() {
        wrong("/location", "Choose the location that sends it.");
    }
    if let Err(problem) = geo::place(&trial.country, &trial.postcode) {
        wrong(&problem.field, &problem.message);
    }
    let point = geo::locate(&trial.country, &trial.postcode);
    if !(0..=100_000_000).contains(&trial.grams) {
        wrong("/grams", "The weight is from zero to 100 tonnes.");
    }
    if trial.goods_minor < 0 {
        wrong("/goods_minor", "The value of the goods is zero or more.");
    }
    let (Some(location), Some(point)) = (location, point.filter(|_| problems.is_empty())) else { return Err(Refusal::invalid(problems).into()) };
    let to = Destination { country: &trial.country, postcode: &trial.postcode, point };
    let size = crate::catalog::Size::of(trial.grams, trial.length_mm, trial.width_mm, trial.height_mm);
    let parcel = Parcel { grams: size.grams.into(), volume_ml: size.volume_ml.into(), longest_mm: size.longest_mm };
    let delivery = &network.delivery;
    let codes: Vec<String> = delivery.services.keys().cloned().collect();
    let mut services: Vec<TriedService> = reaches(delivery, &codes, to)
        .iter()
        .map(|reach| {
            let sent = reach.schedule(location, Piece { grams: size.grams, longest_mm: size.longest_mm }, at);
            let card = &reach.service.rate_card;
            let cost = delivery.charge(card, &location.country, &to, &parcel, trial.goods_minor).ok().filter(|_| sent.is_ok());
            let currency = delivery.rate_cards.get(card).map_or("", |c| c.currency.as_str());
            TriedService {
                code: reach.code.to_owned(),
                name: reach.service.name.clone(),
                carrier: reach.service.carrier.clone(),
                why_not: sent.as_ref().err().map(|why| why.words().to_owned()),
                way: sent.ok().map(|schedule| way(&schedule, location.calendar.zone, to.time_zone())),
                cost: cost.and_then(|charge| TriedPrice::of(charge, currency)),
            }
        })
        .collect();
    services.sort_by(|a, b| (a.way.is_none(), a.way.as_ref().map(|w| w.until)).cmp(&(b.way.is_none(), b.way.as_ref().map(|w| w.until))));
    // The customer pays the company, wherever it is sent from.
    let home = sqlx::query_scalar!(r#"select country as "country!" from legal_entities order by legal_entity_id limit 1"#).fetch_one(conn).await?;
    let methods = delivery.methods.iter().map(|(code, method)| {
        let price = delivery.price(method, &home, &to, &parcel, trial.goods_minor);
        let why_not = price.as_ref().err().map(|why| match why {
            NoRate::NoCard => "It has no rate card.",
            NoRate::NoZone => "It does not go there.",
            NoRate::NoRow => "It has no price for this weight and value there.",
        });
        let currency = delivery.rate_cards.get(&method.rate_card).map_or("", |c| c.currency.as_str());
        let price = price.ok().and_then(|charge| TriedPrice::of(charge, currency));
        TriedMethod { code: code.clone(), name: method.name.clone(), price, why_not: why_not.map(str::to_owned) }
    });
    Ok(Tried { at, services, methods: methods.collect() })
}

fn way(schedule: &Schedule, here: Tz, there: Tz) -> TriedWay {
    TriedWay {
        zone: schedule.zone.clone().unwrap_or_default(),
        transit_days: schedule.transit_days,
        padding_days: schedule.padding_days,
        ready_at: shown_at(here, schedule.ready_at),
        handed_over_at: shown_at(here, schedule.handed_over_at),
        cut_off: shown_at(here, schedule.cut_off),
        day: schedule.day,
        from: shown_at(there, schedule.from),
        until: shown_at(there, schedule.until),
    }
}
