-- Of the work that each location was given in so many days up to a moment, the share that it turned down, in thousandths, and what it was given in the last
-- week. What was planned anew for another reason is nobody's refusal. A measure that has changed ends, and another begins.
with given as (
    select f.location_id, count(*) as all_of_it, count(r.order_id) as refused,
        count(*) filter (where f.planned_at > $1::timestamptz - interval '7 days') as of_week
    from fulfilment_orders f
    left join order_refusals r on r.order_id = f.order_id and r.fulfilment_no = f.fulfilment_no and r.location_id = f.location_id
    where f.planned_at > $1::timestamptz - make_interval(days => $2::integer) and f.planned_at <= $1
    group by f.location_id
),
measured as (
    select location_id, (refused * 1000 / all_of_it)::integer as refused_permille, of_week::integer as work_week from given
),
ended as (
    update location_measures m
    set valid = tstzrange(lower(m.valid), $1)
    where upper_inf(m.valid) and lower(m.valid) < $1
        and not exists (
            select from measured n
            where n.location_id = m.location_id and n.refused_permille = m.refused_permille and n.work_week = m.work_week
        )
    returning m.location_id
)
insert into location_measures (location_id, valid, refused_permille, work_week)
select location_id, tstzrange($1, null), refused_permille, work_week
from measured n
where exists (select from ended e where e.location_id = n.location_id)
    or not exists (select from location_measures m where m.location_id = n.location_id and upper_inf(m.valid))
