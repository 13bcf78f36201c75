use crate::company::{Company, company, order, then};
use sqlx::PgPool;
use waybill::fulfilment::{Command, FulfilmentState, RejectReason, StepInput};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{LocationId, OrderId, UserId};
use waybill::inventory::MovementReason;
use waybill::refusal::{Refusal, RefusalCode};
use waybill::routing::rules::Rules;

/// Nearest to Leeds.
const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";

async fn book(c: &Company, location: &str, units: i32, reason: MovementReason) -> Result<usize, Refusal> {
    let act = c.system();
    c.services.adjust_stock(&act, "LAMP", location, units, reason, None).await.map_err(|e| e.refusal().expect("a refusal").clone())
}

/// Where an order's running fulfilment orders are.
async fn senders(c: &Company, order: OrderId) -> Vec<String> {
    sqlx::query_scalar(
        "select l.code from fulfilment_orders f join locations l using (location_id)
        where f.order_id = $1 and f.state not in ('rejected', 'cancelled') order by f.fulfilment_no",
    )
    .bind(order.0)
    .fetch_all(&c.services.pool)
    .await
    .unwrap()
}

async fn on_hand(c: &Company, location: &str) -> i32 {
    sqlx::query_scalar(
        "select on_hand from stock join locations using (location_id) join skus using (sku_id) where skus.code = 'LAMP' and locations.code = $1",
    )
    .bind(location)
    .fetch_one(&c.services.pool)
    .await
    .unwrap()
}

/// Does the jobs that corrections leave behind, as a worker would.
async fn work_off(c: &Company) {
    let jobs = waybill::jobs::take(&mut *c.conn().await, c.system().now, 100).await.unwrap();
    for job in jobs {
        match job.job {
            waybill::jobs::Job::RerouteOrder { order_id, .. } => _ = c.services.reroute_order(order_id).await.unwrap(),
            waybill::jobs::Job::RerouteWaiting { sku_id, .. } => c.services.reroute_waiting(sku_id).await.unwrap(),
            _ => continue,
        }
        waybill::jobs::finish(&mut *c.conn().await, job.job_id).await.unwrap();
    }
}

async fn step(c: &Company, act: &Act, order: OrderId, no: i32, command: Command, input: &StepInput) -> Result<FulfilmentState, Refusal> {
    let done = c.services.advance_fulfilment(act, order, no, command, input, None).await;
    done.map(|done| done.unwrap().state).map_err(|e| e.refusal().expect("a refusal").clone())
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_no_longer_there_is_routed_anew(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 5), ("LAMP", FAR, 5)]).await;
    let id = c.place(&order(&[("LAMP", 4)])).await;
    assert_eq!(senders(&c, id).await, [NEAR]);
    // One is free: nobody is touched.
    assert_eq!(book(&c, NEAR, -1, MovementReason::Damage).await.unwrap(), 0);
    assert_eq!(book(&c, NEAR, -2, MovementReason::Damage).await.unwrap(), 1);
    assert_eq!((c.status(id).await.as_str(), senders(&c, id).await.len()), ("waiting", 0));
    c.assert_sound().await;
    work_off(&c).await;
    assert_eq!((c.status(id).await.as_str(), senders(&c, id).await), ("released", vec![FAR.to_owned()]));
    assert_eq!(on_hand(&c, NEAR).await, 2);
    let history = waybill::orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap();
    let kinds: Vec<&str> = history.timeline.iter().map(|e| e.kind.as_str()).collect();
    assert_eq!(&kinds[kinds.len() - 3..], ["fulfilment_rejected", "order_planned", "fulfilment_released"]);
    assert!(history.explanation.unwrap().summary[0].starts_with("Northampton warehouse sends everything"));
    c.assert_sound().await;
    // It goes on as any order does, and is charged once.
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        step(&c, &c.system(), id, 2, command, &StepInput::default()).await.unwrap();
    }
    assert_eq!(c.status(id).await, "completed");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn who_came_last_gives_up_first_and_what_is_packed_stays(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 6)]).await;
    let (first, second, third) =
        (c.place(&order(&[("LAMP", 2)])).await, c.place(&order(&[("LAMP", 2)])).await, c.place(&order(&[("LAMP", 2)])).await);
    for command in [Command::StartPicking, Command::Pack] {
        step(&c, &c.system(), first, 1, command, &StepInput::default()).await.unwrap();
    }
    step(&c, &c.system(), third, 1, Command::StartPicking, &StepInput::default()).await.unwrap();
    // The third came last, but somebody is picking it.
    assert_eq!(book(&c, NEAR, -1, MovementReason::Count).await.unwrap(), 1);
    assert_eq!(c.status(second).await, "waiting");
    let refused = book(&c, NEAR, -5, MovementReason::Count).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.fields[0].message.as_str()),
        (RefusalCode::OutOfStock, "2 of these units are packed for orders and about to leave. Take off 2 fewer.")
    );
    assert_eq!(c.status(third).await, "in_progress", "a refusal changes nothing");
    let refused = book(&c, NEAR, -50, MovementReason::Count).await.unwrap_err();
    assert_eq!(refused.fields[0].message, "Only 5 units are on hand there. Take off 5 or fewer.");
    c.assert_sound().await;
    // One is free there for the second: it is sent what there is, and waits for the other until some come.
    work_off(&c).await;
    assert_eq!((c.status(second).await.as_str(), senders(&c, second).await), ("waiting", vec![NEAR.to_owned()]));
    c.assert_sound().await;
    book(&c, FAR, 2, MovementReason::Receipt).await.unwrap();
    work_off(&c).await;
    assert_eq!((c.status(second).await.as_str(), senders(&c, second).await), ("released", vec![NEAR.to_owned(), FAR.to_owned()]));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_location_turns_work_down_and_the_books_learn_why(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 9), ("LAMP", NEAR, 50), ("LAMP", FAR, 50), ("MUG", "ST-LDS", 9), ("MUG", FAR, 9)]).await;
    let location: LocationId =
        LocationId(sqlx::query_scalar("select location_id from locations where code = 'ST-LDS'").fetch_one(&pool).await.unwrap());
    let clerk = |location: Option<LocationId>| Act::new(Actor::User { id: UserId(uuid::Uuid::nil()), role: Role::Store, location }, c.system().now);
    let reject = |reason: Option<RejectReason>, line_no: Option<i32>| StepInput { reason, line_no, ..StepInput::default() };

    // Too busy: the books stay, and the store is not asked again.
    let busy = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(senders(&c, busy).await, ["ST-LDS"]);
    let elsewhere = step(&c, &clerk(Some(LocationId(uuid::Uuid::nil()))), busy, 1, Command::Reject, &reject(Some(RejectReason::TooBusy), None)).await;
    assert_eq!(elsewhere.unwrap_err().code, RefusalCode::Forbidden);
    let without = step(&c, &clerk(Some(location)), busy, 1, Command::Reject, &reject(None, None)).await.unwrap_err();
    assert_eq!(without.fields[0].field, "/reason");
    let done = step(&c, &clerk(Some(location)), busy, 1, Command::Reject, &reject(Some(RejectReason::TooBusy), None)).await.unwrap();
    assert_eq!((done, on_hand(&c, "ST-LDS").await), (FulfilmentState::Rejected, 9));
    work_off(&c).await;
    assert_eq!(senders(&c, busy).await, [NEAR]);

    // Damaged: the line that is missing comes off, the other does not.
    let damaged = c.place(&order(&[("LAMP", 2), ("MUG", 1)])).await;
    assert_eq!(senders(&c, damaged).await, ["ST-LDS"]);
    let unknown = step(&c, &c.system(), damaged, 1, Command::Reject, &reject(Some(RejectReason::Damaged), Some(7))).await.unwrap_err();
    assert_eq!(unknown.fields[0].field, "/line_no");
    step(&c, &c.system(), damaged, 1, Command::Reject, &reject(Some(RejectReason::Damaged), Some(1))).await.unwrap();
    assert_eq!(on_hand(&c, "ST-LDS").await, 7);
    work_off(&c).await;
    assert_eq!(senders(&c, damaged).await, [FAR], "it is not asked for that again: both together, from the one that has both");

    // Not in stock: none is left, so that nobody else's order can be filled there either, but for what is in somebody's hands.
    let (other, held, none) = (c.place(&order(&[("LAMP", 2)])).await, c.place(&order(&[("LAMP", 1)])).await, c.place(&order(&[("LAMP", 1)])).await);
    step(&c, &c.system(), held, 1, Command::StartPicking, &StepInput::default()).await.unwrap();
    step(&c, &c.system(), none, 1, Command::Reject, &reject(Some(RejectReason::NotInStock), None)).await.unwrap();
    assert_eq!(on_hand(&c, "ST-LDS").await, 1);
    c.assert_sound().await;
    work_off(&c).await;
    assert_eq!(
        (senders(&c, other).await, senders(&c, held).await, senders(&c, none).await),
        (vec![NEAR.to_owned()], vec!["ST-LDS".to_owned()], vec![NEAR.to_owned()])
    );
    let packed = step(&c, &c.system(), other, 2, Command::StartPicking, &StepInput::default()).await;
    assert_eq!(packed.unwrap(), FulfilmentState::Picking);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whoever_turned_an_order_down_is_asked_for_it_again_when_the_rules_say_so(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 9)]).await;
    let reject = StepInput { reason: Some(RejectReason::Damaged), line_no: Some(1), ..StepInput::default() };
    // Nobody else has it: it waits, for a week.
    let id = c.place(&order(&[("LAMP", 1)])).await;
    step(&c, &c.system(), id, 1, Command::Reject, &reject).await.unwrap();
    work_off(&c).await;
    assert_eq!((c.status(id).await.as_str(), senders(&c, id).await.len()), ("waiting", 0));
    let at = |days: i64| then(&c, &(c.system().now + chrono::TimeDelta::days(days)).to_rfc3339());
    at(6).services.reroute_order(id).await.unwrap();
    assert_eq!(senders(&c, id).await.len(), 0, "six days are not over a week");
    at(8).services.reroute_order(id).await.unwrap();
    assert_eq!(senders(&c, id).await, ["ST-LDS"]);
    // Somebody who knows better has it sent from there all the same.
    let by_hand = c.place(&order(&[("LAMP", 1)])).await;
    step(&c, &c.system(), by_hand, 1, Command::Reject, &reject).await.unwrap();
    work_off(&c).await;
    assert_eq!(senders(&c, by_hand).await.len(), 0);
    c.services.send_by_hand(&c.system(), by_hand, "ST-LDS", None).await.unwrap();
    assert_eq!(senders(&c, by_hand).await, ["ST-LDS"]);
    // Where the rules want it at once, it is asked at once.
    c.decide_by(&Rules { not_again_days: 0, ..Rules::starting() }).await;
    let at_once = c.place(&order(&[("LAMP", 1)])).await;
    step(&c, &c.system(), at_once, 1, Command::Reject, &reject).await.unwrap();
    work_off(&c).await;
    assert_eq!(senders(&c, at_once).await, ["ST-LDS"]);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_waits_can_be_cancelled(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 4)]).await;
    let id = c.place(&order(&[("LAMP", 2)])).await;
    book(&c, NEAR, -4, MovementReason::Damage).await.unwrap();
    work_off(&c).await;
    assert_eq!(c.status(id).await, "waiting");
    let told = waybill::orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap().timeline;
    assert_eq!(told.last().map(|e| e.kind), Some(waybill::events::EventKind::OrderWaiting));
    c.services.cancel_order(&c.system(), id, "no longer wanted", None).await.unwrap();
    assert_eq!(c.status(id).await, "cancelled");
    assert_eq!(c.text("select payment_status from orders where order_id = $1", id).await, "voided");
    // Its job finds nothing to do.
    c.services.reroute_order(id).await.unwrap();
    c.assert_sound().await;
}

/// Units vanish while people buy, cancel and receive: nothing is promised twice, and nothing is lost sight of.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn shrinking_stock_and_buyers_at_once(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 40), ("LAMP", FAR, 40)]).await;
    let mut people = Vec::new();
    for n in 0..90 {
        let (services, act) = (c.services.clone(), c.system());
        people.push(tokio::spawn(async move {
            let done = match n % 6 {
                0 => {
                    let place = if n % 4 == 0 { NEAR } else { FAR };
                    let taken = services.adjust_stock(&act, "LAMP", place, -3, MovementReason::Damage, None).await;
                    return taken.err().map(|e| e.refusal().expect("a clear refusal").code).filter(|code| *code != RefusalCode::OutOfStock);
                }
                1 => services.adjust_stock(&act, "LAMP", NEAR, 2, MovementReason::Receipt, None).await.map(|_| ()),
                _ => match services.place_order(&act, &order(&[("LAMP", 1 + n % 2)]), None).await {
                    Ok(placed) if n % 5 == 0 => services.cancel_order(&act, placed.order_id, "changed my mind", None).await,
                    Ok(_) => Ok(()),
                    Err(error) => Err(error),
                },
            };
            // An expected no, never a fault. Whoever corrects the books never hears of other people's orders.
            done.err().map(|e| e.refusal().expect("a clear refusal").code)
        }));
    }
    for person in people {
        if let Some(code) = person.await.unwrap() {
            assert!(code == RefusalCode::OutOfStock, "{code:?}");
        }
    }
    c.assert_sound().await;
    work_off(&c).await;
    c.assert_sound().await;
}

/// What one order gives up is had by the one that waits for it, and what has left does not keep the rest from being called off.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_given_up_goes_to_who_waits_and_the_rest_can_be_called_off(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 2), ("LAMP", FAR, 1)]).await;
    let (split, holder) = (c.place(&order(&[("LAMP", 2)])).await, c.place(&order(&[("LAMP", 1)])).await);
    assert_eq!((senders(&c, split).await, senders(&c, holder).await), (vec![NEAR.to_owned()], vec![FAR.to_owned()]));
    // One of two is gone: the other is sent, and one waits.
    book(&c, NEAR, -1, MovementReason::Damage).await.unwrap();
    work_off(&c).await;
    assert_eq!((c.status(split).await.as_str(), senders(&c, split).await), ("waiting", vec![NEAR.to_owned()]));
    c.services.cancel_order(&c.system(), holder, "no longer wanted", None).await.unwrap();
    work_off(&c).await;
    assert_eq!((c.status(split).await.as_str(), senders(&c, split).await), ("released", vec![NEAR.to_owned(), FAR.to_owned()]));
    c.assert_sound().await;
    // Each decision about it can be asked about.
    let why = async |no: Option<i32>| waybill::orders::order_history(&mut *c.conn().await, &c.system(), split, no).await;
    let said = async |no: Option<i32>| why(no).await.unwrap().explanation.unwrap().summary[0].clone();
    let numbers: Vec<i32> = why(None).await.unwrap().decisions.iter().map(|d| d.no).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(said(Some(1)).await.contains("sends everything") && said(Some(2)).await.contains("the rest waits"), "{}", said(Some(2)).await);
    assert_eq!(said(None).await, said(Some(3)).await);
    assert_eq!(why(Some(4)).await.unwrap_err().refusal().unwrap().code, RefusalCode::NotFound);
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        step(&c, &c.system(), split, 2, command, &StepInput::default()).await.unwrap();
    }
    c.services.cancel_order(&c.system(), split, "the rest is not wanted", None).await.unwrap();
    assert_eq!(c.status(split).await, "completed");
    assert_eq!(
        c.text("select string_agg(state, ' ' order by fulfilment_no) from fulfilment_orders where order_id = $1", split).await,
        "rejected shipped cancelled"
    );
    c.assert_sound().await;
}

/// An order that is served by one location twice on one day counts there twice, and gives both back.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn capacity_that_was_taken_twice_is_given_back_twice(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 2)]).await;
    sqlx::query("update location_versions set daily_order_capacity = 50").execute(&pool).await.unwrap();
    waybill::inventory::touch_network(&mut *c.conn().await).await.unwrap();
    let id = c.place(&order(&[("LAMP", 2)])).await;
    book(&c, NEAR, -1, MovementReason::Damage).await.unwrap();
    work_off(&c).await;
    book(&c, NEAR, 1, MovementReason::Receipt).await.unwrap();
    work_off(&c).await;
    assert_eq!(senders(&c, id).await, [NEAR, NEAR]);
    c.services.cancel_order(&c.system(), id, "no longer wanted", None).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>("select sum(taken)::bigint from capacity_days").fetch_one(&pool).await.unwrap(), 0);
    c.assert_sound().await;
}
