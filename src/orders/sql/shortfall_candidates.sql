-- Stock of a SKU at a location, with the fulfilment orders that hold units of it there and can still give them up: those not being picked first,
-- among them the newest orders.
select s.on_hand, s.reserved, c.order_id as "order?: OrderId", c.fulfilment_no as "fulfilment_no?", coalesce(c.units, 0) as "units!"
from stock s
left join (
    select r.order_id, f.fulfilment_no, sum(r.quantity)::integer as units, f.state = 'picking' as in_hand, o.placed_at
    from reservations r
    join fulfilment_lines fl on fl.order_id = r.order_id and fl.reservation_id = r.reservation_id
    join fulfilment_orders f on f.order_id = fl.order_id and f.fulfilment_no = fl.fulfilment_no
    join orders o on o.order_id = r.order_id
    where r.sku_id = $1 and r.location_id = $2 and r.closed_at is null and f.state in ('planned', 'released', 'picking')
    group by r.order_id, f.fulfilment_no, f.state, o.placed_at
) c on true
where s.sku_id = $1 and s.location_id = $2
order by c.in_hand, c.placed_at desc, c.order_id
