-- Orders of the period that were called off, and work on them that locations turned down or that was taken from them, with the units of its lines.
select e.occurred_at as "at!", e.stream_id as "order_id!", null::uuid as location_id, '{}'::integer[] as "line_nos!", '{}'::integer[] as "units!",
    false as "is_refusal!", null::uuid[] as lacking, (select count(*)::integer from order_lines l where l.order_id = o.order_id and l.cancelled > 0) as "lines_cancelled!"
from events e
join orders o on o.order_id = e.stream_id
where e.kind = 'order_cancelled' and e.stream_kind = 'order' and e.occurred_at > $1 and e.occurred_at <= $2 and o.placed_at > $3 and o.placed_at <= $4
union all
select f.closed_at, f.order_id, f.location_id, array_agg(l.line_no order by l.line_no), array_agg(l.quantity order by l.line_no),
    r.order_id is not null, r.lacking, 0
from fulfilment_orders f
join fulfilment_lines l using (order_id, fulfilment_no)
join orders o using (order_id)
left join lateral (
    select r.order_id, r.lacking
    from order_refusals r
    where r.order_id = f.order_id and r.fulfilment_no = f.fulfilment_no and r.location_id = f.location_id
    order by r.lacking nulls first
    limit 1
) r on true
where f.state = 'rejected' and f.closed_at > $1 and f.closed_at <= $2 and o.placed_at > $3 and o.placed_at <= $4
group by f.order_id, f.fulfilment_no, r.order_id, r.lacking
