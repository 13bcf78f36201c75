-- Fulfilment orders that hold units of a SKU at a location and can still give them up: those not being picked first, among them the newest orders.
select r.order_id as "order!: OrderId", f.fulfilment_no, sum(r.quantity)::integer as "units!"
from reservations r
join fulfilment_lines fl on fl.order_id = r.order_id and fl.reservation_id = r.reservation_id
join fulfilment_orders f on f.order_id = fl.order_id and f.fulfilment_no = fl.fulfilment_no
join orders o on o.order_id = r.order_id
where r.sku_id = $1 and r.location_id = $2 and r.closed_at is null and f.state in ('planned', 'released', 'picking')
group by r.order_id, f.fulfilment_no, f.state, o.placed_at
order by f.state = 'picking', o.placed_at desc, r.order_id
