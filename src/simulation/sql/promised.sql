-- What orders of the period were owed from a moment of a part of it on at which nothing was decided about them.
select b.sku_id, b.location_id, b.order_id, b.line_no, o.placed_at, b.quantity, b.expected_at, b.opened_at
from backorders b
join orders o using (order_id)
where b.opened_at > $1 and b.opened_at <= $2 and o.placed_at > $3 and o.placed_at <= $4
    and not exists (select from order_decisions d where d.order_id = b.order_id and d.decided_at = b.opened_at)
