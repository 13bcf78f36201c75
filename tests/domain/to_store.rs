//! What the store that the customer chose does not have comes to it from elsewhere, and is handed over there.

use crate::company::{Company, company, order, then};
use sqlx::PgPool;
use waybill::fulfilment::{Command, FulfilmentState, RejectReason, StepInput, list_work};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{ClosureId, LocationId, OrderId, ReturnId, UserId};
use waybill::inventory::Condition as Kept;
use waybill::inventory::backorders::{self, NewTerms};
use waybill::inventory::disruptions::{DisruptionKind, NewDisruption};
use waybill::inventory::receipts::Receipt;
use waybill::orders::views::PromisedView;
use waybill::orders::{self, Method, NewOrder};
use waybill::refusal::RefusalCode;
use waybill::returns::{self, NewReturn, ReturnReceipt};
use waybill::routing::rules::{Action, Condition, Fill, Prefer, Preference, Rule, Rules, Step, Test, Then, assign, hold};

const STORE: &str = "ST-LDS";
const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";

/// What the store has not comes from a warehouse, the nearest to it first.
fn brought() -> Rules {
    let bring = Step::only(Action::plain("transfer_to_store").with("rest", Fill::Text("unfillable".to_owned())));
    let collect = Rule {
        id: "collect".to_owned(),
        name: "Collect, brought from elsewhere".to_owned(),
        when: Condition::Order(Test::one_of("method", &["pickup"])),
        prefer: Prefer::Ranked(vec![Preference::by("distance")]),
        then: Then { full: assign("unfillable"), partial: bring.clone(), none: bring },
        ..Rule::default()
    };
    let send = Rule {
        id: "send".to_owned(),
        name: "Send".to_owned(),
        then: Then { full: assign("unfillable"), partial: hold("unfillable"), none: hold("unfillable") },
        ..Rule::default()
    };
    Rules { rules: vec![collect, send], ..Rules::default() }
}

async fn bringing(pool: &PgPool, stock: &[(&str, &str, i32)]) -> Company {
    let c = then(&company(pool, stock).await, "2027-06-10T08:00:00Z");
    c.decide_by(&brought()).await;
    then(&c, "2027-06-10T09:00:00Z")
}

fn collected(lines: &[(&str, i32)]) -> NewOrder {
    NewOrder { method: Method::Pickup, pickup_location: Some(STORE.to_owned()), ..order(lines) }
}

async fn place(c: &Company, code: &str) -> LocationId {
    LocationId(sqlx::query_scalar("select location_id from locations where code = $1").bind(code).fetch_one(&c.services.pool).await.unwrap())
}

/// (state, from, to) of each fulfilment order.
async fn work(c: &Company, id: OrderId) -> Vec<(String, String, Option<String>)> {
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    shown.fulfilments.into_iter().map(|f| (f.state.to_string(), f.location, f.to_store)).collect()
}

fn at(state: &str, from: &str, to: Option<&str>) -> (String, String, Option<String>) {
    (state.to_owned(), from.to_owned(), to.map(str::to_owned))
}

/// Somebody who works at one location.
async fn worker(c: &Company, code: &str) -> Act {
    let actor = Actor::User { id: UserId::new(c.system().now), role: Role::Store, location: Some(place(c, code).await) };
    Act::new(actor, c.system().now)
}

async fn step(c: &Company, act: &Act, id: OrderId, no: i32, command: Command, input: &StepInput) -> Result<(), waybill::refusal::Error> {
    c.services.advance_fulfilment(act, id, no, command, input, None).await.map(|_| ())
}

async fn on_hand(c: &Company, location: &str) -> (i32, i32) {
    c.stock_of("LAMP", None).await.into_iter().find(|row| row.location == location).map_or((0, 0), |row| (row.on_hand, row.reserved))
}

async fn promised(c: &Company, id: OrderId) -> PromisedView {
    orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap().promised.unwrap()
}

const WARRINGTON: &str = "Warrington warehouse";
const LEEDS: &str = "Leeds store";

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_the_store_has_not_is_sent_to_it_and_handed_over_there(pool: PgPool) {
    let c = bringing(&pool, &[("LAMP", NEAR, 5), ("LAMP", FAR, 5)]).await;
    let id = c.place(&collected(&[("LAMP", 2)])).await;
    assert_eq!(work(&c, id).await, [at("released", WARRINGTON, Some(LEEDS))], "the nearest to the store");
    let first = promised(&c, id).await;
    // Ordered on Thursday morning, on its way in the evening, there two days later when the store has closed, and ready on Monday when it is unpacked.
    assert_eq!(first.day.to_string(), "2027-06-14");
    let (warrington, leeds) = (worker(&c, NEAR).await, worker(&c, STORE).await);
    let nothing = StepInput::default();
    assert_eq!(step(&c, &leeds, id, 1, Command::StartPicking, &nothing).await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        step(&c, &warrington, id, 1, command, &nothing).await.unwrap();
    }
    assert_eq!((on_hand(&c, WARRINGTON).await, c.status(id).await.as_str()), ((3, 0), "in_progress"), "it has left, and is not done");
    c.assert_sound().await;
    // From now on it is the store's.
    let conn = &mut *c.conn().await;
    let coming = list_work(conn, &leeds, place(&c, STORE).await, Some(FulfilmentState::Shipped), None).await.unwrap().rows;
    assert_eq!(coming.iter().map(|card| card.to_store.as_deref()).collect::<Vec<_>>(), [Some(LEEDS)]);
    assert_eq!(list_work(conn, &warrington, place(&c, NEAR).await, None, None).await.unwrap().rows, []);
    assert_eq!(step(&c, &warrington, id, 1, Command::MarkReady, &nothing).await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    assert_eq!(step(&c, &c.system(), id, 1, Command::Deliver, &nothing).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    step(&c, &leeds, id, 1, Command::MarkReady, &nothing).await.unwrap();
    assert_eq!(c.status(id).await, "ready_for_pickup");
    let code = orders::track_order(conn, &c.system(), &c.services.planning, id).await.unwrap().pickup_code.unwrap();
    let shown = |code: &str| StepInput { pickup_code: Some(code.to_owned()), ..StepInput::default() };
    assert_eq!(step(&c, &leeds, id, 1, Command::Collect, &shown("no")).await.unwrap_err().refusal().unwrap().fields[0].field, "/pickup_code");
    step(&c, &leeds, id, 1, Command::Collect, &shown(&code)).await.unwrap();
    assert_eq!((work(&c, id).await, c.status(id).await.as_str()), (vec![at("collected", WARRINGTON, Some(LEEDS))], "completed"));
    assert_eq!(on_hand(&c, WARRINGTON).await, (3, 0), "nothing leaves twice");
    c.assert_sound().await;
}

/// A return, all of which comes to the store.
async fn take_back(c: &Company, id: OrderId, reason: &str, units: &[(&str, i32)]) {
    let number = c.text("select number from orders where order_id = $1", id).await;
    let lines: Vec<(String, i32)> = units.iter().map(|(sku, units)| ((*sku).to_owned(), *units)).collect();
    let new = NewReturn { order: number, location: STORE.to_owned(), reason: reason.to_owned(), note: String::new(), lines: lines.clone() };
    let act = c.system();
    let come = ReturnReceipt { receipt: Receipt { lines, everything: false, close: false }, condition: Kept::Sellable };
    waybill::transact!(c.services.pool, conn => {
        let number = returns::open_return(conn, &act, ReturnId::new(act.now), &new).await?;
        returns::receive_return(conn, &act, &number, &come).await
    })
    .unwrap();
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_nobody_collects_is_taken_back_and_not_handed_over_any_more(pool: PgPool) {
    let c = bringing(&pool, &[("LAMP", STORE, 1), ("LAMP", NEAR, 5)]).await;
    let id = c.place(&collected(&[("LAMP", 3)])).await;
    let brought = 1 + i32::from(work(&c, id).await[0].2.is_none());
    let own = 3 - brought;
    for command in [Command::StartPicking, Command::Pack, Command::Ship, Command::MarkReady] {
        step(&c, &c.system(), id, brought, command, &StepInput::default()).await.unwrap();
    }
    for command in [Command::StartPicking, Command::Pack, Command::MarkReady] {
        step(&c, &c.system(), id, own, command, &StepInput::default()).await.unwrap();
    }
    let code = orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap().pickup_code.unwrap();
    let shown = StepInput { pickup_code: Some(code), ..StepInput::default() };
    step(&c, &c.system(), id, own, Command::Collect, &shown).await.unwrap();
    // One of those that were collected comes back: what waits is still theirs.
    take_back(&c, id, "changed_mind", &[("LAMP", 1)]).await;
    assert_eq!(c.text("select state from fulfilment_orders where order_id = $1 and method = 'to_store'", id).await, "arrived");
    take_back(&c, id, "not_collected", &[("LAMP", 1)]).await;
    assert_eq!(
        c.text("select state from fulfilment_orders where order_id = $1 and method = 'to_store'", id).await,
        "arrived",
        "one of two is there yet"
    );
    take_back(&c, id, "not_collected", &[("LAMP", 1)]).await;
    let refused = step(&c, &c.system(), id, brought, Command::Collect, &shown).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().message, "“collect” is not possible: this is sent back; nothing more can be done with it.");
    assert_eq!((on_hand(&c, LEEDS).await, c.status(id).await.as_str()), ((3, 0), "completed"));
    assert_eq!(c.text("select count(*)::text from events where kind = 'parcel_returned' and stream_id = $1", id).await, "1");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_parcel_that_came_back_is_the_one_that_ends(pool: PgPool) {
    let c = bringing(&pool, &[("LAMP", NEAR, 1), ("LAMP", FAR, 1), ("MUG", NEAR, 3), ("MUG", FAR, 1)]).await;
    let state = async |id: OrderId, no: i32| {
        let sql = "select state from fulfilment_orders where order_id = $1 and fulfilment_no = $2";
        sqlx::query_scalar::<_, String>(sql).bind(id.0).bind(no).fetch_one(&pool).await.unwrap()
    };
    // One is still on its way to the store; the other waits there, and nobody collects it.
    let id = c.place(&collected(&[("LAMP", 2)])).await;
    for (no, commands) in [
        (1, &[Command::StartPicking, Command::Pack, Command::Ship][..]),
        (2, &[Command::StartPicking, Command::Pack, Command::Ship, Command::MarkReady]),
    ] {
        for command in commands {
            step(&c, &c.system(), id, no, *command, &StepInput::default()).await.unwrap();
        }
    }
    take_back(&c, id, "not_collected", &[("LAMP", 1)]).await;
    assert_eq!((state(id, 1).await.as_str(), state(id, 2).await.as_str()), ("shipped", "returned"));
    step(&c, &c.system(), id, 1, Command::MarkReady, &StepInput::default()).await.unwrap();
    // Two are under way, and the smaller one could not be delivered.
    let id = c.place(&order(&[("MUG", 4)])).await;
    for no in [1, 2] {
        for command in [Command::StartPicking, Command::Pack, Command::Ship] {
            step(&c, &c.system(), id, no, command, &StepInput::default()).await.unwrap();
        }
    }
    let small: i32 = c.text("select fulfilment_no::text from fulfilment_lines where order_id = $1 and quantity = 1", id).await.parse().unwrap();
    take_back(&c, id, "undelivered", &[("MUG", 1)]).await;
    assert_eq!((state(id, small).await.as_str(), state(id, 3 - small).await.as_str()), ("returned", "shipped"));
    // What the customer has had of a parcel ends no other.
    step(&c, &c.system(), id, 3 - small, Command::Deliver, &StepInput::default()).await.unwrap();
    take_back(&c, id, "changed_mind", &[("MUG", 3)]).await;
    assert_eq!(state(id, 3 - small).await, "delivered");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_the_store_has_is_collected_and_one_code_opens_both(pool: PgPool) {
    let c = bringing(&pool, &[("LAMP", STORE, 1), ("LAMP", NEAR, 5), ("LAMP", FAR, 5)]).await;
    let id = c.place(&collected(&[("LAMP", 3)])).await;
    assert_eq!(work(&c, id).await, [at("released", LEEDS, None), at("released", WARRINGTON, Some(LEEDS))]);
    // Warrington would not: Northampton sends it, in time.
    let day = promised(&c, id).await.day;
    let busy = StepInput { reason: Some(RejectReason::TooBusy), ..StepInput::default() };
    let c = then(&c, "2027-06-10T09:05:00Z");
    step(&c, &c.system(), id, 2, Command::Reject, &busy).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(work(&c, id).await[2], at("released", "Northampton warehouse", Some(LEEDS)));
    assert_eq!(promised(&c, id).await.day, day);
    let cards = list_work(&mut *c.conn().await, &c.system(), place(&c, FAR).await, None, None).await.unwrap().rows;
    let why = "Warrington warehouse turned it down: too busy. The rule “Collect, brought from elsewhere” sent it here. Everything that was to be sent comes from one place.";
    assert_eq!(cards[0].why.words().unwrap(), why);
    let told = waybill::routing::explain_decision(&mut *c.conn().await, id, None).await.unwrap().unwrap();
    assert_eq!(told.summary[1], "What Leeds store does not have is brought there from Northampton warehouse, for the customer to collect.");
    let said = |name: &str| told.candidates.iter().find(|c| c.location == name).and_then(|c| c.reason.clone());
    assert_eq!(said("Warrington warehouse").unwrap(), "had turned the order down");
    assert!(told.candidates.iter().any(|c| c.location == "Northampton warehouse" && c.chosen), "{:?}", told.candidates);
    assert_eq!(said(LEEDS).unwrap(), "had nothing of it free");
    // A part of it is not all of it.
    let mut statuses = Vec::new();
    for (no, commands) in [
        (1, [Command::StartPicking, Command::Pack, Command::MarkReady].as_slice()),
        (3, &[Command::StartPicking, Command::Pack, Command::Ship, Command::MarkReady]),
    ] {
        for command in commands {
            step(&c, &c.system(), id, no, *command, &StepInput::default()).await.unwrap();
            statuses.push(c.status(id).await);
        }
    }
    assert_eq!(statuses, [["in_progress"; 6].as_slice(), &["ready_for_pickup"]].concat());
    c.assert_sound().await;
    let code = orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap().pickup_code;
    for no in [1, 3] {
        assert_eq!(c.status(id).await, "ready_for_pickup");
        step(&c, &c.system(), id, no, Command::Collect, &StepInput { pickup_code: code.clone(), ..StepInput::default() }).await.unwrap();
    }
    assert_eq!(c.status(id).await, "completed");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_comes_late_to_the_store_is_told(pool: PgPool) {
    let c = bringing(&pool, &[("LAMP", NEAR, 5)]).await;
    let id = c.place(&collected(&[("LAMP", 2)])).await;
    let first = promised(&c, id).await;
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        step(&c, &c.system(), id, 1, command, &StepInput::default()).await.unwrap();
    }
    let late = then(&c, "2027-06-16T09:00:00Z");
    late.services.watch_promises(&mut None).await.unwrap();
    let moved = promised(&late, id).await;
    assert!(moved.day > first.day && moved.first_day == Some(first.day), "{moved:?}");
    step(&late, &late.system(), id, 1, Command::MarkReady, &StepInput::default()).await.unwrap();
    late.services.watch_promises(&mut None).await.unwrap();
    late.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_comes_is_sooner_than_a_backorder_and_knows_that_its_store_is_closed(pool: PgPool) {
    let c = bringing(&pool, &[("LAMP", NEAR, 5)]).await;
    // The store may sell what it will have in weeks; Warrington has it now.
    let act = c.system();
    let terms =
        NewTerms { kind: "backorder".to_owned(), most_units: 9, expected: "2027-07-10".to_owned(), until: String::new(), follows_purchasing: false };
    waybill::transact!(pool, conn => backorders::set_terms(conn, &act, "LAMP", STORE, &terms).await).unwrap();
    let c = then(&c, "2027-06-10T09:30:00Z");
    let id = c.place(&collected(&[("LAMP", 2)])).await;
    assert_eq!(work(&c, id).await, [at("released", WARRINGTON, Some(LEEDS))]);
    let closed = NewDisruption {
        kind: DisruptionKind::Location,
        location: Some(STORE.to_owned()),
        carrier: None,
        service: None,
        sku: None,
        reason: "A flood".to_owned(),
        until: None,
        brings_back: true,
    };
    let view = c.services.preview_disruption(&c.system(), &closed).await.unwrap();
    assert_eq!((view.counts.work, view.counts.stays), (1, 1), "nobody else can hand it over");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn nothing_is_brought_where_no_rule_says_so_or_nobody_has_it(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 5)]).await, "2027-06-10T08:00:00Z");
    assert_eq!(c.place_error(&collected(&[("LAMP", 2)])).await, RefusalCode::OutOfStock);
    c.decide_by(&brought()).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let refused = c.services.place_order(&c.system(), &collected(&[("LAMP", 6)]), None).await.unwrap_err();
    let told = &refused.refusal().unwrap().fields[0].message;
    assert!(told.starts_with("Only 5 of A lamp (LAMP) can be collected at Leeds store."), "{told}");
    // A closed store hands nothing over.
    let act = c.system();
    let until = Some(act.now + chrono::TimeDelta::days(3));
    waybill::transact!(pool, conn => waybill::inventory::places::close_location(conn, &act, ClosureId::new(act.now), STORE, None, until, "Flood").await).unwrap();
    let c = then(&c, "2027-06-10T10:00:00Z");
    assert_eq!(c.place_error(&collected(&[("LAMP", 2)])).await, RefusalCode::Invalid);
}
