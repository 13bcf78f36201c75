//! Work that several locations are asked for: the first that takes it does it, nobody twice, and nothing is lost where nobody answers.

use crate::company::{Company, company, order, then};
use chrono::TimeDelta;
use sqlx::PgPool;
use waybill::fulfilment::{Command, StepInput, list_offers};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{LocationId, OrderId, UserId};
use waybill::jobs::{self, Job};
use waybill::orders::{self, OfferAnswer};
use waybill::refusal::{Error, RefusalCode};
use waybill::routing::rules::{Action, Fill, Prefer, Preference, Rule, Rules, Step, Then, assign, hold};

const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";
const LEEDS: &str = "ST-LDS";

/// Everything to the nearest, who with the two next is asked for a quarter of an hour.
fn asked_first() -> Rules {
    let fills = [("places".to_owned(), Fill::Number(3.0)), ("minutes".to_owned(), Fill::Number(15.0))];
    let offer = Action { code: "offer".to_owned(), fills: fills.into_iter().collect() };
    let (full, partial) = (Step { also: vec![offer.clone()], ..assign("unfillable") }, Step { also: vec![offer], ..assign("backorder") });
    let rule = Rule {
        id: "offer".to_owned(),
        name: "Who takes it".to_owned(),
        prefer: Prefer::Ranked(vec![Preference { first: vec![NEAR.to_owned()], ..Preference::by("location") }, Preference::by("distance")]),
        then: Then { full, partial, none: hold("unfillable") },
        ..Rule::default()
    };
    Rules { rules: vec![rule], ..Rules::default() }
}

async fn offering(pool: &PgPool, stock: &[(&str, &str, i32)]) -> Company {
    let c = then(&company(pool, stock).await, "2027-06-10T08:00:00Z");
    c.decide_by(&asked_first()).await;
    then(&c, "2027-06-10T09:00:00Z")
}

async fn place(c: &Company, code: &str) -> LocationId {
    LocationId(sqlx::query_scalar("select location_id from locations where code = $1").bind(code).fetch_one(&c.services.pool).await.unwrap())
}

async fn answer(c: &Company, id: OrderId, no: i32, code: &str, answer: OfferAnswer) -> Result<(), Error> {
    c.services.answer_offer(&c.system(), id, no, place(c, code).await, answer, None).await
}

/// (state, location) of each fulfilment order.
async fn work(c: &Company, id: OrderId) -> Vec<(String, String)> {
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    shown.fulfilments.into_iter().map(|f| (f.state.to_string(), f.location)).collect()
}

fn at_work(state: &str, location: &str) -> (String, String) {
    (state.to_owned(), location.to_owned())
}

async fn offers(c: &Company, code: &str) -> usize {
    list_offers(&mut *c.conn().await, &c.system(), place(c, code).await).await.unwrap().len()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_first_that_takes_it_does_it(pool: PgPool) {
    let c = offering(&pool, &[("LAMP", NEAR, 5), ("LAMP", FAR, 5), ("LAMP", LEEDS, 5)]).await;
    let id = c.place(&order(&[("LAMP", 2)])).await;
    assert_eq!(work(&c, id).await, [at_work("planned", "Warrington warehouse")]);
    assert_eq!((offers(&c, NEAR).await, offers(&c, FAR).await, offers(&c, LEEDS).await), (1, 1, 1));
    let shown = list_offers(&mut *c.conn().await, &c.system(), place(&c, LEEDS).await).await.unwrap();
    assert_eq!((shown[0].others, shown[0].until), (2, c.system().now + TimeDelta::minutes(15)));
    let explained = orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap().explanation.unwrap();
    assert!(explained.summary.iter().any(|told| told.contains("are asked for 15 minutes")), "{:?}", explained.summary);
    // Nobody begins with what is not theirs.
    let early = c.services.advance_fulfilment(&c.system(), id, 1, Command::StartPicking, &StepInput::default(), None).await;
    assert_eq!(early.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);

    let soon = then(&c, "2027-06-10T09:05:00Z");
    answer(&soon, id, 1, LEEDS, OfferAnswer::Takes).await.unwrap();
    assert_eq!(work(&soon, id).await, [at_work("rejected", "Warrington warehouse"), at_work("released", "Leeds store")]);
    let stock = soon.stock_of("LAMP", None).await;
    let kept: Vec<_> = stock.iter().filter(|row| row.reserved > 0).map(|row| (row.location.as_str(), row.reserved)).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    for code in [NEAR, FAR, LEEDS] {
        assert_eq!(offers(&soon, code).await, 0);
        let late = answer(&soon, id, 1, code, OfferAnswer::Takes).await.unwrap_err();
        assert_eq!(late.refusal().unwrap().code, RefusalCode::Conflict);
    }
    // Its time over, nothing more happens; and whoever kept it has not turned it down.
    then(&c, "2027-06-10T09:15:00Z").services.end_offer(id, 1).await.unwrap();
    assert_eq!(work(&soon, id).await.len(), 2);
    assert_eq!(c.text("select count(*)::text from order_refusals where order_id = $1", id).await, "0");
    c.assert_sound().await;

    // The one that keeps it takes it where it is.
    let other = soon.place(&order(&[("LAMP", 1)])).await;
    answer(&soon, other, 1, NEAR, OfferAnswer::Takes).await.unwrap();
    assert_eq!(work(&soon, other).await, [at_work("released", "Warrington warehouse")]);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn where_nobody_answers_the_best_does_it_and_whoever_says_no_is_not_asked_again(pool: PgPool) {
    let c = offering(&pool, &[("LAMP", NEAR, 5), ("LAMP", FAR, 5), ("LAMP", LEEDS, 5)]).await;
    let (silent, declined, all) =
        (c.place(&order(&[("LAMP", 1)])).await, c.place(&order(&[("LAMP", 1)])).await, c.place(&order(&[("LAMP", 1)])).await);
    let due = c.system().now + TimeDelta::minutes(15);
    let jobs = jobs::take(&mut *c.conn().await, due, 100).await.unwrap();
    assert!(jobs.iter().any(|j| j.job == Job::EndOffer { order_id: silent, fulfilment_no: 1 }));
    let early = then(&c, "2027-06-10T09:14:00Z");
    early.services.end_offer(silent, 1).await.unwrap();
    assert_eq!(work(&c, silent).await, [at_work("planned", "Warrington warehouse")], "its time is not over");

    answer(&early, declined, 1, NEAR, OfferAnswer::Declines).await.unwrap();
    for code in [NEAR, FAR, LEEDS] {
        answer(&early, all, 1, code, OfferAnswer::Declines).await.unwrap();
    }
    let over = then(&c, "2027-06-10T09:15:00Z");
    let too_late = answer(&over, silent, 1, FAR, OfferAnswer::Takes).await.unwrap_err();
    assert_eq!(too_late.refusal().unwrap().code, RefusalCode::Conflict);
    for id in [silent, declined, all] {
        over.services.end_offer(id, 1).await.unwrap();
        over.services.reroute_order(id).await.unwrap();
    }
    assert_eq!(work(&over, silent).await, [at_work("released", "Warrington warehouse")]);
    assert_eq!(work(&over, declined).await[0], at_work("rejected", "Warrington warehouse"));
    assert!(!work(&over, declined).await[1].1.starts_with("Warrington"), "it is not asked again");
    assert_eq!(work(&over, all).await, [at_work("rejected", "Warrington warehouse")], "nobody will: it waits");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn of_many_that_take_it_at_once_one_gets_it(pool: PgPool) {
    let c = offering(&pool, &[("LAMP", NEAR, 40), ("LAMP", FAR, 40), ("LAMP", LEEDS, 40)]).await;
    for _ in 0..10 {
        let id = c.place(&order(&[("LAMP", 1)])).await;
        let (a, b, d) = tokio::join!(
            answer(&c, id, 1, NEAR, OfferAnswer::Takes),
            answer(&c, id, 1, FAR, OfferAnswer::Takes),
            answer(&c, id, 1, LEEDS, OfferAnswer::Takes)
        );
        assert_eq!([a, b, d].iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(work(&c, id).await.iter().filter(|(state, _)| state == "released").count(), 1);
    }
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_not_free_any_more_is_not_taken_and_nobody_answers_for_others(pool: PgPool) {
    let c = offering(&pool, &[("LAMP", NEAR, 5), ("LAMP", LEEDS, 1)]).await;
    let id = c.place(&order(&[("LAMP", 1)])).await;
    c.services.adjust_stock(&c.system(), "LAMP", LEEDS, -1, waybill::inventory::MovementReason::Damage, None).await.unwrap();
    let gone = answer(&c, id, 1, LEEDS, OfferAnswer::Takes).await.unwrap_err();
    assert!(gone.refusal().unwrap().message.contains("not free here any more"));
    assert_eq!(work(&c, id).await, [at_work("planned", "Warrington warehouse")]);
    let own = place(&c, LEEDS).await;
    let staff = Actor::User { id: UserId::new(c.system().now), role: Role::Store, location: Some(own) };
    let act = Act::new(staff, c.system().now);
    let other = c.services.answer_offer(&act, id, 1, place(&c, NEAR).await, OfferAnswer::Takes, None).await.unwrap_err();
    assert_eq!(other.refusal().unwrap().code, RefusalCode::Forbidden);
    let unknown = answer(&c, id, 1, FAR, OfferAnswer::Takes).await.unwrap_err();
    assert_eq!(unknown.refusal().unwrap().code, RefusalCode::NotFound, "it was not asked");
    // Only one has it: nobody is asked.
    let alone = c.place(&order(&[("LAMP", 2)])).await;
    assert_eq!(work(&c, alone).await, [at_work("released", "Warrington warehouse")]);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_waits_besides_does_not_count_for_what_was_offered(pool: PgPool) {
    let c = offering(&pool, &[("LAMP", NEAR, 2), ("LAMP", LEEDS, 2), ("MUG", NEAR, 2)]).await;
    let id = c.place(&order(&[("LAMP", 2), ("MUG", 2)])).await;
    c.services.adjust_stock(&c.system(), "MUG", NEAR, -2, waybill::inventory::MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    let no = i32::try_from(work(&c, id).await.len()).unwrap();
    assert_eq!(offers(&c, LEEDS).await, 1, "the lamps are offered, the mugs wait");
    // The lamps are gone from the store, and mugs have come: as many, but not what was asked for.
    c.services.adjust_stock(&c.system(), "LAMP", LEEDS, -2, waybill::inventory::MovementReason::Damage, None).await.unwrap();
    c.services.adjust_stock(&c.system(), "MUG", LEEDS, 2, waybill::inventory::MovementReason::Receipt, None).await.unwrap();
    let taken = answer(&c, id, no, LEEDS, OfferAnswer::Takes).await.unwrap_err();
    assert!(taken.refusal().unwrap().message.contains("not free here any more"), "{taken}");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn nobody_is_asked_where_that_would_break_a_promise(pool: PgPool) {
    let c = offering(&pool, &[("LAMP", NEAR, 5), ("LAMP", FAR, 5), ("LAMP", LEEDS, 5)]).await;
    let id = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(offers(&c, FAR).await, 1);
    let promised = c.text("select promised_by::text from order_lines where order_id = $1 and line_no = 1", id).await;
    // All decline, but for one that is found a moment before the last cut-off of the day: there is no time to ask.
    answer(&c, id, 1, NEAR, OfferAnswer::Takes).await.unwrap();
    let last = then(&c, "2027-06-10T12:55:00Z");
    let busy = StepInput { reason: Some(waybill::fulfilment::RejectReason::TooBusy), ..StepInput::default() };
    last.services.advance_fulfilment(&last.system(), id, 1, Command::Reject, &busy, None).await.unwrap();
    last.services.reroute_order(id).await.unwrap();
    assert_eq!(work(&last, id).await.last().unwrap().0, "released", "{:?}", work(&last, id).await);
    assert_eq!(c.text("select promised_by::text from order_lines where order_id = $1 and line_no = 1", id).await, promised);
    c.assert_sound().await;
}
