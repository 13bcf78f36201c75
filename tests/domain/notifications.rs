//! Customers are told once, and what cannot be sent waits visibly.

use crate::company::{Company, company, order};
use sqlx::PgPool;
use std::sync::{Arc, Mutex};
use waybill::fulfilment::{Command, StepInput};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{OrderId, UserId};
use waybill::notifications::{
    self, Mail, MailCall, MailTrouble, Mailer, NotificationFilter, NotificationState, list_notifications, notifications_of_order, read_notification,
};
use waybill::orders::{Method, NewOrder};
use waybill::refusal::RefusalCode;

/// Remembers what it was handed; says so many times that it cannot.
#[derive(Default)]
struct Postbox {
    sent: Mutex<Vec<Mail>>,
    trouble: Mutex<Vec<MailTrouble>>,
}

impl Mailer for Postbox {
    fn send(&self, mail: Mail) -> MailCall<'_> {
        let trouble = self.trouble.lock().unwrap().pop();
        if trouble.is_none() {
            self.sent.lock().unwrap().push(mail);
        }
        Box::pin(async move { trouble.map_or(Ok(()), Err) })
    }
}

impl Postbox {
    fn subjects(&self) -> Vec<String> {
        self.sent
            .lock()
            .unwrap()
            .iter()
            .map(|m| m.subject.replace(|c: char| c.is_ascii_digit(), "").split(" W-").next().unwrap_or_default().to_owned())
            .collect()
    }
}

fn with_mail(c: &Company) -> (Company, Arc<Postbox>) {
    let postbox = Arc::new(Postbox::default());
    let services = c.services.clone().with_mail(Some(postbox.clone()), "https://shop.example/");
    (Company { services, gateway: c.gateway.clone() }, postbox)
}

async fn told(c: &Company, id: OrderId) -> Vec<(String, String)> {
    let rows = notifications_of_order(&mut *c.conn().await, &c.system(), id).await.unwrap();
    rows.into_iter().map(|r| (r.kind.to_string(), r.state.to_string())).collect()
}

async fn step(c: &Company, id: OrderId, command: Command) {
    c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_customer_is_told_each_thing_once(pool: PgPool) {
    let (c, postbox) = with_mail(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    let id = c.place(&order(&[("LAMP", 2)])).await;
    c.notify().await;
    c.notify().await;
    assert_eq!(postbox.subjects(), ["We have your order"]);
    let first = postbox.sent.lock().unwrap()[0].clone();
    assert_eq!((first.to_address.as_str(), first.to_name.as_str()), ("wren@example.com", "Wren Sampleton"));
    assert!(
        first.body.contains("2 × A lamp") && first.body.contains("https://shop.example/track/o/") && first.body.contains("£23.95"),
        "{}",
        first.body
    );
    for command in [Command::StartPicking, Command::Pack, Command::Ship, Command::Deliver] {
        step(&c, id, command).await;
    }
    c.notify().await;
    assert_eq!(postbox.subjects(), ["We have your order", "On its way: your order", "Delivered: your order"]);
    assert!(postbox.sent.lock().unwrap()[1].body.contains("with Waybill Parcel, number WB"));

    let collected = c.place(&NewOrder { method: Method::Pickup, pickup_location: Some("ST-LDS".to_owned()), ..order(&[("LAMP", 1)]) }).await;
    for command in [Command::StartPicking, Command::Pack, Command::MarkReady] {
        step(&c, collected, command).await;
    }
    c.notify().await;
    assert!(postbox.sent.lock().unwrap().iter().any(|m| m.body.contains("Show this code at the counter:")));
    // Who has left no address is written nothing; a declined card is no order.
    let mut silent = order(&[("LAMP", 1)]);
    silent.contact.email = None;
    silent.contact.phone = Some("0113 496 0000".to_owned());
    let silent = c.place(&silent).await;
    let declined = c.place(&NewOrder { payment_token: "tok_declined".to_owned(), ..order(&[("LAMP", 1)]) }).await;
    c.notify().await;
    assert_eq!((told(&c, silent).await, told(&c, declined).await), (vec![], vec![]));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn two_nodes_send_one_message(pool: PgPool) {
    let (c, postbox) = with_mail(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    for _ in 0..5 {
        c.place(&order(&[("LAMP", 1)])).await;
    }
    let nodes: Vec<_> = (0..4)
        .map(|_| {
            let services = c.services.clone();
            tokio::spawn(async move { while services.notify().await.unwrap() {} })
        })
        .collect();
    for node in nodes {
        node.await.unwrap();
    }
    c.notify().await;
    let mut ids: Vec<_> = postbox.sent.lock().unwrap().iter().map(|m| m.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), postbox.sent.lock().unwrap().len()), (5, 5));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_cannot_be_sent_is_tried_again_and_then_waits(pool: PgPool) {
    let (c, postbox) = with_mail(&company(&pool, &[("LAMP", "ST-LDS", 50)]).await);
    let passing = || MailTrouble::Passing("The mail server did not take it.".to_owned());
    *postbox.trouble.lock().unwrap() = vec![passing()];
    let id = c.place(&order(&[("LAMP", 1)])).await;
    c.notify().await;
    assert_eq!(told(&c, id).await, [("confirmed".to_owned(), "queued".to_owned())]);
    c.notify().await;
    assert_eq!(postbox.subjects(), Vec::<String>::new(), "not before its time");
    sqlx::query("update notifications set due_at = now() - interval '1 second'").execute(&pool).await.unwrap();
    c.notify().await;
    assert_eq!(told(&c, id).await, [("confirmed".to_owned(), "sent".to_owned())]);

    *postbox.trouble.lock().unwrap() = vec![MailTrouble::Lasting("The mail server refused it.".to_owned())];
    let refused = c.place(&order(&[("LAMP", 1)])).await;
    c.notify().await;
    let failed = NotificationFilter { state: Some(NotificationState::Failed), ..NotificationFilter::default() };
    let rows = list_notifications(&mut *c.conn().await, &c.system(), &failed).await.unwrap().rows;
    assert_eq!((rows.len(), rows[0].last_error.as_deref()), (1, Some("The mail server refused it.")));
    let store = c.services.act(Actor::User { id: UserId::new(c.system().now), role: Role::Store, location: None });
    assert_eq!(c.services.send_again(&store, rows[0].id).await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    c.services.send_again(&c.system(), rows[0].id).await.unwrap();
    c.notify().await;
    assert_eq!(told(&c, refused).await, [("confirmed".to_owned(), "sent".to_owned())]);
    assert_eq!(c.services.send_again(&c.system(), rows[0].id).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    // Tried too often, it is given up.
    *postbox.trouble.lock().unwrap() = (0..20).map(|_| passing()).collect();
    let hopeless = c.place(&order(&[("LAMP", 1)])).await;
    for _ in 0..12 {
        c.notify().await;
        sqlx::query("update notifications set due_at = now() - interval '1 second' where state = 'queued'").execute(&pool).await.unwrap();
    }
    assert_eq!(told(&c, hopeless).await, [("confirmed".to_owned(), "failed".to_owned())]);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn nothing_set_up_to_send_with_keeps_it_to_be_seen(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 50)]).await;
    let id = c.place(&order(&[("LAMP", 1)])).await;
    c.notify().await;
    let rows = notifications_of_order(&mut *c.conn().await, &c.system(), id).await.unwrap();
    assert_eq!(rows[0].state, NotificationState::Kept);
    let whole = read_notification(&mut *c.conn().await, &c.system(), rows[0].id).await.unwrap();
    assert!(whole.body.starts_with("Hello Wren,"));
    let visitor = Act::new(Actor::Visitor, c.system().now);
    assert!(read_notification(&mut *c.conn().await, &visitor, rows[0].id).await.is_err());
    // A history that is brought in is nobody's news.
    waybill::transact!(pool, conn => notifications::start_from_now(conn).await).unwrap();
    c.notify().await;
    assert_eq!(told(&c, id).await.len(), 1);
}
