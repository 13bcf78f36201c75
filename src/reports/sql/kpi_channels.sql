select
    c.name,
    count(*) as "orders!",
    coalesce(sum(o.total_minor) filter (where o.currency = $3), 0)::bigint as "revenue_minor!"
from orders o
join channels c using (channel)
where o.placed_at >= $1::date and o.placed_at < $2::date + 1 and o.status <> 'cancelled'
group by c.name
order by 3 desc
