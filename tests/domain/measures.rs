//! How locations have been doing is measured each day, and rules rank them by it.

use crate::company::{Company, company, order, then};
use sqlx::PgPool;
use waybill::fulfilment::{Command, RejectReason, StepInput};
use waybill::ids::{ActivationId, OrderId, RulesetId};
use waybill::inventory::{self, Measured};
use waybill::orders;
use waybill::routing;
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
    let (act, rules) = (c.system(), Rules { rules: vec![rule], relax_days: Vec::new() });
    let id = RulesetId::new(act.now);
    waybill::transact!(c.services.pool, conn => {
        routing::publish_ruleset(conn, &act, id, fact, &rules, &[]).await?;
        routing::activate_ruleset(conn, &act, ActivationId::new(act.now), (id, 1), None, None).await
    })
    .unwrap();
}

async fn measured(c: &Company, code: &str) -> Option<Measured> {
    let network = inventory::network_at(&mut *c.conn().await, c.system().now).await.unwrap();
    network.locations.into_iter().find(|l| l.code == code).unwrap().measured
}

async fn sent_from(c: &Company, id: OrderId) -> String {
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), b"test key", id).await.unwrap();
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
