-- Of what is to be sent to a webhook about an order, exactly the first delivery is the next: else something is sent out of order, or waits for ever.
select format('delivery %s of event %s is %s the next of its order', d.delivery_id, d.version, case when d.is_next then 'said to be' else 'not said to be' end) as "detail!"
from webhook_deliveries d
where d.state = 'queued' and d.order_id is not null
    and d.is_next <> (d.version = (
        select min(e.version) from webhook_deliveries e where e.webhook_id = d.webhook_id and e.order_id = d.order_id and e.state = 'queued'
    ))
limit $1
