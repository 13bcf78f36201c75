select
    v.name,
    count(*) as "parcels!",
    coalesce(sum(l.units), 0)::bigint as "units!",
    percentile_cont(0.5) within group (order by extract(epoch from f.fulfilled_at - f.released_at) / 3600)
        filter (where f.fulfilled_at is not null) as hours_to_ship
from fulfilment_orders f
join location_versions v on v.location_id = f.location_id and v.valid @> $3::timestamptz
join lateral (
    select sum(quantity) as units
    from fulfilment_lines
    where fulfilment_lines.order_id = f.order_id and fulfilment_lines.fulfilment_no = f.fulfilment_no
) l on true
where f.fulfilled_at >= $1::date and f.fulfilled_at < $2::date + 1
group by v.name
order by 2 desc
