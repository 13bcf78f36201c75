//! Other systems are told everything, in order, at least once; what does not arrive waits visibly.

use crate::company::{Company, company, later, order};
use chrono::TimeDelta;
use sqlx::PgPool;
use std::sync::{Arc, Mutex};
use waybill::events::EventKind;
use waybill::fulfilment::{Command, StepInput};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{DeliveryId, OrderId, UserId, WebhookId};
use waybill::page::Page;
use waybill::refusal::{RefusalCode, Result};
use waybill::services::Services;
use waybill::transact;
use waybill::webhooks::views::{DeliveryDetail, DeliveryRow, WebhookDetail};
use waybill::webhooks::{self, Answer, Call, DeliveryFilter, DeliveryState, Poster, PosterCall, WebhookSettings};

/// Remembers what it was called with; answers as it is told to, 204 otherwise.
#[derive(Default)]
struct Receiver {
    calls: Mutex<Vec<Call>>,
    /// The next answers: an HTTP status, or none for no answer at all.
    answers: Mutex<Vec<Option<u16>>>,
}

impl Poster for Receiver {
    fn post(&self, call: Call) -> PosterCall<'_> {
        self.calls.lock().unwrap().push(call);
        let status = self.answers.lock().unwrap().pop().unwrap_or(Some(204));
        let words = status.map_or_else(|| "No answer: connection refused.".to_owned(), |status| format!("said {status}"));
        Box::pin(async move { Answer { status, words, took: TimeDelta::milliseconds(12) } })
    }
}

impl Receiver {
    /// The types that came about an order, in the order in which they came.
    fn told(&self, number: &str) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls.iter().map(body).filter(|b| b["data"]["order"] == number).map(|b| b["type"].as_str().unwrap().to_owned()).collect()
    }

    fn forget(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

fn with_receiver(c: &Company) -> (Company, Arc<Receiver>) {
    let receiver = Arc::new(Receiver::default());
    (Company { services: c.services.clone().with_poster(receiver.clone()), gateway: c.gateway.clone() }, receiver)
}

/// Until all events are read and nothing is due: readers stay below the oldest transaction of the whole cluster, which other tests share, and a transaction
/// that has failed keeps its locks until its connection is used again.
async fn deliver(c: &Company) {
    loop {
        for webhook in c.services.webhooks_due().await.unwrap() {
            while c.services.deliver(webhook).await.unwrap() {}
        }
        let sql = "select exists (select from events e join event_readers r on (e.horizon::text::bigint, e.position) > (r.horizon, r.position)
                where r.reader = 'webhooks')
            or exists (
                select
                from webhook_deliveries d
                join webhooks w using (webhook_id)
                where d.state = 'queued' and d.due_at <= $1 and not w.paused
                    and not exists (
                        select from webhook_deliveries e
                        where e.webhook_id = d.webhook_id and e.order_id = d.order_id and e.version < d.version and e.state = 'queued'
                    )
            )";
        if !sqlx::query_scalar::<_, bool>(sql).bind(c.system().now).fetch_one(&c.services.pool).await.unwrap() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn settings(name: &str, kinds: &[EventKind]) -> WebhookSettings {
    WebhookSettings { name: name.to_owned(), url: "https://erp.example.com/hook".to_owned(), kinds: kinds.to_vec(), paused: false }
}

async fn add(services: &Services, act: &Act, settings: &WebhookSettings) -> Result<(WebhookId, String)> {
    let id = WebhookId::new(act.now);
    transact!(services.pool, conn => Ok((id, webhooks::add_webhook(conn, act, id, settings).await?)))
}

async fn change(c: &Company, id: WebhookId, version: i32, settings: &WebhookSettings) -> Result<()> {
    c.services.change_webhook(&c.system(), id, version, settings).await
}

async fn read(c: &Company, id: WebhookId) -> WebhookDetail {
    webhooks::read_webhook(&mut *c.conn().await, &c.system(), id).await.unwrap()
}

async fn deliveries(c: &Company, id: WebhookId, state: Option<DeliveryState>) -> Page<DeliveryRow> {
    let filter = DeliveryFilter { state, ..DeliveryFilter::default() };
    webhooks::list_deliveries(&mut *c.conn().await, &c.system(), id, &filter).await.unwrap()
}

async fn delivery(c: &Company, id: DeliveryId) -> DeliveryDetail {
    webhooks::read_delivery(&mut *c.conn().await, &c.system(), id).await.unwrap()
}

/// What the live pages are told of calls to a webhook.
async fn told_of_it(c: &Company, id: WebhookId) -> Vec<(EventKind, String)> {
    let events = waybill::events::read_stream(&mut *c.conn().await, id.0).await.unwrap();
    events.into_iter().filter_map(|e| Some((e.kind, e.details.reason?))).collect()
}

async fn number(c: &Company, id: OrderId) -> String {
    c.text("select number from orders where order_id = $1", id).await
}

async fn step(c: &Company, id: OrderId, command: Command) {
    c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
}

fn body(call: &Call) -> serde_json::Value {
    serde_json::from_str(&call.body).unwrap()
}

fn verifies(call: &Call, secret: &str) -> bool {
    let expected = standardwebhooks::Webhook::new(secret).unwrap().sign(&call.id, call.timestamp, call.body.as_bytes()).unwrap();
    call.signature.split(' ').any(|signature| signature == expected)
}

/// A time after the company's by so much.
fn after(c: &Company, wait: TimeDelta) -> Company {
    later(c, &(c.system().now + wait).to_rfc3339())
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn another_system_is_told_what_happens_to_orders_signed_and_in_order(pool: PgPool) {
    let (c, receiver) = with_receiver(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    let before = c.place(&order(&[("LAMP", 1)])).await;
    // Until nothing of it can come any more.
    c.notify().await;
    let (all, secret) = add(&c.services, &c.system(), &settings("ERP", &[])).await.unwrap();
    add(&c.services, &c.system(), &settings("Mails", &[EventKind::Shipped])).await.unwrap();
    let id = c.place(&order(&[("LAMP", 2)])).await;
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        step(&c, id, command).await;
    }
    deliver(&c).await;
    let history = waybill::orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap().timeline;
    let expected: Vec<String> = history.iter().filter(|e| e.kind.is_for_systems()).map(|e| e.kind.to_string()).collect();
    assert_eq!(receiver.told(&number(&c, id).await).iter().filter(|kind| *kind == "shipped").count(), 2, "each webhook by itself");
    assert!(receiver.told(&number(&c, before).await).is_empty(), "what was before is no news");

    let calls = receiver.forget();
    let of_erp: Vec<&Call> = calls.iter().filter(|call| verifies(call, &secret)).collect();
    let told: Vec<String> = of_erp.iter().map(|call| body(call)["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, expected, "everything, in order");
    let mut forged = of_erp[0].clone();
    forged.body = forged.body.replace("order", "0rder");
    assert!(!verifies(&forged, &secret));
    let first = &body(of_erp[0])["data"];
    assert_eq!((first["version"].as_i64(), first["by"].as_str()), (Some(1), Some("system")));
    assert!(!calls.iter().any(|call| call.body.contains("Sampleton") || call.body.contains("wren@")), "nobody is named");
    deliver(&c).await;
    assert!(receiver.forget().is_empty(), "once");
    let shown = read(&c, all).await.webhook;
    assert_eq!((shown.waiting, shown.failed, shown.last_delivered_at.is_some()), (0, 0, true));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_does_not_arrive_is_tried_again_and_keeps_back_its_own_order_only(pool: PgPool) {
    let (c, receiver) = with_receiver(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    let (webhook, _) = add(&c.services, &c.system(), &settings("ERP", &[EventKind::PickingStarted, EventKind::Packed])).await.unwrap();
    let (late, other) = (c.place(&order(&[("LAMP", 1)])).await, c.place(&order(&[("LAMP", 1)])).await);
    let (late_no, other_no) = (number(&c, late).await, number(&c, other).await);
    step(&c, late, Command::StartPicking).await;
    receiver.answers.lock().unwrap().push(Some(503));
    deliver(&c).await;
    assert_eq!(receiver.told(&late_no), ["picking_started"]);
    step(&c, late, Command::Pack).await;
    step(&c, other, Command::StartPicking).await;
    deliver(&c).await;
    assert_eq!(
        (receiver.told(&late_no).len(), receiver.told(&other_no).len()),
        (1, 1),
        "the next of an order waits for the one before, others do not"
    );
    let waiting = deliveries(&c, webhook, Some(DeliveryState::Queued)).await.rows;
    assert_eq!(
        waiting.iter().map(|d| (d.kind.unwrap(), d.attempts, d.status)).collect::<Vec<_>>(),
        [(EventKind::Packed, 0, None), (EventKind::PickingStarted, 1, Some(503))]
    );
    let in_hand = c.services.deliver_again(&c.system(), waiting[0].id, None).await.unwrap_err();
    assert_eq!(in_hand.refusal().unwrap().code, RefusalCode::IllegalTransition, "what came before is sent first");
    let soon = after(&c, TimeDelta::seconds(6));
    deliver(&soon).await;
    assert_eq!(receiver.told(&late_no), ["picking_started", "picking_started", "packed"]);
    let ids: Vec<String> = receiver.forget().into_iter().filter(|call| call.body.contains(&late_no)).map(|call| call.id).collect();
    assert_eq!((ids[0] == ids[1], ids[1] == ids[2]), (true, false), "the same id each time");
    let tried = delivery(&c, waiting[1].id).await;
    assert_eq!(tried.attempts.iter().map(|a| (a.status, a.milliseconds)).collect::<Vec<_>>(), [(Some(204), 12), (Some(503), 12)]);

    // Nobody answers for three days: it is given up, visibly, and sent again when somebody says so.
    step(&c, other, Command::Pack).await;
    let mut at = after(&c, TimeDelta::seconds(10));
    for attempt in 1..=10 {
        receiver.answers.lock().unwrap().push(None);
        deliver(&at).await;
        assert_eq!(receiver.told(&other_no).len(), attempt);
        if attempt == 3 {
            // Somebody believes that it is mended: what waits is tried at once.
            at.services.deliver_all_again(&at.system(), webhook).await.unwrap();
        } else {
            at = after(&at, TimeDelta::hours(27));
        }
    }
    deliver(&at).await;
    assert_eq!(receiver.told(&other_no).len(), 10, "it is not tried any more");
    let lost = deliveries(&c, webhook, Some(DeliveryState::Failed)).await.rows;
    assert_eq!((lost.len(), lost[0].words.as_deref()), (1, Some("No answer: connection refused.")));
    let shown = read(&c, webhook).await;
    assert_eq!((shown.webhook.failed, shown.history.len()), (1, 1), "what was set, and not what was called");
    assert_eq!(told_of_it(&c, webhook).await, [(EventKind::WebhookFailed, format!("{other_no}: No answer: connection refused."))]);
    at.services.deliver_all_again(&at.system(), webhook).await.unwrap();
    deliver(&at).await;
    assert_eq!((receiver.told(&other_no).len(), read(&c, webhook).await.webhook.failed), (11, 0));
    // What arrived can be sent once more, too: the other side may have lost it.
    at.services.deliver_again(&at.system(), lost[0].id, None).await.unwrap();
    let twice = at.services.deliver_again(&at.system(), lost[0].id, None).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().code, RefusalCode::IllegalTransition);
    deliver(&at).await;
    assert_eq!(receiver.told(&other_no).len(), 12);
    // After a month nobody asks any more.
    let much_later = after(&at, TimeDelta::days(31));
    much_later.services.forget_old().await.unwrap();
    assert!(deliveries(&c, webhook, None).await.rows.is_empty());
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_node_that_dies_in_the_middle_loses_nothing(pool: PgPool) {
    let (c, receiver) = with_receiver(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    let (webhook, _) = add(&c.services, &c.system(), &settings("ERP", &[EventKind::PickingStarted, EventKind::Packed])).await.unwrap();
    let id = c.place(&order(&[("LAMP", 1)])).await;
    step(&c, id, Command::StartPicking).await;
    step(&c, id, Command::Pack).await;
    // It takes what is due, and is never heard of again.
    let mut taken = Vec::new();
    while taken.is_empty() {
        let now = c.system().now;
        transact!(c.services.pool, conn => webhooks::queue_deliveries(conn, now).await).unwrap();
        taken = transact!(c.services.pool, conn => webhooks::take_due(conn, webhook, now, 8).await).unwrap();
    }
    assert_eq!(taken.len(), 1, "of an order the next only");
    deliver(&c).await;
    assert!(receiver.forget().is_empty(), "another has it in hand");
    deliver(&after(&c, TimeDelta::seconds(61))).await;
    let number = number(&c, id).await;
    assert_eq!(receiver.told(&number), ["picking_started", "packed"]);
    // It was only slow: what it has to say comes too late.
    let answer = Answer { status: Some(500), words: String::new(), took: TimeDelta::zero() };
    let now = c.system().now;
    transact!(c.services.pool, conn => webhooks::record_answer(conn, now, &taken[0], &answer).await).unwrap();
    assert_eq!(delivery(&c, taken[0].id).await.row.state, DeliveryState::Delivered);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn many_nodes_at_once_tell_each_thing_once(pool: PgPool) {
    let (c, receiver) = with_receiver(&company(&pool, &[("LAMP", "ST-LDS", 500)]).await);
    let (webhook, _) = add(&c.services, &c.system(), &settings("ERP", &[])).await.unwrap();
    let placing: Vec<_> = (0..12)
        .map(|_| {
            let (services, act) = (c.services.clone(), c.system());
            tokio::spawn(async move { services.place_order(&act, &order(&[("LAMP", 1)]), None).await.unwrap().order_id })
        })
        .collect();
    let nodes: Vec<_> = (0..4)
        .map(|_| {
            let node = Company { services: c.services.clone(), gateway: c.gateway.clone() };
            tokio::spawn(async move { deliver(&node).await })
        })
        .collect();
    let mut orders = Vec::new();
    for placed in placing {
        orders.push(placed.await.unwrap());
    }
    for node in nodes {
        node.await.unwrap();
    }
    deliver(&c).await;
    for id in orders {
        let history = waybill::orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap().timeline;
        let expected: Vec<String> = history.iter().filter(|e| e.kind.is_for_systems()).map(|e| e.kind.to_string()).collect();
        assert_eq!(receiver.told(&number(&c, id).await), expected, "each once, in order");
    }
    assert_eq!(read(&c, webhook).await.webhook.waiting, 0);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn webhooks_are_set_up_paused_tried_and_removed(pool: PgPool) {
    let (c, receiver) = with_receiver(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    let clerk = Act::new(Actor::User { id: UserId(uuid::Uuid::nil()), role: Role::CustomerService, location: None }, c.system().now);
    assert_eq!(add(&c.services, &clerk, &settings("ERP", &[])).await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    let (id, secret) = add(&c.services, &c.system(), &settings("ERP", &[EventKind::PickingStarted])).await.unwrap();
    let fields = |error: waybill::refusal::Error| error.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect::<Vec<_>>();
    let wrong = WebhookSettings { name: " erp ".to_owned(), url: "ftp://example.com".to_owned(), kinds: vec![EventKind::SignedIn], paused: false };
    assert_eq!(fields(add(&c.services, &c.system(), &wrong).await.unwrap_err()), ["/name", "/url", "/kinds"]);
    for url in ["", "erp.example.com", "https://", "https://user:word@example.com/", &format!("https://example.com/{}", "a".repeat(500))] {
        let wrong = WebhookSettings { url: url.to_owned(), ..settings("Other", &[]) };
        assert_eq!(fields(add(&c.services, &c.system(), &wrong).await.unwrap_err()), ["/url"], "{url}");
    }

    // Paused: kept, and sent when it goes on.
    let paused = WebhookSettings { paused: true, ..settings("ERP", &[EventKind::PickingStarted]) };
    change(&c, id, 1, &paused).await.unwrap();
    let conflict = change(&c, id, 1, &paused).await.unwrap_err();
    assert_eq!(conflict.refusal().unwrap().code, RefusalCode::Conflict);
    let trial = || async { transact!(c.services.pool, conn => webhooks::try_webhook(conn, &c.system(), id, DeliveryId::new(c.system().now)).await) };
    assert_eq!(trial().await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    let placed = c.place(&order(&[("LAMP", 1)])).await;
    step(&c, placed, Command::StartPicking).await;
    deliver(&c).await;
    assert_eq!((receiver.forget().len(), read(&c, id).await.webhook.waiting), (0, 1));
    change(&c, id, 2, &settings("ERP", &[EventKind::PickingStarted])).await.unwrap();
    deliver(&c).await;
    assert_eq!(receiver.forget().len(), 1);

    // For a day both secrets count.
    let renewed = transact!(c.services.pool, conn => webhooks::renew_secret(conn, &c.system(), id).await).unwrap();
    for (wait, counts) in [(TimeDelta::hours(23), true), (TimeDelta::hours(25), false)] {
        trial().await.unwrap();
        deliver(&after(&c, wait)).await;
        let call = receiver.forget().pop().unwrap();
        assert_eq!((verifies(&call, &renewed), verifies(&call, &secret)), (true, counts));
        assert_eq!((&body(&call)["type"], &body(&call)["data"]), (&serde_json::json!("trial"), &serde_json::json!({ "webhook": "ERP" })));
    }
    assert_eq!(told_of_it(&c, id).await, vec![(EventKind::WebhookTried, "It answered 204.".to_owned()); 2]);
    // A trial is sent once, whatever comes of it.
    receiver.answers.lock().unwrap().push(None);
    trial().await.unwrap();
    deliver(&c).await;
    deliver(&after(&c, TimeDelta::days(1))).await;
    assert_eq!((receiver.forget().len(), read(&c, id).await.webhook.failed), (1, 1));

    // Whoever says that they are gone is not called any more.
    receiver.answers.lock().unwrap().push(Some(410));
    trial().await.unwrap();
    deliver(&c).await;
    let shown = read(&c, id).await.webhook;
    assert!(shown.paused && shown.paused_why.is_some(), "{shown:?}");

    transact!(c.services.pool, conn => webhooks::remove_webhook(conn, &c.system(), id).await).unwrap();
    assert!(webhooks::list_webhooks(&mut *c.conn().await, &c.system()).await.unwrap().is_empty());
    let other = c.place(&order(&[("LAMP", 1)])).await;
    step(&c, other, Command::StartPicking).await;
    receiver.forget();
    deliver(&c).await;
    assert!(receiver.forget().is_empty());
    add(&c.services, &c.system(), &settings("ERP", &[])).await.unwrap();
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_sent_again_comes_before_what_came_after_it(pool: PgPool) {
    let (c, receiver) = with_receiver(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    let kinds = [EventKind::PickingStarted, EventKind::Packed, EventKind::Shipped];
    let (webhook, _) = add(&c.services, &c.system(), &settings("ERP", &kinds)).await.unwrap();
    let id = c.place(&order(&[("LAMP", 1)])).await;
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        step(&c, id, command).await;
    }
    receiver.answers.lock().unwrap().push(Some(503));
    deliver(&c).await;
    // The first two were given up, and the third waits for hours.
    for sql in [
        "update webhook_deliveries set state = 'failed', ended_at = now(), is_next = false where kind <> 'shipped'",
        "update webhook_deliveries set is_next = true, due_at = now() + interval '2 hours', attempts = 4 where kind = 'shipped'",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    receiver.forget();
    c.services.deliver_all_again(&c.system(), webhook).await.unwrap();
    deliver(&c).await;
    assert_eq!(receiver.told(&number(&c, id).await), ["picking_started", "packed", "shipped"]);
    c.assert_sound().await;
}

/// Nodes that send, a receiver that fails now and then, and somebody who has everything sent again, all at once: nothing is stuck, and everything arrives.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whatever_is_sent_again_meanwhile_nothing_is_stuck(pool: PgPool) {
    let (c, receiver) = with_receiver(&company(&pool, &[("LAMP", "ST-LDS", 500)]).await);
    let (webhook, _) = add(&c.services, &c.system(), &settings("ERP", &[])).await.unwrap();
    let mut orders = Vec::new();
    for n in 0..6 {
        orders.push(c.place(&order(&[("LAMP", 1)])).await);
        step(&c, orders[n], Command::StartPicking).await;
    }
    let now_due = "update webhook_deliveries set due_at = now() - interval '1 second' where state = 'queued'";
    let give_up = "update webhook_deliveries set attempts = 9 where state = 'queued' and version % 2 = 0";
    for round in 0..12 {
        receiver.answers.lock().unwrap().extend([Some(500), None, Some(204), Some(500), Some(204)]);
        for sql in [now_due, give_up] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        let mut at_once = Vec::new();
        for _ in 0..3 {
            let node = c.services.clone();
            at_once.push(tokio::spawn(async move {
                for id in node.webhooks_due().await.unwrap() {
                    while node.deliver(id).await.unwrap() {}
                }
            }));
        }
        let (somebody, act) = (c.services.clone(), c.system());
        at_once.push(tokio::spawn(async move { somebody.deliver_all_again(&act, webhook).await.unwrap() }));
        if let Some(id) = orders.get(round) {
            step(&c, *id, Command::Pack).await;
        }
        for one in at_once {
            one.await.unwrap();
        }
        c.assert_sound().await;
    }
    // The receiver is mended: everything arrives.
    receiver.answers.lock().unwrap().clear();
    sqlx::query(now_due).execute(&pool).await.unwrap();
    deliver(&c).await;
    c.services.deliver_all_again(&c.system(), webhook).await.unwrap();
    deliver(&c).await;
    let shown = read(&c, webhook).await.webhook;
    assert_eq!((shown.waiting, shown.failed), (0, 0));
    for id in orders {
        let history = waybill::orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap().timeline;
        let told = receiver.told(&number(&c, id).await);
        for event in history.iter().filter(|e| e.kind.is_for_systems()) {
            assert!(told.iter().any(|kind| kind == event.kind.as_str()), "{} of {told:?}", event.kind);
        }
    }
}
