-- What baskets, and orders from before the period, kept and let go within it.
select r.sku_id as "sku_id!", r.location_id as "location_id!", r.quantity as "quantity!", r.opened_at as "opened_at!", r.closed_at
from reservations r
left join orders o using (order_id)
where (r.opened_at > $1 and r.opened_at <= $2 or r.closed_at > $1 and r.closed_at <= $2) and (o.order_id is null or o.placed_at <= $1)
