use crate::company::{Company, company, order};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use waybill::fulfilment::{Command, StepInput};
use waybill::inventory::MovementReason;
use waybill::orders::Readings;
use waybill::orders::views::ReadingsTaken;

const PLACE: &str = "WH-NTH";

async fn report(c: &Company, as_of: DateTime<Utc>, lines: &[(&str, i32)]) -> ReadingsTaken {
    let lines = lines.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect();
    c.services.apply_readings(&c.system(), &Readings { location: PLACE.to_owned(), as_of, lines }).await.unwrap()
}

async fn on_hand(c: &Company, sku: &str) -> i32 {
    let rows = c.stock_of(sku, None).await;
    rows.iter().find(|r| r.location == "Northampton warehouse").map_or(0, |r| r.on_hand)
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn orders_in_flight_do_not_count_twice(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 10), ("MUG", PLACE, 5)]).await;
    let sold = c.place(&order(&[("LAMP", 2)])).await;
    let read_at = c.system().now;
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        c.services.advance_fulfilment(&c.system(), sold, 1, command, &StepInput::default(), None).await.unwrap();
    }
    c.services.adjust_stock(&c.system(), "LAMP", PLACE, 3, MovementReason::Receipt, None).await.unwrap();
    // Read before the parcel left and the three came: twelve then are thirteen now.
    let taken = report(&c, read_at, &[("LAMP", 12), ("MUG", 5)]).await;
    assert_eq!(taken, ReadingsTaken { corrected: 1, agreed: 1, ..ReadingsTaken::default() });
    assert_eq!(on_hand(&c, "LAMP").await, 13);
    // Sent again it changes nothing, and what is older is of no interest.
    assert_eq!(report(&c, read_at, &[("LAMP", 12), ("MUG", 5)]).await.agreed, 2);
    assert_eq!(report(&c, read_at - TimeDelta::minutes(5), &[("LAMP", 40)]).await.stale, ["LAMP"]);
    assert_eq!(on_hand(&c, "LAMP").await, 13);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_not_there_is_routed_anew(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5), ("LAMP", "WH-WAR", 5), ("MUG", PLACE, 5)]).await;
    let sold = c.place(&order(&[("LAMP", 2), ("MUG", 1)])).await;
    let packed = c.place(&order(&[("MUG", 2)])).await;
    for command in [Command::StartPicking, Command::Pack] {
        c.services.advance_fulfilment(&c.system(), packed, 1, command, &StepInput::default(), None).await.unwrap();
    }
    let taken = report(&c, c.system().now, &[("LAMP", 0), ("MUG", 1)]).await;
    assert_eq!((taken.corrected, taken.rerouted, taken.not_taken.as_slice()), (1, 1, &["MUG".to_owned()][..]));
    assert_eq!((on_hand(&c, "LAMP").await, on_hand(&c, "MUG").await), (0, 5));
    c.services.reroute_order(sold).await.unwrap();
    assert_eq!(c.status(sold).await, "released");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn bad_reports_are_refused_line_by_line(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5)]).await;
    let lines = [("NOPE", 1), ("LAMP", -1), ("MUG", 1), ("MUG", 2)].map(|(sku, n)| (sku.to_owned(), n)).to_vec();
    let wrong = Readings { location: PLACE.to_owned(), as_of: c.system().now + TimeDelta::hours(1), lines };
    let refused = c.services.apply_readings(&c.system(), &wrong).await.unwrap_err();
    let fields: Vec<_> = refused.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect();
    assert_eq!(fields, ["/as_of", "/lines/0/sku", "/lines/1/quantity", "/lines/3"]);
    assert_eq!(on_hand(&c, "LAMP").await, 5);
}
