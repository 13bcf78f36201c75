use crate::company::{Company, company, order};
use chrono::TimeDelta;
use sqlx::PgPool;
use waybill::customers::put_customer_group;
use waybill::customers::views::CustomerGroup;
use waybill::identity::{Act, Actor};
use waybill::ids::StockRuleId;
use waybill::inventory::MovementReason;
use waybill::inventory::rules::{NewRule, put_rule};
use waybill::orders::{Kept, Method, NewHold, NewOrder};
use waybill::refusal::{Error, RefusalCode};

const PLACE: &str = "WH-NTH";

fn basket(lines: &[(&str, i32)]) -> NewHold {
    NewHold {
        channel: "web".to_owned(),
        method: Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: None,
        postcode: None,
        lines: lines.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect(),
    }
}

async fn keep(c: &Company, lines: &[(&str, i32)]) -> Result<Kept, Error> {
    c.services.hold_basket(&Act::new(Actor::Visitor, c.system().now), &basket(lines), None, None).await.map(Option::unwrap)
}

/// (reserved, available) of the lamp.
async fn lamps(c: &Company) -> (i32, i32) {
    let rows = c.stock_of("LAMP", None).await;
    rows.iter().map(|r| (r.reserved, r.available)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

fn with_hold(kept: Kept, lines: &[(&str, i32)]) -> NewOrder {
    NewOrder { hold: Some(kept.hold.to_string()), ..order(lines) }
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_kept_back_from_a_group_is_kept_from_its_baskets(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5)]).await;
    let act = c.system();
    let hold = async |group: &str, units| {
        let new = NewHold { customer_group: Some(group.to_owned()), ..basket(&[("LAMP", units)]) };
        c.services.hold_basket(&c.system(), &new, None, None).await.map_err(|e| e.refusal().unwrap().fields[0].clone())
    };
    assert_eq!(hold("trade", 1).await.unwrap_err().field, "/customer_group");
    let group = CustomerGroup { code: "trade".to_owned(), name: "Trade customers".to_owned() };
    waybill::transact!(c.services.pool, conn => put_customer_group(conn, &act, &group).await).unwrap();
    let rule = NewRule { kind: "safety".to_owned(), units: Some(3), customer_group: "trade".to_owned(), ..NewRule::default() };
    waybill::transact!(c.services.pool, conn => put_rule(conn, &act, StockRuleId::new(act.now), &rule).await).unwrap();
    let refused = hold("trade", 3).await.unwrap_err();
    assert_eq!(refused.message, "Only 2 of A lamp (LAMP) can be had. Order 2 or fewer.");
    hold("trade", 2).await.unwrap().unwrap();
    hold("", 3).await.unwrap().unwrap();
    assert_eq!(lamps(&c).await, (5, 0));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_basket_keeps_its_units_until_it_is_an_order(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5), ("MUG", PLACE, 5)]).await;
    let kept = keep(&c, &[("LAMP", 4)]).await.unwrap();
    assert_eq!(c.place_error(&order(&[("LAMP", 2)])).await, RefusalCode::OutOfStock, "somebody has it in the basket");
    let refused = keep(&c, &[("MUG", 1), ("LAMP", 2)]).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().fields[0].field, "/lines/1/quantity");
    // Changed in the basket: the new one has the units of the old.
    let visitor = Act::new(Actor::Visitor, c.system().now);
    let kept = c.services.hold_basket(&visitor, &basket(&[("LAMP", 5)]), Some(kept.hold), None).await.unwrap().unwrap();
    assert_eq!(lamps(&c).await, (5, 0));
    c.assert_sound().await;
    // One hold becomes one order, even where two are sent at once.
    let two = with_hold(kept, &[("LAMP", 3)]);
    let act = c.system();
    let (first, second) = tokio::join!(c.services.place_order(&act, &two, None), c.services.place_order(&act, &two, None));
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(lamps(&c).await, (3, 2));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_hold_ends_once_by_its_time_unless_it_is_extended(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5)]).await;
    let kept = keep(&c, &[("LAMP", 4)]).await.unwrap();
    let late = Act::system(kept.until);
    // Extended at the checkout: its first time passes, and nothing happens.
    let longer = waybill::transact!(c.services.pool, conn => {
        let planning = c.services.planning.get(conn, late.now).await?;
        waybill::orders::extend_hold(conn, &Act::system(late.now - TimeDelta::minutes(1)), &planning, kept.hold).await
    })
    .unwrap();
    assert!(longer.until > kept.until);
    waybill::transact!(c.services.pool, conn => waybill::orders::expire_hold(conn, &late, kept.hold).await).unwrap();
    assert_eq!(lamps(&c).await, (4, 1));
    // However often, not for ever.
    for _ in 0..10 {
        let at = c.system().now + TimeDelta::minutes(28);
        waybill::transact!(c.services.pool, conn => {
            let planning = c.services.planning.get(conn, at).await?;
            waybill::orders::extend_hold(conn, &Act::system(at), &planning, kept.hold).await
        })
        .unwrap();
    }
    let last: chrono::DateTime<chrono::Utc> = sqlx::query_scalar("select expires_at from holds").fetch_one(&pool).await.unwrap();
    assert!(last - c.system().now <= TimeDelta::minutes(60));
    // Many nodes end it at once; it is freed once.
    let over = Act::system(last);
    let ends = (0..8).map(|_| {
        let (pool, over) = (pool.clone(), over.clone());
        tokio::spawn(async move { waybill::transact!(pool, conn => waybill::orders::expire_hold(conn, &over, kept.hold).await) })
    });
    for end in ends.collect::<Vec<_>>() {
        end.await.unwrap().unwrap();
    }
    c.services.release_hold(&c.system(), kept.hold).await.unwrap();
    assert_eq!(lamps(&c).await, (0, 5));
    c.assert_sound().await;
    // An order that comes too late takes what is there.
    c.place(&with_hold(kept, &[("LAMP", 5)])).await;
    assert_eq!(c.services.extend_hold(&c.system(), kept.hold).await.unwrap_err().refusal().unwrap().code, RefusalCode::NotFound);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn stock_that_shrinks_takes_baskets_before_orders(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 5)]).await;
    let sold = c.place(&order(&[("LAMP", 2)])).await;
    let kept = keep(&c, &[("LAMP", 3)]).await.unwrap();
    assert_eq!(c.services.adjust_stock(&c.system(), "LAMP", PLACE, -3, MovementReason::Adjustment, None).await.unwrap(), 0);
    assert_eq!((lamps(&c).await, c.status(sold).await.as_str()), ((2, 0), "released"));
    assert_eq!(c.services.extend_hold(&c.system(), kept.hold).await.unwrap_err().refusal().unwrap().code, RefusalCode::NotFound);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn buyers_with_and_without_baskets_never_take_the_same_unit(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 20), ("LAMP", "WH-WAR", 20), ("MUG", PLACE, 20)]).await;
    let buyers = (0..60).map(|n| {
        let services = c.services.clone();
        tokio::spawn(async move {
            let act = services.act(Actor::System);
            let lines: &[(&str, i32)] = if n % 3 == 0 { &[("MUG", 1), ("LAMP", 1)] } else { &[("LAMP", 1)] };
            let hold = services.hold_basket(&act, &basket(lines), None, None).await.ok().flatten();
            match hold {
                Some(kept) if n % 5 == 0 => services.release_hold(&act, kept.hold).await.map(|()| 0).unwrap(),
                kept => {
                    let new = NewOrder { hold: kept.map(|k| k.hold.to_string()), ..order(lines) };
                    match services.place_order(&act, &new, None).await {
                        Ok(_) => 1,
                        Err(error) => {
                            assert_eq!(error.refusal().unwrap().code, RefusalCode::OutOfStock, "{error}");
                            assert!(kept.is_none(), "what was kept could not be had: {error}");
                            0
                        }
                    }
                }
            }
        })
    });
    let mut sold = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        sold += buyer.await.unwrap();
    }
    assert_eq!(lamps(&c).await, (sold, 40 - sold));
    c.assert_sound().await;
}
