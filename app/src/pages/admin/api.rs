use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::events::ChangePreview;
use waybill::identity::Role;
use waybill::identity::views::{UserDetail, UserRow};
use waybill::inventory::places::views::{PlaceDetail, PlaceRow};

/// Every location in force.
#[server]
pub async fn list_places() -> Result<Vec<PlaceRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::inventory::places::list_places(&mut *services.pool.acquire().await?, &act).await?)
}

/// One location by its code.
#[server]
pub async fn read_place(code: String) -> Result<PlaceDetail, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::inventory::places::read_place(&mut *services.pool.acquire().await?, &act, &code).await?)
}

/// The form of a location, as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LocationForm {
    pub code: String,
    /// The version that was read.
    pub version: String,
    pub name: String,
    pub kind: String,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub time_zone: String,
    /// Ticked boxes are sent, others are not.
    pub ships: Option<String>,
    pub offers_pickup: Option<String>,
    pub keeps_holidays: Option<String>,
    pub priority: String,
    pub handling_minutes: String,
    pub daily_order_capacity: String,
    /// With commas between them, as are the next.
    pub tags: String,
    pub attributes: String,
    pub handling_order: String,
    pub handling_unit: String,
    pub hours: Vec<HoursForm>,
    /// The location's own time, such as `2026-12-01T08:00`; empty is now.
    pub from: String,
    /// `preview`, or anything else to make the change.
    pub intent: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HoursForm {
    pub opens: String,
    pub closes: String,
    pub cut_off: String,
}

#[cfg(feature = "ssr")]
impl LocationForm {
    fn settings(&self) -> Result<waybill::inventory::places::LocationSettings, waybill::refusal::Refusal> {
        use crate::components::minor;
        use waybill::inventory::places::{DayHours, LocationSettings};
        use waybill::money::COMPANY_CURRENCY;
        use waybill::refusal::{FieldProblem, Refusal};
        let mut problems = Vec::new();
        let mut number = |field: &str, text: &str| {
            text.trim().parse::<i32>().unwrap_or_else(|_| {
                problems.push(FieldProblem { field: field.to_owned(), message: "Enter a whole number.".to_owned() });
                0
            })
        };
        let priority = number("/priority", &self.priority);
        let handling_minutes = number("/handling_minutes", &self.handling_minutes);
        let limit = self.daily_order_capacity.trim();
        let daily_order_capacity = (!limit.is_empty()).then(|| number("/daily_order_capacity", limit));
        let kind = match self.kind.parse() {
            Ok(kind) => kind,
            Err(_) => return Err(Refusal::field("/kind", "Choose what kind of place it is.")),
        };
        let list = |text: &str| text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let mut amount = |field: &str, text: &str| match minor(field, text, COMPANY_CURRENCY.code()) {
            Ok(minor) => minor.unwrap_or(0),
            Err(refusal) => {
                problems.extend(refusal.fields);
                0
            }
        };
        let handling_order_minor = amount("/handling_order_minor", &self.handling_order);
        let handling_unit_minor = amount("/handling_unit_minor", &self.handling_unit);
        if !problems.is_empty() {
            return Err(Refusal::invalid(problems));
        }
        let hours = (1..).zip(&self.hours).filter(|(_, day)| [&day.opens, &day.closes, &day.cut_off].iter().any(|t| !t.trim().is_empty()));
        Ok(LocationSettings {
            name: self.name.clone(),
            kind,
            street: self.street.clone(),
            city: self.city.clone(),
            postcode: self.postcode.clone(),
            country: self.country.clone(),
            time_zone: self.time_zone.trim().to_owned(),
            ships: self.ships.is_some(),
            offers_pickup: self.offers_pickup.is_some(),
            priority,
            handling_minutes,
            daily_order_capacity,
            keeps_holidays: self.keeps_holidays.is_some(),
            tags: list(&self.tags),
            attributes: list(&self.attributes),
            handling_order_minor,
            handling_unit_minor,
            hours: hours
                .map(|(weekday, d)| DayHours { weekday, opens: d.opens.clone(), closes: d.closes.clone(), cut_off: d.cut_off.clone() })
                .collect(),
        })
    }
}

/// What became of a form: looked at, or done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Changed {
    Preview(ChangePreview),
    Done,
}

/// Shows what a change would do, or makes it.
#[server]
pub async fn change_location(form: LocationForm) -> Result<Changed, ApiError> {
    use waybill::inventory::places;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let settings = form.settings()?;
    let from = places::local_moment("/from", &form.from, &settings.time_zone)?;
    if form.intent == "preview" {
        let preview = places::preview_change(&mut *services.pool.acquire().await?, &act, &form.code, &settings, from).await?;
        return Ok(Changed::Preview(preview));
    }
    waybill::transact!(services.pool, conn => places::change_location(conn, &act, &form.code, &settings, from, Some(&form.version)).await)?;
    services.changed.notify_waiters();
    Ok(Changed::Done)
}

/// Opens a location and goes to its page.
#[server]
pub async fn open_location(form: LocationForm) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let settings = form.settings()?;
    waybill::transact!(services.pool, conn => waybill::inventory::places::open_location(conn, &act, &form.code, &settings).await)?;
    crate::ctx::redirect(&format!("/admin/locations/{}", form.code.trim().to_ascii_uppercase()));
    Ok(())
}

/// Takes the last change of a location back.
#[server]
pub async fn undo_location(code: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::inventory::places::undo_change(conn, &act, &code).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Closes a location for a while; the moments are its own time, empty ones are now and until further notice.
#[server]
pub async fn close_location(code: String, time_zone: String, from: String, until: String, reason: String) -> Result<(), ApiError> {
    use waybill::inventory::places;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let (from, until) = (places::local_moment("/from", &from, &time_zone)?, places::local_moment("/until", &until, &time_zone)?);
    waybill::transact!(services.pool, conn => places::close_location(conn, &act, waybill::ids::ClosureId::new(act.now), &code, from, until, &reason).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Withdraws a closure.
#[server]
pub async fn withdraw_closure(code: String, closure: waybill::ids::ClosureId) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::inventory::places::withdraw_closure(conn, &act, &code, closure).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Everybody who can sign in, and where they can work: (code, name).
#[server]
pub async fn list_users() -> Result<(Vec<UserRow>, Vec<(String, String)>), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let users = waybill::identity::list_users(&mut conn, &act).await?;
    let places = waybill::inventory::list_locations(&mut conn, &act).await?;
    Ok((users, places.into_iter().map(|p| (p.code, p.name)).collect()))
}

/// Adds somebody. Returns their password, the only time it is seen.
#[server]
pub async fn add_user(
    #[server(default)] email: String,
    #[server(default)] name: String,
    role: Role,
    #[server(default)] location: String,
) -> Result<String, ApiError> {
    use waybill::identity::NewUser;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let password = waybill::identity::new_password();
    waybill::transact!(services.pool, conn => {
        let location = place_of(conn, role, &location).await?;
        let new = NewUser { email: email.clone(), name: name.clone(), role, location, password: password.clone() };
        waybill::identity::register_user(conn, &act, new).await
    })?;
    Ok(password)
}

/// One of them, and where they can work.
#[server]
pub async fn read_user(email: String) -> Result<(UserDetail, Vec<(String, String)>), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let user = waybill::identity::user_detail(&mut conn, &act, &email).await?;
    let places = waybill::inventory::list_locations(&mut conn, &act).await?;
    Ok((user, places.into_iter().map(|p| (p.code, p.name)).collect()))
}

/// What somebody does, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserForm {
    pub email: String,
    pub name: String,
    pub role: String,
    pub location: String,
    pub disabled: bool,
    /// When it begins, in the company's time; empty is now.
    pub from: String,
    /// `preview`, or anything else to make the change.
    pub intent: String,
}

/// Shows what a change of somebody would do, or makes it.
#[server]
pub async fn change_user(form: UserForm) -> Result<Changed, ApiError> {
    use waybill::identity::UserChange;
    use waybill::refusal::{Refusal, UnknownName};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let role: Role = form.role.parse().map_err(|e: UnknownName| Refusal::field("/role", e.to_string()))?;
    let from = waybill::inventory::places::local_moment("/from", &form.from, waybill::inventory::COMPANY_TIME.name())?;
    let mut conn = services.pool.acquire().await?;
    let location = place_of(&mut conn, role, &form.location).await?;
    let change = UserChange { name: form.name, role, location, disabled: form.disabled };
    if form.intent == "preview" {
        return Ok(Changed::Preview(waybill::identity::preview_user_change(&mut conn, &act, &form.email, &change, from).await?));
    }
    drop(conn);
    waybill::transact!(services.pool, conn => waybill::identity::change_user(conn, &act, &form.email, &change, from).await)?;
    Ok(Changed::Done)
}

/// Takes the last change of somebody back.
#[server]
pub async fn undo_user(email: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::identity::undo_user_change(conn, &act, &email).await)?;
    Ok(())
}

/// Gives somebody a new password, which is returned, the only time it is seen.
#[server]
pub async fn reset_password(email: String) -> Result<String, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::transact!(services.pool, conn => waybill::identity::reset_password(conn, &act, &email).await)?)
}

/// Where somebody works; nowhere in particular for roles that work everywhere.
#[cfg(feature = "ssr")]
async fn place_of(conn: &mut sqlx::PgConnection, role: Role, code: &str) -> waybill::refusal::Result<Option<waybill::ids::LocationId>> {
    if role.works_somewhere() && !code.is_empty() { Ok(Some(waybill::inventory::location_by_code(conn, code).await?)) } else { Ok(None) }
}
