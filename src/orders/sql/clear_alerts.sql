-- Alerts of work whose next step is in time again, that is done, or that is no more; of waiting units that wait no longer.
with over as (
    select a.order_id, a.fulfilment_no, a.raised_at,
        case
            when a.fulfilment_no = 0 and o.status = 'cancelled' then 'cancelled'
            when a.fulfilment_no = 0 then 'caught_up'
            when f.state = 'cancelled' then 'cancelled'
            when f.state = 'rejected' then 'replanned'
            when f.state = 'returned' then 'broken'
            when f.state in ('delivered', 'ready', 'arrived', 'collected') and coalesce(f.ready_at, f.delivered_at, $1) <= f.promised_by then 'kept'
            when f.state in ('delivered', 'ready', 'arrived', 'collected') then 'broken'
            else 'caught_up'
        end as outcome
    from promise_alerts a
    join orders o on o.order_id = a.order_id
    left join fulfilment_orders f on f.order_id = a.order_id and f.fulfilment_no = a.fulfilment_no
    where a.cleared_at is null
        and case
            when a.fulfilment_no = 0
            then not exists (select from order_lines l where l.order_id = a.order_id and l.queue is not null and l.open > 0 and l.promised_by is not null)
            else f.due_by is null or f.due_by > $1
        end
)
update promise_alerts a
set cleared_at = greatest($1, a.raised_at), outcome = o.outcome
from over o
where a.order_id = o.order_id and a.fulfilment_no = o.fulfilment_no and a.raised_at = o.raised_at and a.cleared_at is null
returning a.order_id, a.fulfilment_no, o.outcome as "outcome!"
