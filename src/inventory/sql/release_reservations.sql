with closed as (
    update reservations
    set closed_at = $3, outcome = $4
    where (sku_id, reservation_id) in (select * from unnest($1::uuid[], $2::uuid[])) and closed_at is null
    returning sku_id, location_id, quantity
),
freed as (
    select sku_id, location_id, sum(quantity)::integer as quantity
    from closed
    group by sku_id, location_id
)
update stock
set reserved = stock.reserved - freed.quantity
from freed
where stock.sku_id = freed.sku_id and stock.location_id = freed.location_id
