-- One SKU everywhere at a moment of the past: movements up to it, reservations that were open then, and the safety stock in force.
with moved as (
    select
        m.location_id,
        coalesce(sum(m.quantity) filter (where m.condition is null), 0)::integer as on_hand,
        coalesce(sum(m.quantity) filter (where m.condition = 'quarantined'), 0)::integer as quarantined,
        coalesce(sum(m.quantity) filter (where m.condition = 'damaged'), 0)::integer as damaged
    from stock_movements m
    join skus using (sku_id)
    where skus.code = $1 and m.occurred_at <= $2
    group by m.location_id
),
held as (
    select r.location_id, sum(r.quantity)::integer as reserved
    from reservations r
    join skus using (sku_id)
    where skus.code = $1 and r.opened_at <= $2 and (r.closed_at is null or r.closed_at > $2)
    group by r.location_id
)
select
    (select sku_id from skus where code = $1) as "sku!: SkuId",
    moved.location_id as "location_id!: LocationId",
    v.name as location,
    moved.on_hand as "on_hand!",
    coalesce(held.reserved, 0) as "reserved!",
    coalesce((
        select sum(b.quantity)
        from backorders b
        where b.sku_id = (select sku_id from skus where code = $1) and b.location_id = moved.location_id
            and b.opened_at <= $2 and (b.closed_at is null or b.closed_at > $2)
    ), 0)::integer as "backordered!",
    coalesce((
        -- Sent by then, and not come by then.
        select -sum(m.quantity)
        from stock_movements m
        join transfers t using (transfer_id)
        where m.sku_id = (select sku_id from skus where code = $1) and m.occurred_at <= $2 and t.to_location_id = moved.location_id
            and (t.ended_at is null or t.ended_at > $2)
    ), 0)::integer + coalesce((
        -- Agreed to by then, and not come by then.
        select sum(l.announced - coalesce((
            select sum(m.quantity) from stock_movements m where m.return_id = r.return_id and m.sku_id = l.sku_id and m.occurred_at <= $2
        ), 0))
        from returns r
        join return_lines l using (return_id)
        where l.sku_id = (select sku_id from skus where code = $1) and l.announced > 0 and r.location_id = moved.location_id
            and r.approved_at <= $2 and (r.ended_at is null or r.ended_at > $2)
    ), 0)::integer as "incoming!",
    moved.quarantined as "quarantined!",
    moved.damaged as "damaged!"
from moved
left join held using (location_id)
join location_versions v on v.location_id = moved.location_id and v.valid @> $2::timestamptz
order by v.name
