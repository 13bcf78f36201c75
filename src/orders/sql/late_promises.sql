-- What is past the last moment of its next step and not known to be, or known with another moment (its place has changed), or past the last moment of
-- all; then what waits for stock: what it waits for is expected later than it was, or should have come, or nobody has it and nobody has looked.
(
    select f.order_id as "order_id!", f.fulfilment_no as "fulfilment_no!", f.due_by as "due_by!"
    from fulfilment_orders f
    left join promise_alerts a on a.order_id = f.order_id and a.fulfilment_no = f.fulfilment_no and a.cleared_at is null
    where f.due_by <= $1
        and (a.order_id is null or a.due_by <> f.due_by or (f.hand_over_by <= $1 and a.raised_at < f.hand_over_by))
        -- A parcel that is late on its way is told of once: what its carrier knows, it says itself.
        and (f.state <> 'shipped' or not exists (
            select from promise_alerts d where d.order_id = f.order_id and d.fulfilment_no = f.fulfilment_no and d.step = 'delivery'
        ))
        and exists (select from payments p where p.order_id = f.order_id and p.state in ('authorised', 'partly_captured', 'captured'))
        -- What a disruption is about to plan anew is its own: it keeps a record of it, and brings it back.
        and not exists (
            select from disrupted_orders o
            join disruptions d using (disruption_id)
            where o.order_id = f.order_id and o.fulfilment_no = f.fulfilment_no and o.outcome is null and upper_inf(d.valid)
        )
)
union all
(
    select distinct l.order_id, 0, l.promised_by
    from order_lines l
    left join promise_alerts a on a.order_id = l.order_id and a.fulfilment_no = 0 and a.cleared_at is null
    left join awaited_backorders b on b.order_id = l.order_id and b.line_no = l.line_no
    where l.queue is not null and l.open > 0 and l.promised_by is not null
        and case
            when a.due_by is not null then a.due_by <= $1 or b.comes_at > b.expected_at
            when b.order_id is not null then b.expected_at <= $1 or b.comes_at > b.expected_at or (b.follows and b.comes_at is null)
            else true
        end
        and exists (select from payments p where p.order_id = l.order_id and p.state in ('authorised', 'partly_captured', 'captured'))
)
order by 3
limit $2
