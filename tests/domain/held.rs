//! An order is held: nothing of it moves on until all that it is held for is released, whoever is faster.

use crate::company::{Company, company, order, then};
use sqlx::PgPool;
use waybill::fulfilment::{Command, RejectReason, StepInput};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{OrderId, UserId};
use waybill::inventory::MovementReason;
use waybill::orders::{self, HoldKind, Method, NewOrder};
use waybill::refusal::{Refusal, RefusalCode};
use waybill::routing::rules::{Condition, Prefer, Preference, Rule, Rules, Test, Then, assign, hold};

const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";

async fn held_for(c: &Company, id: OrderId, kind: HoldKind, reason: &str) {
    c.services.hold_order(&c.system(), id, kind, reason, None).await.unwrap();
}

async fn released(c: &Company, id: OrderId, kind: HoldKind) {
    c.services.release_order_hold(&c.system(), id, kind, None).await.unwrap();
}

async fn step(c: &Company, id: OrderId, no: i32, command: Command) -> Result<(), Refusal> {
    let input = StepInput { reason: (command == Command::Reject).then_some(RejectReason::TooBusy), ..StepInput::default() };
    let stepped = c.services.advance_fulfilment(&c.system(), id, no, command, &input, None).await;
    stepped.map(drop).map_err(|error| error.refusal().unwrap().clone())
}

async fn state(c: &Company, id: OrderId) -> String {
    c.text("select string_agg(state, ',' order by fulfilment_no) from fulfilment_orders where order_id = $1", id).await
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn nothing_of_a_held_order_moves_on_until_everything_is_released(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 9), ("LAMP", FAR, 9)]).await, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 2)])).await;
    held_for(&c, id, HoldKind::Fraud, "Ten cards were tried").await;
    assert_eq!((c.status(id).await.as_str(), state(&c, id).await.as_str()), ("on_hold", "released"));
    let refused = step(&c, id, 1, Command::StartPicking).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (RefusalCode::IllegalTransition, "The order is held for fraud: Ten cards were tried. It goes on once customer service releases it.")
    );
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    assert_eq!(shown.holds.iter().map(|held| (held.kind, held.reason.as_str())).collect::<Vec<_>>(), [(HoldKind::Fraud, "Ten cards were tried")]);
    let board = waybill::fulfilment::list_work(&mut *c.conn().await, &c.system(), shown.fulfilments[0].location_id, None, None).await.unwrap();
    assert!(board.rows.iter().all(|card| card.is_held));
    // What its location cannot do goes elsewhere, and is nobody's work there either.
    step(&c, id, 1, Command::Reject).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(state(&c, id).await, "rejected,planned");
    // It is held for two things: one is not enough.
    held_for(&c, id, HoldKind::Address, "The street does not exist").await;
    released(&c, id, HoldKind::Fraud).await;
    c.services.release_order(id).await.unwrap();
    assert!(orders::unreleased_orders(&mut *c.conn().await, &c.system(), 10).await.unwrap().is_empty(), "nobody tries it again and again");
    assert_eq!((c.status(id).await.as_str(), state(&c, id).await.as_str()), ("on_hold", "rejected,planned"));
    released(&c, id, HoldKind::Address).await;
    assert_eq!(state(&c, id).await, "rejected,released");
    for command in [Command::StartPicking, Command::Pack] {
        step(&c, id, 2, command).await.unwrap();
    }
    held_for(&c, id, HoldKind::CustomerService, "They want to change the address").await;
    assert_eq!(step(&c, id, 2, Command::Ship).await.unwrap_err().code, RefusalCode::IllegalTransition);
    released(&c, id, HoldKind::CustomerService).await;
    step(&c, id, 2, Command::Ship).await.unwrap();
    let late = c.services.hold_order(&c.system(), id, HoldKind::Fraud, "Too late", None).await.unwrap_err();
    assert_eq!(late.refusal().unwrap().code, RefusalCode::IllegalTransition, "nothing is left to hold");
    let told = "select string_agg(concat_ws(' ', kind, payload ->> 'reason'), '; ' order by version) from events
        where stream_id = $1 and kind in ('order_held', 'hold_released')";
    assert!(
        c.text(told, id)
            .await
            .starts_with("order_held Fraud: Ten cards were tried; order_held Address: The street does not exist; hold_released Fraud")
    );
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn who_may_not_hold_and_what_makes_no_sense_is_refused(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 9)]).await, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 2)])).await;
    let code = |error: waybill::refusal::Error| error.refusal().unwrap().code;
    let store = Actor::User { id: UserId::new(c.system().now), role: Role::Store, location: None };
    for actor in [Actor::Customer(id), store] {
        let act = Act::new(actor, c.system().now);
        assert_eq!(code(c.services.hold_order(&act, id, HoldKind::Fraud, "Mine", None).await.unwrap_err()), RefusalCode::Forbidden);
        assert_eq!(code(c.services.release_order_hold(&act, id, HoldKind::Fraud, None).await.unwrap_err()), RefusalCode::Forbidden);
    }
    for reason in [" ", "two\nlines", &"x".repeat(201)] {
        let refused = c.services.hold_order(&c.system(), id, HoldKind::Stock, reason, None).await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().fields[0].field, "/reason");
    }
    assert_eq!(code(c.services.release_order_hold(&c.system(), id, HoldKind::Stock, None).await.unwrap_err()), RefusalCode::IllegalTransition);
    held_for(&c, id, HoldKind::Stock, "It is counted").await;
    assert_eq!(code(c.services.hold_order(&c.system(), id, HoldKind::Stock, "Again", None).await.unwrap_err()), RefusalCode::Conflict);
    let nobody = OrderId::new(c.system().now);
    assert_eq!(code(c.services.hold_order(&c.system(), nobody, HoldKind::Stock, "Whose?", None).await.unwrap_err()), RefusalCode::NotFound);
    c.assert_sound().await;
}

/// Rules ask what it is held for when something of it is routed again.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn rules_send_held_orders_elsewhere(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 2)]).await, "2027-06-10T08:00:00Z");
    let nearest = || Prefer::Ranked(vec![Preference::by("distance")]);
    let care = Rule {
        id: "fraud".to_owned(),
        name: "Somebody looks at what may be fraud".to_owned(),
        when: Condition::Order(Test::one_of("hold", &["fraud"])),
        prefer: nearest(),
        then: Then { full: hold("customer_care"), partial: hold("customer_care"), none: hold("customer_care") },
        ..Rule::default()
    };
    let then_ = Then { full: assign("unfillable"), partial: assign("unfillable"), none: hold("unfillable") };
    let any = Rule { id: "any".to_owned(), name: "Nearest".to_owned(), prefer: nearest(), then: then_, ..Rule::default() };
    c.decide_by(&Rules { rules: vec![care, any], ..Rules::default() }).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 2)])).await;
    held_for(&c, id, HoldKind::Fraud, "Ten cards were tried").await;
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, -2, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    let queue = "select coalesce(max(queue), '') from order_lines where order_id = $1";
    assert_eq!(c.text(queue, id).await, "customer_care");
    released(&c, id, HoldKind::Fraud).await;
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, 5, MovementReason::Receipt, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(c.text(queue, id).await, "");
    assert!(state(&c, id).await.ends_with("released"));
    c.assert_sound().await;
}

/// Somebody begins to pick while somebody else holds the order: whoever is first, nobody picks what is held.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn holding_and_picking_at_once_is_one_after_the_other(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 60)]).await, "2027-06-10T09:00:00Z");
    for _ in 0..12 {
        let id = c.place(&order(&[("LAMP", 1)])).await;
        let (act, services) = (c.system(), c.services.clone());
        let holding = tokio::spawn(async move { services.hold_order(&act, id, HoldKind::Fraud, "Stop", None).await.is_ok() });
        let picked = step(&c, id, 1, Command::StartPicking).await.is_ok();
        assert!(holding.await.unwrap());
        let order: String = c
            .text("select string_agg(kind, ',' order by version) from events where stream_id = $1 and kind in ('order_held', 'picking_started')", id)
            .await;
        assert_eq!(order, if picked { "picking_started,order_held" } else { "order_held" });
        assert!(step(&c, id, 1, if picked { Command::Pack } else { Command::StartPicking }).await.is_err());
    }
    c.assert_sound().await;
}

/// What is held is not sent from elsewhere because it is late, is on hold though it is ready to be collected, and then shows no code.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn held_is_held_however_late_and_however_far_it_is(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 9), ("LAMP", FAR, 9), ("MUG", "ST-LDS", 5)]).await, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 2)])).await;
    held_for(&c, id, HoldKind::Fraud, "Ten cards were tried").await;
    let late = then(&c, "2027-06-10T15:55:00Z");
    late.services.watch_promises(&mut None).await.unwrap();
    assert_eq!(state(&c, id).await, "released");

    let collected = NewOrder { method: Method::Pickup, pickup_location: Some("ST-LDS".to_owned()), ..order(&[("MUG", 1)]) };
    let id = c.place(&collected).await;
    for command in [Command::StartPicking, Command::Pack, Command::MarkReady] {
        step(&c, id, 1, command).await.unwrap();
    }
    let code = async || orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap().pickup_code;
    assert!(code().await.is_some());
    held_for(&c, id, HoldKind::Payment, "The card was stolen").await;
    assert_eq!((c.status(id).await.as_str(), code().await), ("on_hold", None));
    assert_eq!(step(&c, id, 1, Command::Collect).await.unwrap_err().code, RefusalCode::IllegalTransition);
    released(&c, id, HoldKind::Payment).await;
    assert!(code().await.is_some());
    assert_eq!(c.status(id).await, "ready_for_pickup");
    c.assert_sound().await;
}
