use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::fulfilment::{Command, StepInput};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{CountId, UserId};
use waybill::inventory::MovementReason;
use waybill::inventory::counts::views::Difference;
use waybill::inventory::counts::{self, CountState, NewCount};
use waybill::refusal::{Error, RefusalCode};

const PLACE: &str = "WH-NTH";

async fn open(c: &Company, skus: &[&str]) -> String {
    let act = c.system();
    let new = NewCount { location: PLACE.to_owned(), skus: skus.iter().map(|s| (*s).to_owned()).collect(), note: String::new() };
    waybill::transact!(c.services.pool, conn => counts::open_count(conn, &act, CountId::new(act.now), &new).await).unwrap()
}

async fn count(c: &Company, number: &str, lines: &[(&str, i32)]) -> Result<(), Error> {
    let act = c.system();
    let lines: Vec<_> = lines.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect();
    waybill::transact!(c.services.pool, conn => counts::record_count(conn, &act, number, &lines).await)
}

async fn hand_in(c: &Company, number: &str) -> Result<CountState, Error> {
    let act = c.system();
    waybill::transact!(c.services.pool, conn => counts::hand_in_count(conn, &act, number).await)
}

async fn difference(c: &Company, act: &Act, number: &str, sku: &str) -> Option<Difference> {
    let count = counts::read_count(&mut *c.conn().await, act, number).await.unwrap();
    count.lines.into_iter().find(|l| l.sku == sku).unwrap().difference
}

async fn on_hand(c: &Company, sku: &str) -> i32 {
    let rows = c.stock_of(sku, None).await;
    rows.iter().find(|r| r.location == "Northampton warehouse").map_or(0, |r| r.on_hand)
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_happens_between_counting_and_booking_changes_no_difference(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 10), ("MUG", PLACE, 6)]).await;
    let sold = c.place(&order(&[("LAMP", 2)])).await;
    for command in [Command::StartPicking, Command::Pack] {
        c.services.advance_fulfilment(&c.system(), sold, 1, command, &StepInput::default(), None).await.unwrap();
    }
    let number = open(&c, &[]).await;
    // Two of ten are packed and off the shelf: eight should stand there. Seven do. Three pins are found that nobody knew of.
    count(&c, &number, &[("LAMP", 7), ("MUG", 6), ("PIN", 3)]).await.unwrap();
    assert_eq!(difference(&c, &c.system(), &number, "LAMP").await, None, "nobody sees the books while it is counted");
    // Orders flow on: the parcel leaves, five more come.
    c.services.advance_fulfilment(&c.system(), sold, 1, Command::Ship, &StepInput::default(), None).await.unwrap();
    c.services.adjust_stock(&c.system(), "LAMP", PLACE, 5, MovementReason::Receipt, None).await.unwrap();
    assert_eq!(hand_in(&c, &number).await.unwrap(), CountState::Review);
    let lamp = difference(&c, &c.system(), &number, "LAMP").await.unwrap();
    assert_eq!((lamp.book, lamp.units, lamp.booked), (8, -1, false));
    let store = Act::new(Actor::User { id: UserId(uuid::Uuid::nil()), role: Role::Warehouse, location: None }, c.system().now);
    assert_eq!(difference(&c, &store, &number, "LAMP").await, None, "the books are for those who may correct them");
    c.services.approve_count(&c.system(), &number, None).await.unwrap();
    assert_eq!((on_hand(&c, "LAMP").await, on_hand(&c, "PIN").await, on_hand(&c, "MUG").await), (12, 3, 6));
    // Booked is booked, and the count is done.
    c.services.approve_count(&c.system(), &number, Some("LAMP")).await.unwrap();
    assert_eq!(on_hand(&c, "LAMP").await, 12);
    assert_eq!(counts::read_count(&mut *c.conn().await, &c.system(), &number).await.unwrap().state, CountState::Closed);
    assert_eq!(count(&c, &number, &[("LAMP", 1)]).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_missing_is_routed_anew_and_what_is_doubted_is_counted_again(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 4), ("LAMP", "WH-WAR", 4), ("MUG", PLACE, 6)]).await;
    let sold = c.place(&order(&[("LAMP", 3)])).await;
    let number = open(&c, &["LAMP", "MUG"]).await;
    assert_eq!(hand_in(&c, &number).await.unwrap_err().refusal().unwrap().fields[0].field, "/lines", "nothing was counted");
    count(&c, &number, &[("LAMP", 1), ("MUG", 9)]).await.unwrap();
    hand_in(&c, &number).await.unwrap();
    // The mugs are doubted: counted again, they agree.
    let act = c.system();
    waybill::transact!(c.services.pool, conn => counts::recount(conn, &act, &number, Some("MUG")).await).unwrap();
    assert_eq!(c.services.approve_count(&act, &number, None).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    count(&c, &number, &[("MUG", 6)]).await.unwrap();
    assert_eq!(hand_in(&c, &number).await.unwrap(), CountState::Review);
    // Whichever place had the order, it ends where there is enough.
    c.services.approve_count(&c.system(), &number, None).await.unwrap();
    c.services.reroute_order(sold).await.unwrap();
    assert_eq!(on_hand(&c, "LAMP").await, 1);
    let place =
        c.text("select l.code from fulfilment_orders f join locations l using (location_id) where order_id = $1 and state = 'released'", sold);
    assert_eq!(place.await, "WH-WAR");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn bad_input_is_told_and_a_count_can_be_called_off(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 4)]).await;
    let act = c.system();
    let wrong = NewCount { location: PLACE.to_owned(), skus: vec!["NOPE".to_owned()], note: "x".repeat(501) };
    let refused = waybill::transact!(c.services.pool, conn => counts::open_count(conn, &act, CountId::new(act.now), &wrong).await).unwrap_err();
    let fields: Vec<_> = refused.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect();
    assert_eq!(fields, ["/note", "/skus/0"]);
    let number = open(&c, &["LAMP"]).await;
    let refused = count(&c, &number, &[("LAMP", -1), ("NOPE", 1)]).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().fields.len(), 2);
    waybill::transact!(c.services.pool, conn => counts::cancel_count(conn, &act, &number).await).unwrap();
    assert_eq!(count(&c, &number, &[("LAMP", 1)]).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    assert_eq!(on_hand(&c, "LAMP").await, 4);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn one_difference_is_booked_once_whoever_finds_it(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 10), ("MUG", PLACE, 6)]).await;
    // Two counts and a till find the same two lamps missing.
    let (first, second) = (open(&c, &["LAMP", "MUG"]).await, open(&c, &["LAMP"]).await);
    count(&c, &first, &[("LAMP", 8), ("MUG", 5)]).await.unwrap();
    count(&c, &second, &[("LAMP", 8)]).await.unwrap();
    hand_in(&c, &first).await.unwrap();
    hand_in(&c, &second).await.unwrap();
    let lines = vec![("LAMP".to_owned(), 8)];
    let readings = waybill::orders::Readings { location: PLACE.to_owned(), as_of: c.system().now, lines };
    c.services.apply_readings(&c.system(), &readings).await.unwrap();
    c.services.approve_count(&c.system(), &first, Some("LAMP")).await.unwrap();
    c.services.approve_count(&c.system(), &second, None).await.unwrap();
    assert_eq!(on_hand(&c, "LAMP").await, 8);
    c.assert_sound().await;
    // Counted again with what was doubted, a figure that is booked stands.
    let act = c.system();
    waybill::transact!(c.services.pool, conn => counts::recount(conn, &act, &first, Some("MUG")).await).unwrap();
    count(&c, &first, &[("LAMP", 3), ("MUG", 6)]).await.unwrap();
    hand_in(&c, &first).await.unwrap();
    assert_eq!(on_hand(&c, "LAMP").await, 8);
    c.assert_sound().await;
    // A reading of before the count says nothing any more.
    let before = waybill::orders::Readings {
        location: PLACE.to_owned(),
        as_of: c.system().now - chrono::TimeDelta::hours(1),
        lines: vec![("LAMP".to_owned(), 40)],
    };
    assert_eq!(c.services.apply_readings(&c.system(), &before).await.unwrap().stale.len(), 1);
}
