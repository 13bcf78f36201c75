-- What came and went. `order_id` is of an order of the period that units left for: those leave as the simulation sends them.
select m.sku_id, m.location_id, m.quantity, m.occurred_at,
    case when m.reason in ('shipment', 'collection') and o.placed_at > $3 then m.order_id end as order_id
from stock_movements m
left join orders o using (order_id)
where m.occurred_at > $1 and m.occurred_at <= $2 and m.condition is null
order by m.occurred_at, m.movement_id
