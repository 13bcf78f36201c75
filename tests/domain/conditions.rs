use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::identity::{Act, Actor, Role};
use waybill::ids::UserId;
use waybill::inventory::{Condition, MovementReason};
use waybill::orders::ConditionChange;
use waybill::refusal::RefusalCode;

const PLACE: &str = "WH-NTH";

fn change(quantity: i32, from: Condition, to: Option<Condition>) -> ConditionChange {
    ConditionChange { sku: "LAMP".to_owned(), location: PLACE.to_owned(), quantity, from, to }
}

/// (on hand, quarantined, damaged, available)
async fn lamps(c: &Company) -> (i32, i32, i32, i32) {
    let rows = c.stock_of("LAMP", None).await;
    let row = rows.iter().find(|r| r.location == "Northampton warehouse").unwrap();
    (row.on_hand, row.quarantined, row.damaged, row.available)
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_set_aside_is_promised_to_nobody(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 10)]).await;
    let act = c.system();
    c.services.change_condition(&act, &change(4, Condition::Sellable, Some(Condition::Quarantined)), None).await.unwrap();
    assert_eq!(lamps(&c).await, (6, 4, 0, 6));
    assert_eq!(c.place_error(&order(&[("LAMP", 7)])).await, RefusalCode::OutOfStock);
    c.services.change_condition(&act, &change(1, Condition::Quarantined, Some(Condition::Damaged)), None).await.unwrap();
    c.services.change_condition(&act, &change(2, Condition::Quarantined, Some(Condition::Sellable)), None).await.unwrap();
    c.services.change_condition(&act, &change(1, Condition::Damaged, None), None).await.unwrap();
    assert_eq!(lamps(&c).await, (8, 1, 0, 8));
    // A correction for damage keeps the broken thing in sight.
    c.services.adjust_stock(&act, "LAMP", PLACE, -3, MovementReason::Damage, None).await.unwrap();
    assert_eq!(lamps(&c).await, (5, 1, 3, 5));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn orders_lose_what_is_set_aside_and_nothing_becomes_less_than_nothing(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5)]).await;
    let sold = c.place(&order(&[("LAMP", 4)])).await;
    assert_eq!(c.services.change_condition(&c.system(), &change(2, Condition::Sellable, Some(Condition::Damaged)), None).await.unwrap(), 1);
    c.services.reroute_order(sold).await.unwrap();
    assert_eq!((lamps(&c).await.0, c.status(sold).await.as_str()), (3, "waiting"));
    for (wrong, field) in [
        (change(3, Condition::Damaged, None), "/quantity"),
        (change(9, Condition::Sellable, Some(Condition::Damaged)), "/quantity"),
        (change(1, Condition::Sellable, None), "/to"),
        (change(0, Condition::Damaged, Some(Condition::Sellable)), "/quantity"),
        (change(1, Condition::Damaged, Some(Condition::Damaged)), "/to"),
    ] {
        let refused = c.services.change_condition(&c.system(), &wrong, None).await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().fields[0].field, field, "{wrong:?}");
    }
    let store = Act::new(Actor::User { id: UserId(uuid::Uuid::nil()), role: Role::Store, location: None }, c.system().now);
    let elsewhere = c.services.change_condition(&store, &change(1, Condition::Sellable, Some(Condition::Damaged)), None).await.unwrap_err();
    assert_eq!(elsewhere.refusal().unwrap().code, RefusalCode::Forbidden, "another location's shelf");
    c.assert_sound().await;
}
