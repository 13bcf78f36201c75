use crate::company::{company, order};
use sqlx::PgPool;
use waybill::integrations::Key;
use waybill::refusal::RefusalCode;

/// 120 buyers of the last 50 lamps over two locations, in mixed baskets, every fifth of whom cancels.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_last_fifty_are_sold_once(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 30), ("LAMP", "WH-WAR", 20), ("MUG", "WH-NTH", 200), ("MUG", "ST-LDS", 200)]).await;
    let mut buyers = Vec::new();
    for n in 0..120 {
        let (services, act) = (c.services.clone(), c.system());
        buyers.push(tokio::spawn(async move {
            let basket = match n % 3 {
                0 => order(&[("LAMP", 1)]),
                1 => order(&[("MUG", 2), ("LAMP", 1)]),
                _ => order(&[("LAMP", 2), ("MUG", 1)]),
            };
            match services.place_order(&act, &basket, None).await {
                Ok(placed) => {
                    if n % 5 == 0 {
                        services.cancel_order(&act, placed.order_id, "changed my mind", None).await.unwrap();
                    }
                    None
                }
                Err(error) => Some(error.refusal().expect("a clear refusal").code),
            }
        }));
    }
    let mut refused = 0;
    for buyer in buyers {
        if let Some(code) = buyer.await.unwrap() {
            assert_eq!(code, RefusalCode::OutOfStock);
            refused += 1;
        }
    }
    assert!(refused > 0, "more lamps were wanted than there are");
    let free: i64 = sqlx::query_scalar("select sum(on_hand - reserved)::bigint from stock join skus using (sku_id) where code = 'LAMP'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(free >= 0);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_same_key_sent_at_once_is_one_order(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 100)]).await;
    let mut senders = Vec::new();
    for _ in 0..24 {
        let (services, act) = (c.services.clone(), c.system());
        senders.push(tokio::spawn(async move {
            let mut same = order(&[("LAMP", 1)]);
            same.external_id = Some("A-1".to_owned());
            services.place_order(&act, &same, Some(&Key::new("tester", "same", b"same"))).await.unwrap().order_id
        }));
    }
    let mut ids = Vec::new();
    for sender in senders {
        ids.push(sender.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let orders: i64 = sqlx::query_scalar("select count(*) from orders").fetch_one(&pool).await.unwrap();
    assert_eq!((orders, c.gateway.asked.lock().unwrap().len()), (1, 1));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_limited_location_takes_no_more_than_its_day(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 100)]).await;
    sqlx::query("update location_versions set daily_order_capacity = 7 where name = 'Northampton warehouse'").execute(&pool).await.unwrap();
    waybill::inventory::touch_network(&mut *c.conn().await).await.unwrap();
    let mut buyers = Vec::new();
    for _ in 0..20 {
        let (services, act) = (c.services.clone(), c.system());
        buyers.push(tokio::spawn(async move { services.place_order(&act, &order(&[("LAMP", 1)]), None).await.is_ok() }));
    }
    let mut taken = 0;
    for buyer in buyers {
        taken += i32::from(buyer.await.unwrap());
    }
    let counted: i32 = sqlx::query_scalar("select taken from capacity_days").fetch_one(&pool).await.unwrap();
    assert_eq!((taken, counted), (7, 7));
    let mut conn = c.conn().await;
    let network = waybill::inventory::network_at(&mut conn, c.system().now).await.unwrap();
    let then = waybill::inventory::stock_as_of(&mut conn, &network, &[], c.system().now).await.unwrap();
    assert_eq!(then.capacity_taken.into_values().collect::<Vec<_>>(), [7], "an explanation knows that the day was full");
    drop(conn);

    // Who calls off makes room for another.
    let first: uuid::Uuid = sqlx::query_scalar("select order_id from orders limit 1").fetch_one(&pool).await.unwrap();
    c.services.cancel_order(&c.system(), waybill::ids::OrderId(first), "no longer wanted", None).await.unwrap();
    c.place(&order(&[("LAMP", 1)])).await;
    assert!(c.services.place_order(&c.system(), &order(&[("LAMP", 1)]), None).await.is_err(), "the day is full again");
    c.assert_sound().await;
}
