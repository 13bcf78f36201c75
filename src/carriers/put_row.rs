//! One row of a setting at a time, as tables bring them: the rest of the setting stays as it is.

use super::save_setting::save_setting;
use super::{RateCard, RateRow, Setting, SettingKind, Transit, ZoneMap, ZonePlace};
use crate::identity::Act;
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A price of a rate card that may be new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    pub card: String,
    /// Of a new card; empty is its code, or what it is called already.
    pub name: String,
    /// Of a new card.
    pub currency: String,
    /// Of a new card: code of its zone map.
    pub zone_map: String,
    pub row: RateRow,
}

/// A place on a zone map that may be new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRow {
    pub map: String,
    pub place: ZonePlace,
}

/// How long a carrier service takes to a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitRow {
    pub service: String,
    pub transit: Transit,
}

/// Sets a price, in place of the one for the same zone, weight and value.
pub async fn put_rate(conn: &mut PgConnection, act: &Act, new: &Rate) -> Result<()> {
    let mut card = match current(conn, act, SettingKind::RateCard, &new.card).await? {
        Some(Setting::RateCard(card)) => card,
        _ => RateCard { name: new.card.clone(), currency: new.currency.clone(), zone_map: new.zone_map.clone(), ..RateCard::default() },
    };
    for (field, given, has) in [("/currency", &new.currency, &card.currency), ("/zone_map", &new.zone_map, &card.zone_map)] {
        if !given.is_empty() && given != has {
            return Err(Refusal::field(field, format!("The rate card {} has {has}. Write that, or leave it empty.", new.card)).into());
        }
    }
    if !new.name.is_empty() {
        card.name.clone_from(&new.name);
    }
    let key = |row: &RateRow| (row.zone.clone(), row.up_to_grams, row.from_value_minor);
    match card.rows.iter_mut().find(|row| key(row) == key(&new.row)) {
        Some(row) => row.clone_from(&new.row),
        None => card.rows.push(new.row.clone()),
    }
    save(conn, act, &new.card, Setting::RateCard(card)).await
}

/// Says which zone a place is in.
pub async fn put_place(conn: &mut PgConnection, act: &Act, new: &PlaceRow) -> Result<()> {
    let mut map = match current(conn, act, SettingKind::ZoneMap, &new.map).await? {
        Some(Setting::ZoneMap(map)) => map,
        _ => ZoneMap { name: new.map.clone(), places: Vec::new() },
    };
    let same = |place: &&mut ZonePlace| (&place.from, &place.to, &place.postcode) == (&new.place.from, &new.place.to, &new.place.postcode);
    match map.places.iter_mut().find(same) {
        Some(place) => place.zone.clone_from(&new.place.zone),
        None => map.places.push(new.place.clone()),
    }
    save(conn, act, &new.map, Setting::ZoneMap(map)).await
}

/// Says how many days a known carrier service takes to a zone.
pub async fn put_transit(conn: &mut PgConnection, act: &Act, new: &TransitRow) -> Result<()> {
    let Some(Setting::Service(mut service)) = current(conn, act, SettingKind::Service, &new.service).await? else {
        return Err(Refusal::field("/service", format!("There is no carrier service “{}”. Set it up first.", new.service)).into());
    };
    match service.transit.iter_mut().find(|t| t.zone == new.transit.zone) {
        Some(transit) => transit.days = new.transit.days,
        None => service.transit.push(new.transit.clone()),
    }
    save(conn, act, &new.service, Setting::Service(service)).await
}

async fn current(conn: &mut PgConnection, act: &Act, kind: SettingKind, code: &str) -> Result<Option<Setting>> {
    let content = sqlx::query_scalar!(
        r#"select content as "content: Json<Setting>" from delivery_settings where kind = $1 and code = $2 and valid @> $3::timestamptz"#,
        kind.as_str(),
        code,
        act.now
    )
    .fetch_optional(conn)
    .await?;
    Ok(content.map(|c| c.0))
}

/// Saves from now on; a row that says what is known already changes nothing.
async fn save(conn: &mut PgConnection, act: &Act, code: &str, setting: Setting) -> Result<()> {
    if current(conn, act, setting.kind(), code).await?.as_ref() == Some(&setting) {
        return act.require(crate::identity::Permission::ManageNetwork).map_err(Into::into);
    }
    save_setting(conn, act, code, &setting, None, None).await
}
