use crate::company::now;
use sqlx::{PgConnection, PgPool};
use std::time::Duration;
use uuid::Uuid;
use waybill::events::{self, Cursor, EventKind, StreamKind};
use waybill::identity::Act;

async fn append(conn: &mut PgConnection, stream: u128, kind: EventKind) {
    events::append(conn, &Act::system(now()), StreamKind::Order, Uuid::from_u128(stream), vec![kind.into()]).await.unwrap();
}

/// Reads on until `count` events have come. Other tests' transactions run in the same cluster, and a reader waits for those, too.
async fn read(pool: &PgPool, cursor: &mut Cursor, count: usize) -> Vec<(u128, i32)> {
    let mut seen = Vec::new();
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    while seen.len() < count && tokio::time::Instant::now() < until {
        for (after, event) in events::read_after(&mut pool.acquire().await.unwrap(), None, *cursor, 2).await.unwrap() {
            *cursor = after;
            seen.push((event.stream_id.as_u128(), event.version));
        }
        tokio::task::yield_now().await;
    }
    seen
}

async fn nothing_to_read(pool: &PgPool, cursor: Cursor) -> bool {
    events::read_after(&mut pool.acquire().await.unwrap(), None, cursor, 2).await.unwrap().is_empty()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_stalled_transaction_loses_no_event(pool: PgPool) {
    let mut cursor = Cursor { horizon: 0, position: 0 };
    // The stalled one takes its position first and commits last.
    let mut stalled = pool.begin().await.unwrap();
    append(&mut stalled, 1, EventKind::OrderCaptured).await;
    let mut quick = pool.begin().await.unwrap();
    append(&mut quick, 2, EventKind::OrderCaptured).await;
    quick.commit().await.unwrap();
    assert!(nothing_to_read(&pool, cursor).await, "nothing behind the stalled one is read yet");
    stalled.commit().await.unwrap();
    assert_eq!(read(&pool, &mut cursor, 2).await, [(1, 1), (2, 1)]);
    assert!(nothing_to_read(&pool, cursor).await);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_position_below_one_that_was_read_is_not_lost(pool: PgPool) {
    let mut cursor = Cursor { horizon: 0, position: 0 };
    // The early transaction gets its id first, but its position after the other's.
    let mut early = pool.begin().await.unwrap();
    sqlx::query("select pg_current_xact_id()").execute(&mut *early).await.unwrap();
    let mut late = pool.begin().await.unwrap();
    append(&mut late, 2, EventKind::OrderCaptured).await;
    append(&mut early, 1, EventKind::OrderCaptured).await;
    early.commit().await.unwrap();
    assert_eq!(read(&pool, &mut cursor, 1).await, [(1, 1)], "the early one is below every running transaction");
    late.commit().await.unwrap();
    assert_eq!(read(&pool, &mut cursor, 1).await, [(2, 1)], "its position is lower, and it is still read");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_stream_is_read_in_the_order_of_its_versions(pool: PgPool) {
    let mut cursor = Cursor { horizon: 0, position: 0 };
    // The older transaction writes the newer version.
    let mut older = pool.begin().await.unwrap();
    sqlx::query("select pg_current_xact_id()").execute(&mut *older).await.unwrap();
    let mut newer = pool.begin().await.unwrap();
    append(&mut newer, 1, EventKind::OrderCaptured).await;
    newer.commit().await.unwrap();
    append(&mut older, 1, EventKind::OrderCancelled).await;
    older.commit().await.unwrap();
    assert_eq!(read(&pool, &mut cursor, 2).await, [(1, 1), (1, 2)]);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn history_cannot_be_rewritten(pool: PgPool) {
    let mut conn = pool.acquire().await.unwrap();
    append(&mut conn, 1, EventKind::OrderCaptured).await;
    for statement in ["update events set kind = 'shipped'", "delete from events", "truncate events"] {
        let error = sqlx::raw_sql(statement).execute(&mut *conn).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "even for the owner: {statement}: {error}");
    }
    sqlx::raw_sql("set role waybill_app").execute(&mut *conn).await.unwrap();
    for table in ["events", "stock_movements", "ledger_entries"] {
        for verb in ["update", "delete", "truncate"] {
            let allowed: bool =
                sqlx::query_scalar("select has_table_privilege('waybill_app', $1, $2)").bind(table).bind(verb).fetch_one(&mut *conn).await.unwrap();
            assert!(!allowed, "{verb} on {table}");
        }
    }
}
