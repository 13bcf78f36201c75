-- Reserves all that is wanted where so much is free, and owed to nobody who comes first, as is needed for it, or nothing. The rows are locked in (SKU, location) order first, so that two baskets never deadlock.
with wanted as (
    select *
    from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[]) as w (sku_id, location_id, quantity, needed, needed_in_all)
),
locked as (
    select s.sku_id, s.location_id, w.quantity
    from stock s
    join wanted w using (sku_id, location_id)
    where s.on_hand - s.reserved >= greatest(w.needed + s.backordered, w.needed_in_all)
    order by s.sku_id, s.location_id
    for update of s
)
update stock
set reserved = stock.reserved + locked.quantity
from locked
where stock.sku_id = locked.sku_id
    and stock.location_id = locked.location_id
    and (select count(*) from locked) = (select count(*) from wanted)
