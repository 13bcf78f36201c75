//! How locations have been doing is measured each day, and rules rank them by it.

use crate::company::{Company, company, now, order, then};
use chrono::TimeDelta;
use sqlx::PgPool;
use waybill::fulfilment::{Command, RejectReason, StepInput};
use waybill::ids::OrderId;
use waybill::inventory::{self, Measured, MovementReason};
use waybill::orders;
use waybill::routing::rules::{Prefer, Preference, Rule, Rules, Then, assign, hold};

const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";

async fn by(c: &Company, fact: &str) {
    let rule = Rule {
        id: fact.to_owned(),
        name: fact.to_owned(),
        prefer: Prefer::Ranked(vec![Preference::by(fact), Preference::by("distance")]),
        then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
        ..Rule::default()
    };
    c.decide_by(&Rules { rules: vec![rule], ..Rules::default() }).await;
}

async fn measured(c: &Company, code: &str) -> Option<Measured> {
    let network = inventory::network_at(&mut *c.conn().await, c.system().now).await.unwrap();
    network.locations.into_iter().find(|l| l.code == code).unwrap().measured
}

async fn sent_from(c: &Company, id: OrderId) -> String {
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    shown.fulfilments.last().unwrap().location.clone()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn who_turns_down_less_and_who_was_given_less_can_come_first(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 50), ("LAMP", FAR, 50)]).await, "2027-06-10T09:00:00Z");
    assert_eq!(measured(&c, NEAR).await, None, "nobody has measured yet");
    // Four are given to the nearer, which turns one of them down: the other sends it.
    for n in 0..4 {
        let id = c.place(&order(&[("LAMP", 1)])).await;
        if n == 0 {
            let input = StepInput { reason: Some(RejectReason::TooBusy), ..StepInput::default() };
            c.services.advance_fulfilment(&c.system(), id, 1, Command::Reject, &input, None).await.unwrap();
            c.services.reroute_order(id).await.unwrap();
        }
    }
    let day = then(&c, "2027-06-11T05:00:00Z");
    day.services.measure_demand().await.unwrap();
    assert_eq!(measured(&day, NEAR).await, Some(Measured { refused_permille: 250, work_week: 4 }));
    assert_eq!(measured(&day, FAR).await, Some(Measured { refused_permille: 0, work_week: 1 }));
    assert_eq!(measured(&c, NEAR).await, None, "what was known then stays what was known then");
    for fact in ["refusal_rate", "work_this_week"] {
        by(&day, fact).await;
        assert_eq!(sent_from(&day, day.place(&order(&[("LAMP", 1)])).await).await, "Northampton warehouse", "{fact}");
    }
    // A week without work later, it is even again; the same measure is not written twice.
    let week = then(&c, "2027-06-20T05:00:00Z");
    week.services.measure_demand().await.unwrap();
    assert_eq!(measured(&week, NEAR).await, Some(Measured { refused_permille: 250, work_week: 0 }));
    then(&c, "2027-06-21T05:00:00Z").services.measure_demand().await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from location_measures m join locations l using (location_id) where l.code = $1")
        .bind(NEAR)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(rows, 2);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn how_long_stock_has_been_there_is_measured_each_day(pool: PgPool) {
    // Northampton has had its lamps for long; Warrington has sold what it had and got others yesterday.
    let c = company(&pool, &[("LAMP", NEAR, 3), ("LAMP", FAR, 20)]).await;
    let came = then(&c, "2027-06-09T09:00:00Z");
    came.place(&order(&[("LAMP", 2)])).await;
    came.services.adjust_stock(&came.system(), "LAMP", NEAR, 20, MovementReason::Receipt, None).await.unwrap();
    came.services.adjust_stock(&came.system(), "LAMP", NEAR, -3, MovementReason::Count, None).await.unwrap();
    // What is found to be broken there is set aside: that brings nothing new.
    came.services.adjust_stock(&came.system(), "LAMP", FAR, -2, MovementReason::Damage, None).await.unwrap();
    let day = then(&c, "2027-06-10T05:00:00Z");
    day.services.measure_demand().await.unwrap();
    let since: Vec<(String, String)> =
        sqlx::query_as("select code, came_on::text from stock_ages join locations using (location_id) order by code").fetch_all(&pool).await.unwrap();
    let long_ago = (now() - TimeDelta::hours(1)).date_naive().to_string();
    assert_eq!(since, [(FAR.to_owned(), long_ago), (NEAR.to_owned(), "2027-06-09".to_owned())]);
    by(&day, "stock_age").await;
    let later = then(&c, "2027-06-10T09:00:00Z");
    assert_eq!(sent_from(&later, later.place(&order(&[("LAMP", 1)])).await).await, "Northampton warehouse");
    // The same is not written twice.
    then(&c, "2027-06-11T06:00:00Z").services.measure_demand().await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from stock_ages").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 2);
}
