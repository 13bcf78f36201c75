-- Of some orders, each with a webhook, the first delivery that is to be sent is the next, and no other.
update webhook_deliveries d
set is_next = (d.version = n.version)
from (
    select q.webhook_id, q.order_id, min(q.version) as version
    from webhook_deliveries q
    where q.state = 'queued' and (q.webhook_id, q.order_id) in (select * from unnest($1::uuid[], $2::uuid[]))
    group by q.webhook_id, q.order_id
) n
where d.webhook_id = n.webhook_id and d.order_id = n.order_id and d.state = 'queued' and d.is_next <> (d.version = n.version)
