select currency, coalesce(sum(total_minor) filter (where status <> 'cancelled'), 0)::bigint as "revenue_minor!"
from orders
where placed_at >= $1::date and placed_at < $2::date + 1
group by currency
order by count(*) desc
