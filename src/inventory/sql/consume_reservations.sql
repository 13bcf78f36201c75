with closed as (
    update reservations
    set closed_at = $3, outcome = 'consumed'
    where (sku_id, reservation_id) in (select * from unnest($1::uuid[], $2::uuid[])) and closed_at is null
    returning sku_id, location_id, quantity
),
moved as (
    insert into stock_movements (sku_id, location_id, quantity, reason, order_id, actor_kind, actor_id, occurred_at)
    select sku_id, location_id, -quantity, $5, $4, $6, $7, $3
    from closed
),
left_shelf as (
    select sku_id, location_id, sum(quantity)::integer as quantity
    from closed
    group by sku_id, location_id
)
update stock
set on_hand = stock.on_hand - left_shelf.quantity, reserved = stock.reserved - left_shelf.quantity
from left_shelf
where stock.sku_id = left_shelf.sku_id and stock.location_id = left_shelf.location_id
