with changes as (
    select
        sku_id,
        location_id,
        sum(on_hand)::integer as on_hand,
        sum(reserved)::integer as reserved,
        sum(quarantined)::integer as quarantined,
        sum(damaged)::integer as damaged
    from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[])
        as c (sku_id, location_id, on_hand, reserved, quarantined, damaged)
    group by sku_id, location_id
),
locked as (
    select s.sku_id, s.location_id, c.on_hand, c.reserved, c.quarantined, c.damaged
    from stock s
    join changes c using (sku_id, location_id)
    order by s.sku_id, s.location_id
    for update of s
)
update stock
set
    on_hand = stock.on_hand + locked.on_hand,
    reserved = stock.reserved + locked.reserved,
    quarantined = stock.quarantined + locked.quarantined,
    damaged = stock.damaged + locked.damaged
from locked
where stock.sku_id = locked.sku_id and stock.location_id = locked.location_id
