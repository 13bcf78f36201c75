-- What baskets kept that became orders of a part of a period.
select h.order_id as "order_id!", r.sku_id, r.location_id, r.quantity
from orders o
join holds h on h.order_id = o.order_id
join reservations r using (hold_id)
where o.placed_at > $1 and o.placed_at <= $2 and r.closed_at >= o.placed_at
