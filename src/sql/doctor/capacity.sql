select format('location %s on %s: %s orders counted but fulfilment orders make %s of at most %s', coalesce(l.code, location_id::text), day,
    coalesce(c.taken, 0), coalesce(f.orders, 0), coalesce(c.capacity, 0)) as "detail!"
from capacity_days c
full join (
    select location_id, capacity_day as day, count(*) as orders
    from fulfilment_orders
    where capacity_day is not null and state not in ('cancelled', 'rejected')
    group by location_id, capacity_day
) f using (location_id, day)
left join locations l using (location_id)
where coalesce(c.taken, 0) <> coalesce(f.orders, 0)
limit $1
