-- When the oldest units came that stand at each location: of what came, the last that makes up what is there. A day that has changed ends, and another
-- begins.
with came as (
    select m.sku_id, m.location_id, m.occurred_at, s.on_hand,
        sum(m.quantity) over (partition by m.sku_id, m.location_id order by m.occurred_at desc, m.movement_id desc) as since_then
    from stock s
    join stock_movements m on m.sku_id = s.sku_id and m.location_id = s.location_id
    where s.on_hand > 0 and m.quantity > 0 and m.condition is null and m.occurred_at <= $1::timestamptz
),
oldest as (
    select sku_id, location_id, (coalesce(max(occurred_at) filter (where since_then >= on_hand), min(occurred_at)) at time zone 'UTC')::date as came_on
    from came
    group by sku_id, location_id
),
ended as (
    update stock_ages a
    set valid = tstzrange(lower(a.valid), $1)
    where upper_inf(a.valid) and lower(a.valid) < $1
        and not exists (select from oldest o where o.sku_id = a.sku_id and o.location_id = a.location_id and o.came_on = a.came_on)
    returning a.sku_id, a.location_id
)
insert into stock_ages (sku_id, location_id, valid, came_on)
select o.sku_id, o.location_id, tstzrange($1, null), o.came_on
from oldest o
where exists (select from ended e where e.sku_id = o.sku_id and e.location_id = o.location_id)
    or not exists (select from stock_ages a where a.sku_id = o.sku_id and a.location_id = o.location_id and upper_inf(a.valid))
