//! The company's places: 2 warehouses, 9 stores and a vendor that ships for it.

use super::delivery::set_up_delivery;
use crate::geo::{BRITISH_CITIES, City};
use crate::identity::Act;
use crate::ids::{ActivationId, LegalEntityId, LocationId, RulesetId};
use crate::inventory::{LocationKind, touch_network};
use crate::refusal::Result;
use crate::routing::rules::Rules;
use crate::routing::{activate_ruleset, publish_ruleset};
use chrono::{DateTime, TimeZone as _, Utc};
use sqlx::PgConnection;

struct Place {
    code: &'static str,
    kind: LocationKind,
    city: &'static str,
    postcode: &'static str,
    /// Lower is preferred.
    priority: i32,
    handling_minutes: i32,
}

const fn place(code: &'static str, kind: LocationKind, city: &'static str, postcode: &'static str, priority: i32, handling_minutes: i32) -> Place {
    Place { code, kind, city, postcode, priority, handling_minutes }
}

const PLACES: &[Place] = &[
    place("ST-BHM", LocationKind::Store, "Birmingham", "B2 4QA", 50, 120),
    place("ST-BRS", LocationKind::Store, "Bristol", "BS1 3BX", 50, 120),
    place("ST-CDF", LocationKind::Store, "Cardiff", "CF10 2EF", 50, 120),
    place("ST-EDI", LocationKind::Store, "Edinburgh", "EH2 2DF", 50, 120),
    place("ST-GLA", LocationKind::Store, "Glasgow", "G2 1DY", 50, 120),
    place("ST-LDS", LocationKind::Store, "Leeds", "LS1 6DT", 50, 120),
    place("ST-LON", LocationKind::Store, "London", "EC2R 8AH", 50, 120),
    place("ST-MAN", LocationKind::Store, "Manchester", "M2 3WQ", 50, 120),
    place("ST-NCL", LocationKind::Store, "Newcastle upon Tyne", "NE1 7JB", 50, 120),
    place("VN-LEI", LocationKind::Vendor, "Leicester", "LE1 4FQ", 200, 1_440),
    place("WH-NTH", LocationKind::Warehouse, "Northampton", "NN4 7HB", 10, 60),
    place("WH-WAR", LocationKind::Warehouse, "Warrington", "WA5 7ZB", 10, 60),
];

/// The shop's channels.
pub(super) const CHANNELS: [(&str, &str); 4] = [("web", "Web shop"), ("store", "Store"), ("phone", "Phone"), ("marketplace", "Marketplace")];

/// Prices include the standard British rate.
pub(super) const TAX_RATE_BP: i32 = 2_000;

/// From when on the network is known: before the first order of either history.
fn since() -> DateTime<Utc> {
    Utc.timestamp_opt(1_262_304_000, 0).single().unwrap_or_default()
}

/// A location of the company, as the histories need it.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub id: LocationId,
    pub kind: LocationKind,
}

fn city_of(name: &str) -> &'static City {
    BRITISH_CITIES.iter().find(|c| c.name == name).unwrap_or(&BRITISH_CITIES[0])
}

/// True where no company has been opened yet.
pub async fn is_empty(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select not exists (select from legal_entities) as "empty!""#).fetch_one(conn).await?)
}

/// Opens the company where there is none yet: legal entity, channels, places with their hours, carriers and routing rules.
pub async fn open_company(conn: &mut PgConnection) -> Result<()> {
    if !is_empty(conn).await? {
        return Ok(());
    }
    let act = Act::system(since());
    let entity = LegalEntityId::new(act.now);
    sqlx::query!(
        "insert into legal_entities (legal_entity_id, name, country, currency) values ($1, 'Lantern & Larder Ltd (made up)', 'GB', 'GBP')",
        entity.0
    )
    .execute(&mut *conn)
    .await?;
    for (channel, name) in CHANNELS {
        // Shoppers keep what is in their basket for a while; the other channels order at once.
        let hold_seconds = if channel == "web" { 15 * 60 } else { 0 };
        sqlx::query!(
            "insert into channels (channel, name, legal_entity_id, currency, hold_seconds) values ($1, $2, $3, 'GBP', $4)",
            channel,
            name,
            entity.0,
            hold_seconds
        )
        .execute(&mut *conn)
        .await?;
    }
    for place in PLACES {
        open_place(conn, &act, place).await?;
    }
    set_up_delivery(conn, &act).await?;
    let ruleset = RulesetId::new(act.now);
    let version = publish_ruleset(conn, &act, ruleset, "Nearest first", &Rules::starting(), &[]).await?;
    activate_ruleset(conn, &act, ActivationId::new(act.now), (ruleset, version), None, None).await?;
    touch_network(conn).await
}

async fn open_place(conn: &mut PgConnection, act: &Act, place: &Place) -> Result<()> {
    let id = LocationId::new(act.now);
    let city = city_of(place.city);
    let name = match place.kind {
        LocationKind::Store => format!("{} store", place.city),
        LocationKind::Warehouse => format!("{} warehouse", place.city),
        LocationKind::Vendor | LocationKind::ThirdParty => format!("{} Lamps (vendor)", place.city),
    };
    sqlx::query!("insert into locations (location_id, code) values ($1, $2)", id.0, place.code).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into location_versions (location_id, valid, name, kind, street, city, postcode, country, latitude, longitude, time_zone, ships,
            offers_pickup, priority, handling_minutes, keeps_holidays, planned_at)
        values ($1, tstzrange($2, null), $3, $4, '1 Example Street', $5, $6, 'GB', $7, $8, 'Europe/London', true, $9, $10, $11, true, $2)",
        id.0,
        act.now,
        name,
        place.kind.as_str(),
        place.city,
        place.postcode,
        city.point.latitude,
        city.point.longitude,
        place.kind == LocationKind::Store,
        place.priority,
        place.handling_minutes
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into location_hours (location_id, valid, weekday, opens, closes, cut_off)
        select $1, tstzrange($2, null), weekday, '09:00', '18:00', '14:00' from generate_series(1, 6) as weekday",
        id.0,
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}
