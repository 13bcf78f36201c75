//! Reading what may be sold, and what is owed, before it is there.

use super::views::{LaterOffer, TermsRow};
use super::{LaterKind, LaterTerms, Owed, open_backorders, rooms};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, ProductId, SkuId};
use crate::inventory::Network;
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The terms in force at a moment, those expected first before the others.
pub async fn later_terms_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<BTreeMap<SkuId, Vec<LaterTerms>>> {
    let rows = sqlx::query!(
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", kind as "kind: LaterKind", most_units, expected_at, until
        from backorder_terms
        where valid @> $1::timestamptz
        order by sku_id, expected_at, location_id, most_units"#,
        at
    )
    .fetch_all(conn)
    .await?;
    let mut terms: BTreeMap<SkuId, Vec<LaterTerms>> = BTreeMap::new();
    for r in rows {
        let one = LaterTerms { location: r.location, kind: r.kind, most_units: r.most_units, expected_at: r.expected_at, until: r.until };
        terms.entry(r.sku).or_default().push(one);
    }
    Ok(terms)
}

/// Units that were owed at a moment, by SKU and location: in all, and to those who come before an order: who was promised an earlier day, of the same day
/// who placed it first; to all where it is left out.
pub async fn owed_at(
    conn: &mut PgConnection,
    skus: &[SkuId],
    at: DateTime<Utc>,
    placed: Option<(DateTime<Utc>, OrderId)>,
) -> Result<BTreeMap<(SkuId, LocationId), (i32, i32)>> {
    let rows = sqlx::query!(
        r#"select b.sku_id as "sku: SkuId", b.location_id as "location: LocationId", sum(b.quantity)::integer as "all!",
            coalesce(sum(b.quantity) filter (
                where $3::timestamptz is null or case
                    when own.expected_at is null then (o.placed_at, o.order_id) < ($3, $4::uuid)
                    else (b.expected_at, o.placed_at, o.order_id) < (own.expected_at, $3, $4)
                end
            ), 0)::integer as "ahead!"
        from backorders b
        join orders o using (order_id)
        left join lateral (
            select min(x.expected_at) as expected_at
            from backorders x
            where x.order_id = $4 and x.sku_id = b.sku_id and x.location_id = b.location_id
                and x.opened_at <= $2 and (x.closed_at is null or x.closed_at > $2)
        ) own on true
        where b.sku_id = any ($1) and b.opened_at <= $2 and (b.closed_at is null or b.closed_at > $2)
        group by b.sku_id, b.location_id"#,
        &skus.iter().map(|s| s.0).collect::<Vec<_>>(),
        at,
        placed.map(|p| p.0),
        placed.map(|p| p.1.0)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| ((r.sku, r.location), (r.all, r.ahead))).collect())
}

/// When what is owed to an order comes as things stand, each with the moment; none where nobody knows. The caller holds the order's lock.
pub async fn arrivals(conn: &mut PgConnection, order: OrderId) -> Result<Vec<(Owed, Option<DateTime<Utc>>)>> {
    // Named, so that nobody is counted who waits for other things.
    let skus: Vec<_> = open_backorders(conn, order).await?.into_iter().map(|owed| owed.sku.0).collect();
    let rows = sqlx::query!(
        r#"select sku_id as "sku!: SkuId", location_id as "location!: LocationId", order_id as "order!: OrderId", line_no as "line_no!",
            quantity as "quantity!", kind as "kind!: LaterKind", expected_at as "expected_at!", comes_at
        from awaited_backorders
        where order_id = $1 and sku_id = any ($2)
        order by sku_id, location_id, line_no"#,
        order.0,
        &skus
    )
    .fetch_all(conn)
    .await?;
    let owed = rows.into_iter().map(|r| {
        let (sku, location, order, line_no, quantity) = (r.sku, r.location, r.order, r.line_no, r.quantity);
        (Owed { sku, location, order, line_no, quantity, kind: r.kind, expected_at: r.expected_at }, r.comes_at)
    });
    Ok(owed.collect())
}

/// Terms of a SKU, by location.
pub async fn terms_of_sku(conn: &mut PgConnection, act: &Act, sku: &str) -> Result<Vec<TermsRow>> {
    act.require(Permission::ReadStock)?;
    let rows = sqlx::query_as!(
        TermsRow,
        r#"select t.location_id as "location_id!: LocationId", l.code as "code!", v.name as "location!", t.kind as "kind!: LaterKind",
            t.most_units as "most_units!", coalesce(s.backordered, 0) as "backordered!", t.expected_at,
            (t.expected_at at time zone v.time_zone)::date as expected_on, t.until, t.follows as "follows!"
        from (
            select sku_id, location_id, kind, most_units, expected_at, until, follows from backorder_terms where valid @> $2::timestamptz
            union all
            select sku_id, location_id, 'backorder', most_units, null, until, true
            from followed_receipts f
            where not exists (
                select from backorder_terms b where b.sku_id = f.sku_id and b.location_id = f.location_id and b.valid @> $2::timestamptz
            )
        ) t
        join skus k using (sku_id)
        left join stock s using (sku_id, location_id)
        join locations l using (location_id)
        join location_versions v on v.location_id = t.location_id and v.valid @> $2::timestamptz
        where k.code = $1
        order by t.expected_at, v.name"#,
        sku,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// What of a product's SKUs can be ordered before it is there, to be sent.
pub async fn later_of_product(conn: &mut PgConnection, act: &Act, network: &Network, product: ProductId) -> Result<Vec<LaterOffer>> {
    act.require(Permission::ReadCatalog)?;
    let rows = sqlx::query!(
        r#"select s.sku_id as "sku: SkuId", s.location_id as "location: LocationId", s.backordered
        from skus
        join stock s using (sku_id)
        where skus.product_id = $1 and s.backorder_limit > 0"#,
        product.0
    )
    .fetch_all(conn)
    .await?;
    let mut offers: BTreeMap<SkuId, LaterOffer> = BTreeMap::new();
    for r in rows {
        let Some(place) = network.location(r.location).filter(|l| l.ships && network.allowed(r.sku, l.id).ship) else { continue };
        let terms = network.later.get(&r.sku).map(Vec::as_slice).unwrap_or_default();
        for (terms, units) in rooms(terms, act.now, |_| r.backordered).filter(|(terms, _)| terms.location == place.id) {
            let expected_on = place.day(terms.expected_at);
            let offer = offers.entry(r.sku).or_insert(LaterOffer { sku: r.sku, kind: terms.kind, units: 0, expected_on });
            offer.units += units;
            offer.expected_on = offer.expected_on.min(expected_on);
        }
    }
    Ok(offers.into_values().collect())
}
