-- One SKU everywhere at a moment of the past: movements up to it, reservations that were open then, what was on its way, and the safety stock in force.
with wanted as (
    select sku_id from skus where code = $1
),
moved as (
    select
        m.location_id,
        coalesce(sum(m.quantity) filter (where m.condition is null), 0)::integer as on_hand,
        coalesce(sum(m.quantity) filter (where m.condition = 'quarantined'), 0)::integer as quarantined,
        coalesce(sum(m.quantity) filter (where m.condition = 'damaged'), 0)::integer as damaged
    from stock_movements m
    join wanted using (sku_id)
    where m.occurred_at <= $2
    group by m.location_id
),
held as (
    select r.location_id, sum(r.quantity)::integer as reserved
    from reservations r
    join wanted using (sku_id)
    where r.opened_at <= $2 and (r.closed_at is null or r.closed_at > $2)
    group by r.location_id
),
coming as (
    -- Sent by then, and not come by then.
    select t.to_location_id as location_id, greatest(-sum(m.quantity), 0) as units
    from stock_movements m
    join wanted using (sku_id)
    join transfers t using (transfer_id)
    where m.occurred_at <= $2 and (t.ended_at is null or t.ended_at > $2)
    group by t.transfer_id, t.to_location_id
    union all
    -- Ordered by then, as far as the supplier had confirmed it by then.
    select p.location_id, greatest(case when p.confirmed_at <= $2 then coalesce(l.confirmed, l.ordered) else l.ordered end - coalesce((
        select sum(m.quantity)
        from stock_movements m
        where m.purchase_order_id = p.purchase_order_id and m.sku_id = l.sku_id and m.occurred_at <= $2
    ), 0), 0)
    from purchase_order_lines l
    join wanted using (sku_id)
    join purchase_orders p using (purchase_order_id)
    where p.approved_at <= $2 and (p.ended_at is null or p.ended_at > $2) and p.order_id is null
    union all
    -- Agreed to be sent back by then.
    select r.location_id, greatest(l.announced - coalesce((
        select sum(m.quantity) from stock_movements m where m.return_id = r.return_id and m.sku_id = l.sku_id and m.occurred_at <= $2
    ), 0), 0)
    from return_lines l
    join wanted using (sku_id)
    join returns r using (return_id)
    where r.approved_at <= $2 and (r.ended_at is null or r.ended_at > $2)
),
incoming as (
    select location_id, sum(units)::integer as units from coming where units > 0 group by location_id
)
select
    (select sku_id from wanted) as "sku!: SkuId",
    v.location_id as "location_id!: LocationId",
    v.name as location,
    coalesce(moved.on_hand, 0) as "on_hand!",
    coalesce(held.reserved, 0) as "reserved!",
    coalesce((
        select sum(b.quantity)
        from backorders b
        join wanted using (sku_id)
        where b.location_id = v.location_id and b.opened_at <= $2 and (b.closed_at is null or b.closed_at > $2)
    ), 0)::integer as "backordered!",
    coalesce(incoming.units, 0) as "incoming!",
    coalesce(moved.quarantined, 0) as "quarantined!",
    coalesce(moved.damaged, 0) as "damaged!"
from location_versions v
left join moved on moved.location_id = v.location_id
left join incoming on incoming.location_id = v.location_id
left join held on held.location_id = v.location_id
where v.valid @> $2::timestamptz and (moved.location_id is not null or incoming.location_id is not null)
order by v.name
