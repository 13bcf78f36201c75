//! Something is out of order: what counts on it is planned anew at once, what was said beforehand is what happens, and it is undone when it is over.

use crate::company::{Company, company, order, then};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use waybill::fulfilment::{Command, StepInput};
use waybill::ids::{DisruptionId, OrderId};
use waybill::inventory::disruptions::{DisruptionKind, NewDisruption};
use waybill::orders::views::{DisruptedOutcome, DisruptedRow, DisruptionView};
use waybill::orders::{self, Method, NewOrder};
use waybill::refusal::RefusalCode;
use waybill::simulation::{self, Source};
use waybill::{inventory, jobs};

const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";

fn new(kind: DisruptionKind) -> NewDisruption {
    NewDisruption { kind, location: None, carrier: None, service: None, sku: None, reason: "A burst pipe".to_owned(), until: None, brings_back: true }
}

fn closed(code: &str) -> NewDisruption {
    NewDisruption { location: Some(code.to_owned()), ..new(DisruptionKind::Location) }
}

async fn start(c: &Company, new: &NewDisruption) -> DisruptionId {
    let id = c.services.start_disruption(&c.system(), new, None).await.unwrap();
    // Whoever watches promises is often there first: the disruption's work is not theirs.
    c.services.watch_promises(&mut None).await.unwrap();
    c.services.replan_disrupted(id, 0).await.unwrap();
    id
}

async fn end(c: &Company, id: DisruptionId) {
    c.services.end_disruption(&c.system(), id).await.unwrap();
    c.services.bring_back(id, 0).await.unwrap();
}

async fn read(c: &Company, id: DisruptionId) -> DisruptionView {
    orders::read_disruption(&mut *c.conn().await, &c.system(), id, None).await.unwrap()
}

/// What became of each piece of work: its order, how, where it comes from now and by when its customer has it.
type Became = (String, Option<DisruptedOutcome>, Vec<String>, Option<DateTime<Utc>>);

fn outcomes(view: &DisruptionView) -> Vec<Became> {
    let became = |row: &DisruptedRow| {
        let places = row.told.iter().flat_map(|told| told.to.iter().map(|to| to.location.clone())).collect();
        (row.number.clone(), row.outcome, places, row.told.as_ref().and_then(|told| told.now_by))
    };
    view.orders.rows.iter().map(became).collect()
}

/// (state, location, service) of each fulfilment order.
async fn work(c: &Company, id: OrderId) -> Vec<(String, String, String)> {
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    shown.fulfilments.into_iter().map(|f| (f.state.to_string(), f.location, f.service.unwrap_or_default())).collect()
}

async fn promised(c: &Company, id: OrderId) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("select promised_by from order_lines where order_id = $1").bind(id.0).fetch_one(&c.services.pool).await.unwrap()
}

fn at_work(state: &str, location: &str, service: &str) -> (String, String, String) {
    (state.to_owned(), location.to_owned(), service.to_owned())
}

async fn step(c: &Company, id: OrderId, command: Command) {
    c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
}

/// Everything that a preview could leave behind.
async fn everything(pool: &PgPool) -> String {
    let sql = "select md5(string_agg(s.row, ',' order by s.row)) from (select (stock.*)::text as row from stock
        union all select (order_lines.*)::text from order_lines union all select (capacity_days.*)::text from capacity_days
        union all select (fulfilment_orders.*)::text from fulfilment_orders union all select (jobs.*)::text from jobs
        union all select (events.*)::text from events union all select (disruptions.*)::text from disruptions
        union all select (location_closures.*)::text from location_closures) as s";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_closed_location_gives_its_orders_to_others_and_gets_them_back(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 9), ("LAMP", FAR, 3)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let mut placed = Vec::new();
    for (minute, units) in [1, 1, 2, 1].into_iter().enumerate() {
        placed.push(then(&c, &format!("2027-06-10T09:0{minute}:00Z")).place(&order(&[("LAMP", units)])).await);
    }
    let [begun, first, second, left] = placed[..] else { panic!("four were placed") };
    step(&c, begun, Command::StartPicking).await;
    let noted = then(&c, "2027-06-10T09:30:00Z");

    let before = everything(&pool).await;
    let said = noted.services.preview_disruption(&noted.system(), &closed(NEAR)).await.unwrap();
    assert_eq!(everything(&pool).await, before);
    let id = start(&noted, &closed(NEAR)).await;
    let done = read(&noted, id).await;
    assert_eq!(outcomes(&done), outcomes(&said), "what is said is what happens");
    assert_eq!((said.counts, done.counts.work), (done.counts, 3), "what is being picked is left alone");
    assert_eq!((done.counts.moved, done.counts.stays, done.counts.later), (2, 1, 0), "{:?}", outcomes(&done));
    assert_eq!(work(&noted, first).await[1], at_work("released", "Northampton warehouse", "two-day"));
    assert_eq!(work(&noted, second).await.last().unwrap().1, "Northampton warehouse");
    assert_eq!(work(&noted, begun).await, [at_work("picking", "Warrington warehouse", "two-day")]);
    assert_eq!(work(&noted, left).await, [at_work("released", "Warrington warehouse", "two-day")], "nobody else has any: it keeps its units");
    // It is not asked again, and nothing of it happens twice.
    noted.services.replan_disrupted(id, 0).await.unwrap();
    assert_eq!(read(&noted, id).await.counts, done.counts);
    let told: String = c.text("select reason from fulfilment_orders where state = 'rejected' and order_id = $1", first).await;
    assert_eq!(told, "disruption");

    // Nobody gets around it: it is the desk's to end.
    let act = noted.system();
    let withdrawn = waybill::transact!(pool, conn => inventory::places::withdraw_closure(conn, &act, NEAR, waybill::ids::ClosureId(id.0)).await);
    assert_eq!(withdrawn.unwrap_err().refusal().unwrap().code, RefusalCode::Conflict);
    let twice = noted.services.start_disruption(&act, &closed(NEAR), None).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().fields[0].field, "/location");

    // The second is being picked by now: it stays. The first goes back.
    let over = then(&c, "2027-06-10T10:00:00Z");
    let no = i32::try_from(work(&over, second).await.len()).unwrap();
    over.services.advance_fulfilment(&over.system(), second, no, Command::StartPicking, &StepInput::default(), None).await.unwrap();
    end(&over, id).await;
    let back = read(&over, id).await;
    assert_eq!((back.counts.back, back.counts.moved, back.row.ended_at), (1, 1, Some(over.system().now)));
    assert_eq!(work(&over, first).await.last().unwrap(), &at_work("released", "Warrington warehouse", "two-day"));
    end(&over, id).await;
    assert_eq!(read(&over, id).await.counts, back.counts);
    c.assert_sound().await;

    // What was decided meanwhile is decided again by whoever simulates it.
    let after = then(&c, "2027-06-10T11:00:00Z");
    let act = after.system();
    let simulated = waybill::ids::SimulationId::new(act.now);
    let (from, until) = (act.now - chrono::TimeDelta::hours(4), act.now);
    waybill::transact!(pool, conn => simulation::start_simulation(conn, &act, simulated, Source::AsItWas, from, until).await).unwrap();
    after.services.run_simulation(simulated).await.unwrap();
    let found = simulation::read_simulation(&mut *c.conn().await, &act, simulated).await.unwrap().findings.unwrap();
    assert_eq!((found.alike, found.moved), (found.decisions, 0));
    assert_eq!(found.real, found.simulated);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_stays_while_a_store_is_closed_is_there_later_and_its_customer_is_told(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let collected = c.place(&NewOrder { method: Method::Pickup, pickup_location: Some("ST-LDS".to_owned()), ..order(&[("LAMP", 1)]) }).await;
    let until = "2027-06-14T07:00:00Z".parse().unwrap();
    let id = start(&then(&c, "2027-06-10T09:05:00Z"), &NewDisruption { until: Some(until), ..closed("ST-LDS") }).await;
    let view = read(&c, id).await;
    assert_eq!((view.counts.stays, view.counts.later), (1, 1), "{:?}", outcomes(&view));
    assert!(view.orders.rows[0].told.as_ref().unwrap().now_by > Some(until));
    let tracked = orders::track_order(&mut *c.conn().await, &c.system(), &c.services.planning, collected).await.unwrap();
    assert!(tracked.timeline.iter().any(|e| e.kind.as_str() == "promise_moved"));

    // Its time is over: nobody has to say so.
    let due: i64 =
        sqlx::query_scalar("select count(*) from jobs where kind = 'end_disruption' and run_at = $1").bind(until).fetch_one(&pool).await.unwrap();
    assert_eq!(due, 1);
    let over = then(&c, "2027-06-14T07:00:00Z");
    let taken = jobs::take(&mut *over.conn().await, over.system().now, 100).await.unwrap();
    assert!(taken.iter().any(|t| t.job == jobs::Job::EndDisruption { disruption_id: id }));
    end(&over, id).await;
    let view = read(&over, id).await;
    assert_eq!((view.row.ended_at, view.row.ended_by), (Some(over.system().now), None));
    let again = over.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(work(&over, again).await[0].1, "Leeds store");
    c.assert_sound().await;
}

/// It opens again before anybody thought: what was promised for later is promised for as soon as it can be there, and its customer is told.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_date_that_was_moved_is_moved_back(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&NewOrder { method: Method::Pickup, pickup_location: Some("ST-LDS".to_owned()), ..order(&[("LAMP", 1)]) }).await;
    let first = promised(&c, id).await;
    let until = Some("2027-06-14T07:00:00Z".parse().unwrap());
    // Whether orders are to be brought back or not: their dates are.
    let closing = NewDisruption { until, brings_back: false, ..closed("ST-LDS") };
    let disruption = start(&then(&c, "2027-06-10T09:05:00Z"), &closing).await;
    assert!(promised(&c, id).await > until);
    let over = then(&c, "2027-06-10T15:00:00Z");
    end(&over, disruption).await;
    let again = promised(&c, id).await;
    assert!(again > first && again < Some("2027-06-11T12:00:00Z".parse().unwrap()), "{first:?} {again:?}");
    let view = read(&over, disruption).await;
    assert_eq!((view.counts.back, view.counts.stays), (1, 0), "{:?}", outcomes(&view));
    let due = "select (promised_by = (select promised_by from order_lines l where l.order_id = f.order_id))::text from fulfilment_orders f where order_id = $1";
    assert_eq!(c.text(due, id).await, "true", "its steps are due by then");
    over.notify().await;
    let told = "select string_agg(body, '|' order by created_at) from notifications where kind = 'date_moved' and order_id = $1";
    let told = c.text(told, id).await;
    assert!(told.contains("comes later than we said") && told.contains("comes sooner than we said last."), "{told}");
    end(&over, disruption).await;
    assert_eq!(promised(&c, id).await, again);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn while_a_carrier_is_on_strike_others_carry_even_what_is_packed(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 9)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let (planned, packed, sent) =
        (c.place(&order(&[("LAMP", 1)])).await, c.place(&order(&[("LAMP", 1)])).await, c.place(&order(&[("LAMP", 1)])).await);
    for (id, steps) in [(packed, 2), (sent, 3)] {
        for command in [Command::StartPicking, Command::Pack, Command::Ship].into_iter().take(steps) {
            step(&c, id, command).await;
        }
    }
    let strike = NewDisruption { service: Some("two-day".to_owned()), reason: "A strike".to_owned(), ..new(DisruptionKind::Service) };
    let noted = then(&c, "2027-06-10T09:30:00Z");
    let id = start(&noted, &strike).await;
    let view = read(&noted, id).await;
    assert_eq!((view.counts.work, view.counts.moved, view.counts.other_service, view.counts.later), (2, 1, 1, 0), "{:?}", outcomes(&view));
    assert!(view.counts.extra_minor > 0, "it is faster, and dearer: {:?}", view.orders.rows);
    assert_eq!(work(&noted, planned).await[1], at_work("released", "Warrington warehouse", "next-day"));
    assert_eq!(work(&noted, packed).await, [at_work("packed", "Warrington warehouse", "next-day")]);
    assert_eq!(work(&noted, sent).await, [at_work("shipped", "Warrington warehouse", "two-day")], "it is on its way");
    let date = promised(&c, packed).await;
    end(&then(&c, "2027-06-10T10:00:00Z"), id).await;
    assert_eq!(work(&c, planned).await.last().unwrap(), &at_work("released", "Warrington warehouse", "two-day"));
    // What is packed has not left: it goes by its own service again, for the same day.
    assert_eq!((work(&c, packed).await, promised(&c, packed).await), (vec![at_work("packed", "Warrington warehouse", "two-day")], date));
    assert_eq!(read(&noted, id).await.counts.back, 2);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_carrier_on_strike_takes_nothing_by_any_of_its_services(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 9)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 1)])).await;
    let carrier: String =
        sqlx::query_scalar("select content -> 'content' ->> 'carrier' from delivery_settings where kind = 'service' and code = 'two-day'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let strike = NewDisruption { carrier: Some(carrier.clone()), reason: "A strike".to_owned(), ..new(DisruptionKind::Carrier) };
    let noted = then(&c, "2027-06-10T09:30:00Z");
    let disruption = start(&noted, &strike).await;
    let view = read(&noted, disruption).await;
    assert_eq!((view.row.about.as_str(), view.counts.work), (carrier.as_str(), 1), "{:?}", outcomes(&view));
    let twice = noted.services.start_disruption(&noted.system(), &strike, None).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().fields[0].field, "/carrier");
    assert_eq!(
        work(&noted, id).await,
        [at_work("released", "Warrington warehouse", "two-day")],
        "no other carrier comes there: it stays, and is late"
    );
    let refused = noted.services.place_order(&noted.system(), &order(&[("LAMP", 1)]), None).await;
    assert!(refused.is_err_and(|error| error.refusal().is_some()), "nobody would carry it");
    end(&then(&c, "2027-06-10T10:00:00Z"), disruption).await;
    let after = then(&c, "2027-06-10T10:30:00Z");
    let next = after.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(work(&after, next).await[0].2, "two-day");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn where_the_books_are_wrong_nothing_is_sent_and_what_waits_goes_on_when_they_are_right(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 5), ("MUG", NEAR, 5)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 1), ("MUG", 1)])).await;
    let other = c.place(&order(&[("MUG", 1)])).await;
    let wrong = NewDisruption { sku: Some("LAMP".to_owned()), location: Some(NEAR.to_owned()), ..new(DisruptionKind::Sku) };
    let noted = then(&c, "2027-06-10T09:10:00Z");
    let disruption = start(&noted, &wrong).await;
    let view = read(&noted, disruption).await;
    assert_eq!((view.counts.work, view.counts.waits, view.row.about.as_str()), (1, 1, "LAMP at Warrington warehouse"), "{:?}", outcomes(&view));
    let refused = noted.services.place_order(&noted.system(), &order(&[("LAMP", 1)]), None).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, RefusalCode::OutOfStock);
    assert_eq!(work(&noted, other).await.len(), 1);

    let over = then(&c, "2027-06-10T09:20:00Z");
    end(&over, disruption).await;
    let asked: String = c.text("select count(*)::text from jobs where kind = 'reroute_order' and payload ->> 'order_id' = $1::text", id).await;
    assert_ne!(asked, "0");
    over.services.reroute_order(id).await.unwrap();
    let parcels = work(&over, id).await;
    let lamps = parcels.iter().filter(|(state, ..)| state == "released").count();
    assert!(lamps >= 1, "{parcels:?}");
    assert_eq!(c.text("select count(*)::text from order_lines where queue is not null and order_id = $1", id).await, "0");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_makes_no_sense_is_refused_with_what_to_do(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 5)]).await;
    let refused = [
        (NewDisruption { location: None, ..closed(NEAR) }, "/location"),
        (NewDisruption { reason: " ".to_owned(), ..closed(NEAR) }, "/reason"),
        (NewDisruption { until: Some(c.system().now), ..closed(NEAR) }, "/until"),
        (closed("NOWHERE"), "/location"),
        (new(DisruptionKind::Carrier), "/carrier"),
        (NewDisruption { carrier: Some("Pigeon post".to_owned()), ..new(DisruptionKind::Carrier) }, "/carrier"),
        (new(DisruptionKind::Service), "/service"),
        (NewDisruption { service: Some("pigeon".to_owned()), ..new(DisruptionKind::Service) }, "/service"),
        (NewDisruption { sku: Some("NONSENSE".to_owned()), ..new(DisruptionKind::Sku) }, "/sku"),
    ];
    for (new, field) in refused {
        let error = c.services.start_disruption(&c.system(), &new, None).await.unwrap_err();
        assert_eq!(error.refusal().and_then(|r| r.fields.first()).map(|f| f.field.as_str()), Some(field), "{new:?} {error}");
        assert!(c.services.preview_disruption(&c.system(), &new).await.is_err());
    }
    let unknown = orders::read_disruption(&mut *c.conn().await, &c.system(), DisruptionId::new(c.system().now), None).await.unwrap_err();
    assert_eq!(unknown.refusal().unwrap().code, RefusalCode::NotFound);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_waits_besides_keeps_no_work_at_a_closed_location(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 5), ("LAMP", FAR, 5), ("MUG", NEAR, 1)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 1), ("MUG", 1)])).await;
    c.services.adjust_stock(&c.system(), "MUG", NEAR, -1, waybill::inventory::MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    assert_eq!(c.text("select (queue is not null)::text from order_lines where order_id = $1 and line_no = 2", id).await, "true");
    let noted = then(&c, "2027-06-10T09:30:00Z");
    let disruption = start(&noted, &closed(NEAR)).await;
    assert_eq!(read(&noted, disruption).await.counts.moved, 1, "{:?}", outcomes(&read(&noted, disruption).await));
    assert_eq!(work(&noted, id).await.last().unwrap().1, "Northampton warehouse");
    end(&then(&c, "2027-06-10T10:00:00Z"), disruption).await;
    assert_eq!(read(&noted, disruption).await.counts.back, 1);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_strike_whose_end_nobody_knows_gives_no_dates_and_one_that_ends_gives_true_ones(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 9)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 1)])).await;
    step(&c, id, Command::StartPicking).await;
    for service in ["two-day", "next-day"] {
        let strike = NewDisruption { service: Some(service.to_owned()), reason: "A strike".to_owned(), ..new(DisruptionKind::Service) };
        start(&then(&c, "2027-06-10T09:30:00Z"), &strike).await;
    }
    // Past its hand-over, nobody knows: no date is made up.
    let late = then(&c, "2027-06-12T09:00:00Z");
    late.services.watch_promises(&mut None).await.unwrap();
    assert_eq!(c.text("select coalesce(promised_by::text, 'not known') from order_lines where order_id = $1 and line_no = 1", id).await, "not known");
    // What is held meanwhile has no date, and gets none.
    let held = then(&c, "2027-06-12T09:30:00Z");
    held.services.hold_order(&held.system(), id, orders::HoldKind::Fraud, "Ten cards were tried", None).await.unwrap();
    let one: uuid::Uuid = sqlx::query_scalar("select disruption_id from disruptions order by 1 limit 1").fetch_one(&pool).await.unwrap();
    end(&then(&c, "2027-06-12T09:40:00Z"), DisruptionId(one)).await;
    let dateless = "select (promised_by is null)::text from fulfilment_orders where order_id = $1";
    assert_eq!(c.text(dateless, id).await, "true");
    held.services.release_order_hold(&held.system(), id, orders::HoldKind::Fraud, None).await.unwrap();
    // It is over, and there is a date again.
    let over = then(&c, "2027-06-12T10:00:00Z");
    let strikes: Vec<uuid::Uuid> = sqlx::query_scalar("select disruption_id from disruptions order by 1").fetch_all(&pool).await.unwrap();
    for strike in strikes {
        end(&over, DisruptionId(strike)).await;
    }
    let again = promised(&c, id).await.expect("a date");
    assert!(again > over.system().now, "{again}");
    let work = "select (f.promised_by = l.promised_by)::text from fulfilment_orders f join order_lines l using (order_id) where order_id = $1";
    assert_eq!(c.text(work, id).await, "true", "and it is watched");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_begun_goes_by_a_slower_service_rather_than_never(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 9)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&NewOrder { delivery_method: Some("express".to_owned()), ..order(&[("LAMP", 1)]) }).await;
    let first = c.text("select promised_by::date::text from order_lines where order_id = $1", id).await;
    step(&c, id, Command::StartPicking).await;
    assert_eq!(work(&c, id).await, [at_work("picking", "Warrington warehouse", "next-day")]);
    let strike = NewDisruption { service: Some("next-day".to_owned()), reason: "A strike".to_owned(), ..new(DisruptionKind::Service) };
    let noted = then(&c, "2027-06-10T09:30:00Z");
    let disruption = start(&noted, &strike).await;
    let view = read(&noted, disruption).await;
    assert_eq!((view.counts.work, view.counts.other_service, view.counts.later), (1, 1, 1), "{:?}", outcomes(&view));
    assert_eq!(work(&noted, id).await, [at_work("picking", "Warrington warehouse", "two-day")]);
    let moved = c.text("select promised_by::date::text from order_lines where order_id = $1", id).await;
    assert_eq!((first.as_str(), moved.as_str()), ("2027-06-11", "2027-06-12"));
    assert_eq!(c.text("select count(*)::text from events where kind = 'promise_moved' and stream_id = $1", id).await, "1", "the customer is told");
    // It is over before it has left: the faster service takes it after all, for the day that was promised first.
    step(&then(&c, "2027-06-10T09:40:00Z"), id, Command::Pack).await;
    end(&then(&c, "2027-06-10T10:00:00Z"), disruption).await;
    assert_eq!(work(&noted, id).await, [at_work("packed", "Warrington warehouse", "next-day")]);
    assert_eq!(c.text("select promised_by::date::text from order_lines where order_id = $1", id).await, first);
    assert_eq!(c.text("select count(*)::text from events where kind = 'promise_moved' and stream_id = $1", id).await, "2", "and told again");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_over_moves_nothing_more_and_what_came_in_between_is_found(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 9), ("LAMP", FAR, 9)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let first = c.place(&order(&[("LAMP", 1)])).await;
    let noted = then(&c, "2027-06-10T09:30:00Z");
    let id = noted.services.start_disruption(&noted.system(), &closed(NEAR), None).await.unwrap();
    // As if it had been planned by somebody who did not know yet, after it was noted.
    sqlx::query("delete from disrupted_orders where disruption_id = $1").bind(id.0).execute(&pool).await.unwrap();
    noted.services.replan_disrupted(id, 0).await.unwrap();
    assert_eq!((read(&noted, id).await.counts.work, read(&noted, id).await.counts.moved), (1, 1));
    assert_eq!(work(&noted, first).await.last().unwrap().1, "Northampton warehouse");
    end(&then(&c, "2027-06-10T10:00:00Z"), id).await;

    let again = then(&c, "2027-06-10T11:00:00Z");
    let id = again.services.start_disruption(&again.system(), &closed(NEAR), None).await.unwrap();
    let over = then(&c, "2027-06-10T11:01:00Z");
    let (disruption, works) = {
        let mut conn = over.conn().await;
        (orders::read_disrupting(&mut conn, id).await.unwrap(), orders::disrupted_work(&mut conn, id, &[], 0, 10).await.unwrap())
    };
    over.services.end_disruption(&over.system(), id).await.unwrap();
    // Whoever began before it ended comes to its orders too late.
    let (act, planning) = (over.system(), over.services.planning.get(&mut *over.conn().await, over.system().now).await.unwrap());
    for piece in &works {
        waybill::transact!(pool, conn => orders::replan_disrupted(conn, &act, &planning, &disruption, piece, orders::Claiming::Hopeful).await)
            .unwrap();
    }
    assert_eq!((works.len(), read(&over, id).await.counts.moved), (1, 0));
    c.assert_sound().await;
}
