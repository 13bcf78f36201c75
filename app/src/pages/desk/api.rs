use crate::components::{Shown, ThingRow};
use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use waybill::ids::{NotificationId, OrderId};
use waybill::notifications::views::{NotificationRow, NotificationView};
use waybill::orders::Method;
use waybill::orders::views::{AlertRow, AppointmentChoice, BasketQuote, DeliveryOption, OrderDetail, OrderHistory, OrderRow, PickupOption};
use waybill::page::Page;
use waybill::reports::PromiseReport;
use waybill::returns::ReturnState;

/// Orders, newest first. Empty text means no filter.
#[server]
pub async fn list_orders(
    #[server(default)] search: String,
    #[server(default)] status: String,
    #[server(default)] channel: String,
    #[server(default)] queue: String,
    #[server(default)] after: String,
) -> Result<Page<OrderRow>, ApiError> {
    let some = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let status = crate::error::choice("/status", &status)?;
    let queue = crate::error::choice("/queue", &queue)?;
    let filter = waybill::orders::OrderFilter { search: some(search), status, channel: some(channel), queue, after: some(after) };
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::orders::list_orders(&mut *services.pool.acquire().await?, &act, &filter).await?)
}

/// An order, how it came to be as it is, what came back of it, and what the customer was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WholeOrder {
    pub order: OrderDetail,
    pub history: OrderHistory,
    /// (number, state)
    pub returns: Vec<(String, ReturnState)>,
    pub messages: Vec<NotificationRow>,
    /// Where its appointments could be moved to.
    pub appointments: Vec<AppointmentChoice>,
    /// Where what waits could be sent from: code and name; none where nothing waits for a place.
    pub senders: Vec<(String, String)>,
}

/// One order by number or id, with why a decision about it, by its number, was made; the latest where none is named.
#[server]
pub async fn read_order(reference: String, #[server(default)] decision: String) -> Result<WholeOrder, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let id = waybill::orders::find_order_id(&mut conn, &act, &reference).await?;
    let order = waybill::orders::order_detail(&mut conn, &act, &services.planning, &services.link_key, id).await?;
    let none_such = |_| waybill::refusal::Refusal::not_found("such decision");
    let decision = if decision.is_empty() { None } else { Some(decision.parse().map_err(none_such)?) };
    let history = waybill::orders::order_history(&mut conn, &act, id, decision).await?;
    let returns = waybill::returns::returns_of_order(&mut conn, &act, id).await?;
    let messages = waybill::notifications::notifications_of_order(&mut conn, &act, id).await?;
    let mut appointments = Vec::new();
    let open = order.lines.iter().filter(|l| l.appointment.is_some() && l.open > 0).map(|l| l.line_no).collect::<Vec<_>>();
    if !open.is_empty() && act.actor.may(waybill::identity::Permission::CaptureOrders) {
        let planning = services.planning.get(&mut conn, act.now).await?;
        for line_no in open {
            appointments.extend(waybill::orders::appointment_choice(&mut conn, &act, &planning, id, line_no).await?);
        }
    }
    let mut senders = Vec::new();
    if act.actor.may(waybill::identity::Permission::CancelOrders) {
        senders = waybill::orders::senders_by_hand(&services.planning.get(&mut conn, act.now).await?, &order);
    }
    Ok(WholeOrder { order, history, returns, messages, appointments, senders })
}

/// Books another time for a service of an order.
#[server]
pub async fn move_appointment(order_id: OrderId, line_no: i32, #[server(default)] time: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let Shown { code, by: Some(starts_at), .. } = Shown::read(&time) else {
        return Err(waybill::refusal::Refusal::field("/slot", "Choose a time.").into());
    };
    Ok(services.move_appointment(&act, order_id, line_no, &code, starts_at).await?)
}

/// Cancels what is left of an order.
#[server]
pub async fn cancel_order(order_id: OrderId, reason: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.cancel_order(&act, order_id, &reason, None).await?)
}

/// Says for the customer what becomes of what is missing. `offered` is what was offered to them in its place, SKU by SKU.
#[server]
pub async fn answer_order(
    order_id: OrderId,
    answer: waybill::orders::WaitingAnswer,
    #[server(default)] offered: Vec<String>,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.answer_waiting(&act, order_id, answer, &offered, None).await?)
}

/// Decides by hand where what waits of an order is sent from.
#[server]
pub async fn send_from(order_id: OrderId, #[server(default)] location: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.send_by_hand(&act, order_id, &location, None).await?)
}

/// Holds an order for something.
#[server]
pub async fn hold_back(order_id: OrderId, #[server(default)] kind: String, #[server(default)] reason: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let kind = kind.parse().map_err(|_| waybill::refusal::Refusal::field("/kind", "Choose what it is held for."))?;
    Ok(services.hold_order(&act, order_id, kind, &reason, None).await?)
}

/// Releases what an order is held for.
#[server]
pub async fn let_go_on(order_id: OrderId, kind: waybill::orders::HoldKind) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.release_order_hold(&act, order_id, kind, None).await?)
}

/// Promises in danger, those promised first before the others.
#[server]
pub async fn list_alerts() -> Result<Vec<AlertRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::orders::list_alerts(&mut *services.pool.acquire().await?, &act, None).await?)
}

/// Promised against actual, of the last 30 days where no period is named.
#[server]
pub async fn promises_kept(#[server(default)] from: String, #[server(default)] until: String) -> Result<PromiseReport, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let today = act.now.date_naive();
    let until = crate::error::day("/until", &until)?.unwrap_or(today);
    let from = crate::error::day("/from", &from)?.unwrap_or(until - chrono::Days::new(29));
    Ok(waybill::reports::promise_report(&mut *services.pool.acquire().await?, &act, from, until).await?)
}

/// Messages to customers, newest first. Empty text means no filter.
#[server]
pub async fn list_messages(
    #[server(default)] state: String,
    #[server(default)] order: String,
    #[server(default)] after: String,
) -> Result<Page<NotificationRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let state = crate::error::choice("/state", &state)?;
    let some = |text: String| (!text.trim().is_empty()).then_some(text);
    let filter = waybill::notifications::NotificationFilter { state, order: some(order), after: some(after) };
    Ok(waybill::notifications::list_notifications(&mut *services.pool.acquire().await?, &act, &filter).await?)
}

/// One message.
#[server]
pub async fn read_message(id: String) -> Result<NotificationView, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such message"))?;
    Ok(waybill::notifications::read_notification(&mut *services.pool.acquire().await?, &act, id).await?)
}

/// Has a message sent again.
#[server]
pub async fn send_again(id: NotificationId) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.send_again(&act, id).await?)
}

/// An order by phone, as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneForm {
    pub lines: Vec<ThingRow>,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub card: String,
    /// With commas between them.
    pub tags: String,
    /// Empty is standard.
    pub order_type: String,
    /// How it is to be had: the method, and what was told of it.
    pub choice: String,
    /// What the goods came to, in minor units.
    pub goods: String,
    /// Of a choice that comes at a time that is chosen, by its code: the time.
    pub times: BTreeMap<String, String>,
    /// Of each service, by its code: the time of its appointment.
    pub visits: BTreeMap<String, String>,
    /// Made with the page, so that pressing twice orders once.
    pub once: String,
    /// `quote` to be told what can be told; anything else orders.
    pub intent: String,
}

impl PhoneForm {
    pub fn ship(option: &DeliveryOption) -> String {
        let by = option.promise.as_ref().filter(|_| option.slots.is_none()).map(|p| p.by);
        let shown = Shown { code: option.code.clone(), price_minor: option.price.map(|p| p.minor), by };
        format!("{} {}", Method::Ship, shown.value())
    }

    pub fn pickup(option: &PickupOption) -> String {
        let by = option.promise.as_ref().filter(|_| option.slots.is_none()).map(|p| p.by);
        format!("{} {}", Method::Pickup, Shown { code: option.code.clone(), price_minor: Some(0), by }.value())
    }

    /// What is chosen where nothing is sent or collected.
    pub fn only_services() -> String {
        format!("{} {}", Method::Ship, Shown { code: String::new(), price_minor: Some(0), by: None }.value())
    }

    /// A key that nobody else has.
    pub fn new_key() -> String {
        #[cfg(feature = "ssr")]
        return waybill::random_token();
        #[cfg(not(feature = "ssr"))]
        format!("{}{}", js_sys::Math::random(), js_sys::Date::now())
    }
}

/// What a phone order's form is answered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PhoneAnswer {
    Quote(Box<BasketQuote>),
    Placed,
}

/// The channel of orders by phone.
#[cfg(feature = "ssr")]
const PHONE: &str = "phone";
/// Nobody is told of more stores.
#[cfg(feature = "ssr")]
const STORES_TOLD: usize = 6;

/// Tells how what is wanted can be had, or orders it and goes to the order.
#[server]
pub async fn take_phone_order(form: PhoneForm) -> Result<PhoneAnswer, ApiError> {
    use crate::components::Things;
    use waybill::customers::RawContact;
    use waybill::orders::{BasketRequest, Marks, NewOrder};
    use waybill::refusal::Refusal;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    act.require(waybill::identity::Permission::ReadOrders)?;
    let things = Things::read(&form.lines)?;
    let lines = things.lines.clone();
    if form.intent == "quote" {
        let mut conn = services.pool.acquire().await?;
        let planning = services.planning.get(&mut conn, act.now).await?;
        let request = BasketRequest {
            country: Some(&form.country),
            postcode: &form.postcode,
            most_stores: STORES_TOLD,
            with_services: true,
            ..BasketRequest::new(PHONE, &lines)
        };
        let quote = waybill::orders::quote_basket(&mut conn, &act, &planning, &request).await.map_err(|error| things.at_rows(error))?;
        return Ok(PhoneAnswer::Quote(Box::new(quote)));
    }
    let (method, shown) = form.choice.split_once(' ').unwrap_or_default();
    let method: Method =
        method.parse().map_err(|_| Refusal::field("/delivery_method", "Look at the prices and dates, and choose how it is to be had."))?;
    let shown = Shown::read(shown);
    // What was told is what is paid: with other things or another address it is looked at again first.
    let told = form.goods.parse::<i64>().ok().zip(shown.price_minor).map(|(goods, price)| goods + price);
    let some = |text: &String| (!text.trim().is_empty()).then(|| text.clone());
    let read_time = |time: &String| Some(Shown::read(time)).and_then(|time| Some((time.code, time.by?)));
    // What times are for: the order, or one of its lines.
    let of_order = form.times.get(&shown.code).and_then(read_time).map(|time| (None::<usize>, time));
    let of_lines = lines.iter().enumerate().filter_map(|(n, line)| Some((Some(n), form.visits.get(&line.sku).and_then(read_time)?)));
    let times: Vec<_> = of_order.into_iter().chain(of_lines).collect();
    let mut order = NewOrder {
        channel: PHONE.to_owned(),
        customer_group: None,
        external_id: None,
        contact: RawContact {
            name: form.name.clone(),
            email: some(&form.email),
            phone: some(&form.phone),
            street: form.street.clone(),
            city: form.city.clone(),
            postcode: form.postcode.clone(),
            country: form.country.clone(),
        },
        method,
        pickup_location: (method == Method::Pickup).then(|| shown.code.clone()),
        delivery_method: (method == Method::Ship).then_some(shown.code),
        promised_by: shown.by,
        slot: None,
        currency: None,
        lines,
        shipping_minor: None,
        total_minor: told,
        payment_token: form.card.clone(),
        hold: None,
        gift_message: None,
        marks: Marks::typed(&form.tags, &form.order_type),
    };
    // The times are a part of what is asked for; the bookings are made for them.
    let fingerprint = serde_json::to_vec(&(&order, &times)).unwrap_or_default();
    let key = (form.once.len() >= 16).then(|| waybill::idempotency::Key::new("desk", form.once, &fingerprint));
    let mut kept = Vec::new();
    let mut taken = None;
    for (of, (plan, starts_at)) in &times {
        match services.book_slot(&act, plan, *starts_at, None).await {
            Ok(booked) => {
                let slot = Some(booked.booking.to_string());
                kept.push(booked.booking);
                match of.and_then(|n| order.lines.get_mut(n)) {
                    Some(line) => line.slot = slot,
                    None => order.slot = slot,
                }
            }
            Err(error) => taken = Some(error),
        }
    }
    let placed = services.place_order(&act, &order, key.as_ref()).await;
    // Given back where they became no order's. Where that fails, they are over in a quarter of an hour.
    for booking in kept {
        drop(services.release_booking(&act, booking).await);
    }
    // Pressed twice, the first may have had the last place: it is answered with what it did.
    let placed = placed.map_err(|error| things.at_rows(taken.unwrap_or(error)))?;
    services.check_card(placed.order_id).await?;
    let number = waybill::orders::order_detail(&mut *services.pool.acquire().await?, &act, &services.planning, &services.link_key, placed.order_id)
        .await?
        .number;
    crate::ctx::redirect(&format!("/desk/orders/{number}"));
    Ok(PhoneAnswer::Placed)
}

/// Says that a parcel was delivered.
#[server]
pub async fn mark_delivered(order_id: OrderId, fulfilment_no: i32) -> Result<(), ApiError> {
    use waybill::fulfilment::{Command, StepInput};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    services.advance_fulfilment(&act, order_id, fulfilment_no, Command::Deliver, &StepInput::default(), None).await?;
    Ok(())
}
