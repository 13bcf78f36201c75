-- Takes the first deliveries of a webhook that are due.
with due as (
    select q.delivery_id
    from webhook_deliveries q
    join webhooks w using (webhook_id)
    where q.webhook_id = $1 and q.state = 'queued' and q.is_next and q.due_at <= $2 and w.removed_at is null and not w.paused
    order by q.due_at
    limit $4
    for update of q skip locked
)
update webhook_deliveries d
set due_at = $3, attempts = d.attempts + 1
from due
join webhook_deliveries t using (delivery_id)
join webhooks w using (webhook_id)
left join orders o on o.order_id = t.order_id
left join events e on e.stream_id = t.order_id and e.version = t.version
where d.delivery_id = due.delivery_id
returning d.delivery_id, d.webhook_id, d.order_id as "order: OrderId", d.version, d.kind, d.attempts, w.name, w.url,
    array(select s.secret from webhook_secrets s where s.webhook_id = w.webhook_id and (s.until is null or s.until > $2) order by s.made_at desc)
        as "secrets!",
    o.number as "number?", e.actor_kind as "actor_kind?", coalesce(e.occurred_at, d.created_at) as "occurred_at!", e.payload as "payload?: Json<EventDetails>"
