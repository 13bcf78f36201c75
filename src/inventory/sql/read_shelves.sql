-- Shelves of a location beside what was reported of them as of a moment. Who has read or counted one later knows better.
select
    s.sku_id as "sku: SkuId",
    s.on_hand,
    s.reserved,
    exists (select from stock_readings k where k.sku_id = s.sku_id and k.location_id = s.location_id and k.as_of > $4)
        or exists (
            select from count_lines l join counts c using (count_id)
            where l.sku_id = s.sku_id and c.location_id = s.location_id and l.booked_at is not null and l.counted_at > $4
        ) as "stale!",
    (w.quantity - s.on_hand + coalesce((
        select sum(m.quantity)
        from stock_movements m
        where m.sku_id = s.sku_id and m.location_id = s.location_id and m.occurred_at > $4 and m.condition is null
            and m.reason not in ('reading', 'count', 'adjustment')
    ), 0))::integer as "correction!"
from unnest($1::uuid[], $2::integer[]) as w (sku_id, quantity)
join stock s on s.sku_id = w.sku_id and s.location_id = $3
order by s.sku_id
