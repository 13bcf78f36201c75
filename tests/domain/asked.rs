//! The customer is asked about what is missing, and what they say is done.

use crate::company::{Company, company, order, then};
use sqlx::PgPool;
use waybill::catalog::{self, ProductInput, SkuInput};
use waybill::events::EventKind;
use waybill::fulfilment::{Command, StepInput};
use waybill::identity::{Act, Actor};
use waybill::ids::{OrderId, SimulationId, StockRuleId};
use waybill::inventory::MovementReason;
use waybill::inventory::rules::{self, NewRule};
use waybill::orders::{self, OrderStatus, WaitingAnswer};
use waybill::payments::{GatewayAnswer, Verdict};
use waybill::refusal::RefusalCode;
use waybill::routing::rules::{Action, Prefer, Preference, Rule, Rules, Step, Then, assign};
use waybill::simulation::views::Findings;
use waybill::simulation::{self, Source};

const NEAR: &str = "WH-WAR";

async fn asking(pool: &PgPool, stock: &[(&str, &str, i32)]) -> Company {
    let c = then(&company(pool, stock).await, "2027-06-10T08:00:00Z");
    let ask = Step::only(Action::plain("ask_customer"));
    let rule = Rule {
        id: "ask".to_owned(),
        name: "Ask about the rest".to_owned(),
        prefer: Prefer::Ranked(vec![Preference::by("distance")]),
        then: Then { full: assign("unfillable"), partial: ask.clone(), none: ask },
        ..Rule::default()
    };
    c.decide_by(&Rules { rules: vec![rule], ..Rules::default() }).await;
    then(&c, "2027-06-10T09:00:00Z")
}

/// Two lamps and a mug, of which the lamps turn out not to be there.
async fn short_order(c: &Company) -> OrderId {
    let id = c.place(&order(&[("LAMP", 2), ("MUG", 1)])).await;
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, -2, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    id
}

async fn answer(c: &Company, id: OrderId, answer: WaitingAnswer) -> Result<(), waybill::refusal::Error> {
    c.services.answer_waiting(&Act::new(Actor::Customer(id), c.system().now), id, answer, &[], None).await
}

async fn queue(c: &Company, id: OrderId) -> String {
    c.text("select coalesce(max(queue), '') from order_lines where order_id = $1 and line_no = 1", id).await
}

async fn is_asked(c: &Company, id: OrderId) -> bool {
    !orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap().missing.is_empty()
}

async fn asked_times(c: &Company, id: OrderId) -> String {
    c.text("select count(*)::text from events where kind = 'customer_asked' and stream_id = $1", id).await
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whoever_waits_gets_it_when_it_is_there_and_is_asked_once(pool: PgPool) {
    let c = asking(&pool, &[("LAMP", NEAR, 2), ("MUG", NEAR, 5)]).await;
    let id = short_order(&c).await;
    assert!(is_asked(&c, id).await);
    assert_eq!((queue(&c, id).await.as_str(), asked_times(&c, id).await.as_str()), ("asked", "1"));
    c.notify().await;
    let subject = c.text("select subject from notifications where kind = 'asked' and order_id = $1", id).await;
    assert!(subject.starts_with("A question about your order W-"), "{subject}");
    let body = c.text("select body from notifications where kind = 'asked' and order_id = $1", id).await;
    assert!(body.contains("is not there after all:\n  2 × "), "{body}");
    answer(&c, id, WaitingAnswer::Wait).await.unwrap();
    assert!(!is_asked(&c, id).await);
    // It is looked at again and again, and they are not bothered.
    c.services.reroute_order(id).await.unwrap();
    assert_eq!((queue(&c, id).await.as_str(), asked_times(&c, id).await.as_str()), ("unfillable", "1"));
    let twice = answer(&c, id, WaitingAnswer::Without).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().code, RefusalCode::IllegalTransition);
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, 5, MovementReason::Receipt, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(queue(&c, id).await, "");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_done_without_is_called_off_at_once_and_never_charged_and_the_rest_goes_on(pool: PgPool) {
    let c = asking(&pool, &[("LAMP", NEAR, 2), ("MUG", NEAR, 5)]).await;
    let id = short_order(&c).await;
    let not_theirs = c.services.answer_waiting(&Act::new(Actor::Visitor, c.system().now), id, WaitingAnswer::Without, &[], None).await.unwrap_err();
    assert_eq!(not_theirs.refusal().unwrap().message, "Sign in first.");
    answer(&c, id, WaitingAnswer::Without).await.unwrap();
    assert_eq!(c.text("select cancelled::text from order_lines where order_id = $1 and line_no = 1", id).await, "2");
    assert_eq!(c.text("select open::text from order_lines where order_id = $1 and line_no = 2", id).await, "1", "the mug is still sent");
    // Units that come now are others'.
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, 5, MovementReason::Receipt, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(c.text("select count(*)::text from reservations where closed_at is null and quantity = 2 and order_id = $1", id).await, "0");
    let no: i32 = sqlx::query_scalar("select max(fulfilment_no) from fulfilment_orders where order_id = $1 and state = 'released'")
        .bind(id.0)
        .fetch_one(&pool)
        .await
        .unwrap();
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        c.services.advance_fulfilment(&c.system(), id, no, command, &StepInput::default(), None).await.unwrap();
    }
    c.services.look_at_waiting().await.unwrap();
    assert_eq!(c.text("select cancelled::text from order_lines where order_id = $1 and line_no = 1", id).await, "2");
    assert_eq!(c.status(id).await, OrderStatus::Completed.as_str());
    c.assert_sound().await;
}

/// Says what may be sent in a SKU's place.
async fn name_substitutes(c: &Company, code: &str, substitutes: &[&str]) -> Result<(), waybill::refusal::Error> {
    let handle: String = sqlx::query_scalar("select p.handle from skus s join products p using (product_id) where s.code = $1")
        .bind(code)
        .fetch_one(&c.services.pool)
        .await
        .unwrap();
    let act = c.system();
    let record = catalog::product_record(&mut *c.conn().await, &act, &handle).await.unwrap();
    let sku = record.skus.into_iter().map(|s| s.sku).find(|sku| sku.code == code).unwrap();
    let substitutes = substitutes.iter().map(|code| (*code).to_owned()).collect();
    let product = ProductInput { skus: vec![SkuInput { substitutes, ..sku }], ..record.product };
    waybill::transact!(c.services.pool, conn => catalog::save_product(conn, &act, &handle, &product).await)
}

/// (SKU, ordered, cancelled, open, amount) of each line.
async fn lines(c: &Company, id: OrderId) -> Vec<(String, i32, i32, i32, i64)> {
    sqlx::query_as("select sku_code, quantity, cancelled, open, amount_minor from order_lines where order_id = $1 order by line_no")
        .bind(id.0)
        .fetch_all(&c.services.pool)
        .await
        .unwrap()
}

async fn offers(c: &Company, id: OrderId) -> Vec<String> {
    orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id)
        .await
        .unwrap()
        .missing
        .iter()
        .map(|missing| missing.with_offer())
        .collect()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn something_else_is_sent_in_its_place_at_the_same_price(pool: PgPool) {
    let c = asking(&pool, &[("MUG", NEAR, 3), ("LAMP", NEAR, 5)]).await;
    name_substitutes(&c, "MUG", &["PIN", "LAMP"]).await.unwrap();
    let id = c.place(&order(&[("MUG", 3)])).await;
    let c = then(&c, "2027-06-10T10:00:00Z");
    c.services.adjust_stock(&c.system(), "MUG", NEAR, -2, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(offers(&c, id).await, ["2 × A mug, or 2 × A lamp instead"], "a pin is cheaper, and there is none");
    c.notify().await;
    let body = c.text("select body from notifications where kind = 'asked' and order_id = $1", id).await;
    assert!(body.contains("  2 × A mug, or 2 × A lamp instead") && body.contains("at the same price"), "{body}");
    let c = then(&c, "2027-06-10T11:00:00Z");
    answer(&c, id, WaitingAnswer::Instead).await.unwrap();
    let line = |sku: &str, ordered, cancelled, open, amount| (sku.to_owned(), ordered, cancelled, open, amount);
    assert_eq!(lines(&c, id).await, [line("MUG", 1, 0, 1, 250), line("LAMP", 2, 0, 2, 500)]);
    assert_eq!(queue(&c, id).await, "");
    c.assert_sound().await;
    let seen = orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap();
    assert_eq!(
        (seen.missing.len(), seen.lines[1].instead_of.clone(), seen.total.minor - seen.shipping.minor),
        (0, Some((1, "A mug".to_owned())), 750)
    );
    let told = seen.timeline.iter().rev().find(|e| e.kind == EventKind::CustomerAnswered).unwrap();
    assert_eq!(told.details.reason.as_deref(), Some("2 × A lamp instead of A mug"));
    let twice = answer(&c, id, WaitingAnswer::Instead).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().code, RefusalCode::IllegalTransition);
    // All of it is sent and charged, to the penny.
    let running: Vec<i32> = sqlx::query_scalar("select fulfilment_no from fulfilment_orders where order_id = $1 and state = 'released' order by 1")
        .bind(id.0)
        .fetch_all(&pool)
        .await
        .unwrap();
    let c = then(&c, "2027-06-10T12:00:00Z");
    for no in running {
        for command in [Command::StartPicking, Command::Pack, Command::Ship] {
            c.services.advance_fulfilment(&c.system(), id, no, command, &StepInput::default(), None).await.unwrap();
        }
    }
    assert_eq!(c.status(id).await, OrderStatus::Completed.as_str());
    assert_eq!(
        c.text("select (o.total_minor - p.captured_minor)::text from orders o join payments p using (order_id) where order_id = $1", id).await,
        "0"
    );
    c.assert_sound().await;
    assert_eq!(gone_through_again(&c).await, (3, 3));
}

/// Everything that was decided gone through again: how many decisions there were, and how many of them come out as they were.
async fn gone_through_again(c: &Company) -> (u32, u32) {
    let found = simulated(c).await;
    (found.decisions, found.alike)
}

async fn simulated(c: &Company) -> Findings {
    let act = c.system();
    let simulated = SimulationId::new(act.now);
    let (from, until) = (crate::company::at("2027-06-10T08:30:00Z"), act.now);
    waybill::transact!(c.services.pool, conn => simulation::start_simulation(conn, &act, simulated, Source::AsItWas, from, until).await).unwrap();
    c.services.run_simulation(simulated).await.unwrap();
    simulation::read_simulation(&mut *c.conn().await, &act, simulated).await.unwrap().findings.unwrap()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_was_done_without_is_done_without_when_it_is_gone_through_again(pool: PgPool) {
    let c = asking(&pool, &[("LAMP", NEAR, 2), ("MUG", NEAR, 5)]).await;
    let id = c.place(&order(&[("LAMP", 2), ("MUG", 1)])).await;
    let c = then(&c, "2027-06-10T09:30:00Z");
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, -2, MovementReason::Count, None).await.unwrap();
    let c = then(&c, "2027-06-10T09:45:00Z");
    c.services.reroute_order(id).await.unwrap();
    let c = then(&c, "2027-06-10T10:00:00Z");
    answer(&c, id, WaitingAnswer::Without).await.unwrap();
    let c = then(&c, "2027-06-10T11:00:00Z");
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, 5, MovementReason::Receipt, None).await.unwrap();
    c.services.look_at_waiting().await.unwrap();
    // All that came is for those who come now.
    let c = then(&c, "2027-06-10T12:00:00Z");
    c.place(&order(&[("LAMP", 5)])).await;
    let found = simulated(&then(&c, "2027-06-10T13:00:00Z")).await;
    assert_eq!(found.alike, found.decisions);
    assert_eq!((found.real.lines_cancelled, found.simulated.lines_cancelled), (1, 1));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_gone_is_not_sent_instead(pool: PgPool) {
    let c = asking(&pool, &[("MUG", NEAR, 1), ("LAMP", NEAR, 5)]).await;
    name_substitutes(&c, "MUG", &["LAMP"]).await.unwrap();
    let id = c.place(&order(&[("MUG", 1), ("LAMP", 1)])).await;
    c.services.adjust_stock(&c.system(), "MUG", NEAR, -1, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(offers(&c, id).await, ["1 × A mug, or 1 × A lamp instead"]);
    // Somebody else has the last of them meanwhile; nothing changes.
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, -4, MovementReason::Count, None).await.unwrap();
    assert_eq!(offers(&c, id).await, ["1 × A mug"]);
    let gone = answer(&c, id, WaitingAnswer::Instead).await.unwrap_err();
    assert_eq!(
        gone.refusal().unwrap().message,
        "What could be sent in its place is gone, or something else is. Look at the order again, and choose anew."
    );
    assert_eq!(queue(&c, id).await, "asked");
    // What they did not see is not sent.
    let act = Act::new(Actor::Customer(id), c.system().now);
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, 1, MovementReason::Receipt, None).await.unwrap();
    let other = c.services.answer_waiting(&act, id, WaitingAnswer::Instead, &["PIN".to_owned()], None).await.unwrap_err();
    assert_eq!((other.refusal().unwrap().code, queue(&c, id).await.as_str()), (RefusalCode::OutOfStock, "asked"));
    // All of a line is replaced: it was ordered all the same.
    c.services.answer_waiting(&act, id, WaitingAnswer::Instead, &["LAMP".to_owned()], None).await.unwrap();
    let line = |sku: &str, ordered, cancelled, open, amount| (sku.to_owned(), ordered, cancelled, open, amount);
    assert_eq!(lines(&c, id).await, [line("MUG", 1, 1, 0, 0), line("LAMP", 1, 0, 1, 1_000), line("LAMP", 1, 0, 1, 250)]);
    c.assert_sound().await;
    // A substitute is another thing that there is.
    for (code, words) in [("NOPE", "There is no SKU NOPE."), ("MUG", "MUG cannot be sent in its own place.")] {
        let refused = name_substitutes(&c, "MUG", &[code]).await.unwrap_err();
        let problem = refused.refusal().unwrap().fields[0].clone();
        assert!(problem.field == "/skus/0/substitutes" && problem.message.starts_with(words), "{problem:?}");
    }
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_kept_back_is_not_offered_and_nothing_is_offered_twice(pool: PgPool) {
    let c = asking(&pool, &[("MUG", NEAR, 1), ("PIN", NEAR, 2), ("LAMP", NEAR, 5)]).await;
    name_substitutes(&c, "MUG", &["LAMP"]).await.unwrap();
    name_substitutes(&c, "PIN", &["LAMP"]).await.unwrap();
    let id = c.place(&order(&[("MUG", 1), ("PIN", 2)])).await;
    c.services.adjust_stock(&c.system(), "MUG", NEAR, -1, MovementReason::Count, None).await.unwrap();
    c.services.adjust_stock(&c.system(), "PIN", NEAR, -2, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(offers(&c, id).await, ["1 × A mug, or 1 × A lamp instead", "2 × A pin, or 2 × A lamp instead"]);
    // Three stay on the shelf: one lamp is for the mug, and there are not two more for the pins.
    let rule = NewRule { kind: "safety".to_owned(), sku: "LAMP".to_owned(), units: Some(3), ..NewRule::default() };
    let act = c.system();
    waybill::transact!(pool, conn => rules::put_rule(conn, &act, StockRuleId::new(act.now), &rule).await).unwrap();
    assert_eq!(offers(&c, id).await, ["1 × A mug, or 1 × A lamp instead", "2 × A pin"]);
    answer(&c, id, WaitingAnswer::Instead).await.unwrap();
    let line = |sku: &str, ordered, cancelled, open, amount| (sku.to_owned(), ordered, cancelled, open, amount);
    assert_eq!(lines(&c, id).await, [line("MUG", 1, 1, 0, 0), line("PIN", 2, 0, 2, 0), line("LAMP", 1, 0, 1, 250)]);
    assert_eq!(offers(&c, id).await, ["2 × A pin"], "they are still asked about the rest");
    answer(&c, id, WaitingAnswer::Without).await.unwrap();
    assert!(!is_asked(&c, id).await);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn where_nothing_is_left_it_is_called_off_at_once(pool: PgPool) {
    let c = asking(&pool, &[("LAMP", NEAR, 2)]).await;
    let id = c.place(&order(&[("LAMP", 2)])).await;
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, -2, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    answer(&c, id, WaitingAnswer::Without).await.unwrap();
    assert_eq!(c.status(id).await, OrderStatus::Cancelled.as_str());
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn they_are_asked_about_what_is_missing_once_and_only_about_that(pool: PgPool) {
    let c = asking(&pool, &[("LAMP", NEAR, 2), ("MUG", NEAR, 5), ("MUG", "WH-NTH", 5)]).await;
    let id = short_order(&c).await;
    // Another part moves: the question stands, and is not asked again.
    let no: i32 = sqlx::query_scalar("select max(fulfilment_no) from fulfilment_orders where order_id = $1 and state = 'released'")
        .bind(id.0)
        .fetch_one(&pool)
        .await
        .unwrap();
    let busy = StepInput { reason: Some(waybill::fulfilment::RejectReason::TooBusy), ..StepInput::default() };
    c.services.advance_fulfilment(&c.system(), id, no, Command::Reject, &busy, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!((queue(&c, id).await.as_str(), asked_times(&c, id).await.as_str()), ("asked", "1"));
    // What they do without stays called off, whatever becomes of the rest.
    answer(&c, id, WaitingAnswer::Without).await.unwrap();
    let no: i32 = no + 1;
    c.services.advance_fulfilment(&c.system(), id, no, Command::Reject, &busy, None).await.unwrap();
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, 5, MovementReason::Receipt, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(c.text("select cancelled::text from order_lines where order_id = $1 and line_no = 1", id).await, "2");
    assert_eq!(c.text("select queue from order_lines where order_id = $1 and line_no = 2", id).await, "asked", "nobody is left who sends the mug");
    c.assert_sound().await;
}

/// A rule sends a substitute without asking.
async fn substituting(pool: &PgPool, stock: &[(&str, &str, i32)]) -> Company {
    let c = then(&company(pool, stock).await, "2027-06-10T08:00:00Z");
    let other = Step::only(Action::plain("substitute"));
    let rule = Rule {
        id: "substitute".to_owned(),
        name: "Something else instead".to_owned(),
        prefer: Prefer::Ranked(vec![Preference::by("distance")]),
        then: Then { full: assign("unfillable"), partial: other.clone(), none: other },
        ..Rule::default()
    };
    c.decide_by(&Rules { rules: vec![rule], ..Rules::default() }).await;
    then(&c, "2027-06-10T09:00:00Z")
}

async fn substitutes_due(c: &Company, id: OrderId) -> String {
    c.text("select count(*)::text from jobs where kind = 'send_substitutes' and payload ->> 'order_id' = $1::text", id).await
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_rule_sends_something_else_and_the_customer_is_told(pool: PgPool) {
    let c = substituting(&pool, &[("MUG", NEAR, 3), ("LAMP", NEAR, 5)]).await;
    name_substitutes(&c, "MUG", &["PIN", "LAMP"]).await.unwrap();
    let id = c.place(&order(&[("MUG", 3)])).await;
    assert_eq!(substitutes_due(&c, id).await, "0", "all of it is there");
    let c = then(&c, "2027-06-10T10:00:00Z");
    c.services.adjust_stock(&c.system(), "MUG", NEAR, -2, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!((queue(&c, id).await.as_str(), substitutes_due(&c, id).await.as_str()), ("substitute", "1"));
    let c = then(&c, "2027-06-10T11:00:00Z");
    c.services.send_substitutes(id).await.unwrap();
    let line = |sku: &str, ordered, cancelled, open, amount| (sku.to_owned(), ordered, cancelled, open, amount);
    let sent = [line("MUG", 1, 0, 1, 250), line("LAMP", 2, 0, 2, 500)];
    assert_eq!((lines(&c, id).await, queue(&c, id).await.as_str(), asked_times(&c, id).await.as_str()), (sent.to_vec(), "", "0"));
    // Once is enough.
    c.services.send_substitutes(id).await.unwrap();
    assert_eq!(lines(&c, id).await, sent);
    c.notify().await;
    let body = c.text("select body from notifications where kind = 'substituted' and order_id = $1", id).await;
    assert!(body.contains("in its place, at the same price: 2 × A lamp instead of A mug."), "{body}");
    let seen = orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, id).await.unwrap();
    assert!(seen.timeline.iter().any(|e| e.kind == EventKind::LineSubstituted));
    c.assert_sound().await;
    let c = then(&c, "2027-06-10T12:00:00Z");
    assert_eq!(gone_through_again(&c).await, (3, 3));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_nothing_stands_in_for_waits_until_somebody_has_it_or_a_substitute(pool: PgPool) {
    let c = substituting(&pool, &[("MUG", NEAR, 1), ("LAMP", NEAR, 1)]).await;
    name_substitutes(&c, "MUG", &["LAMP"]).await.unwrap();
    // Who has not paid gets nothing else.
    let mut unpaid = order(&[("MUG", 1)]);
    unpaid.payment_token = "tok_late".to_owned();
    let id = c.place(&unpaid).await;
    c.services.adjust_stock(&c.system(), "MUG", NEAR, -1, MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!((queue(&c, id).await.as_str(), substitutes_due(&c, id).await.as_str()), ("substitute", "0"));
    let key = c.gateway.asked.lock().unwrap().last().unwrap().key;
    let yes = GatewayAnswer { key, verdict: Verdict::Succeeded, reference: Some("auth".to_owned()), reason: None };
    c.services.settle_answer(id, yes).await.unwrap();
    assert_eq!(substitutes_due(&c, id).await, "1");
    // The last of what could be sent goes to somebody else; it is tried again when stock comes.
    c.place(&order(&[("LAMP", 1)])).await;
    c.services.send_substitutes(id).await.unwrap();
    assert_eq!(queue(&c, id).await, "substitute");
    let c = then(&c, "2027-06-10T10:00:00Z");
    c.services.adjust_stock(&c.system(), "LAMP", NEAR, 1, MovementReason::Receipt, None).await.unwrap();
    c.services.look_at_waiting().await.unwrap();
    assert_eq!(substitutes_due(&c, id).await, "2");
    c.services.send_substitutes(id).await.unwrap();
    let line = |sku: &str, ordered, cancelled, open, amount| (sku.to_owned(), ordered, cancelled, open, amount);
    assert_eq!(lines(&c, id).await, [line("MUG", 1, 1, 0, 0), line("LAMP", 1, 0, 1, 250)]);
    c.assert_sound().await;
}
