-- Units of orders of the period that were called off while others of the order were not, within a part of it.
select e.occurred_at, e.stream_id as order_id, array_agg((called_off ->> 0)::integer order by n) as "line_nos!",
    array_agg((called_off ->> 1)::integer order by n) as "units!"
from events e
join orders o on o.order_id = e.stream_id
cross join lateral jsonb_array_elements(e.payload -> 'called_off') with ordinality as each (called_off, n)
where e.kind = 'customer_answered' and e.stream_kind = 'order' and e.occurred_at > $1 and e.occurred_at <= $2 and o.placed_at > $3 and o.placed_at <= $4
group by e.position, e.occurred_at, e.stream_id
order by e.position
