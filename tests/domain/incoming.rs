//! What is sold before it is there, where that follows what has been bought: on the days that purchase orders say, and no unit twice.

use crate::company::{Company, company, order, then};
use chrono::NaiveDate;
use sqlx::PgPool;
use std::collections::BTreeMap;
use waybill::identity::{Act, Actor};
use waybill::ids::{OrderId, PurchaseOrderId};
use waybill::inventory::backorders::{self, NewTerms};
use waybill::inventory::receipts::Receipt;
use waybill::orders;
use waybill::purchasing::{self, Confirmation, NewPurchaseOrder, PurchaseStep, Supplier, SupplierSku};
use waybill::refusal::{Error, RefusalCode};
use waybill::transact;

const PLACE: &str = "WH-NTH";

/// A company that buys lamps, has none, and follows what it has bought. It is Thursday, 10 June 2027.
async fn buying(pool: &PgPool) -> Company {
    let c = company(pool, &[]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let act = c.system();
    let supplier = Supplier {
        code: "ACME".to_owned(),
        name: "Acme".to_owned(),
        email: "orders@example.com".to_owned(),
        address: String::new(),
        currency: "GBP".to_owned(),
        lead_days: 7,
        location: String::new(),
    };
    transact!(pool, conn => purchasing::save_supplier(conn, &act, &supplier).await).unwrap();
    let lamp = SupplierSku {
        sku: "LAMP".to_owned(),
        supplier_code: "L".to_owned(),
        cost: "4".to_owned(),
        min_quantity: 1,
        pack_quantity: 1,
        lead_days: None,
    };
    transact!(pool, conn => purchasing::save_supplier_sku(conn, &act, "ACME", &lamp).await).unwrap();
    follow(&c, 40).await.unwrap();
    c
}

async fn follow(c: &Company, most_units: i32) -> Result<(), Error> {
    let act = c.system();
    let terms = NewTerms { kind: "backorder".to_owned(), most_units, follows_purchasing: true, ..NewTerms::default() };
    transact!(c.services.pool, conn => backorders::set_terms(conn, &act, "LAMP", PLACE, &terms).await)
}

/// So many lamps are sent for: they come in a week.
async fn send_for(c: &Company, units: i32) -> String {
    let act = c.system();
    let new =
        NewPurchaseOrder { supplier: "ACME".to_owned(), location: PLACE.to_owned(), note: String::new(), lines: vec![("LAMP".to_owned(), units)] };
    let number = transact!(c.services.pool, conn => purchasing::draft_order(conn, &act, PurchaseOrderId::new(act.now), &new).await).unwrap();
    step(c, &number, PurchaseStep::Approve).await;
    step(c, &number, PurchaseStep::Send).await;
    number
}

async fn step(c: &Company, number: &str, step: PurchaseStep) {
    let act = c.system();
    transact!(c.services.pool, conn => purchasing::take_step(conn, &act, number, step).await).unwrap();
}

async fn confirm(c: &Company, number: &str, day: &str, units: i32) {
    let act = c.system();
    let confirmation = Confirmation { expected_on: day.parse::<NaiveDate>().ok(), lines: vec![("LAMP".to_owned(), units)] };
    transact!(c.services.pool, conn => purchasing::confirm_order(conn, &act, number, &confirmation).await).unwrap();
}

/// The day that an order is promised for; none where nobody knows.
async fn day(c: &Company, id: OrderId) -> Option<String> {
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    Some(shown.lines[0].promised.as_ref()?.day.to_string())
}

/// (expected, units in all until then) of the terms.
async fn terms(c: &Company) -> Vec<(Option<String>, i32)> {
    let rows = backorders::terms_of_sku(&mut *c.conn().await, &c.system(), "LAMP").await.unwrap();
    rows.into_iter().map(|r| (r.expected_on.map(|d| d.to_string()), r.most_units)).collect()
}

fn on(day: &str, units: i32) -> (Option<String>, i32) {
    (Some(day.to_owned()), units)
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_bought_is_promised_for_the_day_on_which_it_comes(pool: PgPool) {
    let c = buying(&pool).await;
    assert_eq!(terms(&c).await, [(None, 40)]);
    assert_eq!(c.place_error(&order(&[("LAMP", 1)])).await, RefusalCode::OutOfStock, "nothing is on order");
    let first = send_for(&c, 12).await;
    let second = send_for(&c, 20).await;
    confirm(&c, &second, "2027-06-24", 18).await;
    assert_eq!(terms(&c).await, [on("2027-06-17", 12), on("2027-06-24", 30)]);
    // Thursday's lamps leave on Thursday and take two days.
    let early = c.place(&order(&[("LAMP", 10)])).await;
    assert_eq!(day(&c, early).await.as_deref(), Some("2027-06-19"));
    // Two of the first, three of the second: all of it is there with the last.
    let split = c.place(&order(&[("LAMP", 5)])).await;
    assert_eq!(day(&c, split).await.as_deref(), Some("2027-06-26"));
    let late = c.place(&order(&[("LAMP", 4)])).await;
    assert_eq!(c.place_error(&order(&[("LAMP", 12)])).await, RefusalCode::OutOfStock, "eleven are left of all that comes");
    c.services.watch_promises(&mut None).await.unwrap();
    assert_eq!((day(&c, early).await.as_deref(), day(&c, late).await.as_deref()), (Some("2027-06-19"), Some("2027-06-26")), "nothing has moved");
    // The first comes later than it was said: those who wait for it are told, those who wait for the second are not.
    confirm(&c, &first, "2027-06-21", 12).await;
    c.services.watch_promises(&mut None).await.unwrap();
    assert_eq!((day(&c, early).await.as_deref(), day(&c, late).await.as_deref()), (Some("2027-06-23"), Some("2027-06-26")));
    // It comes, and with it what is left is what the second brings.
    let at_dock = then(&c, "2027-06-21T08:00:00Z");
    let act = at_dock.system();
    let receipt = Receipt { lines: vec![("LAMP".to_owned(), 12)], ..Receipt::default() };
    transact!(pool, conn => purchasing::receive_order(conn, &act, &first, &receipt).await).unwrap();
    at_dock.services.watch_promises(&mut None).await.unwrap();
    assert_eq!(terms(&at_dock).await, [on("2027-06-24", 18)]);
    assert_eq!(day(&at_dock, early).await.as_deref(), Some("2027-06-23"), "they are on the shelf, though nobody has looked yet");
    for id in [early, split] {
        at_dock.services.reroute_order(id).await.unwrap();
    }
    assert_eq!(at_dock.status(early).await, "released");
    at_dock.assert_sound().await;
    // The second is called off: nobody knows any more, and that is told.
    step(&at_dock, &second, PurchaseStep::Cancel).await;
    at_dock.services.watch_promises(&mut None).await.unwrap();
    let waiting: i64 = sqlx::query_scalar("select count(*) from promise_alerts where step = 'waiting' and cleared_at is null and order_id = $1")
        .bind(late.0)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(waiting, 1);
    assert_eq!(terms(&at_dock).await, [(None, 40)]);
    at_dock.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn no_day_is_promised_twice(pool: PgPool) {
    let c = buying(&pool).await;
    send_for(&c, 12).await;
    let second = send_for(&c, 8).await;
    confirm(&c, &second, "2027-06-24", 8).await;
    let buyers: Vec<_> = (0..32)
        .map(|_| {
            let services = c.services.clone();
            tokio::spawn(async move {
                let act: Act = services.act(Actor::System);
                match services.place_order(&act, &order(&[("LAMP", 1)]), None).await {
                    Ok(placed) => Some(placed.order_id),
                    Err(error) => {
                        assert_eq!(error.refusal().unwrap().code, RefusalCode::OutOfStock, "{error}");
                        None
                    }
                }
            })
        })
        .collect();
    let mut promised: BTreeMap<String, i32> = BTreeMap::new();
    for buyer in buyers {
        if let Some(id) = buyer.await.unwrap() {
            *promised.entry(day(&c, id).await.unwrap()).or_default() += 1;
        }
    }
    assert_eq!(promised, BTreeMap::from([("2027-06-19".to_owned(), 12), ("2027-06-26".to_owned(), 8)]));
    c.services.watch_promises(&mut None).await.unwrap();
    let moved: i64 = sqlx::query_scalar("select count(*) from order_promises where reason <> 'placed'").fetch_one(&pool).await.unwrap();
    assert_eq!(moved, 0, "whoever came first has what comes first");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn following_is_begun_ended_and_limited(pool: PgPool) {
    let c = buying(&pool).await;
    send_for(&c, 30).await;
    follow(&c, 6).await.unwrap();
    assert_eq!(terms(&c).await, [on("2027-06-17", 6)]);
    assert_eq!(c.place_error(&order(&[("LAMP", 7)])).await, RefusalCode::OutOfStock);
    let act = c.system();
    let wrong =
        NewTerms { kind: "preorder".to_owned(), most_units: 6, expected: "2027-07-01".to_owned(), follows_purchasing: true, until: String::new() };
    let refused = transact!(pool, conn => backorders::set_terms(conn, &act, "LAMP", PLACE, &wrong).await).unwrap_err();
    let fields: Vec<String> = refused.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect();
    assert_eq!(fields, ["/expected", "/follows_purchasing"]);
    // A day that somebody says is in place of what purchase orders say.
    let said = NewTerms { kind: "backorder".to_owned(), most_units: 3, expected: "2027-07-01".to_owned(), ..NewTerms::default() };
    transact!(pool, conn => backorders::set_terms(conn, &act, "LAMP", PLACE, &said).await).unwrap();
    send_for(&c, 5).await;
    assert_eq!(terms(&c).await, [on("2027-07-01", 3)]);
    follow(&c, 100).await.unwrap();
    assert_eq!(terms(&c).await, [on("2027-06-17", 35)]);
    transact!(pool, conn => backorders::end_terms(conn, &act, "LAMP", PLACE).await).unwrap();
    assert_eq!(terms(&c).await, []);
    assert_eq!(c.place_error(&order(&[("LAMP", 1)])).await, RefusalCode::OutOfStock);
    // The day is over and nothing has come: nobody knows when it will, and nobody is told that they do.
    follow(&c, 100).await.unwrap();
    let overdue = then(&c, "2027-06-17T08:00:00Z");
    assert_eq!(overdue.place_error(&order(&[("LAMP", 1)])).await, RefusalCode::OutOfStock);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_line_that_comes_on_two_days_is_in_danger_when_one_of_them_is(pool: PgPool) {
    let c = buying(&pool).await;
    send_for(&c, 2).await;
    let second = send_for(&c, 8).await;
    confirm(&c, &second, "2027-06-24", 8).await;
    let id = c.place(&order(&[("LAMP", 5)])).await;
    step(&c, &second, PurchaseStep::Cancel).await;
    for _ in 0..2 {
        c.services.watch_promises(&mut None).await.unwrap();
        let open: i64 = sqlx::query_scalar("select count(*) from promise_alerts where order_id = $1 and step = 'waiting' and cleared_at is null")
            .bind(id.0)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(open, 1);
    }
    let late = orders::late_promises(&mut *c.conn().await, c.system().now, 10).await.unwrap();
    assert_eq!(late, [], "what is known is not looked at again at once");
    c.assert_sound().await;
}
