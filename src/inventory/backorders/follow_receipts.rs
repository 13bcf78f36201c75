//! Terms that follow what has been bought: what may be sold before it is there is what purchase orders say will come, on the days that they say.

use super::set_terms::{end_version, limit, open_version};
use super::{LaterKind, LaterTerms};
use crate::identity::Act;
use crate::ids::{LocationId, SkuId};
use crate::inventory::{make_rows, touch_network};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Locks what follows purchase orders of some SKUs at a location, then their stock rows: first, by those who change more of them afterwards.
pub async fn lock_followed(conn: &mut PgConnection, location: LocationId, skus: &[SkuId]) -> Result<()> {
    let ids: Vec<_> = skus.iter().map(|s| s.0).collect();
    sqlx::query!("select from followed_receipts where location_id = $1 and sku_id = any ($2) order by sku_id for update", location.0, &ids)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("select from stock where location_id = $1 and sku_id = any ($2) order by sku_id for update", location.0, &ids).execute(conn).await?;
    Ok(())
}

/// Brings terms in line with what is expected, where they follow that: called by whoever changes purchase orders, in the same transaction. Orders that
/// were promised another day are looked at by the loop that watches promises.
pub async fn follow_receipts(conn: &mut PgConnection, act: &Act, location: LocationId, skus: &[SkuId]) -> Result<()> {
    let ids: Vec<_> = skus.iter().map(|s| s.0).collect();
    let followed = sqlx::query!(
        r#"select sku_id as "sku: SkuId", most_units, until from followed_receipts
        where location_id = $1 and sku_id = any ($2)
        order by sku_id
        for update"#,
        location.0,
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut changed = false;
    for one in followed {
        let wanted = expected(conn, act, one.sku, location, one.most_units, one.until).await?;
        let known = sqlx::query_as!(
            LaterTerms,
            r#"select location_id as "location: LocationId", kind as "kind: LaterKind", most_units, expected_at, until
            from backorder_terms
            where sku_id = $1 and location_id = $2 and upper_inf(valid)
            order by expected_at"#,
            one.sku.0,
            location.0
        )
        .fetch_all(&mut *conn)
        .await?;
        if wanted == known {
            continue;
        }
        end_version(conn, act, one.sku, location).await?;
        open_version(conn, act, one.sku, location, &wanted, true).await?;
        make_rows(conn, &[(one.sku, location)]).await?;
        limit(conn, one.sku, location, wanted.last().map_or(0, |terms| terms.most_units)).await?;
        changed = true;
    }
    if changed {
        touch_network(conn).await?;
    }
    Ok(())
}

/// What is expected of a SKU at a location, day by day, each with all that has come until then. What should have come already has no day.
async fn expected(
    conn: &mut PgConnection,
    act: &Act,
    sku: SkuId,
    location: LocationId,
    most_units: i32,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<LaterTerms>> {
    let days = sqlx::query!(
        r#"select (e.expected_on::timestamp at time zone v.time_zone) as "expected_at!", e.units as "units!"
        from expected_receipts e
        join location_versions v on v.location_id = e.location_id and v.valid @> $3::timestamptz
        where e.sku_id = $1 and e.location_id = $2
        order by 1"#,
        sku.0,
        location.0,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let mut terms: Vec<LaterTerms> = Vec::new();
    let mut all = 0i32;
    for day in days.into_iter().filter(|day| day.expected_at > act.now) {
        let before = all;
        all = all.saturating_add(day.units).min(most_units);
        if all > before {
            terms.push(LaterTerms { location, kind: LaterKind::Backorder, most_units: all, expected_at: day.expected_at, until });
        }
    }
    Ok(terms)
}
