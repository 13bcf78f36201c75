-- Stock of everything at a moment: the closing before it, and what came, went, was reserved and was freed since.
with closing as (
    select coalesce(max(closed_at), '-infinity'::timestamptz) as at from closed_months where closed_at <= $1
),
parts as (
    select sku_id, location_id, on_hand, reserved from stock_closings where closed_at = (select at from closing)
    union all
    select sku_id, location_id, quantity, 0
    from stock_movements
    where occurred_at >= (select at from closing) and occurred_at <= $1 and condition is null
    union all
    select sku_id, location_id, 0, quantity from reservations where opened_at >= (select at from closing) and opened_at <= $1
    union all
    select sku_id, location_id, 0, -quantity from reservations where closed_at >= (select at from closing) and closed_at <= $1
)
select
    sku_id as "sku!: SkuId",
    location_id as "location!: LocationId",
    sum(on_hand)::integer as "on_hand!",
    sum(reserved)::integer as "reserved!"
from parts
group by sku_id, location_id
