//! Noting that something is out of order.

use super::{DisruptionKind, NewDisruption};
use crate::carriers::SettingKind;
use crate::catalog;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{ClosureId, DisruptionId, LocationId, SkuId};
use crate::inventory::{location_by_code, places, touch_network};
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;

const LONGEST_REASON: usize = 200;

/// Notes that something is out of order from now on, under an id that the caller chose. Planning leaves it out at once; what counts on it already is the
/// caller's to plan anew.
pub async fn start_disruption(conn: &mut PgConnection, act: &Act, id: DisruptionId, new: &NewDisruption) -> Result<()> {
    let place = note_disruption(conn, act, id, new).await?;
    if let (DisruptionKind::Location, Some(place)) = (new.kind, place) {
        places::tell_closed(conn, act, place, act.now, new.until, new.reason.trim()).await?;
    }
    touch_network(conn).await?;
    let details = EventDetails { reason: Some(new.reason.trim().to_owned()), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::DisruptionStarted, details }]).await
}

/// The same, and nobody is told: for whoever takes it back in the same transaction. The location that it is about.
pub async fn note_disruption(conn: &mut PgConnection, act: &Act, id: DisruptionId, new: &NewDisruption) -> Result<Option<LocationId>> {
    act.require(Permission::ManageNetwork)?;
    let reason = new.reason.trim();
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        wrong("/reason", "Say what has happened, in at most 200 characters: staff and explanations show it.");
    }
    if new.until.is_some_and(|until| until <= act.now) {
        wrong("/until", "Choose a time that is still to come, or leave this empty where nobody knows.");
    }
    let named = |code: &Option<String>| code.as_deref().map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned);
    let (location, carrier, service, sku) = (named(&new.location), named(&new.carrier), named(&new.service), named(&new.sku));
    let missing = match new.kind {
        DisruptionKind::Location => location.is_none().then_some(("/location", "Choose the location that is closed.")),
        DisruptionKind::Carrier => carrier.is_none().then_some(("/carrier", "Choose the carrier that is on strike.")),
        DisruptionKind::Service => service.is_none().then_some(("/service", "Choose the carrier service that takes nothing.")),
        DisruptionKind::Sku => sku.is_none().then_some(("/sku", "Give the code of the SKU whose stock is wrong.")),
    };
    if let Some((field, message)) = missing {
        wrong(field, message);
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    // What a kind is not about is left aside: a form sends all of its fields.
    let location = location.filter(|_| !new.kind.is_of_carriage());
    let place: Option<LocationId> = match &location {
        Some(code) => Some(location_by_code(conn, code).await?),
        None => None,
    };
    let carrier = carrier.filter(|_| new.kind == DisruptionKind::Carrier);
    let service = service.filter(|_| new.kind == DisruptionKind::Service);
    if new.kind.is_of_carriage() {
        known_carriage(conn, act, carrier.as_deref(), service.as_deref()).await?;
    }
    let thing: Option<SkuId> = match sku.filter(|_| new.kind == DisruptionKind::Sku) {
        Some(code) => Some(known_sku(conn, act, &code).await?),
        None => None,
    };
    // One at a time: that nothing is noted twice is looked at before it is.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('disruptions'))").fetch_one(&mut *conn).await?;
    let noted = sqlx::query_scalar!(
        "select reason from disruptions
        where kind = $1 and valid @> $2::timestamptz and (lasts_until is null or lasts_until > $2)
            and location_id is not distinct from $3 and service is not distinct from $4 and sku_id is not distinct from $5
            and carrier is not distinct from $6",
        new.kind.as_str(),
        act.now,
        place.map(|p| p.0),
        service,
        thing.map(|t| t.0),
        carrier
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(noted) = noted {
        let message = format!("That is noted already ({noted}). End that disruption first.");
        return Err(Refusal::field(format!("/{}", new.kind), message).into());
    }
    if let (DisruptionKind::Location, Some(code)) = (new.kind, &location) {
        places::note_closure(conn, act, ClosureId(id.0), code, None, new.until, reason).await?;
    }
    sqlx::query!(
        "insert into disruptions (disruption_id, kind, location_id, service, sku_id, reason, valid, lasts_until, brings_back, started_by, carrier)
        values ($1, $2, $3, $4, $5, $6, tstzrange($7, null), $8, $9, $10, $11)",
        id.0,
        new.kind.as_str(),
        place.map(|p| p.0),
        service,
        thing.map(|t| t.0),
        reason,
        act.now,
        new.until,
        new.brings_back,
        act.actor.user().map(|u| u.0),
        carrier
    )
    .execute(&mut *conn)
    .await?;
    Ok(place)
}

/// Refuses a carrier, or a carrier service, that no service is set up for.
async fn known_carriage(conn: &mut PgConnection, act: &Act, carrier: Option<&str>, service: Option<&str>) -> Result<()> {
    let known = sqlx::query_scalar!(
        r#"select exists (
            select from delivery_settings
            where kind = $1 and valid @> $2::timestamptz and ($3::text is null or content -> 'content' ->> 'carrier' = $3) and ($4::text is null or code = $4)
        ) as "known!""#,
        SettingKind::Service.as_str(),
        act.now,
        carrier,
        service
    )
    .fetch_one(conn)
    .await?;
    match (carrier, service) {
        (Some(name), _) if !known => {
            Err(Refusal::field("/carrier", format!("There is no carrier “{name}”. Choose one that a service is set up for.")).into())
        }
        (None, Some(code)) if !known => {
            Err(Refusal::field("/service", format!("There is no carrier service “{code}”. Choose one of those that are set up.")).into())
        }
        _ => Ok(()),
    }
}

async fn known_sku(conn: &mut PgConnection, act: &Act, code: &str) -> Result<SkuId> {
    let code = code.to_owned();
    let id = *catalog::skus_by_codes(conn, std::slice::from_ref(&code))
        .await?
        .get(&code)
        .ok_or_else(|| Refusal::field("/sku", format!("There is no SKU “{code}”. Check the code.")))?;
    catalog::require_shelved(conn, id, act.now).await?;
    Ok(id)
}
