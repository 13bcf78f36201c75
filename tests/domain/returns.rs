use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::catalog::{self, NewPrice, ProductInput, SkuInput};
use waybill::fulfilment::{Command, StepInput};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{LocationId, OrderId, ReturnId, UserId};
use waybill::inventory::Condition;
use waybill::inventory::receipts::Receipt;
use waybill::refusal::{Refusal, RefusalCode};
use waybill::returns::{self, NewReturn, ReturnReceipt, ReturnState};

const PLACE: &str = "WH-NTH";

async fn sent(c: &Company, lines: &[(&str, i32)]) -> (OrderId, String) {
    let id = c.place(&order(lines)).await;
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
    }
    (id, c.text("select number from orders where order_id = $1", id).await)
}

fn asked(order: &str, lines: &[(&str, i32)]) -> NewReturn {
    NewReturn {
        order: order.to_owned(),
        location: PLACE.to_owned(),
        reason: "does_not_fit".to_owned(),
        note: String::new(),
        lines: lines.iter().map(|(code, units)| ((*code).to_owned(), *units)).collect(),
    }
}

async fn agree(c: &Company, act: &Act, new: &NewReturn) -> Result<String, Refusal> {
    waybill::transact!(c.services.pool, conn => returns::open_return(conn, act, ReturnId::new(act.now), new).await)
        .map_err(|e| e.refusal().expect("a refusal").clone())
}

async fn receive(c: &Company, number: &str, condition: Condition, lines: &[(&str, i32)], close: bool) -> Result<ReturnState, Refusal> {
    let act = c.system();
    let lines = lines.iter().map(|(code, units)| ((*code).to_owned(), *units)).collect();
    let come = ReturnReceipt { receipt: Receipt { lines, everything: false, close }, condition };
    waybill::transact!(c.services.pool, conn => returns::receive_return(conn, &act, number, &come).await)
        .map_err(|e| e.refusal().expect("a refusal").clone())
}

/// (on hand, quarantined, damaged, on its way) of a SKU at the warehouse.
async fn shelf(c: &Company, sku: &str) -> (i32, i32, i32, i32) {
    let rows = c.stock_of(sku, None).await;
    rows.iter().find(|r| r.location == "Northampton warehouse").map_or((0, 0, 0, 0), |r| (r.on_hand, r.quarantined, r.damaged, r.incoming))
}

async fn returned(c: &Company, order: OrderId) -> Vec<(String, i32)> {
    sqlx::query_as("select sku_code, returned from order_lines where order_id = $1 order by line_no")
        .bind(order.0)
        .fetch_all(&c.services.pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_comes_back_is_on_the_shelf_and_on_the_line(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 10), ("MUG", PLACE, 10), ("PIN", PLACE, 10)]).await;
    let (id, number) = sent(&c, &[("LAMP", 2), ("MUG", 1), ("LAMP", 3)]).await;
    let act = c.system();
    // Everything wrong at once: what was not ordered, more than was sent, no reason, nowhere.
    let wrong = NewReturn { reason: "because".to_owned(), location: "NOWHERE".to_owned(), ..asked(&number, &[("PIN", 1), ("LAMP", 6), ("MUG", 0)]) };
    let refused = agree(&c, &act, &wrong).await.unwrap_err();
    assert_eq!(refused.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["/location", "/reason", "/lines/0", "/lines/1", "/lines/2"]);
    assert_eq!(agree(&c, &act, &asked("W-NONE", &[("LAMP", 1)])).await.unwrap_err().fields[0].field, "/order");
    let open = sent(&c, &[("PIN", 1)]).await;
    let back = agree(&c, &act, &asked(&number, &[("LAMP", 4), ("MUG", 1)])).await.unwrap();
    assert_eq!((shelf(&c, "LAMP").await, shelf(&c, "MUG").await), ((5, 0, 0, 4), (9, 0, 0, 1)));
    // What is on its way back cannot be announced again.
    let again = agree(&c, &act, &asked(&number, &[("LAMP", 2)])).await.unwrap_err();
    assert!(again.fields[0].message.contains("at most 1 can come back"), "{again:?}");
    c.assert_sound().await;

    assert_eq!(receive(&c, &back, Condition::Sellable, &[("LAMP", 3)], false).await.unwrap(), ReturnState::Approved);
    assert_eq!(shelf(&c, "LAMP").await, (8, 0, 0, 1));
    assert_eq!(returned(&c, id).await, [("LAMP".to_owned(), 2), ("MUG".to_owned(), 0), ("LAMP".to_owned(), 1)]);
    c.assert_sound().await;
    // More than the order ever had, and what it had nothing of, is set aside, whatever is said of its condition.
    assert_eq!(receive(&c, &back, Condition::Sellable, &[("LAMP", 4), ("PIN", 2)], false).await.unwrap(), ReturnState::Approved);
    assert_eq!((shelf(&c, "LAMP").await, shelf(&c, "PIN").await), ((10, 2, 0, 0), (9, 2, 0, 0)));
    assert_eq!(returned(&c, id).await, [("LAMP".to_owned(), 2), ("MUG".to_owned(), 0), ("LAMP".to_owned(), 3)]);
    c.assert_sound().await;
    assert_eq!(receive(&c, &back, Condition::Damaged, &[("MUG", 1)], false).await.unwrap(), ReturnState::Received);
    assert_eq!(shelf(&c, "MUG").await, (9, 0, 1, 0));
    let detail = returns::read_return(&mut *c.conn().await, &act, &back).await.unwrap();
    let told: Vec<_> = detail.lines.iter().map(|l| (l.sku.as_str(), l.announced, l.received, l.matched)).collect();
    assert_eq!(told, [("LAMP", 4, 7, 5), ("MUG", 1, 1, 1), ("PIN", 0, 2, 0)]);
    assert_eq!(receive(&c, &back, Condition::Sellable, &[("MUG", 1)], false).await.unwrap_err().code, RefusalCode::IllegalTransition);
    assert_eq!(agree(&c, &act, &asked(&number, &[("MUG", 1)])).await.unwrap_err().fields[0].field, "/lines/0");
    // Which order it was is told, and what was on its way then is known now.
    assert_eq!(returned(&c, open.0).await, [("PIN".to_owned(), 0)]);
    let then = c.stock_of("LAMP", Some(detail.approved_at)).await;
    assert_eq!(then.iter().map(|r| (r.on_hand, r.incoming)).collect::<Vec<_>>(), [(5, 4)]);
    let history = waybill::orders::order_history(&mut *c.conn().await, &act, id, None).await.unwrap();
    let kinds: Vec<_> = history.timeline.iter().rev().take(4).map(|e| e.kind.as_str()).collect();
    assert_eq!(kinds, ["parcel_returned", "return_received", "return_received", "return_received"]);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_kit_comes_back_whole_or_in_parts(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 10), ("MUG", PLACE, 10)]).await;
    let act = c.system();
    let set = SkuInput { code: "SET".to_owned(), name: "A set".to_owned(), ..SkuInput::default() };
    let product = ProductInput { name: "A set".to_owned(), category: "Test".to_owned(), skus: vec![set], ..ProductInput::default() };
    let price = NewPrice { sku: "SET".to_owned(), channel: "web".to_owned(), price: "12".to_owned(), ..NewPrice::default() };
    let parts = [("LAMP".to_owned(), 1), ("MUG".to_owned(), 2)];
    waybill::transact!(c.services.pool, conn => {
        catalog::save_product(conn, &act, "set", &product).await?;
        catalog::set_price(conn, &act, &price).await?;
        catalog::set_kit(conn, &act, "SET", &parts).await
    })
    .unwrap();
    let (id, number) = sent(&c, &[("SET", 2), ("MUG", 1)]).await;
    let can = async || {
        let things = returns::returnable(&mut *c.conn().await, &act, &number).await.unwrap();
        things.into_iter().map(|t| (t.code, t.units)).collect::<Vec<_>>()
    };
    let named = |things: &[(&str, i32)]| things.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(can().await, named(&[("SET", 2), ("LAMP", 2), ("MUG", 5)]));
    let back = agree(&c, &act, &asked(&number, &[("SET", 1), ("MUG", 1)])).await.unwrap();
    assert_eq!(can().await, named(&[("SET", 1), ("LAMP", 1), ("MUG", 2)]));
    assert_eq!(receive(&c, &back, Condition::Sellable, &[("LAMP", 1), ("MUG", 3)], false).await.unwrap(), ReturnState::Received);
    assert_eq!(returned(&c, id).await, [("LAMP".to_owned(), 1), ("MUG".to_owned(), 3), ("MUG".to_owned(), 0)]);
    let refused = agree(&c, &act, &asked(&number, &[("SET", 2)])).await.unwrap_err();
    assert_eq!(refused.fields[0].message, "SET: at most 1 can come back. The others have not been sent, or have come back.");
    assert_eq!(agree(&c, &act, &asked(&number, &[("SET", 1_000_000)])).await.unwrap_err().fields[0].field, "/lines/0");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_does_not_come_is_given_up_and_nobody_books_twice(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 10)]).await;
    let (id, number) = sent(&c, &[("LAMP", 6)]).await;
    let act = c.system();
    // Ten agree at once to take four of six back: one of them can.
    let four = asked(&number, &[("LAMP", 4)]);
    let many = futures_util::future::join_all((0..10).map(|_| agree(&c, &act, &four))).await;
    let agreed: Vec<String> = many.into_iter().filter_map(Result::ok).collect();
    assert_eq!(agreed.len(), 1);
    // Whoever works at one location takes back what comes to it, and no other.
    let here = sqlx::query_scalar::<_, uuid::Uuid>("select location_id from locations where code = 'ST-LDS'").fetch_one(&pool).await.unwrap();
    let clerk = c.services.act(Actor::User { id: UserId(uuid::Uuid::nil()), role: Role::Store, location: Some(LocationId(here)) });
    assert_eq!(agree(&c, &clerk, &asked(&number, &[("LAMP", 1)])).await.unwrap_err().code, RefusalCode::Forbidden);
    let other = agree(&c, &clerk, &NewReturn { location: "ST-LDS".to_owned(), ..asked(&number, &[("LAMP", 1)]) }).await.unwrap();
    let call_off = async |number: &str| {
        waybill::transact!(c.services.pool, conn => returns::cancel_return(conn, &act, number).await).map_err(|e| e.refusal().unwrap().code)
    };
    call_off(&other).await.unwrap();
    assert_eq!(call_off(&other).await.unwrap_err(), RefusalCode::IllegalTransition);
    // Ten receive the same three at once: the order counts no more than it has out.
    let many = futures_util::future::join_all((0..10).map(|_| receive(&c, &agreed[0], Condition::Sellable, &[("LAMP", 3)], false))).await;
    assert!(many.iter().filter(|r| r.is_ok()).count() >= 2);
    assert_eq!(returned(&c, id).await, [("LAMP".to_owned(), 6)]);
    c.assert_sound().await;
    let (_, late) = sent(&c, &[("LAMP", 2)]).await;
    let short = agree(&c, &act, &asked(&late, &[("LAMP", 2)])).await.unwrap();
    receive(&c, &short, Condition::Quarantined, &[("LAMP", 1)], false).await.unwrap();
    assert_eq!(call_off(&short).await.unwrap_err(), RefusalCode::IllegalTransition, "a part of it has come");
    assert_eq!(receive(&c, &short, Condition::Quarantined, &[], true).await.unwrap(), ReturnState::Closed);
    assert_eq!(shelf(&c, "LAMP").await.3, 0, "nothing is on its way any more");
    // Where it never was before, it is seen to come; and what is on its way keeps its SKU from becoming a kit.
    let (_, last) = sent(&c, &[("LAMP", 1)]).await;
    let moved = agree(&c, &act, &NewReturn { location: "WH-WAR".to_owned(), ..asked(&last, &[("LAMP", 1)]) }).await.unwrap();
    let coming = async |at| c.stock_of("LAMP", at).await.iter().find(|r| r.location == "Warrington warehouse").map(|r| r.incoming);
    let now = returns::read_return(&mut *c.conn().await, &act, &moved).await.unwrap().approved_at;
    assert_eq!((coming(None).await, coming(Some(now)).await), (Some(1), Some(1)));
    c.assert_sound().await;
}
