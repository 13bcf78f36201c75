-- What orders from before the period waited for within it, with a date.
select b.sku_id, b.location_id, b.order_id, o.placed_at, b.quantity, b.expected_at, b.opened_at, b.closed_at
from backorders b
join orders o using (order_id)
where b.opened_at <= $2 and (b.closed_at is null or b.closed_at > $1) and o.placed_at <= $1
