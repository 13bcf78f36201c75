use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::ids::DisruptionId;
use waybill::inventory::disruptions::views::DisruptionRow;
use waybill::orders::views::DisruptionView;

/// What the desk shows, and what can be chosen at it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeskRead {
    pub disruptions: Vec<DisruptionRow>,
    /// (code, name)
    pub locations: Vec<(String, String)>,
    pub carriers: Vec<(String, String)>,
    pub services: Vec<(String, String)>,
    pub may_manage: bool,
}

#[server]
pub async fn read_desk() -> Result<DeskRead, ApiError> {
    use waybill::routing::views::FactView;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let disruptions = waybill::inventory::disruptions::list_disruptions(&mut conn, &act, 100).await?;
    let catalogue = waybill::routing::routing_catalogue(&mut conn, &act).await?;
    let choices = |facts: &[FactView], code: &str| facts.iter().find(|f| f.code == code).map(|f| f.choices.clone()).unwrap_or_default();
    let (locations, services) = (choices(&catalogue.place, "location"), choices(&catalogue.place, "service"));
    let delivery = waybill::carriers::delivery_at(&mut conn, act.now).await?;
    let carriers: std::collections::BTreeSet<String> = delivery.services.into_values().map(|service| service.carrier).collect();
    let carriers = carriers.into_iter().map(|name| (name.clone(), name)).collect();
    Ok(DeskRead { disruptions, locations, carriers, services, may_manage: act.actor.may(waybill::identity::Permission::ManageNetwork) })
}

/// What is out of order, as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DisruptionForm {
    pub kind: String,
    pub location: String,
    pub carrier: String,
    pub service: String,
    pub sku: String,
    pub reason: String,
    /// The company's clocks; empty: nobody knows.
    pub until: String,
    /// Empty: moved orders stay where they are.
    pub brings_back: String,
}

#[cfg(feature = "ssr")]
impl DisruptionForm {
    fn read(&self) -> Result<waybill::inventory::disruptions::NewDisruption, waybill::refusal::Refusal> {
        use waybill::inventory::{COMPANY_TIME, places};
        let kind = self.kind.parse().map_err(|_| waybill::refusal::Refusal::field("/kind", "Choose what is out of order."))?;
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        Ok(waybill::inventory::disruptions::NewDisruption {
            kind,
            location: given(&self.location),
            carrier: given(&self.carrier),
            service: given(&self.service),
            sku: given(&self.sku),
            reason: self.reason.clone(),
            until: places::local_moment("/until", &self.until, COMPANY_TIME.name())?,
            brings_back: !self.brings_back.is_empty(),
        })
    }
}

/// What would become of orders, with the form that asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Previewed {
    pub form: DisruptionForm,
    pub view: DisruptionView,
}

/// What would become of the orders that count on something, were it out of order. Nothing changes.
#[server]
pub async fn preview_disruption(form: DisruptionForm) -> Result<Previewed, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let view = services.preview_disruption(&act, &form.read()?).await?;
    Ok(Previewed { form, view })
}

/// Notes that something is out of order and goes to what becomes of its orders.
#[server]
pub async fn start_disruption(form: DisruptionForm) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = services.start_disruption(&act, &form.read()?, None).await?;
    crate::ctx::redirect(&format!("/routing/disruptions/{id}"));
    Ok(())
}

#[server]
pub async fn read_disruption(id: String, #[server(default)] after: String) -> Result<DisruptionView, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such disruption"))?;
    let after = (!after.is_empty()).then_some(after.as_str());
    Ok(waybill::orders::read_disruption(&mut *services.pool.acquire().await?, &act, id, after).await?)
}

#[server]
pub async fn end_disruption(id: DisruptionId) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.end_disruption(&act, id).await?)
}
