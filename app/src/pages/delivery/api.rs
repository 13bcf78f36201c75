use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::carriers::SettingKind;
use waybill::carriers::views::{SettingRow, SettingView};
use waybill::events::ChangePreview;
use waybill::inventory::views::LocationChoice;
use waybill::promising::views::Tried;

#[server]
pub async fn list_settings() -> Result<Vec<SettingRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::carriers::list_settings(&mut *services.pool.acquire().await?, &act).await?)
}

/// A setting, and what its form offers to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingChoices {
    /// None of a new one.
    pub setting: Option<SettingView>,
    /// Everything else that is set.
    pub others: Vec<SettingRow>,
    /// (code, name)
    pub channels: Vec<(String, String)>,
    /// (code, name)
    pub locations: Vec<(String, String)>,
}

impl SettingChoices {
    /// Those of a kind, as (code, words).
    pub fn of_kind(&self, kind: SettingKind) -> Vec<(String, String)> {
        self.others.iter().filter(|row| row.kind == kind).map(|row| (row.code.clone(), format!("{} ({})", row.name, row.code))).collect()
    }
}

/// One setting by kind and code, with what its form offers; an empty code is for a new one.
#[server]
pub async fn read_setting(kind: SettingKind, #[server(default)] code: String) -> Result<SettingChoices, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let setting = if code.is_empty() { None } else { Some(waybill::carriers::read_setting(&mut conn, &act, kind, &code).await?) };
    let others = waybill::carriers::list_settings(&mut conn, &act).await?;
    let channels = waybill::inventory::rules::list_channels(&mut conn, &act).await?.into_iter().map(|c| (c.channel, c.name)).collect();
    let locations = waybill::inventory::list_locations(&mut conn, &act).await?.into_iter().map(|l| (l.code, l.name)).collect();
    Ok(SettingChoices { setting, others, channels, locations })
}

/// A setting's form. Which of it counts depends on the kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingForm {
    pub kind: String,
    pub code: String,
    /// When the version began that was read, in microseconds; empty of a new one.
    pub read: String,
    pub name: String,
    pub carrier: String,
    pub zone_map: String,
    pub rate_card: String,
    pub currency: String,
    pub volume_per_kg: String,
    pub minimum: String,
    pub position: String,
    /// Code of the slots that a way of delivery has.
    pub slots: String,
    pub serves: String,
    pub location: String,
    /// Names of zones, with commas between them.
    pub zones: String,
    /// Of appointments.
    pub skill: String,
    pub brings_goods: Option<String>,
    pub lead_hours: String,
    pub horizon_days: String,
    /// Codes that are ticked.
    pub services: Vec<String>,
    pub channels: Vec<String>,
    /// Numbers of the weekdays that are ticked.
    pub delivers: Vec<u8>,
    pub delivers_from: String,
    pub delivers_until: String,
    pub works_on_holidays: Option<String>,
    pub padding_days: String,
    pub max_kg: String,
    pub max_mm: String,
    pub rows: Vec<RowForm>,
    pub more: Vec<RowForm>,
    /// Names of the tables that are not in the form: they stay as they are.
    pub left_out: Vec<String>,
    /// The company's own time; empty is now.
    pub from: String,
    /// `preview`, or anything else to make the change.
    pub intent: String,
}

/// A row of a form's table; those that are empty do not count. What its columns are depends on the table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowForm {
    pub a: String,
    pub b: String,
    pub c: String,
    pub d: String,
}

impl RowForm {
    pub fn is_empty(&self) -> bool {
        [&self.a, &self.b, &self.c, &self.d].iter().all(|text| text.trim().is_empty())
    }
}

/// What became of a form: looked at, or done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Saved {
    Preview(ChangePreview),
    Done,
}

/// Shows what saving would change, or saves.
#[server]
pub async fn save_setting(form: SettingForm) -> Result<Saved, ApiError> {
    use super::rows::{placed, read_form, with_left_out};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let kind = form.kind.parse::<SettingKind>().map_err(|e| waybill::refusal::Refusal::field("/kind", e.to_string()))?;
    let form = if form.left_out.is_empty() {
        form
    } else {
        let in_force = waybill::carriers::read_setting(&mut *services.pool.acquire().await?, &act, kind, form.code.trim()).await?;
        with_left_out(form, kind, &in_force.setting)
    };
    let setting = read_form(&form).map_err(|refusal| placed(form.clone(), kind, refusal))?;
    let from = waybill::inventory::places::local_moment("/from", &form.from, waybill::inventory::COMPANY_TIME.name())?;
    let code = form.code.trim();
    let tell = |error: waybill::refusal::Error| match error {
        waybill::refusal::Error::Refused(refusal) => placed(form.clone(), kind, refusal).into(),
        other => ApiError::from(other),
    };
    let read = form.read.parse().ok().and_then(chrono::DateTime::from_timestamp_micros);
    if form.intent == "preview" {
        let mut conn = services.pool.acquire().await?;
        return Ok(Saved::Preview(waybill::carriers::preview_setting(&mut conn, &act, code, &setting, from).await.map_err(tell)?));
    }
    waybill::transact!(services.pool, conn => waybill::carriers::save_setting(conn, &act, code, &setting, from, read).await).map_err(tell)?;
    if form.read.is_empty() {
        crate::ctx::redirect(&format!("/admin/delivery/{}/{code}", form.kind));
    }
    Ok(Saved::Done)
}

/// Takes the last change back.
#[server]
pub async fn undo_setting(kind: SettingKind, code: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::carriers::undo_setting(conn, &act, kind, &code).await)?;
    Ok(())
}

/// Ends a setting from now on.
#[server]
pub async fn end_setting(kind: SettingKind, code: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::carriers::end_setting(conn, &act, kind, &code, None).await)?;
    crate::ctx::redirect("/admin/delivery");
    Ok(())
}

/// Where parcels may come from.
#[server]
pub async fn trial_places() -> Result<Vec<LocationChoice>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::inventory::list_locations(&mut *services.pool.acquire().await?, &act).await?)
}

/// A parcel to be tried, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrialForm {
    pub location: String,
    pub country: String,
    pub postcode: String,
    pub kg: String,
    pub length_mm: String,
    pub width_mm: String,
    pub height_mm: String,
    pub goods: String,
    /// The company's own time; empty is now.
    pub at: String,
}

/// What the parcel costs and when it arrives.
#[server]
pub async fn try_delivery(trial: TrialForm) -> Result<Tried, ApiError> {
    use super::rows::{grams, number};
    use crate::components::minor;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let trial = waybill::promising::Trial {
        location: trial.location,
        country: trial.country,
        postcode: trial.postcode,
        grams: grams("/grams", &trial.kg)?.unwrap_or(0),
        length_mm: number("/length_mm", &trial.length_mm)?,
        width_mm: number("/width_mm", &trial.width_mm)?,
        height_mm: number("/height_mm", &trial.height_mm)?,
        goods_minor: minor("/goods_minor", &trial.goods, "GBP")?.unwrap_or(0),
        at: waybill::inventory::places::local_moment("/at", &trial.at, waybill::inventory::COMPANY_TIME.name())?,
    };
    Ok(waybill::promising::try_delivery(&mut *services.pool.acquire().await?, &act, &trial).await?)
}
