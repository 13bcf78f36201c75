with work as (
    select v.name as location,
        coalesce(f.service, case when f.method = 'pickup' then 'collected in store' else 'not told' end) as service,
        coalesce(delivery_name(o.delivery_method, o.placed_at), case when f.method in ('pickup', 'to_store') then 'Click and collect' else 'not told' end) as method,
        first.promised_by,
        f.expected_by,
        coalesce(f.ready_at, f.delivered_at) as actual,
        -- What has come back is not waited for.
        f.state <> 'returned' as is_awaited
    from fulfilment_orders f
    join orders o using (order_id)
    join location_versions v on v.location_id = f.location_id and v.valid @> $3::timestamptz
    join lateral (
        select min(l.first_promised_by) as promised_by
        from fulfilment_lines fl
        join order_lines l using (order_id, line_no)
        where fl.order_id = f.order_id and fl.fulfilment_no = f.fulfilment_no
    ) first on first.promised_by is not null
    where f.state not in ('cancelled', 'rejected')
        and first.promised_by >= $1::date::timestamptz and first.promised_by < ($2::date + 1)::timestamptz
),
told as (
    -- What is promised for later today is neither kept nor broken yet.
    select * from work where actual is not null or promised_by < $3
),
slices as (
    select 'all' as slice, 'All' as name, told.* from told
    union all
    select 'location', location, told.* from told
    union all
    select 'service', service, told.* from told
    union all
    select 'method', method, told.* from told
)
select
    slice as "slice!",
    name as "name!",
    count(*) as "promised!",
    count(*) filter (where actual <= promised_by) as "kept!",
    count(*) filter (where actual is null and is_awaited) as "overdue!",
    (avg(extract(epoch from promised_by - expected_by)) / 3600)::double precision as padding_hours,
    (
        select array_agg(p / 3600 order by p)
        from unnest(percentile_cont(array [0.5, 0.9, 0.95, 0.99]) within group (order by greatest(extract(epoch from actual - expected_by), 0))) as p
    ) as "needed_hours: Vec<f64>"
from slices
group by slice, name
order by slice, name
