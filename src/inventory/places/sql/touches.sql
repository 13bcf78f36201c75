-- What is at a location now: work that has not left, orders counted against its own today, and units.
select
    (select count(*) from fulfilment_orders where location_id = $1 and method <> 'pickup' and state in ('planned', 'released', 'picking', 'packed')) as "to_send!",
    (select count(*) from fulfilment_orders where (location_id = $1 and method = 'pickup' and state in ('planned', 'released', 'picking', 'packed', 'ready'))
        or (to_location_id = $1 and state in ('planned', 'released', 'picking', 'packed', 'shipped', 'arrived'))) as "to_collect!",
    coalesce((
        select taken
        from capacity_days c
        join location_versions v on v.location_id = c.location_id and v.valid @> $2::timestamptz
        where c.location_id = $1 and c.day = ($2::timestamptz at time zone v.time_zone)::date
    ), 0)::bigint as "taken_today!",
    coalesce((select sum(reserved) from stock where location_id = $1), 0)::bigint as "reserved_units!",
    coalesce((select sum(on_hand) from stock where location_id = $1), 0)::bigint as "units_on_hand!"
