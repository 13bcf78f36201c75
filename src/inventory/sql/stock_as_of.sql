-- Stock of some SKUs at a moment of the past: movements up to it, and reservations that were open then.
with moved as (
    select sku_id, location_id, sum(quantity)::integer as on_hand
    from stock_movements
    where sku_id = any ($1) and occurred_at <= $2 and condition is null
    group by sku_id, location_id
),
held as (
    select sku_id, location_id, sum(quantity)::integer as reserved
    from reservations
    where sku_id = any ($1) and opened_at <= $2 and (closed_at is null or closed_at > $2)
    group by sku_id, location_id
)
select
    moved.sku_id as "sku_id!",
    moved.location_id as "location_id!",
    moved.on_hand as "on_hand!",
    coalesce(held.reserved, 0) as "reserved!"
from moved
left join held using (sku_id, location_id)
