select
    count(*) filter (where status <> 'cancelled') as "orders!",
    coalesce(sum(total_minor) filter (where status <> 'cancelled' and currency = $3), 0)::bigint as "revenue_minor!",
    coalesce(sum(units) filter (where status <> 'cancelled'), 0)::bigint as "units!",
    count(*) filter (where status = 'cancelled') as "cancelled_orders!",
    sum(units_fulfilled) filter (where completed_at is not null)::double precision
        / nullif(sum(units) filter (where completed_at is not null), 0) as fill_rate,
    percentile_cont(0.5) within group (order by extract(epoch from shipped_at - placed_at) / 3600)
        filter (where shipped_at is not null) as hours_to_ship
from orders
where placed_at >= $1::date and placed_at < $2::date + 1
