-- Orders from before a period that locations with a daily limit work on within it.
select f.location_id, f.capacity_day as "day!", count(*)::integer as "taken!"
from fulfilment_orders f
join orders o using (order_id)
where f.capacity_day >= $1::timestamptz::date - 1 and o.placed_at <= $1 and f.planned_at <= $1
    and (f.state not in ('cancelled', 'rejected') or f.closed_at > $1)
group by f.location_id, f.capacity_day
