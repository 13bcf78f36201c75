select format('order %s: total %s, lines %s and delivery %s; authorised %s, captured %s, refunded %s of %s; operations make %s captured',
    o.number, o.total_minor, l.amount, o.shipping_minor, p.authorised_minor, p.captured_minor, p.refunded_minor, p.amount_minor, c.captured) as "detail!"
from orders o
join lateral (select coalesce(sum(amount_minor), 0) as amount from order_lines where order_lines.order_id = o.order_id) l on true
left join payments p on p.order_id = o.order_id
left join lateral (
    select coalesce(sum(amount_minor), 0) as captured
    from payment_operations
    where payment_operations.order_id = o.order_id and kind = 'capture' and state = 'succeeded'
) c on true
where o.goods_minor <> l.amount
    or o.total_minor <> o.goods_minor + o.shipping_minor
    or p.captured_minor > p.authorised_minor
    or p.refunded_minor > p.captured_minor
    or p.authorised_minor > p.amount_minor
    or p.captured_minor <> c.captured
limit $1
