-- A SKU's movements, newest first, with who made them and the order that caused them.
select
    m.movement_id,
    v.name as location,
    m.quantity,
    m.reason as "reason: MovementReason",
    coalesce(m.condition, 'sellable') as "condition!: Condition",
    o.number as "order_number?",
    t.number as "transfer_number?",
    c.number as "count_number?",
    p.number as "purchase_number?",
    r.number as "return_number?",
    case m.actor_kind when 'user' then coalesce(u.name, 'somebody') when 'token' then coalesce(a.name, 'a token') when 'customer' then 'the customer' else 'Waybill' end as "who!",
    m.occurred_at
from stock_movements m
join skus using (sku_id)
join location_versions v on v.location_id = m.location_id and v.valid @> $5::timestamptz
left join orders o on o.order_id = m.order_id
left join transfers t on t.transfer_id = m.transfer_id
left join counts c on c.count_id = m.count_id
left join purchase_orders p on p.purchase_order_id = m.purchase_order_id
left join returns r on r.return_id = m.return_id
left join users u on m.actor_kind = 'user' and u.user_id = m.actor_id
left join api_tokens a on m.actor_kind = 'token' and a.token_id = m.actor_id
where skus.code = $1 and ($2::timestamptz is null or (m.occurred_at, m.movement_id) < ($2, $3::bigint))
order by m.occurred_at desc, m.movement_id desc
limit $4
