select currency, sum(total_minor)::bigint as "revenue_minor!"
from orders
where placed_at >= $1::date and placed_at < $2::date + 1 and status <> 'cancelled'
group by currency
order by count(*) desc, currency
