-- Takes deliveries that are due: of each webhook the first few, of each order the next one only.
with due as (
    select d.delivery_id
    from webhooks w
    cross join lateral (
        select q.delivery_id
        from webhook_deliveries q
        where q.webhook_id = w.webhook_id and q.state = 'queued' and q.due_at <= $1
            and not exists (
                select
                from webhook_deliveries e
                where e.webhook_id = q.webhook_id and e.order_id = q.order_id and e.version < q.version and e.state = 'queued'
            )
        order by q.due_at, q.delivery_id
        limit $3
        for update skip locked
    ) d
    where w.removed_at is null and not w.paused
)
update webhook_deliveries d
set due_at = $2, attempts = d.attempts + 1
from due
join webhook_deliveries t using (delivery_id)
join webhooks w using (webhook_id)
left join orders o on o.order_id = t.order_id
left join events e on e.stream_id = t.order_id and e.version = t.version
where d.delivery_id = due.delivery_id
returning d.delivery_id, d.webhook_id, d.order_id, d.version, d.kind, d.attempts, w.name, w.url, w.secret, w.former_secret, w.former_until,
    o.number as "number?", e.actor_kind as "actor_kind?", coalesce(e.occurred_at, d.created_at) as "occurred_at!", e.payload as "payload?: Json<EventDetails>"
