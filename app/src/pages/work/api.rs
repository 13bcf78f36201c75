use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::fulfilment::Command;
use waybill::fulfilment::views::{OfferCard, StepDone, WorkCard, WorkCount};
use waybill::ids::{LocationId, OrderId};
use waybill::inventory::views::LocationChoice;
use waybill::orders::views::AppointmentRow;
use waybill::page::Page;

/// A location's work, and for those who are tied to none, the locations to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    pub location: LocationChoice,
    pub choices: Vec<LocationChoice>,
    pub counts: Vec<WorkCount>,
    pub cards: Page<WorkCard>,
    /// What it is asked for.
    pub offers: Vec<OfferCard>,
    /// Services that its people do at customers', those that begin first before the others.
    pub appointments: Vec<AppointmentRow>,
}

/// The work of a location by its code; left out, that of whoever asks. `kind` narrows the choice: to stores, or to all that is none.
#[server]
pub async fn read_work(
    kind: waybill::inventory::LocationKind,
    #[server(default)] location: String,
    #[server(default)] state: String,
    #[server(default)] after: String,
) -> Result<Work, ApiError> {
    use waybill::inventory::LocationKind;
    use waybill::refusal::Refusal;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let places = waybill::inventory::list_locations(&mut conn, &act).await?;
    let own = crate::ctx::caller().user.and_then(|user| user.location);
    let choices: Vec<LocationChoice> = if own.is_some() {
        Vec::new()
    } else {
        places.iter().filter(|p| (p.kind == LocationKind::Store) == (kind == LocationKind::Store)).cloned().collect()
    };
    let chosen = match (own, location.as_str()) {
        (Some(own), _) => places.iter().find(|p| p.location_id == own),
        (None, "") => choices.first(),
        (None, code) => places.iter().find(|p| p.code == code),
    };
    let chosen = chosen.cloned().ok_or_else(|| Refusal::not_found("such location"))?;
    let state = crate::error::choice("/state", &state)?;
    let after = (!after.is_empty()).then_some(after);
    let counts = waybill::fulfilment::work_counts(&mut conn, &act, chosen.location_id).await?;
    let cards = waybill::fulfilment::list_work(&mut conn, &act, chosen.location_id, state, after.as_deref()).await?;
    let offers = waybill::fulfilment::list_offers(&mut conn, &act, chosen.location_id).await?;
    let appointments = waybill::orders::list_appointments(&mut conn, &act, chosen.location_id).await?;
    Ok(Work { location: chosen, choices, counts, cards, offers, appointments })
}

/// Says that a service of an order was done.
#[server]
pub async fn perform_appointment(order_id: OrderId, line_no: i32) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.perform_appointment(&act, order_id, line_no, None).await?)
}

/// A location takes work that it was asked for, or declines it.
#[server]
pub async fn answer_offer(order_id: OrderId, fulfilment_no: i32, location: LocationId, takes: bool) -> Result<bool, ApiError> {
    use waybill::orders::OfferAnswer;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let answer = if takes { OfferAnswer::Takes } else { OfferAnswer::Declines };
    services.answer_offer(&act, order_id, fulfilment_no, location, answer, None).await?;
    Ok(takes)
}

/// Takes the next step of a fulfilment order.
#[server]
pub async fn take_step(
    order_id: OrderId,
    fulfilment_no: i32,
    command: Command,
    #[server(default)] tracking_number: String,
    #[server(default)] pickup_code: String,
    #[server(default)] reason: String,
    #[server(default)] line_no: String,
) -> Result<Option<StepDone>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let some = |text: String| (!text.trim().is_empty()).then_some(text);
    let reason = if reason.is_empty() {
        None
    } else {
        Some(reason.parse().map_err(|e: waybill::refusal::UnknownName| waybill::refusal::Refusal::field("/reason", e.to_string()))?)
    };
    let input = waybill::fulfilment::StepInput {
        tracking_number: some(tracking_number),
        carrier: None,
        pickup_code: some(pickup_code),
        reason,
        line_no: line_no.parse().ok(),
    };
    Ok(services.advance_fulfilment(&act, order_id, fulfilment_no, command, &input, None).await?)
}
