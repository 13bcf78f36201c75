use crate::company::{company, order};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use waybill::inventory::levels::Levels;
use waybill::inventory::{close_month, stock_of_all};

/// Movements and reservations of five months, one every eight hours, written as if they had happened then.
const PAST: &str = "
    insert into stock_movements (sku_id, location_id, quantity, reason, condition, actor_kind, occurred_at)
    select s.sku_id, l.location_id, 1 + n % 7, 'receipt', case when n % 5 = 0 then 'damaged' end, 'system', now() - interval '150 days' + n * interval '8 hours'
    from generate_series(0, 449) as n
    join (select sku_id, row_number() over (order by code) - 1 as i from skus) s on s.i = n % 3
    join (select location_id, row_number() over (order by code) - 1 as i from locations) l on l.i = n % 4;
    insert into reservations (sku_id, reservation_id, location_id, quantity, order_id, opened_at, closed_at, outcome)
    select s.sku_id, gen_random_uuid(), l.location_id, 1, gen_random_uuid(), now() - interval '150 days' + n * interval '8 hours',
        case when n % 3 > 0 then now() - interval '150 days' + n * interval '8 hours' + (n % 40) * interval '1 day' end, case when n % 3 > 0 then 'released' end
    from generate_series(0, 300) as n
    join (select sku_id, row_number() over (order by code) - 1 as i from skus) s on s.i = n % 3
    join (select location_id, row_number() over (order by code) - 1 as i from locations) l on l.i = n % 4";

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn any_moment_is_the_closing_before_it_and_what_happened_since(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 10)]).await;
    sqlx::raw_sql(PAST).execute(&pool).await.unwrap();
    let now = c.system().now;
    let moments: Vec<DateTime<Utc>> = (0..40).map(|n| now - TimeDelta::days(151) + TimeDelta::hours(91 * n)).collect();
    let mut before = Vec::new();
    for at in &moments {
        before.push(stock_of_all(&mut *c.conn().await, *at).await.unwrap());
    }
    let closings = async || -> u32 {
        let mut closed = 0;
        while waybill::transact!(pool, conn => close_month(conn, now).await).unwrap() {
            closed += 1;
        }
        closed
    };
    // Two nodes at once close each month once; later there is nothing left to close.
    let (first, second) = tokio::join!(closings(), closings());
    assert!((4..=6).contains(&(first + second)), "{first} and {second}");
    assert_eq!(closings().await, 0);
    for (at, before) in moments.iter().zip(before) {
        let after = stock_of_all(&mut *c.conn().await, *at).await.unwrap();
        let there = |levels: &Levels| levels.iter().filter(|(.., l)| l.on_hand != 0 || l.reserved != 0).collect::<Vec<_>>();
        assert_eq!(there(&after), there(&before), "{at}");
    }
    // The same by SKU, which goes another way.
    let id = c.place(&order(&[("LAMP", 1)])).await;
    let all = stock_of_all(&mut *c.conn().await, c.system().now).await.unwrap();
    let network = c.services.network_of(None).await.unwrap();
    for (sku, place, level) in all.iter() {
        let one = waybill::inventory::stock_as_of(&mut *c.conn().await, &network, &[sku], c.system().now, None, false).await.unwrap();
        let one = one.levels.get(sku, place);
        assert_eq!((one.on_hand, one.reserved), (level.on_hand, level.reserved));
    }
    c.services.cancel_order(&c.system(), id, "changed my mind", None).await.unwrap();
}
