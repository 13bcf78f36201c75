-- Work on orders from before the period at locations with a daily limit: when it was planned, and when it was given up.
select f.location_id, f.capacity_day as "day!", f.planned_at as "planned_at!",
    case when f.state in ('cancelled', 'rejected') then f.closed_at end as given_up_at
from fulfilment_orders f
join orders o using (order_id)
where f.capacity_day >= $1::timestamptz::date - 1 and o.placed_at <= $1 and f.planned_at <= $2
