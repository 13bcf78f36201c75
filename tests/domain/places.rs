use crate::company::{Company, company, order};
use chrono::TimeDelta;
use sqlx::PgPool;
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{ClosureId, UserId};
use waybill::inventory::places::{self, LocationSettings};
use waybill::refusal::{Refusal, RefusalCode};

const CODE: &str = "WH-NTH";

async fn settings(c: &Company) -> LocationSettings {
    places::read_place(&mut *c.conn().await, &c.system(), CODE).await.unwrap().settings
}

async fn change(c: &Company, after: &LocationSettings, from: Option<TimeDelta>) -> Result<Vec<waybill::events::Change>, Refusal> {
    let act = c.system();
    let from = from.map(|later| act.now + later);
    waybill::transact!(c.services.pool, conn => places::change_location(conn, &act, CODE, after, from, None).await)
        .map_err(|e| e.refusal().expect("a refusal").clone())
}

async fn undo(c: &Company) {
    let act = c.system();
    waybill::transact!(c.services.pool, conn => places::undo_change(conn, &act, CODE).await).unwrap();
}

/// Where an order for a lamp would come from.
async fn sender(c: &Company) -> String {
    let id = c.place(&order(&[("LAMP", 1)])).await;
    c.text("select l.code from fulfilment_orders f join locations l using (location_id) where f.order_id = $1", id).await
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_change_counts_from_its_moment_on_and_can_be_undone(pool: PgPool) {
    let c = company(&pool, &[("LAMP", CODE, 100), ("LAMP", "WH-WAR", 100)]).await;
    // Warrington is nearer to Leeds.
    assert_eq!(sender(&c).await, "WH-WAR");
    let before = settings(&c).await;
    let moved = LocationSettings { city: "Leeds".to_owned(), postcode: "LS9 8AG".to_owned(), ..before.clone() };

    // Later is not now.
    let changes = change(&c, &moved, Some(TimeDelta::days(7))).await.unwrap();
    assert_eq!(changes.iter().map(|c| c.field.as_str()).collect::<Vec<_>>(), ["City", "Postcode"]);
    assert_eq!(settings(&c).await, before);
    let place = places::read_place(&mut *c.conn().await, &c.system(), CODE).await.unwrap();
    assert_eq!(place.scheduled.map(|(_, changes)| changes.len()), Some(2));
    assert_eq!(sender(&c).await, "WH-WAR");
    // What is to come can be called off: nothing is left of it.
    undo(&c).await;
    assert!(places::read_place(&mut *c.conn().await, &c.system(), CODE).await.unwrap().scheduled.is_none());

    change(&c, &moved, None).await.unwrap();
    assert_eq!(sender(&c).await, CODE);
    undo(&c).await;
    assert_eq!(settings(&c).await, before);
    assert_eq!(sender(&c).await, "WH-WAR");
    let history = places::read_place(&mut *c.conn().await, &c.system(), CODE).await.unwrap().history;
    let told: Vec<&str> = history.iter().map(|e| e.kind.as_str()).collect();
    assert_eq!(told, ["location_change_undone", "location_changed", "location_change_undone", "location_changed"]);
    assert_eq!((history[1].changes[0].before.as_str(), history[1].changes[0].after.as_str()), ("Northampton", "Leeds"));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_change_before_one_that_is_to_come_ends_where_that_begins(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let before = settings(&c).await;
    let limit = |n: i32| LocationSettings { daily_order_capacity: Some(n), ..before.clone() };
    change(&c, &limit(100), Some(TimeDelta::days(30))).await.unwrap();
    change(&c, &limit(50), Some(TimeDelta::days(10))).await.unwrap();
    let act = c.system();
    let mut limits = Vec::new();
    for days in [0, 11, 31] {
        let network = waybill::inventory::network_at(&mut *c.conn().await, act.now + TimeDelta::days(days)).await.unwrap();
        limits.push(network.locations.iter().find(|l| l.code == CODE).unwrap().daily_order_capacity);
    }
    assert_eq!(limits, [None, Some(50), Some(100)]);
    // The same moment again replaces what would have begun then.
    let from = act.now + TimeDelta::days(40);
    for n in [7, 8] {
        waybill::transact!(pool, conn => places::change_location(conn, &act, CODE, &limit(n), Some(from), None).await).unwrap();
    }
    let network = waybill::inventory::network_at(&mut *c.conn().await, from).await.unwrap();
    assert_eq!(network.locations.iter().find(|l| l.code == CODE).unwrap().daily_order_capacity, Some(8));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whoever_read_an_older_version_is_told(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let read = places::read_place(&mut *c.conn().await, &c.system(), CODE).await.unwrap();
    let mine = LocationSettings { priority: 77, ..read.settings.clone() };
    let theirs = LocationSettings { handling_minutes: 5, ..read.settings };
    change(&c, &theirs, None).await.unwrap();
    let act = c.system();
    let refused = waybill::transact!(pool, conn => places::change_location(conn, &act, CODE, &mine, None, Some(&read.version)).await).unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, RefusalCode::Conflict);
    assert_eq!(change(&c, &theirs, None).await.unwrap_err().code, RefusalCode::Invalid, "nothing is different");
    assert_eq!(change(&c, &mine, Some(TimeDelta::days(-1))).await.unwrap_err().fields[0].field, "/from");
    let clerk = Act::new(Actor::User { id: UserId(uuid::Uuid::nil()), role: Role::CustomerService, location: None }, act.now);
    let refused = waybill::transact!(pool, conn => places::change_location(conn, &clerk, CODE, &mine, None, None).await).unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, RefusalCode::Forbidden);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_closed_location_gets_nothing_new_and_keeps_what_it_has(pool: PgPool) {
    let c = company(&pool, &[("LAMP", CODE, 100), ("LAMP", "WH-WAR", 100)]).await;
    let kept = c.place(&order(&[("LAMP", 1)])).await;
    let act = c.system();
    let close = |from: Option<TimeDelta>, until: Option<TimeDelta>| {
        let (act, pool) = (act.clone(), pool.clone());
        async move {
            let id = ClosureId::new(act.now);
            waybill::transact!(pool, conn => {
                places::close_location(conn, &act, id, "WH-WAR", from.map(|d| act.now + d), until.map(|d| act.now + d), "Stock-take").await
            })
            .map(|()| id)
            .map_err(|e| e.refusal().expect("a refusal").fields[0].field.clone())
        }
    };
    let week = close(None, Some(TimeDelta::days(7))).await.unwrap();
    assert_eq!(close(Some(TimeDelta::days(6)), None).await.unwrap_err(), "/from");
    assert_eq!(close(None, Some(TimeDelta::days(-1))).await.unwrap_err(), "/until");
    assert_eq!(sender(&c).await, CODE);
    let place = places::read_place(&mut *c.conn().await, &c.system(), "WH-WAR").await.unwrap();
    assert_eq!((place.closed_now.as_deref(), place.touches.to_send), (Some("Stock-take"), 1));
    let explanation = waybill::orders::order_history(&mut *c.conn().await, &c.system(), c.place(&order(&[("LAMP", 1)])).await, None).await.unwrap();
    let reasons: Vec<String> = explanation.explanation.unwrap().candidates.into_iter().filter_map(|c| c.reason).collect();
    assert!(reasons.contains(&"was closed: Stock-take".to_owned()), "{reasons:?}");
    assert_eq!(c.status(kept).await, "released");

    let act = c.system();
    waybill::transact!(pool, conn => places::withdraw_closure(conn, &act, "WH-WAR", week).await).unwrap();
    assert_eq!(sender(&c).await, "WH-WAR");
    let again = waybill::transact!(pool, conn => places::withdraw_closure(conn, &act, "WH-WAR", week).await).unwrap_err();
    assert_eq!(again.refusal().unwrap().code, RefusalCode::NotFound);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_location_opens_and_takes_orders(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = c.system();
    let leeds = LocationSettings {
        name: "Leeds depot".to_owned(),
        street: "1 Example Road".to_owned(),
        city: "Leeds".to_owned(),
        postcode: "ls9 8ag".to_owned(),
        ..LocationSettings::starting()
    };
    waybill::transact!(pool, conn => places::open_location(conn, &act, "dp-lds", &leeds).await).unwrap();
    let twice = waybill::transact!(pool, conn => places::open_location(conn, &act, "DP-LDS", &leeds).await).unwrap_err();
    assert_eq!(twice.refusal().unwrap().fields[0].field, "/code");
    c.services.adjust_stock(&act, "LAMP", "DP-LDS", 5, waybill::inventory::MovementReason::Receipt, None).await.unwrap();
    assert_eq!(sender(&c).await, "DP-LDS");
    assert_eq!(places::list_places(&mut *c.conn().await, &act).await.unwrap().len(), 13);
    c.assert_sound().await;
}
