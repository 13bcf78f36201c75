use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{LocationId, TransferId, UserId};
use waybill::inventory::receipts::Receipt;
use waybill::inventory::transfers::{self, NewTransfer, TransferState};
use waybill::refusal::{Refusal, RefusalCode};

const FROM: &str = "WH-NTH";
const TO: &str = "ST-LDS";

fn lines(lines: &[(&str, i32)]) -> Vec<(String, i32)> {
    lines.iter().map(|(code, units)| ((*code).to_owned(), *units)).collect()
}

async fn send_as(c: &Company, act: &Act, what: &[(&str, i32)]) -> Result<String, Refusal> {
    let new = NewTransfer { from: FROM.to_owned(), to: TO.to_owned(), note: "For the weekend".to_owned(), lines: lines(what) };
    let sent = waybill::transact!(c.services.pool, conn => transfers::send_transfer(conn, act, TransferId::new(act.now), &new).await);
    sent.map_err(|e| e.refusal().expect("a refusal").clone())
}

async fn receive(c: &Company, number: &str, receipt: Receipt) -> Result<TransferState, Refusal> {
    let act = c.system();
    waybill::transact!(c.services.pool, conn => transfers::receive_transfer(conn, &act, number, &receipt).await)
        .map_err(|e| e.refusal().expect("a refusal").clone())
}

/// (on hand, on its way there) of the lamp.
async fn lamps(c: &Company, location: &str) -> (i32, i32) {
    let rows = c.stock_of("LAMP", None).await;
    let row = rows.iter().find(|r| r.location == location).unwrap();
    (row.on_hand, row.incoming)
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn units_are_nowhere_promised_while_they_are_on_their_way(pool: PgPool) {
    let c = company(&pool, &[("LAMP", FROM, 10), ("MUG", FROM, 5)]).await;
    c.place(&order(&[("LAMP", 3)])).await;
    // What is reserved stays, and every problem is said at once.
    let refused = send_as(&c, &c.system(), &[("LAMP", 8), ("NOTHING", 1), ("MUG", 0)]).await.unwrap_err();
    let said: Vec<&str> = refused.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(said, ["/lines/1", "/lines/2", "/lines/0"]);
    assert!(refused.fields[2].message.contains("only 7 are free there"), "{refused:?}");
    let number = send_as(&c, &c.system(), &[("LAMP", 5), ("MUG", 2), ("LAMP", 1)]).await.unwrap();
    assert_eq!((lamps(&c, "Northampton warehouse").await, lamps(&c, "Leeds store").await), ((4, 0), (0, 6)));
    c.assert_sound().await;
    assert_eq!(c.place_error(&order(&[("LAMP", 2)])).await, RefusalCode::OutOfStock, "one is free, six are on their way");

    // In parts: what was not sent, and more than was sent, is taken in as it comes.
    let first = Receipt { lines: lines(&[("LAMP", 4), ("PIN", 3)]), ..Receipt::default() };
    assert_eq!(receive(&c, &number, first).await.unwrap(), TransferState::Sent);
    assert_eq!(lamps(&c, "Leeds store").await, (4, 2));
    c.assert_sound().await;
    assert_eq!(receive(&c, &number, Receipt::default()).await.unwrap_err().fields[0].field, "/lines");
    let rest = Receipt { lines: lines(&[("LAMP", 3)]), everything: true, close: false };
    assert_eq!(receive(&c, &number, rest).await.unwrap(), TransferState::Received);
    assert_eq!(lamps(&c, "Leeds store").await, (7, 0));
    let detail = transfers::read_transfer(&mut *c.conn().await, &c.system(), &number).await.unwrap();
    let told: Vec<(&str, i32, i32)> = detail.lines.iter().map(|l| (l.sku.as_str(), l.sent, l.received)).collect();
    assert_eq!(told, [("LAMP", 6, 7), ("MUG", 2, 2), ("PIN", 0, 3)]);
    assert_eq!(receive(&c, &number, Receipt { everything: true, ..Receipt::default() }).await.unwrap_err().code, RefusalCode::IllegalTransition);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_never_comes_is_given_up(pool: PgPool) {
    let c = company(&pool, &[("LAMP", FROM, 10)]).await;
    let number = send_as(&c, &c.system(), &[("LAMP", 6)]).await.unwrap();
    let closed = receive(&c, &number, Receipt { lines: lines(&[("LAMP", 4)]), everything: false, close: true }).await.unwrap();
    assert_eq!((closed, lamps(&c, "Leeds store").await), (TransferState::Closed, (4, 0)));
    let detail = transfers::read_transfer(&mut *c.conn().await, &c.system(), &number).await.unwrap();
    assert_eq!((detail.lines[0].received, detail.lines[0].lost), (4, 2));
    c.assert_sound().await;
    // As it was while they were on their way.
    let then = detail.sent_at;
    let rows = c.stock_of("LAMP", Some(then)).await;
    assert_eq!(rows.iter().map(|r| (r.on_hand, r.incoming)).collect::<Vec<_>>(), [(0, 6), (4, 0)], "on its way, seen where it goes");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn people_move_what_is_theirs_to_move(pool: PgPool) {
    let c = company(&pool, &[("LAMP", FROM, 10)]).await;
    let place = |code: &'static str| {
        let pool = pool.clone();
        async move { LocationId(sqlx::query_scalar("select location_id from locations where code = $1").bind(code).fetch_one(&pool).await.unwrap()) }
    };
    let person =
        |role: Role, location: LocationId| Act::new(Actor::User { id: UserId(uuid::Uuid::nil()), role, location: Some(location) }, c.system().now);
    let (there, here) = (person(Role::Warehouse, place(FROM).await), person(Role::Store, place(TO).await));
    assert_eq!(send_as(&c, &here, &[("LAMP", 1)]).await.unwrap_err().code, RefusalCode::Forbidden);
    let number = send_as(&c, &there, &[("LAMP", 2)]).await.unwrap();
    let everything = Receipt { everything: true, ..Receipt::default() };
    let wrong = waybill::transact!(pool, conn => transfers::receive_transfer(conn, &there, &number, &everything).await).unwrap_err();
    assert_eq!(wrong.refusal().unwrap().code, RefusalCode::Forbidden);
    waybill::transact!(pool, conn => transfers::receive_transfer(conn, &here, &number, &everything).await).unwrap();
    c.assert_sound().await;
}

/// The same units are sent, bought and received by many at once.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn senders_buyers_and_receivers_at_once(pool: PgPool) {
    let c = company(&pool, &[("LAMP", FROM, 30), ("MUG", FROM, 30)]).await;
    let mut people = Vec::new();
    for n in 0..60 {
        let (services, act, pool) = (c.services.clone(), c.system(), pool.clone());
        people.push(tokio::spawn(async move {
            if n % 3 == 0 {
                return services.place_order(&act, &order(&[("MUG", 1), ("LAMP", 2)]), None).await.map(|_| ()).map_err(|e| e.refusal().unwrap().code);
            }
            let new = NewTransfer { from: FROM.to_owned(), to: TO.to_owned(), note: String::new(), lines: lines(&[("LAMP", 1 + n % 2), ("MUG", 1)]) };
            let number = waybill::transact!(pool, conn => transfers::send_transfer(conn, &act, TransferId::new(act.now), &new).await)
                .map_err(|e| e.refusal().unwrap().code)?;
            // Two people receive it: one of them comes too late.
            let everything = Receipt { everything: true, ..Receipt::default() };
            let mut done = 0;
            for _ in 0..2 {
                done += i32::from(waybill::transact!(pool, conn => transfers::receive_transfer(conn, &act, &number, &everything).await).is_ok());
            }
            assert_eq!(done, 1);
            Ok(())
        }));
    }
    for person in people {
        if let Err(code) = person.await.unwrap() {
            assert!(matches!(code, RefusalCode::Invalid | RefusalCode::OutOfStock), "{code:?}");
        }
    }
    let (north, leeds) = (lamps(&c, "Northampton warehouse").await, lamps(&c, "Leeds store").await);
    assert_eq!((north.0 + leeds.0, north.1 + leeds.1), (30, 0));
    c.assert_sound().await;
}
