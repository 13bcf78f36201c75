select
    s.location_id as "location_id: LocationId",
    v.name as location,
    s.on_hand,
    s.reserved,
    s.backordered,
    coalesce(safety.quantity, 0) as "safety!",
    greatest(s.on_hand - s.reserved - coalesce(safety.quantity, 0), 0) as "available!",
    coalesce((
        select sum(l.sent - l.received - l.lost)
        from transfer_lines l
        join transfers t using (transfer_id)
        where l.sku_id = s.sku_id and t.to_location_id = s.location_id and l.received + l.lost < l.sent
    ), 0)::integer as "incoming!",
    s.quarantined,
    s.damaged
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
where skus.code = $1
order by v.name
