//! What routing rules may ask about SKUs, at any moment.

use super::{Handling, SkuTraits};
use crate::ids::{ProductId, SkuId};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The traits of some SKUs as they were at a moment.
pub async fn traits_of(conn: &mut PgConnection, skus: &[SkuId], at: DateTime<Utc>) -> Result<HashMap<SkuId, Arc<SkuTraits>>> {
    let ids: Vec<Uuid> = skus.iter().map(|s| s.0).collect();
    let rows = sqlx::query!(
        r#"select s.sku_id as "sku: SkuId", s.code, coalesce(b.category, p.category) as "category!", coalesce(b.brand, p.brand) as "brand!",
            coalesce(b.tags, p.tags) as "tags!", coalesce(b.handling, s.handling) as "handling!"
        from skus s
        join products p using (product_id)
        left join sku_traits_before b on b.sku_id = s.sku_id and b.valid @> $2::timestamptz
        where s.sku_id = any ($1)"#,
        &ids,
        at
    )
    .fetch_all(conn)
    .await?;
    let traits = rows.into_iter().map(|r| {
        let handling = r.handling.iter().filter_map(|h| h.parse::<Handling>().ok()).collect();
        (r.sku, Arc::new(SkuTraits { code: r.code, category: r.category, brand: r.brand, tags: r.tags, handling }))
    });
    Ok(traits.collect())
}

/// Keeps what the SKUs of a product have been until now, before it is changed.
pub(super) async fn keep_traits(conn: &mut PgConnection, product: ProductId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into sku_traits_before (sku_id, valid, category, brand, tags, handling)
        select s.sku_id, tstzrange(b.since, $2), p.category, p.brand, p.tags, s.handling
        from skus s
        join products p using (product_id)
        left join lateral (select max(upper(valid)) as since from sku_traits_before where sku_id = s.sku_id) b on true
        where s.product_id = $1 and (b.since is null or b.since < $2)",
        product.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
