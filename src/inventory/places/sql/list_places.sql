select
    l.code,
    v.name,
    v.kind as "kind: LocationKind",
    v.city,
    v.latitude,
    v.longitude,
    v.ships,
    v.offers_pickup,
    v.daily_order_capacity,
    coalesce(c.taken, 0)::bigint as "taken_today!",
    (
        select count(*)
        from fulfilment_orders f
        where (f.location_id = l.location_id and f.state in ('planned', 'released', 'picking', 'packed', 'ready'))
            or (f.to_location_id = l.location_id and f.state in ('shipped', 'arrived'))
    ) as "open_work!",
    (
        select x.reason
        from location_closures x
        where x.location_id = l.location_id and x.valid @> $1::timestamptz and x.closed @> $1::timestamptz
        limit 1
    ) as closed
from locations l
join location_versions v on v.location_id = l.location_id and v.valid @> $1::timestamptz
left join capacity_days c on c.location_id = l.location_id and c.day = ($1::timestamptz at time zone v.time_zone)::date
order by v.kind desc, v.name
