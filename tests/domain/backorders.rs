use crate::company::{Company, company, order};
use chrono::{Days, TimeDelta};
use sqlx::PgPool;
use waybill::identity::Actor;
use waybill::inventory::MovementReason;
use waybill::inventory::backorders::{self, NewTerms};
use waybill::orders::{Method, NewOrder};
use waybill::refusal::{Error, RefusalCode};

const PLACE: &str = "WH-NTH";

fn terms(c: &Company, kind: &str, most_units: i32) -> NewTerms {
    let expected = c.system().now.date_naive().checked_add_days(Days::new(10)).unwrap().to_string();
    NewTerms { kind: kind.to_owned(), most_units, expected, until: String::new(), follows_purchasing: false }
}

async fn set(c: &Company, location: &str, terms: &NewTerms) -> Result<(), Error> {
    let act = c.system();
    waybill::transact!(c.services.pool, conn => backorders::set_terms(conn, &act, "LAMP", location, terms).await)
}

async fn receive(c: &Company, units: i32) {
    c.services.adjust_stock(&c.system(), "LAMP", PLACE, units, MovementReason::Receipt, None).await.unwrap();
}

/// (on hand, reserved, backordered) of the lamp at its place.
async fn lamps(c: &Company) -> (i32, i32, i32) {
    let rows = c.stock_of("LAMP", None).await;
    let row = rows.iter().find(|r| r.location == "Northampton warehouse").unwrap();
    (row.on_hand, row.reserved, row.backordered)
}

async fn reroute(c: &Company) {
    let sku = sqlx::query_scalar("select sku_id from skus where code = 'LAMP'").fetch_one(&c.services.pool).await.unwrap();
    c.services.reroute_waiting(waybill::ids::SkuId(sku)).await.unwrap();
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_comes_belongs_to_those_who_wait_in_their_order(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 2), ("MUG", PLACE, 9)]).await;
    assert_eq!(c.place_error(&order(&[("LAMP", 3)])).await, RefusalCode::OutOfStock);
    set(&c, PLACE, &terms(&c, "backorder", 10)).await.unwrap();
    // Two are there, four are owed; the mug is sent at once.
    let first = c.place(&order(&[("LAMP", 6), ("MUG", 1)])).await;
    assert_eq!((lamps(&c).await, c.status(first).await.as_str()), ((2, 2, 4), "waiting"));
    let second = c.place(&order(&[("LAMP", 5)])).await;
    assert_eq!(lamps(&c).await, (2, 2, 9));
    assert_eq!(c.place_error(&order(&[("LAMP", 2)])).await, RefusalCode::OutOfStock, "one more can be owed, not two");
    c.assert_sound().await;
    // Five come: four for the first, one for the second, none for whoever comes now, though it is looked at before them.
    receive(&c, 5).await;
    assert_eq!(c.place_error(&order(&[("LAMP", 2)])).await, RefusalCode::OutOfStock);
    reroute(&c).await;
    assert_eq!((lamps(&c).await, c.status(first).await.as_str(), c.status(second).await.as_str()), ((7, 7, 4), "released", "waiting"));
    c.assert_sound().await;
    // Called off, nothing is owed any more.
    c.services.cancel_order(&c.system(), second, "changed my mind", None).await.unwrap();
    assert_eq!(lamps(&c).await, (7, 6, 0));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn buyers_at_once_are_owed_no_more_than_the_limit(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5)]).await;
    set(&c, PLACE, &terms(&c, "backorder", 7)).await.unwrap();
    let buyers = (0..30).map(|n| {
        let services = c.services.clone();
        tokio::spawn(async move {
            let act = services.act(Actor::System);
            match services.place_order(&act, &order(&[("LAMP", 1)]), None).await {
                Ok(placed) if n % 6 == 0 => services.cancel_order(&act, placed.order_id, "changed my mind", None).await.map(|()| 0).unwrap(),
                Ok(_) => 1,
                Err(error) => {
                    assert_eq!(error.refusal().unwrap().code, RefusalCode::OutOfStock, "{error}");
                    0
                }
            }
        })
    });
    let mut sold = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        sold += buyer.await.unwrap();
    }
    reroute(&c).await;
    let (on_hand, reserved, backordered) = lamps(&c).await;
    assert_eq!(reserved + backordered, sold);
    assert!(on_hand == 5 && backordered <= 7 && (reserved == 5 || backordered == 0), "{reserved} reserved, {backordered} owed");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_not_on_sale_yet_waits_for_its_day_though_it_is_there(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 20), ("LAMP", "ST-LDS", 5)]).await;
    set(&c, PLACE, &terms(&c, "preorder", 8)).await.unwrap();
    let waiting = c.place(&order(&[("LAMP", 3)])).await;
    assert_eq!((lamps(&c).await, c.status(waiting).await.as_str()), ((20, 0, 3), "waiting"));
    let pickup = NewOrder { method: Method::Pickup, pickup_location: Some("ST-LDS".to_owned()), ..order(&[("LAMP", 1)]) };
    assert_eq!(c.place_error(&pickup).await, RefusalCode::OutOfStock, "the store may not sell it before its day either");
    assert_eq!(c.place_error(&order(&[("LAMP", 6)])).await, RefusalCode::OutOfStock, "eight in all");
    reroute(&c).await;
    assert_eq!(lamps(&c).await, (20, 0, 3));
    c.assert_sound().await;
    // Its day has come.
    let act = c.system();
    waybill::transact!(c.services.pool, conn => backorders::end_terms(conn, &act, "LAMP", PLACE).await).unwrap();
    reroute(&c).await;
    assert_eq!((c.status(waiting).await.as_str(), lamps(&c).await.2), ("released", 0));
    c.place(&pickup).await;
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_promise_outlives_its_terms_and_bad_terms_are_told(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 1)]).await;
    set(&c, PLACE, &terms(&c, "backorder", 5)).await.unwrap();
    let waiting = c.place(&order(&[("LAMP", 4)])).await;
    let act = c.system();
    waybill::transact!(c.services.pool, conn => backorders::end_terms(conn, &act, "LAMP", PLACE).await).unwrap();
    assert_eq!(c.place_error(&order(&[("LAMP", 1)])).await, RefusalCode::OutOfStock, "nothing more is owed");
    c.services.reroute_order(waiting).await.unwrap();
    assert_eq!((lamps(&c).await, c.status(waiting).await.as_str()), ((1, 1, 3), "waiting"));
    receive(&c, 3).await;
    c.services.reroute_order(waiting).await.unwrap();
    assert_eq!((lamps(&c).await, c.status(waiting).await.as_str()), ((4, 4, 0), "released"));
    c.assert_sound().await;
    let yesterday = (c.system().now - TimeDelta::days(1)).date_naive().to_string();
    let wrong = NewTerms { kind: "magic".to_owned(), most_units: 0, expected: yesterday.clone(), until: yesterday, follows_purchasing: false };
    let refused = set(&c, PLACE, &wrong).await.unwrap_err();
    let fields: Vec<_> = refused.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect();
    assert_eq!(fields, ["/kind", "/most_units", "/expected", "/until"]);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whoever_loses_a_unit_is_promised_nothing_beyond_the_limit(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 1), ("MUG", PLACE, 5)]).await;
    set(&c, PLACE, &terms(&c, "backorder", 3)).await.unwrap();
    let first = c.place(&order(&[("LAMP", 1), ("MUG", 1)])).await;
    for _ in 0..3 {
        c.place(&order(&[("LAMP", 1)])).await;
    }
    // The first one's lamp turns out to be missing, and the limit is used up: it waits without a promise, and its mug goes out all the same.
    assert_eq!(c.services.adjust_stock(&c.system(), "LAMP", PLACE, -1, MovementReason::Adjustment, None).await.unwrap(), 1);
    c.services.reroute_order(first).await.unwrap();
    assert_eq!(lamps(&c).await, (0, 0, 3));
    assert_eq!(c.text("select state from fulfilment_orders where order_id = $1 order by fulfilment_no desc limit 1", first).await, "released");
    c.assert_sound().await;
    // It came first: the next lamp is its own.
    receive(&c, 1).await;
    reroute(&c).await;
    assert_eq!(c.status(first).await, "released");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_a_basket_keeps_is_its_own_whoever_is_owed_some(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 2)]).await;
    set(&c, PLACE, &terms(&c, "backorder", 2)).await.unwrap();
    let basket = |units| waybill::orders::NewHold {
        channel: "web".to_owned(),
        method: Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: None,
        postcode: None,
        lines: vec![("LAMP".to_owned(), units)],
    };
    let kept = c.services.hold_basket(&c.system(), &basket(1), None, None).await.unwrap().unwrap();
    let late = c.place(&order(&[("LAMP", 3)])).await;
    assert_eq!((lamps(&c).await, c.status(late).await.as_str()), ((2, 2, 2), "waiting"));
    // Changed and ordered, the basket still has its lamp.
    let kept = c.services.hold_basket(&c.system(), &basket(1), Some(kept.hold), None).await.unwrap().unwrap();
    let bought = c.place(&NewOrder { hold: Some(kept.hold.to_string()), ..order(&[("LAMP", 1)]) }).await;
    assert_eq!((lamps(&c).await, c.status(bought).await.as_str()), ((2, 2, 2), "released"));
    c.assert_sound().await;
    // What it was explained by is what it saw: its own basket was no obstacle.
    let why = waybill::routing::explain_decision(&mut *c.conn().await, bought, None).await.unwrap().unwrap();
    assert!(why.summary.iter().all(|words| !words.contains("Others were buying")), "{why:?}");
    // Only what is yet to come is left: nothing needs keeping, and nothing is kept.
    let kept = c.services.hold_basket(&c.system(), &basket(1), None, None).await;
    assert_eq!(kept.unwrap_err().refusal().unwrap().code, RefusalCode::OutOfStock, "the limit is used up");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_basket_that_is_part_there_and_part_to_come_becomes_an_order(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 3)]).await;
    set(&c, PLACE, &terms(&c, "backorder", 4)).await.unwrap();
    let basket = waybill::orders::NewHold {
        channel: "web".to_owned(),
        method: Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: None,
        postcode: None,
        lines: vec![("LAMP".to_owned(), 5)],
    };
    let kept = c.services.hold_basket(&c.system(), &basket, None, None).await.unwrap().unwrap();
    assert_eq!(lamps(&c).await, (3, 3, 0));
    c.place(&NewOrder { hold: Some(kept.hold.to_string()), ..order(&[("LAMP", 5)]) }).await;
    assert_eq!(lamps(&c).await, (3, 3, 2));
    c.assert_sound().await;
}
