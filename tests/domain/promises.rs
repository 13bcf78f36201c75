//! What customers are promised comes true: the shop says what the order will do, and whoever is late is found before the customer notices.

use crate::company::{Company, at, company, order, then};
use crate::kits::with_kit;
use chrono::TimeDelta;
use sqlx::PgPool;
use std::sync::Arc;
use waybill::carriers::{Holidays, Service, Setting, SettingKind, end_setting, read_setting, save_setting};
use waybill::fulfilment::{Command, StepInput};
use waybill::ids::{ClosureId, OrderId};
use waybill::inventory::backorders::{self, NewTerms};
use waybill::inventory::rules::{ChannelSettings, set_channel};
use waybill::inventory::{MovementReason, places};
use waybill::orders::views::{BasketQuote, OrderDetail};
use waybill::orders::{self, BasketRequest, Method, NewLine, NewOrder};

pub async fn quote(c: &Company, lines: &[(&str, i32)]) -> BasketQuote {
    let mut conn = c.conn().await;
    let act = c.system();
    let planning = c.services.planning.get(&mut conn, act.now).await.unwrap();
    let lines: Vec<NewLine> =
        lines.iter().map(|(sku, quantity)| NewLine { sku: (*sku).to_owned(), quantity: *quantity, ..NewLine::default() }).collect();
    let request = BasketRequest { postcode: "LS1 4AP", most_stores: 20, ..BasketRequest::new("web", &lines) };
    orders::quote_basket(&mut conn, &act, &planning, &request).await.unwrap()
}

fn by(delivery: &str, order: NewOrder) -> NewOrder {
    NewOrder { delivery_method: Some(delivery.to_owned()), ..order }
}

async fn detail(c: &Company, id: OrderId) -> OrderDetail {
    orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap()
}

/// (state, location, service) of each fulfilment order.
async fn work(c: &Company, id: OrderId) -> Vec<(String, String, String)> {
    let parcels = detail(c, id).await.fulfilments;
    parcels.into_iter().map(|f| (f.state.to_string(), f.location, f.service.unwrap_or_default())).collect()
}

/// The day that a line is promised for, and the one that it was promised for first where that is another.
async fn promised(c: &Company, id: OrderId) -> (String, Option<String>) {
    let promised = detail(c, id).await.lines[0].promised.clone().unwrap();
    (promised.day.to_string(), promised.first_day.map(|d| d.to_string()))
}

/// (step, outcome) of each alert of an order, in the order in which they were raised.
async fn alerts(c: &Company, id: OrderId) -> Vec<(String, Option<String>)> {
    sqlx::query_as("select step, outcome from promise_alerts where order_id = $1 order by raised_at")
        .bind(id.0)
        .fetch_all(&c.services.pool)
        .await
        .unwrap()
}

/// How often the customer was told another date.
async fn told(c: &Company, id: OrderId) -> usize {
    let tracked = orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap();
    tracked.timeline.iter().filter(|e| e.kind.as_str() == "promise_moved").count()
}

async fn watch(c: &Company) {
    c.services.watch_promises(&mut None).await.unwrap();
}

async fn step(c: &Company, id: OrderId, no: i32, command: Command) {
    c.services.advance_fulfilment(&c.system(), id, no, command, &StepInput::default(), None).await.unwrap();
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn an_order_does_what_the_shop_said(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 50), ("LAMP", "ST-LDS", 3), ("MUG", "WH-NTH", 50)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let said = quote(&c, &[("LAMP", 2)]).await;
    let words: Vec<_> =
        said.deliveries.iter().map(|d| (d.code.as_str(), d.price.unwrap().to_string(), d.promise.as_ref().unwrap().day.to_string())).collect();
    assert_eq!(words, [("standard", "£3.95".to_owned(), "2027-06-12".to_owned()), ("express", "£6.95".to_owned(), "2027-06-11".to_owned())]);
    let express = said.deliveries[1].promise.clone().unwrap();
    // The store in Leeds is nearest; handling there takes two hours, the carrier comes at five, but the cut-off is at two.
    assert_eq!(
        (express.parcels[0].location.as_str(), express.cut_off, express.local_from.to_string()),
        ("ST-LDS", Some(at("2027-06-10T13:00:00Z")), "2027-06-11 08:00:00".to_owned())
    );
    let leeds = said.pickups.first().unwrap();
    let ready = leeds.promise.as_ref().unwrap();
    assert_eq!((leeds.code.as_str(), leeds.left, ready.local_from.to_string()), ("ST-LDS", Some(3), "2027-06-10 12:00:00".to_owned()));
    assert_eq!(said.pickups.iter().filter(|p| p.promise.is_some()).count(), 1, "nobody else has any");
    assert!(said.pickups[1].problem.is_some());

    let placed = c.place(&NewOrder { promised_by: Some(express.by), total_minor: Some(2_695), ..by("express", order(&[("LAMP", 2)])) }).await;
    assert_eq!(promised(&c, placed).await, ("2027-06-11".to_owned(), None));
    let shown = detail(&c, placed).await;
    assert_eq!(
        (shown.delivery.as_deref(), shown.fulfilments[0].service.as_deref(), shown.shipping.minor),
        (Some("Express delivery"), Some("next-day"), 695)
    );
    assert_eq!(shown.fulfilments[0].promised_by, Some(express.by));
    // Both from their own places: the later of the two counts.
    let both = quote(&c, &[("LAMP", 1), ("MUG", 1)]).await;
    assert_eq!(both.deliveries[1].promise.as_ref().unwrap().parcels.len(), 2);

    // A minute after the cut-off it is another day, and whoever saw the first is told.
    let late = then(&c, "2027-06-10T13:01:00Z");
    let refused =
        late.services.place_order(&late.system(), &NewOrder { promised_by: Some(express.by), ..by("express", order(&[("LAMP", 1)])) }, None).await;
    let refusal = refused.unwrap_err().refusal().unwrap().clone();
    assert_eq!((refusal.fields[0].field.as_str(), refusal.message.contains("12 June 2027")), ("/promised_by", true), "{}", refusal.message);
    let reasons = [
        (by("teleport", order(&[("LAMP", 1)])), "/delivery_method", "standard, express"),
        (by("express", NewOrder { total_minor: Some(1), ..order(&[("LAMP", 1)]) }), "/total_minor", "£6.95 for delivery"),
    ];
    for (order, field, words) in reasons {
        let refusal = late.services.place_order(&late.system(), &order, None).await.unwrap_err().refusal().unwrap().clone();
        assert_eq!((refusal.fields[0].field.as_str(), refusal.message.contains(words)), (field, true), "{}", refusal.message);
    }
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn express_does_not_go_everywhere(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 50)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let mut abroad = by("express", order(&[("LAMP", 1)]));
    (abroad.contact.country, abroad.contact.postcode) = ("ES".to_owned(), "28001".to_owned());
    let refusal = c.services.place_order(&c.system(), &abroad, None).await.unwrap_err().refusal().unwrap().clone();
    assert_eq!(
        (refusal.fields[0].field.as_str(), refusal.message.as_str()),
        ("/lines", "We cannot deliver 0.5 kg to ES. Order less, or collect it in a store.")
    );
    abroad.delivery_method = None;
    let placed = c.place(&abroad).await;
    assert_eq!(promised(&c, placed).await.0, "2027-06-16", "five days on which parcels move");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_late_is_sent_otherwise(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 5), ("LAMP", "WH-NTH", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(work(&c, id).await, [("released".to_owned(), "Warrington warehouse".to_owned(), "two-day".to_owned())]);
    watch(&then(&c, "2027-06-10T15:29:00Z")).await;
    assert_eq!(alerts(&c, id).await, []);
    // At half past four in Warrington nobody has begun: it would miss the van at five, and come on Monday. Northampton sends it on Friday, next day.
    let late = then(&c, "2027-06-10T15:31:00Z");
    watch(&late).await;
    let told = work(&late, id).await;
    assert_eq!(told[0], ("rejected".to_owned(), "Warrington warehouse".to_owned(), "two-day".to_owned()));
    assert_eq!(told[1], ("released".to_owned(), "Northampton warehouse".to_owned(), "next-day".to_owned()));
    assert_eq!(promised(&late, id).await, ("2027-06-12".to_owned(), None), "the customer need not know");
    assert_eq!(alerts(&c, id).await, [("pick".to_owned(), Some("replanned".to_owned()))]);
    let promises: Vec<String> =
        sqlx::query_scalar("select reason from order_promises where order_id = $1 order by promise_no").bind(id.0).fetch_all(&pool).await.unwrap();
    assert_eq!(promises, ["placed", "replanned"]);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_cannot_be_saved_is_told(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    for (kind, code) in [(SettingKind::Method, "express"), (SettingKind::Service, "next-day")] {
        waybill::transact!(pool, conn => end_setting(conn, &act, kind, code, None).await).unwrap();
    }
    let id = c.place(&order(&[("LAMP", 1)])).await;
    let (danger, lost) = (then(&c, "2027-06-10T15:31:00Z"), then(&c, "2027-06-10T16:00:00Z"));
    watch(&danger).await;
    assert_eq!(
        (promised(&c, id).await, alerts(&c, id).await),
        (("2027-06-12".to_owned(), None), vec![("pick".to_owned(), None)]),
        "it may be saved yet"
    );
    watch(&lost).await;
    watch(&lost).await;
    assert_eq!(promised(&c, id).await, ("2027-06-14".to_owned(), Some("2027-06-12".to_owned())));
    assert_eq!(alerts(&c, id).await, [("pick".to_owned(), Some("moved".to_owned()))]);
    let tracked = orders::track_order(&mut *lost.conn().await, &lost.system(), &lost.services.planning, id).await.unwrap();
    assert_eq!(tracked.timeline.iter().filter(|e| e.kind.as_str() == "promise_moved").count(), 1, "told once");
    assert_eq!(tracked.promised.unwrap().first_day.unwrap().to_string(), "2027-06-12");
    // Friday: it is late again, and is caught up with.
    let friday = then(&c, "2027-06-11T15:31:00Z");
    watch(&friday).await;
    assert_eq!(alerts(&c, id).await.last().unwrap(), &("pick".to_owned(), None));
    step(&friday, id, 1, Command::StartPicking).await;
    watch(&friday).await;
    assert_eq!(alerts(&c, id).await.last().unwrap(), &("pick".to_owned(), Some("caught_up".to_owned())));
    for command in [Command::Pack, Command::Ship] {
        step(&friday, id, 1, command).await;
    }
    // On Monday evening it is not there: that is told once, too.
    let monday = then(&c, "2027-06-14T18:00:00Z");
    watch(&monday).await;
    assert_eq!(promised(&c, id).await, ("2027-06-15".to_owned(), Some("2027-06-12".to_owned())));
    watch(&then(&c, "2027-06-16T18:00:00Z")).await;
    assert_eq!(promised(&c, id).await.0, "2027-06-15");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_closed_location_is_in_danger_at_once(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 5), ("LAMP", "WH-NTH", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 1)])).await;
    let act = c.system();
    let until = Some(at("2027-06-15T07:00:00Z"));
    waybill::transact!(pool, conn => places::close_location(conn, &act, ClosureId::new(act.now), "WH-WAR", None, until, "burst pipe").await).unwrap();
    watch(&c).await;
    assert_eq!(work(&c, id).await[1].1, "Northampton warehouse");
    assert_eq!(promised(&c, id).await, ("2027-06-12".to_owned(), None));
    // A holiday that somebody forgot: nobody is there on Friday, and what was promised for Saturday had left on Thursday.
    let other = c.place(&by("express", order(&[("LAMP", 1)]))).await;
    assert_eq!(promised(&c, other).await.0, "2027-06-11");
    let holiday =
        Setting::Holidays(Holidays { name: "England".to_owned(), days: [(at("2027-06-11T00:00:00Z").date_naive(), "Forgotten".to_owned())].into() });
    waybill::transact!(pool, conn => save_setting(conn, &act, "GB", &holiday, None, None).await).unwrap();
    watch(&c).await;
    assert_eq!(promised(&c, other).await, ("2027-06-12".to_owned(), Some("2027-06-11".to_owned())), "nobody delivers on it");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_in_danger_is_looked_at_again_when_its_place_closes(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let collected = NewOrder { method: Method::Pickup, pickup_location: Some("ST-LDS".to_owned()), ..order(&[("LAMP", 1)]) };
    let id = c.place(&collected).await;
    let later = then(&c, "2027-06-10T10:20:00Z");
    watch(&later).await;
    assert_eq!((promised(&c, id).await, alerts(&c, id).await.len()), (("2027-06-10".to_owned(), None), 1), "it can still be ready");
    let act = later.system();
    let until = Some(at("2027-06-15T07:00:00Z"));
    waybill::transact!(pool, conn => places::close_location(conn, &act, ClosureId::new(act.now), "ST-LDS", None, until, "burst pipe").await).unwrap();
    watch(&later).await;
    assert_eq!(promised(&c, id).await, ("2027-06-15".to_owned(), Some("2027-06-10".to_owned())), "whoever would come for it is told before");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn incoming_stock_moves_the_date(pool: PgPool) {
    let c = company(&pool, &[("MUG", "WH-NTH", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    let set = async |expected: &str| {
        let terms =
            NewTerms { kind: "backorder".to_owned(), most_units: 10, expected: expected.to_owned(), until: String::new(), follows_purchasing: false };
        waybill::transact!(pool, conn => backorders::set_terms(conn, &act, "LAMP", "WH-NTH", &terms).await).unwrap();
    };
    set("2027-06-16").await;
    // The mug is there: both together come when the lamp does.
    let said = quote(&c, &[("LAMP", 1), ("MUG", 1)]).await;
    let promise = said.deliveries[0].promise.clone().unwrap();
    assert_eq!(
        (promise.parcels.len(), promise.day.to_string()),
        (2, "2027-06-18".to_owned()),
        "it arrives on Wednesday, leaves then, and takes two days"
    );
    let id = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(promised(&c, id).await, ("2027-06-18".to_owned(), None));
    watch(&c).await;
    assert_eq!(alerts(&c, id).await, []);
    set("2027-06-21").await;
    watch(&c).await;
    assert_eq!(promised(&c, id).await, ("2027-06-23".to_owned(), Some("2027-06-18".to_owned())));
    // It does not come: nobody knows when it will, and that is told when nobody could have it there in time any more.
    let overdue = then(&c, "2027-06-21T08:00:00Z");
    watch(&overdue).await;
    assert_eq!(alerts(&c, id).await.last().unwrap(), &("waiting".to_owned(), None));
    let lost = then(&c, "2027-06-22T15:00:00Z");
    watch(&lost).await;
    assert!(detail(&c, id).await.lines[0].promised.is_none());
    assert_eq!(alerts(&c, id).await.last().unwrap(), &("waiting".to_owned(), Some("moved".to_owned())));
    // It comes after all: somebody knows, and says so.
    assert_eq!(told(&c, id).await, 2);
    let mut conn = lost.conn().await;
    orders::correct_stock(&mut conn, &lost.system(), "LAMP", "WH-NTH", 5, MovementReason::Receipt, 0).await.unwrap();
    drop(conn);
    lost.services.reroute_order(id).await.unwrap();
    assert_eq!(promised(&c, id).await, ("2027-06-25".to_owned(), Some("2027-06-18".to_owned())), "after the day's cut-off");
    assert_eq!(told(&c, id).await, 3);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn all_that_moves_at_once_is_told_once(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    let set = async |sku: &str, expected: &str| {
        let terms =
            NewTerms { kind: "backorder".to_owned(), most_units: 10, expected: expected.to_owned(), until: String::new(), follows_purchasing: false };
        waybill::transact!(pool, conn => backorders::set_terms(conn, &act, sku, "WH-NTH", &terms).await).unwrap();
    };
    set("LAMP", "2027-06-16").await;
    set("MUG", "2027-06-16").await;
    let id = c.place(&order(&[("LAMP", 1), ("MUG", 1)])).await;
    set("LAMP", "2027-06-21").await;
    set("MUG", "2027-06-21").await;
    watch(&c).await;
    let days: Vec<String> = detail(&c, id).await.lines.iter().map(|l| l.promised.as_ref().unwrap().day.to_string()).collect();
    assert_eq!((days, told(&c, id).await), (vec!["2027-06-23".to_owned(); 2], 1));
}

/// A faster service carries what is in the parcel, or it is none.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_faster_service_takes_what_is_to_be_sent(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    let next_day = read_setting(&mut *c.conn().await, &act, SettingKind::Service, "next-day").await.unwrap().setting;
    let Setting::Service(next_day) = next_day else { panic!("a service") };
    // A lamp weighs 500 g.
    let letter = Service { name: "Letter".to_owned(), max_grams: Some(100), rate_card: "parcel-cost".to_owned(), ..next_day };
    waybill::transact!(pool, conn => save_setting(conn, &act, "letter", &Setting::Service(letter.clone()), None, None).await).unwrap();
    let id = c.place(&order(&[("LAMP", 1)])).await;
    watch(&then(&c, "2027-06-10T15:31:00Z")).await;
    assert_eq!(work(&c, id).await, [("released".to_owned(), "Warrington warehouse".to_owned(), "next-day".to_owned())]);
    assert_eq!((promised(&c, id).await, told(&c, id).await), (("2027-06-12".to_owned(), None), 0));
    let promises: Vec<String> =
        sqlx::query_scalar("select reason from order_promises where order_id = $1 order by promise_no").bind(id.0).fetch_all(&pool).await.unwrap();
    assert_eq!(promises, ["placed", "replanned"]);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_parts_of_a_kit_come_on_different_days(pool: PgPool) {
    let c = with_kit(&pool, &[("MUG", "WH-NTH", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    let terms =
        NewTerms { kind: "backorder".to_owned(), most_units: 10, expected: "2027-06-16".to_owned(), until: String::new(), follows_purchasing: false };
    waybill::transact!(pool, conn => backorders::set_terms(conn, &act, "LAMP", "WH-NTH", &terms).await).unwrap();
    let said = quote(&c, &[("SET", 1)]).await;
    let promise = said.deliveries[0].promise.clone().unwrap();
    assert_eq!((promise.parcels.len(), promise.day.to_string()), (2, "2027-06-18".to_owned()), "the kit is there when its last part is");
    let id = c.place(&NewOrder { promised_by: Some(promise.by), ..order(&[("SET", 1)]) }).await;
    let lines = detail(&c, id).await.lines;
    let days: Vec<(&str, String)> = lines.iter().map(|l| (l.sku.as_str(), l.promised.as_ref().unwrap().day.to_string())).collect();
    assert_eq!(days, [("LAMP", "2027-06-18".to_owned()), ("MUG", "2027-06-12".to_owned())], "each part has its own day");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn orders_may_wait_before_they_are_worked_on(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    let settings = ChannelSettings { hold_minutes: 0, gift_wrap: String::new(), release_delay_minutes: 60 };
    waybill::transact!(pool, conn => set_channel(conn, &act, "web", &settings).await).unwrap();
    assert_eq!(
        quote(&c, &[("LAMP", 1)]).await.deliveries[0].promise.as_ref().unwrap().cut_off,
        Some(at("2027-06-10T12:00:00Z")),
        "an hour before the cut-off"
    );
    let id = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(work(&c, id).await[0].0, "planned");
    let soon = then(&c, "2027-06-10T09:59:00Z");
    soon.services.release_order(id).await.unwrap();
    assert_eq!(work(&c, id).await[0].0, "planned");
    let due = then(&c, "2027-06-10T10:00:00Z");
    let jobs = waybill::jobs::take(&mut *due.conn().await, due.system().now, 10).await.unwrap();
    assert!(jobs.iter().any(|j| j.job == waybill::jobs::Job::ReleaseOrder { order_id: id }), "{jobs:?}");
    due.services.release_order(id).await.unwrap();
    assert_eq!(work(&c, id).await[0].0, "released");
    // One that is called off meanwhile is not.
    let other = c.place(&order(&[("LAMP", 1)])).await;
    c.services.cancel_order(&c.system(), other, "changed my mind", None).await.unwrap();
    due.services.release_order(other).await.unwrap();
    assert_eq!(work(&c, other).await[0].0, "cancelled");
    c.assert_sound().await;
}

/// Baskets, places and moments drawn at random: what the shop says is what the order is promised, with each way of delivery and in each store.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_promise_is_what_placing_plans(pool: PgPool) {
    let c =
        company(&pool, &[("LAMP", "WH-WAR", 40), ("LAMP", "ST-EDI", 9), ("MUG", "WH-NTH", 40), ("MUG", "ST-LDS", 9), ("PIN", "VN-LEI", 400)]).await;
    let mut seed = 20_270_610u64;
    let mut draw = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let start = at("2027-03-26T00:00:00Z");
    let mut kept = 0;
    for _ in 0..40 {
        let moment = start + TimeDelta::minutes(i64::try_from(draw(300 * 24 * 60)).unwrap());
        let c = then(&c, &moment.to_rfc3339());
        let mut lines: Vec<(&str, i32)> = Vec::new();
        for sku in ["LAMP", "MUG", "PIN"] {
            if draw(2) == 1 {
                lines.push((sku, i32::try_from(1 + draw(2)).unwrap()));
            }
        }
        if lines.is_empty() {
            continue;
        }
        let said = quote(&c, &lines).await;
        let (new, window) = if draw(3) == 0 {
            let Some(store) = said.pickups.iter().find(|p| p.promise.is_some()) else { continue };
            (NewOrder { method: Method::Pickup, pickup_location: Some(store.code.clone()), ..order(&lines) }, store.promise.clone().unwrap())
        } else {
            let option = &said.deliveries[usize::try_from(draw(2)).unwrap()];
            let Some(promise) = option.promise.clone() else { continue };
            (by(&option.code, order(&lines)), promise)
        };
        let id = c.place(&NewOrder { promised_by: Some(window.by), ..new }).await;
        let order = detail(&c, id).await;
        let last = order.lines.iter().filter_map(|l| l.promised.clone()).max_by_key(|p| p.by).unwrap();
        assert_eq!((last.from, last.by), (window.from, window.by), "{lines:?} at {moment}");
        let from: Vec<String> = order.fulfilments.iter().map(|f| f.location.clone()).collect();
        assert_eq!(from, window.parcels.iter().map(|p| p.location_name.clone()).collect::<Vec<_>>());
        kept += 1;
    }
    assert!(kept > 20, "{kept}");
    c.assert_sound().await;
}

/// 32 buyers want the last units and the last places of a day: nobody is promised what another has.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn nothing_is_promised_twice(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 12), ("LAMP", "WH-NTH", 4)]).await;
    let c = Arc::new(then(&c, "2027-06-10T09:00:00Z"));
    let settings = places::read_place(&mut *c.conn().await, &c.system(), "WH-WAR").await.unwrap().settings;
    let act = c.system();
    let limited = places::LocationSettings { daily_order_capacity: Some(7), ..settings };
    waybill::transact!(pool, conn => places::change_location(conn, &act, "WH-WAR", &limited, None, None).await).unwrap();
    let buyers: Vec<_> = (0..32)
        .map(|_| {
            let c = Arc::clone(&c);
            tokio::spawn(async move {
                let said = quote(&c, &[("LAMP", 1)]).await.deliveries[0].promise.clone();
                let new = NewOrder { promised_by: said.as_ref().map(|p| p.by), ..order(&[("LAMP", 1)]) };
                (said, c.services.place_order(&c.system(), &new, None).await)
            })
        })
        .collect();
    let mut taken = Vec::new();
    for buyer in buyers {
        if let (Some(said), Ok(placed)) = buyer.await.unwrap() {
            let order = detail(&c, placed.order_id).await;
            assert_eq!(order.lines[0].promised.as_ref().map(|p| p.by), Some(said.by));
            taken.push(order.fulfilments[0].location.clone());
        }
    }
    taken.sort();
    assert_eq!((taken.len(), taken.iter().filter(|l| *l == "Warrington warehouse").count()), (11, 7));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_day_of_sale_that_moves_is_told_though_the_thing_is_there(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 20)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    let set = async |expected: &str| {
        let terms = NewTerms { kind: "preorder".to_owned(), most_units: 10, expected: expected.to_owned(), ..NewTerms::default() };
        waybill::transact!(pool, conn => backorders::set_terms(conn, &act, "LAMP", "WH-NTH", &terms).await).unwrap();
    };
    set("2027-07-01").await;
    let id = c.place(&order(&[("LAMP", 3)])).await;
    assert_eq!(promised(&c, id).await, ("2027-07-03".to_owned(), None));
    set("2027-07-15").await;
    watch(&c).await;
    assert_eq!((promised(&c, id).await, told(&c, id).await), (("2027-07-17".to_owned(), Some("2027-07-03".to_owned())), 1));
    c.assert_sound().await;
}
