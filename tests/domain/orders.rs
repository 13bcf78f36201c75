use crate::company::{company, order};
use chrono::TimeDelta;
use sqlx::PgPool;
use waybill::events;
use waybill::fulfilment::{Command, FulfilmentState, StepInput};
use waybill::idempotency::Key;
use waybill::identity::{Act, Actor};
use waybill::inventory;
use waybill::orders::{self, Method};
use waybill::payments::{GatewayAnswer, OperationKind, Verdict};
use waybill::refusal::RefusalCode;

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn from_the_shop_to_the_door(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 5), ("MUG", "WH-NTH", 5)]).await;
    let id = c.place(&order(&[("LAMP", 2), ("MUG", 1)])).await;
    assert_eq!(c.status(id).await, "released");
    c.assert_sound().await;
    for (command, state) in [
        (Command::StartPicking, FulfilmentState::Picking),
        (Command::Pack, FulfilmentState::Packed),
        (Command::Ship, FulfilmentState::Shipped),
        (Command::Deliver, FulfilmentState::Delivered),
    ] {
        let reached = c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
        assert_eq!(reached.unwrap().state, state);
        c.assert_sound().await;
    }
    assert_eq!(c.status(id).await, "completed");
    assert_eq!(c.text("select payment_status from orders where order_id = $1", id).await, "captured");
    // £22.50 and £3.95 for delivery, charged once, on shipment.
    let captured: Vec<i64> = c.gateway.asked.lock().unwrap().iter().filter(|r| r.kind == OperationKind::Capture).map(|r| r.amount_minor).collect();
    assert_eq!(captured, [2_645]);
    let balance: i64 =
        sqlx::query_scalar("select sum(amount_minor)::bigint from ledger_entries where account = 'receivable'").fetch_one(&pool).await.unwrap();
    assert_eq!(balance, 0);
    let on_hand: i32 = sqlx::query_scalar("select on_hand from stock join skus using (sku_id) where code = 'LAMP'").fetch_one(&pool).await.unwrap();
    assert_eq!(on_hand, 3);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn two_parcels_are_charged_to_the_penny(pool: PgPool) {
    // Nobody has three lamps: the order is split, and a third of £30.01 does not divide.
    let c = company(&pool, &[("LAMP", "WH-NTH", 1), ("LAMP", "WH-WAR", 2)]).await;
    let mut split = order(&[("LAMP", 3)]);
    split.lines[0].unit_price = Some("10.003333".to_owned());
    let id = c.place(&split).await;
    for fulfilment in [1, 2] {
        for command in [Command::StartPicking, Command::Pack, Command::Ship] {
            c.services.advance_fulfilment(&c.system(), id, fulfilment, command, &StepInput::default(), None).await.unwrap();
        }
    }
    c.assert_sound().await;
    let (total, captured): (i64, i64) =
        sqlx::query_as("select total_minor, captured_minor from orders join payments using (order_id) where order_id = $1")
            .bind(id.0)
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(total, captured);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn collected_with_the_code_and_not_without(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 1)]).await;
    let mut pickup = order(&[("LAMP", 1)]);
    (pickup.method, pickup.pickup_location) = (Method::Pickup, Some("ST-LDS".to_owned()));
    let id = c.place(&pickup).await;
    for command in [Command::StartPicking, Command::Pack, Command::MarkReady] {
        c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
    }
    let wrong = StepInput { pickup_code: Some("nothing".to_owned()), ..StepInput::default() };
    let refused = c.services.advance_fulfilment(&c.system(), id, 1, Command::Collect, &wrong, None).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().fields[0].field, "/pickup_code");
    let view = orders::track_order(&mut *c.conn().await, &c.services.act(Actor::Customer(id)), &c.services.planning, id).await.unwrap();
    let right = StepInput { pickup_code: view.pickup_code, ..StepInput::default() };
    let done = c.services.advance_fulfilment(&c.system(), id, 1, Command::Collect, &right, None).await.unwrap();
    assert_eq!(done.unwrap().state, FulfilmentState::Collected);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn everything_wrong_is_said_at_once(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let mut bad = order(&[("LAMP", 0), ("NOPE", 1), ("MUG", 1)]);
    bad.currency = Some("JPY".to_owned());
    bad.contact.email = Some("nobody".to_owned());
    bad.contact.postcode = "12".to_owned();
    bad.lines[2].unit_price = Some("-3".to_owned());
    bad.payment_token = String::new();
    let refused = c.services.place_order(&c.system(), &bad, None).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!(refusal.code, RefusalCode::Invalid);
    let fields: Vec<&str> = refusal.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(
        fields,
        ["/currency", "/contact/email", "/contact/postcode", "/payment_token", "/lines/0/quantity", "/lines/1/sku", "/lines/2/unit_price"]
    );

    let mut wrong_sum = order(&[("MUG", 1)]);
    wrong_sum.total_minor = Some(1);
    let refused = c.services.place_order(&c.system(), &wrong_sum, None).await.unwrap_err();
    assert_eq!(
        refused.refusal().unwrap().fields[0].message,
        "The order comes to £6.45, not £0.01: £2.50 for goods and £3.95 for delivery. Check the prices and send it again."
    );
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_missing_is_said_by_line(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 2), ("MUG", "WH-NTH", 9)]).await;
    let refused = c.services.place_order(&c.system(), &order(&[("MUG", 1), ("LAMP", 3)]), None).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!(refusal.code, RefusalCode::OutOfStock);
    assert_eq!((refusal.fields.len(), refusal.fields[0].field.as_str()), (1, "/lines/1/quantity"));
    assert_eq!(refusal.fields[0].message, "Only 2 of A lamp (LAMP) can be had. Order 2 or fewer.");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_declined_card_frees_the_stock_at_once(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 1)]).await;
    let mut declined = order(&[("LAMP", 1)]);
    declined.payment_token = "tok_declined".to_owned();
    let id = c.place(&declined).await;
    assert_eq!(c.status(id).await, "cancelled");
    c.place(&order(&[("LAMP", 1)])).await;
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_late_bank_is_waited_for_and_unpaid_stock_is_freed(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 1)]).await;
    let mut late = order(&[("LAMP", 1)]);
    late.payment_token = "tok_late".to_owned();
    let id = c.place(&late).await;
    assert_eq!(c.status(id).await, "pending_payment");
    assert_eq!(c.place_error(&order(&[("LAMP", 1)])).await, RefusalCode::OutOfStock);

    // Not yet: half an hour has to pass.
    c.services.expire_unpaid_order(id).await.unwrap();
    assert_eq!(c.status(id).await, "pending_payment");
    let later = Act::system(c.system().now + TimeDelta::minutes(31));
    waybill::transact!(pool, conn => orders::expire_unpaid_order(conn, &later, id).await).unwrap();
    assert_eq!(c.status(id).await, "cancelled");
    c.place(&order(&[("LAMP", 1)])).await;

    // Then the bank says yes after all: the money is given free.
    let key = c.gateway.asked.lock().unwrap()[0].key;
    let yes = GatewayAnswer { key, verdict: Verdict::Succeeded, reference: Some("auth".to_owned()), reason: None };
    let void = c.services.settle_answer(id, yes.clone()).await.unwrap().expect("a void is asked for");
    c.services.settle(void).await.unwrap();
    assert_eq!(c.text("select payment_status from orders where order_id = $1", id).await, "voided");
    // Told twice, nothing happens twice.
    assert_eq!(c.services.settle_answer(id, yes.clone()).await.unwrap(), None);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn cancelling_frees_stock_and_money_until_picking_starts(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 2)]).await;
    let (first, second) = (c.place(&order(&[("LAMP", 1)])).await, c.place(&order(&[("LAMP", 1)])).await);
    c.services.cancel_order(&c.services.act(Actor::Customer(first)), first, "changed my mind", None).await.unwrap();
    assert_eq!(c.status(first).await, "cancelled");
    assert_eq!(c.text("select payment_status from orders where order_id = $1", first).await, "voided");
    // Not somebody else's.
    let other = c.services.cancel_order(&c.services.act(Actor::Customer(first)), second, "mischief", None).await.unwrap_err();
    assert_eq!(other.refusal().unwrap().code, RefusalCode::Forbidden);
    c.services.advance_fulfilment(&c.system(), second, 1, Command::StartPicking, &StepInput::default(), None).await.unwrap();
    let refused = c.services.cancel_order(&c.system(), second, "too late", None).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().message, "“cancel” is not possible: this is being picked; it can: pack, reject.");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_key_means_one_request(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 9)]).await;
    let key = Key::new("tester", "k1", b"body");
    let first = c.services.place_order(&c.system(), &order(&[("LAMP", 1)]), Some(&key)).await.unwrap();
    let again = c.services.place_order(&c.system(), &order(&[("LAMP", 1)]), Some(&key)).await.unwrap();
    assert_eq!((again.order_id, first.replayed, again.replayed), (first.order_id, false, true));
    let other = Key::new("tester", "k1", b"another body");
    let refused = c.services.place_order(&c.system(), &order(&[("LAMP", 1)]), Some(&other)).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, RefusalCode::IdempotencyMismatch);
    assert_eq!(c.gateway.asked.lock().unwrap().len(), 1);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_channels_number_is_taken_once(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 9)]).await;
    let mut first = order(&[("LAMP", 1)]);
    first.external_id = Some("A-1".to_owned());
    c.place(&first).await;
    let refused = c.services.place_order(&c.system(), &first, None).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().fields[0].field, "/external_id");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn stock_as_of_a_moment_is_what_stood_there(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 5)]).await;
    let before = c.system().now;
    let id = c.place(&order(&[("LAMP", 2)])).await;
    let sku = sqlx::query_scalar("select sku_id from skus where code = 'LAMP'").fetch_one(&pool).await.map(waybill::ids::SkuId).unwrap();
    let mut conn = c.conn().await;
    let nowhere = inventory::Network::default();
    let then = inventory::stock_as_of(&mut conn, &nowhere, &[sku], before, None, false).await.unwrap();
    let now = inventory::stock_as_of(&mut conn, &nowhere, &[sku], c.system().now, None, false).await.unwrap();
    let live = inventory::stock_now(&mut conn, &nowhere, &[sku], c.system().now, false).await.unwrap();
    let reserved = |view: &inventory::StockView| view.levels.iter().map(|(.., l)| (l.on_hand, l.reserved)).collect::<Vec<_>>();
    assert_eq!((reserved(&then), reserved(&now)), (vec![(5, 0)], vec![(5, 2)]));
    assert_eq!(now.levels, live.levels);
    // The decision explains itself with the stock of its moment.
    let why = orders::order_history(&mut conn, &c.system(), id, None).await.unwrap().explanation.unwrap();
    assert_eq!(why.summary[0], "Northampton warehouse sends everything, by the rule “One parcel from the nearest”.");
    assert_eq!(why.candidates.iter().filter(|c| c.chosen).count(), 1);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn found_by_anything_on_it(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 5)]).await;
    let id = c.place(&order(&[("LAMP", 1)])).await;
    for command in [Command::StartPicking, Command::Pack] {
        c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
    }
    let label = StepInput { tracking_number: Some("XY-42".to_owned()), ..StepInput::default() };
    c.services.advance_fulfilment(&c.system(), id, 1, Command::Ship, &label, None).await.unwrap();
    let number = c.text("select number from orders where order_id = $1", id).await;
    for search in [number.as_str(), "sampleton", "WREN@example", "lamp", "xy-42", "ls1 4ap", "wren lamp"] {
        let filter = orders::OrderFilter { search: Some(search.to_owned()), ..orders::OrderFilter::default() };
        assert_eq!(orders::list_orders(&mut *c.conn().await, &c.system(), &filter).await.unwrap().rows.len(), 1, "{search}");
    }
    for search in ["nobody", "%", "l_mp"] {
        let filter = orders::OrderFilter { search: Some(search.to_owned()), ..orders::OrderFilter::default() };
        assert_eq!(orders::list_orders(&mut *c.conn().await, &c.system(), &filter).await.unwrap().rows.len(), 0, "{search}");
    }
    let kinds: Vec<String> = events::read_stream(&mut *c.conn().await, id.0).await.unwrap().into_iter().map(|e| e.kind.to_string()).collect();
    assert_eq!(
        kinds,
        ["order_captured", "order_planned", "payment_authorised", "fulfilment_released", "picking_started", "packed", "shipped", "payment_captured"]
    );
}
