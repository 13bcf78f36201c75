-- How far a disruption's orders are, what became of them, and what it costs as far as both sides are known.
select count(*)::integer as "work!", count(distinct order_id)::integer as "orders!", count(*) filter (where outcome is null)::integer as "to_do!",
    count(*) filter (where outcome = 'moved')::integer as "moved!", count(*) filter (where outcome = 'other_service')::integer as "other_service!",
    count(*) filter (where outcome = 'stays')::integer as "stays!", count(*) filter (where outcome = 'waits')::integer as "waits!",
    count(*) filter (where outcome = 'gone')::integer as "gone!", count(*) filter (where outcome = 'back')::integer as "back!",
    count(*) filter (where (told ->> 'now_by')::timestamptz > (told ->> 'promised_by')::timestamptz)::integer as "later!",
    coalesce(sum((told ->> 'cost_after_minor')::bigint - (told ->> 'cost_before_minor')::bigint) filter (where outcome in ('moved', 'other_service')), 0)::bigint
        as "extra_minor!"
from disrupted_orders
where disruption_id = $1
