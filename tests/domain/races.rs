use crate::company::{company, now, order};
use sqlx::PgPool;
use waybill::idempotency::Key;
use waybill::identity::Actor;
use waybill::ids::OrderId;
use waybill::orders::{Claiming, Intake, NewOrder, Outcome, capture_orders};
use waybill::refusal::RefusalCode;
use waybill::services::Services;

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
    let then = waybill::inventory::stock_as_of(&mut conn, &network, &[], c.system().now, None, false).await.unwrap();
    assert_eq!(then.capacity_taken.into_values().collect::<Vec<_>>(), [7], "an explanation knows that the day was full");
    drop(conn);

    // Who calls off makes room for another.
    let first: uuid::Uuid = sqlx::query_scalar("select order_id from orders limit 1").fetch_one(&pool).await.unwrap();
    c.services.cancel_order(&c.system(), waybill::ids::OrderId(first), "no longer wanted", None).await.unwrap();
    c.place(&order(&[("LAMP", 1)])).await;
    assert!(c.services.place_order(&c.system(), &order(&[("LAMP", 1)]), None).await.is_err(), "the day is full again");
    c.assert_sound().await;
}

/// Everything that can meet in one transaction: a key sent twice and reused, an order that is wrong, a channel's number sent twice, and the
/// last units, which go to who came first.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn orders_taken_in_together_are_answered_each_for_itself(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 3), ("MUG", "WH-NTH", 9)]).await;
    let intake = |new: NewOrder, key: Option<Key>| Intake { act: c.system(), order_id: OrderId::new(c.system().now), new, key };
    let numbered = |mut new: NewOrder| {
        new.external_id = Some("A-1".to_owned());
        new
    };
    let key = |request: &[u8]| Some(Key::new("tester", "k", request));
    let batch = [
        intake(order(&[("LAMP", 2)]), key(b"one")),
        intake(order(&[("LAMP", 2)]), key(b"one")),
        intake(order(&[("MUG", 1)]), key(b"other")),
        intake(order(&[("NOTHING", 1)]), None),
        intake(order(&[("MUG", 1), ("LAMP", 2)]), None),
        intake(numbered(order(&[("LAMP", 1)])), None),
        intake(numbered(order(&[("MUG", 1)])), None),
    ];
    let outcomes = waybill::transact!(pool, conn => {
        let planning = c.services.planning.get(conn, c.system().now).await?;
        capture_orders(conn, &planning, &batch, Claiming::Hopeful).await
    })
    .unwrap();
    let refusal = |outcome: &Outcome| match outcome {
        Outcome::Refused(refusal) => (refusal.code, refusal.fields.first().map(|f| f.message.clone()).unwrap_or_default()),
        other => panic!("{other:?}"),
    };
    assert!(matches!(&outcomes[0], Outcome::Captured(captured) if captured.order_id == batch[0].order_id));
    assert_eq!(outcomes[1], Outcome::Replayed(batch[0].order_id));
    assert_eq!(refusal(&outcomes[2]).0, RefusalCode::IdempotencyMismatch);
    assert_eq!(refusal(&outcomes[3]), (RefusalCode::Invalid, "There is no SKU “NOTHING”. Check the code.".to_owned()));
    assert_eq!(refusal(&outcomes[4]), (RefusalCode::OutOfStock, "Only 1 of A lamp (LAMP) can be had. Order 1 or fewer.".to_owned()));
    assert!(matches!(&outcomes[5], Outcome::Captured(_)));
    assert!(refusal(&outcomes[6]).1.contains("was sent twice at the same moment"));
    c.assert_sound().await;
    // What was refused has kept nothing: its key may be sent again.
    let (keys, orders): (i64, i64) =
        sqlx::query_as("select (select count(*) from idempotency_keys), (select count(*) from orders)").fetch_one(&pool).await.unwrap();
    assert_eq!((keys, orders), (1, 2));
}

/// A plan made on stock that is gone by the time of the claim is undone whole, and a certain claim cannot be outrun.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whoever_was_outrun_is_undone_whole(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 1)]).await;
    let batch =
        |services: &Services| [Intake { act: services.act(Actor::System), order_id: OrderId::new(now()), new: order(&[("LAMP", 1)]), key: None }];
    let mut first = pool.begin().await.unwrap();
    let planning = c.services.planning.get(&mut first, now()).await.unwrap();
    capture_orders(&mut first, &planning, &batch(&c.services), Claiming::Hopeful).await.unwrap();
    // The second plans on the lamp that the first has taken and not committed, and waits for it at the claim.
    let (services, second_pool, second_planning) = (c.services.clone(), pool.clone(), planning.clone());
    let second = tokio::spawn(async move {
        let mut conn = second_pool.begin().await.unwrap();
        capture_orders(&mut conn, &second_planning, &batch(&services), Claiming::Hopeful).await.map_err(|e| e.is_retryable())
    });
    wait_until_somebody_waits(&pool).await;
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), Err(true), "outrun, and worth running again");
    let mut third = pool.begin().await.unwrap();
    let again = capture_orders(&mut third, &planning, &batch(&c.services), Claiming::Certain).await.unwrap();
    assert!(matches!(&again[0], Outcome::Refused(refusal) if refusal.code == RefusalCode::OutOfStock));
    drop(third);
    c.assert_sound().await;
}

async fn wait_until_somebody_waits(pool: &PgPool) {
    let waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(pool).await.unwrap() {
        tokio::task::yield_now().await;
    }
}
