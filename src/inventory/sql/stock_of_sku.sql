select
    s.sku_id as "sku: SkuId",
    s.location_id as "location_id: LocationId",
    v.name as location,
    s.on_hand,
    s.reserved,
    s.backordered,
    coalesce((select sum(i.units) from incoming_units i where i.sku_id = s.sku_id and i.location_id = s.location_id), 0)::integer as "incoming!",
    s.quarantined,
    s.damaged
from skus
join stock s using (sku_id)
join location_versions v on v.location_id = s.location_id and v.valid @> $2::timestamptz
where skus.code = $1
order by v.name
