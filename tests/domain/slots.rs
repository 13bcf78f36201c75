//! Times that customers choose: kept while they decide, never for more people than fit in, and kept to when the order comes.

use crate::company::{Company, at, company, order, then};
use chrono::NaiveTime;
use sqlx::PgPool;
use std::sync::Arc;
use waybill::carriers::{Setting, SettingKind, SlotPlan, SlotUse, SlotWindow, Weekdays, read_setting, save_setting};
use waybill::ids::{BookingId, ClosureId, OrderId};
use waybill::inventory::places;
use waybill::orders::views::BasketQuote;
use waybill::orders::{self, BasketRequest, Method, NewLine, NewOrder};
use waybill::refusal::{Error, Refusal, RefusalCode};

/// A Thursday morning in London.
const THURSDAY: &str = "2027-06-10T09:00:00Z";
/// Six in the evening of the day after.
const FRIDAY_EVENING: &str = "2027-06-11T17:00:00Z";
const SATURDAY_EVENING: &str = "2027-06-12T17:00:00Z";

fn window(from: u32, until: u32, capacity: i32) -> SlotWindow {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    SlotWindow { weekdays: Weekdays::monday_to(6), from: time(from), until: time(until), capacity }
}

fn plan(serves: SlotUse, location: &str, window: SlotWindow) -> SlotPlan {
    SlotPlan { name: "Evenings".to_owned(), serves, location: location.to_owned(), windows: vec![window], ..SlotPlan::default() }
}

async fn save(c: &Company, code: &str, setting: &Setting) -> Result<(), Error> {
    let act = c.system();
    waybill::transact!(c.services.pool, conn => save_setting(conn, &act, code, setting, None, None).await)
}

/// A company whose ways of delivery come to the British mainland, in evenings with room for so many; on a Thursday morning.
async fn with_evenings(pool: &PgPool, capacity: i32) -> Company {
    with_slots(pool, window(18, 20, capacity)).await
}

async fn with_slots(pool: &PgPool, window: SlotWindow) -> Company {
    let c = company(pool, &[("LAMP", "WH-WAR", 50), ("LAMP", "WH-NTH", 50), ("MUG", "ST-LDS", 50)]).await;
    let plan = SlotPlan { zone_map: "parcel".to_owned(), zones: vec!["mainland".to_owned()], ..plan(SlotUse::Delivery, "WH-NTH", window) };
    save(&c, "evenings", &Setting::Slots(plan)).await.unwrap();
    for code in ["standard", "express"] {
        let Setting::Method(mut method) = read_setting(&mut *c.conn().await, &c.system(), SettingKind::Method, code).await.unwrap().setting else {
            panic!("a way of delivery")
        };
        method.slots = "evenings".to_owned();
        save(&c, code, &Setting::Method(method)).await.unwrap();
    }
    then(&c, THURSDAY)
}

async fn book(c: &Company, starts_at: &str, before: Option<BookingId>) -> Result<BookingId, Error> {
    Ok(c.services.book_slot(&c.system(), "evenings", at(starts_at), before).await?.booking)
}

fn express(slot: Option<BookingId>) -> NewOrder {
    NewOrder { delivery_method: Some("express".to_owned()), slot: slot.map(|id| id.to_string()), ..order(&[("LAMP", 1)]) }
}

async fn refusal(c: &Company, order: &NewOrder) -> Refusal {
    c.services.place_order(&c.system(), order, None).await.unwrap_err().refusal().unwrap().clone()
}

async fn quote(c: &Company, sku: &str, postcode: &str) -> BasketQuote {
    let mut conn = c.conn().await;
    let act = c.system();
    let planning = c.services.planning.get(&mut conn, act.now).await.unwrap();
    let lines = [NewLine { sku: sku.to_owned(), quantity: 1, ..NewLine::default() }];
    let request = BasketRequest { postcode, most_stores: 20, ..BasketRequest::new("web", &lines) };
    orders::quote_basket(&mut conn, &act, &planning, &request).await.unwrap()
}

/// What is left of each evening that is offered with express delivery, by the clocks of London.
async fn left(c: &Company) -> Vec<(String, i32)> {
    let quote = quote(c, "LAMP", "LS1 4AP").await;
    let slots = quote.deliveries.iter().find(|d| d.code == "express").unwrap().slots.clone().unwrap_or_default();
    slots.iter().take(2).map(|slot| (slot.local_from.to_string(), slot.left)).collect()
}

/// From when until when an order's first line is promised.
async fn promised(c: &Company, id: OrderId) -> (String, String) {
    let (from, by): (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as("select promised_from, promised_by from order_lines where order_id = $1")
            .bind(id.0)
            .fetch_one(&c.services.pool)
            .await
            .unwrap();
    (from.to_rfc3339(), by.to_rfc3339())
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_chosen_evening_is_what_is_promised(pool: PgPool) {
    let c = with_evenings(&pool, 2).await;
    assert_eq!(left(&c).await, [("2027-06-11 18:00:00".to_owned(), 2), ("2027-06-12 18:00:00".to_owned(), 2)]);
    assert_eq!(refusal(&c, &express(None)).await.fields[0].message, "Choose a time first.");

    let first = book(&c, FRIDAY_EVENING, None).await.unwrap();
    assert_eq!(left(&c).await[0].1, 1);
    // Another time takes the place of the one before, and back.
    let moved = book(&c, SATURDAY_EVENING, Some(first)).await.unwrap();
    assert_eq!((left(&c).await[0].1, left(&c).await[1].1), (2, 1));
    assert_eq!(refusal(&c, &express(Some(first))).await.fields[0].message, "This time is not kept for you any more. Choose a time again.");
    let chosen = book(&c, FRIDAY_EVENING, Some(moved)).await.unwrap();
    let placed = c.place(&NewOrder { promised_by: Some(at("2027-06-11T19:00:00Z")), ..express(Some(chosen)) }).await;
    assert_eq!(promised(&c, placed).await, ("2027-06-11T17:00:00+00:00".to_owned(), "2027-06-11T19:00:00+00:00".to_owned()));
    // A booking becomes one order.
    assert_eq!(refusal(&c, &express(Some(chosen))).await.fields[0].field, "/slot");

    // Two days are too long for Friday; Saturday is as good as the parcel that comes on its morning.
    let friday = book(&c, FRIDAY_EVENING, None).await.unwrap();
    let standard = |slot| NewOrder { delivery_method: Some("standard".to_owned()), ..express(Some(slot)) };
    assert_eq!(refusal(&c, &standard(friday)).await.fields[0].message, "It cannot be there by then. Choose a later time.");
    let saturday = book(&c, SATURDAY_EVENING, Some(friday)).await.unwrap();
    c.place(&standard(saturday)).await;
    c.services.watch_promises(&mut None).await.unwrap();
    let alerts: i64 = sqlx::query_scalar("select count(*) from promise_alerts").fetch_one(&pool).await.unwrap();
    assert_eq!(alerts, 0, "nothing is in danger");

    // Called off, its evening is somebody else's.
    assert_eq!(left(&c).await[0].1, 1);
    c.services.cancel_order(&c.system(), placed, "Not needed", None).await.unwrap();
    assert_eq!(left(&c).await[0].1, 2);
    c.assert_sound().await;
}

/// A carrier that delivers until six keeps a morning's slot, and so does whoever takes the order over.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_morning_stays_one_whatever_changes(pool: PgPool) {
    let c = with_slots(&pool, window(9, 12, 5)).await;
    let booking = book(&c, "2027-06-12T08:00:00Z", None).await.unwrap();
    let placed = c.place(&express(Some(booking))).await;
    let morning = ("2027-06-12T08:00:00+00:00".to_owned(), "2027-06-12T11:00:00+00:00".to_owned());
    assert_eq!(promised(&c, placed).await, morning);
    // Sent on Thursday, it would be there on Friday: nobody would be at home.
    let state = async || c.text("select state from fulfilment_orders where order_id = $1 order by fulfilment_no desc limit 1", placed).await;
    assert_eq!(state().await, "planned");
    let by_then = c.text("select (release_at at time zone 'Europe/London')::text from orders where order_id = $1", placed).await;
    assert!(by_then.starts_with("2027-06-11"), "{by_then}");
    // What is worked out anew at the start of a node says the same.
    c.services.watch_promises(&mut None).await.unwrap();
    let friday = then(&c, "2027-06-11T08:00:00Z");
    friday.services.release_order(placed).await.unwrap();
    assert_eq!(state().await, "released");
    friday.services.watch_promises(&mut None).await.unwrap();
    let alerts: i64 = sqlx::query_scalar("select count(*) from promise_alerts").fetch_one(&pool).await.unwrap();
    assert_eq!((alerts, promised(&c, placed).await), (0, morning.clone()));
    // Its place closes: another brings it in the same slot.
    let act = friday.system();
    let until = Some(at("2027-06-15T07:00:00Z"));
    let place = c.text("select code from locations l join fulfilment_orders f using (location_id) where f.order_id = $1", placed).await;
    waybill::transact!(pool, conn => places::close_location(conn, &act, ClosureId::new(act.now), &place, None, until, "burst pipe").await).unwrap();
    friday.services.watch_promises(&mut None).await.unwrap();
    assert_eq!((state().await, promised(&c, placed).await), ("released".to_owned(), morning));
    let places: i64 = sqlx::query_scalar("select count(*) from fulfilment_orders where order_id = $1").bind(placed.0).fetch_one(&pool).await.unwrap();
    assert_eq!(places, 2);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_last_slot_is_one_buyers(pool: PgPool) {
    let c = Arc::new(with_evenings(&pool, 3).await);
    let buyers = (0..32).map(|_| {
        let c = Arc::clone(&c);
        tokio::spawn(async move { book(&c, FRIDAY_EVENING, None).await })
    });
    let mut kept = Vec::new();
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.unwrap() {
            Ok(booking) => kept.push(booking),
            Err(error) => {
                let refusal = error.refusal().unwrap();
                assert_eq!((refusal.code, refusal.fields[0].field.as_str()), (RefusalCode::NoCapacity, "/slot"));
            }
        }
    }
    assert_eq!(kept.len(), 3);
    assert_eq!(left(&c).await[0].0, "2027-06-12 18:00:00", "what is taken is not offered");
    // Whoever keeps the last one sees it still.
    let own = {
        let mut conn = c.conn().await;
        let planning = c.services.planning.get(&mut conn, c.system().now).await.unwrap();
        waybill::slots::free_slots(&mut conn, &planning.network, &["evenings"], &kept[..1], c.system().now).await.unwrap()
    };
    assert_eq!((own["evenings"][0].starts_at, own["evenings"][0].left), (at(FRIDAY_EVENING), 1));
    // Ten orders that name the same booking: one has it.
    let wanted = express(Some(kept[0]));
    let orders = (0..10).map(|_| {
        let (c, wanted) = (Arc::clone(&c), wanted.clone());
        tokio::spawn(async move { c.services.place_order(&c.system(), &wanted, None).await.is_ok() })
    });
    let mut placed = 0;
    for order in orders.collect::<Vec<_>>() {
        placed += u32::from(order.await.unwrap());
    }
    assert_eq!(placed, 1);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_time_is_kept_for_a_quarter_of_an_hour(pool: PgPool) {
    let c = with_evenings(&pool, 1).await;
    let booking = book(&c, FRIDAY_EVENING, None).await.unwrap();
    let before = then(&c, "2027-06-10T09:14:59Z");
    before.services.expire_booking(booking).await.unwrap();
    assert_eq!(left(&before).await[0].0, "2027-06-12 18:00:00", "it is kept still");
    let after = then(&c, "2027-06-10T09:15:00Z");
    assert_eq!(refusal(&after, &express(Some(booking))).await.fields[0].field, "/slot", "over is over, even before it is given back");
    after.services.expire_booking(booking).await.unwrap();
    after.services.expire_booking(booking).await.unwrap();
    assert_eq!(left(&after).await[0], ("2027-06-11 18:00:00".to_owned(), 1));
    // An hour before is too late to book, and so is a time that is none.
    let late = then(&c, "2027-06-10T17:00:01Z");
    for time in [FRIDAY_EVENING, "2027-06-13T17:00:00Z", "2027-06-12T16:59:00Z", "2027-08-12T17:00:00Z"] {
        let error = book(&late, time, None).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().fields[0].message, "This time cannot be booked any more. Choose another.");
    }
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn evenings_are_for_their_region(pool: PgPool) {
    let c = with_evenings(&pool, 1).await;
    let far = quote(&c, "LAMP", "IV1 1AA").await;
    assert!(far.deliveries.iter().all(|d| d.promise.is_none() && d.problem.as_deref() == Some("This does not come to the address.")));
    let mut wanted = express(Some(book(&c, FRIDAY_EVENING, None).await.unwrap()));
    wanted.contact.postcode = "IV1 1AA".to_owned();
    let said = refusal(&c, &wanted).await;
    assert_eq!((said.fields[0].field.as_str(), said.message.contains("does not come to this address")), ("/slot", true), "{}", said.message);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_store_has_windows_for_those_who_collect(pool: PgPool) {
    let c = with_evenings(&pool, 1).await;
    let mut plan = plan(SlotUse::Pickup, "ST-LDS", window(16, 18, 1));
    plan.lead_hours = 1;
    plan.windows.push(window(20, 21, 1));
    save(&c, "leeds", &Setting::Slots(plan.clone())).await.unwrap();
    let twice = save(&c, "leeds-too", &Setting::Slots(plan)).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().fields[0].field, "/location", "a store has windows once");
    let quote = quote(&c, "MUG", "LS1 4AP").await;
    let leeds = quote.pickups.iter().find(|p| p.code == "ST-LDS").unwrap();
    let windows: Vec<String> = leeds.slots.as_ref().unwrap().iter().take(2).map(|slot| slot.local_from.to_string()).collect();
    assert_eq!(windows, ["2027-06-10 16:00:00", "2027-06-11 16:00:00"], "at eight in the evening nobody is there");
    let collected = |slot: Option<BookingId>| NewOrder {
        method: Method::Pickup,
        pickup_location: Some("ST-LDS".to_owned()),
        slot: slot.map(|id| id.to_string()),
        ..order(&[("MUG", 1)])
    };
    assert_eq!(refusal(&c, &collected(None)).await.fields[0].field, "/slot");
    // A time of delivery is none to collect.
    let other = book(&c, FRIDAY_EVENING, None).await.unwrap();
    assert_eq!(refusal(&c, &collected(Some(other))).await.fields[0].field, "/slot");
    let tonight = c.services.book_slot(&c.system(), "leeds", at("2027-06-10T15:00:00Z"), None).await.unwrap().booking;
    let placed = c.place(&collected(Some(tonight))).await;
    assert_eq!(promised(&c, placed).await.0, "2027-06-10T15:00:00+00:00");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn windows_that_make_no_sense_are_told(pool: PgPool) {
    let c = with_evenings(&pool, 1).await;
    let window = SlotWindow { capacity: 0, from: NaiveTime::from_hms_opt(9, 0, 0).unwrap(), ..SlotWindow::default() };
    let plan = SlotPlan {
        name: String::new(),
        location: "NOWHERE".to_owned(),
        zone_map: "none".to_owned(),
        zones: vec!["moon".to_owned()],
        windows: vec![window],
        lead_hours: -1,
        horizon_days: 0,
        ..SlotPlan::default()
    };
    let error = save(&c, "bad", &Setting::Slots(plan)).await.unwrap_err();
    let fields: Vec<&str> = error.refusal().unwrap().fields.iter().map(|f| f.field.as_str()).collect();
    for field in [
        "/name",
        "/location",
        "/zone_map",
        "/zones/0",
        "/lead_hours",
        "/horizon_days",
        "/windows/0/weekdays",
        "/windows/0/until",
        "/windows/0/capacity",
    ] {
        assert!(fields.contains(&field), "{field} is not in {fields:?}");
    }
    // What a way of delivery needs stays.
    let act = c.system();
    let ended = waybill::transact!(c.services.pool, conn => waybill::carriers::end_setting(conn, &act, SettingKind::Slots, "evenings", None).await);
    assert!(ended.unwrap_err().to_string().contains("way of delivery"));
}
