-- What a shopper may count on: on hand, less reserved, less the largest safety stock that applies.
select
    s.sku_id as "sku: SkuId",
    s.location_id as "location_id: LocationId",
    v.name as location,
    v.kind as "kind: LocationKind",
    v.offers_pickup,
    (s.on_hand - s.reserved - coalesce(safety.quantity, 0)) as "available!"
from skus
join stock s using (sku_id)
join location_versions v on v.location_id = s.location_id and v.valid @> $2::timestamptz
left join lateral (
    select max(quantity) as quantity
    from safety_stocks
    where valid @> $2::timestamptz
        and (safety_stocks.sku_id is null or safety_stocks.sku_id = s.sku_id)
        and (safety_stocks.location_id is null or safety_stocks.location_id = s.location_id)
) safety on true
where skus.product_id = $1
    and not exists (select from location_closures c where c.location_id = s.location_id and c.valid @> $2::timestamptz and c.closed @> $2::timestamptz)
    and s.on_hand - s.reserved - coalesce(safety.quantity, 0) > 0
order by v.name
