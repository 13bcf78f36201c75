-- What baskets, and orders from before the period, kept and let go within a part of it. What a basket keeps that becomes an order of the period, the order
-- brings along.
select r.sku_id as "sku_id!", r.location_id as "location_id!", r.quantity as "quantity!", r.opened_at as "opened_at!",
    case when became.placed_at <= r.closed_at then null else r.closed_at end as closed_at
from reservations r
left join orders o using (order_id)
left join holds h using (hold_id)
left join orders became on became.order_id = h.order_id and became.placed_at > $3 and became.placed_at <= $4
where (r.opened_at > $1 and r.opened_at <= $2 or r.closed_at > $1 and r.closed_at <= $2) and (o.order_id is null or o.placed_at <= $3)
