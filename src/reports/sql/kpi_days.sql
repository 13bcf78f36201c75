select
    day::date as "day!",
    count(o.order_id) as "orders!",
    coalesce(sum(o.total_minor) filter (where o.currency = $3), 0)::bigint as "revenue_minor!"
from generate_series($1::date, $2::date, interval '1 day') as day
left join orders o on o.placed_at >= day and o.placed_at < day + interval '1 day' and o.status <> 'cancelled'
group by day
order by day
