-- Levels at or below their point that have no open alert; open alerts of the others are ended on the way. What is not sold any more is not bought.
with levels as (
    select
        r.sku_id,
        r.location_id,
        r.point,
        coalesce(s.on_hand - s.reserved - s.backordered, 0)
            + coalesce((select sum(i.units) from incoming_units i where i.sku_id = r.sku_id and i.location_id = r.location_id), 0)::integer as level
    from reorder_points r
    join (select sku_id as sold from skus where retired_at is null) k on k.sold = r.sku_id
    left join stock s using (sku_id, location_id)
),
ended as (
    update stock_alerts a
    set ended_at = $1
    where a.ended_at is null
        and not exists (select from levels l where l.sku_id = a.sku_id and l.location_id = a.location_id and l.level <= l.point)
)
select
    l.sku_id as "sku!: SkuId",
    l.location_id as "location!: LocationId",
    l.point as "point!",
    l.level as "level!",
    k.code,
    p.code as place
from levels l
join skus k on k.sku_id = l.sku_id
join locations p on p.location_id = l.location_id
where l.level <= l.point
    and not exists (select from stock_alerts a where a.sku_id = l.sku_id and a.location_id = l.location_id and a.ended_at is null)
order by k.code, p.code
