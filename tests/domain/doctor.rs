use crate::company::{company, order, violations};
use sqlx::PgPool;

/// Breaks each invariant on purpose, with the guards of the database taken away, and sees it named.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn names_every_broken_invariant(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 5)]).await;
    let id = c.place(&order(&[("LAMP", 2)])).await;
    let number = c.text("select number from orders where order_id = $1", id).await;
    c.assert_sound().await;
    sqlx::raw_sql(
        "alter table stock drop constraint stock_no_oversell;
        alter table order_lines drop constraint order_lines_quantities;
        alter table orders drop constraint orders_total;
        alter table payments drop constraint payments_check1",
    )
    .execute(&pool)
    .await
    .unwrap();
    let cases = [
        ("update stock set reserved = on_hand + 1 where reserved > 0", "no-oversell: SKU LAMP at WH-NTH: on hand 5, reserved 6, backordered 0 of 0"),
        ("update fulfilment_orders set capacity_day = '2026-03-01'", "no-oversell: location WH-NTH on 2026-03-01: 0 orders counted but"),
        ("insert into slot_days values ('evenings', now(), 1, 1)", "no-oversell: slot"),
        ("update stock set on_hand = on_hand + 1", "stock-ledger: SKU"),
        ("update order_lines set shipped = 1", "quantities: order"),
        ("update orders set status = 'completed'", "quantities: order"),
        ("update order_lines set open = 1, cancelled = 1", "quantities: order"),
        ("update orders set goods_minor = goods_minor + 1", "money: order"),
        ("update payments set captured_minor = 1", "money: order"),
        (
            "insert into ledger_entries (order_id, journal_id, account, amount_minor, currency, occurred_at) select order_id, gen_random_uuid(), 'tax', 1, 'GBP', now() from orders",
            "money: journal",
        ),
        (
            "insert into payment_operations select order_id, gen_random_uuid(), payment_no, kind, amount_minor, fulfilment_no, state, detail, requested_at, answered_at from payment_operations",
            "exactly once: order",
        ),
        (
            "with w as (
                insert into webhooks (webhook_id, name, url, kinds, paused, version, created_at, horizon, position)
                values (gen_random_uuid(), 'ERP', 'https://erp.example.com/', '{}', false, 1, now(), 0, 0)
                returning webhook_id
            )
            insert into webhook_deliveries (delivery_id, webhook_id, order_id, version, kind, state, is_next, due_at, created_at)
            select gen_random_uuid(), webhook_id, order_id, 1, 'shipped', 'queued', false, now(), now() from w, orders",
            "nothing lost: delivery",
        ),
    ];
    for (damage, named) in cases {
        let mut tx = pool.begin().await.unwrap();
        sqlx::raw_sql(damage).execute(&mut *tx).await.unwrap();
        // The doctor reads one snapshot of its own: let it see the damage, then undo it.
        let found: Vec<String> =
            { waybill::doctor::checks(&mut tx).await.unwrap().into_iter().map(|v| format!("{}: {}", v.invariant, v.detail)).collect() };
        tx.rollback().await.unwrap();
        assert!(found.iter().any(|f| f.starts_with(named)), "{damage}: {found:?}");
        if named.ends_with(": order") && !named.starts_with("exactly") {
            assert!(found.iter().any(|f| f.contains(&number)), "it names the order: {found:?}");
        }
    }
    assert_eq!(violations(&pool).await, Vec::<String>::new());
}
