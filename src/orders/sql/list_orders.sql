select
    o.order_id as "order_id: OrderId",
    o.number,
    o.channel,
    c.name as customer,
    c.city,
    o.method as "method: Method",
    o.status as "status: OrderStatus",
    o.units,
    o.total_minor,
    o.currency,
    o.placed_at
from orders o
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
where (cardinality($1::text[]) = 0 or o.search_text like all ($1))
    and ($2::text is null or o.status = $2)
    and ($3::text is null or o.channel = $3)
    and ($4::timestamptz is null or (o.placed_at, o.order_id) < ($4, $5))
    and ($7::text is null or exists (select from order_lines l where l.order_id = o.order_id and l.queue = $7))
order by o.placed_at desc, o.order_id desc
limit $6
