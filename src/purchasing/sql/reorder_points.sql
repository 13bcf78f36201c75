-- Reorder points, how each stands, and whom it is bought from: the one that was chosen, else the cheapest (by the figure: choose where currencies differ).
select
    k.code as sku,
    k.name,
    p.code as location_code,
    v.name as location,
    k.retired_at is not null as "retired!",
    r.point,
    r.up_to,
    coalesce(s.on_hand - s.reserved - s.backordered, 0) as "free!",
    coalesce(i.units, 0)::integer as "incoming!",
    coalesce(d.units, 0)::integer as "drafted!",
    d.number as "draft?",
    a.raised_at as "since?",
    o.code as "supplier_code?",
    o.name as "supplier_name?",
    o.currency as "currency?",
    o.cost_micros as "cost_micros?",
    o.min_quantity as "min_quantity?",
    o.pack_quantity as "pack_quantity?",
    o.lead_days as "lead_days?"
from reorder_points r
join skus k using (sku_id)
join locations p on p.location_id = r.location_id
join location_versions v on v.location_id = r.location_id and v.valid @> $1::timestamptz
left join stock s on s.sku_id = r.sku_id and s.location_id = r.location_id
left join stock_alerts a on a.sku_id = r.sku_id and a.location_id = r.location_id and a.ended_at is null
left join lateral (
    select sum(n.units) as units from incoming_units n where n.sku_id = r.sku_id and n.location_id = r.location_id
) i on true
left join lateral (
    select sum(l.ordered) as units, (array_agg(o.number order by o.drafted_at desc, o.number))[1] as number
    from purchase_order_lines l
    join purchase_orders o using (purchase_order_id)
    where l.sku_id = r.sku_id and l.received < l.ordered and o.location_id = r.location_id and o.state = 'draft'
) d on true
left join lateral (
    select u.code, u.name, u.currency, t.cost_micros, t.min_quantity, t.pack_quantity, coalesce(t.lead_days, u.lead_days) as lead_days
    from supplier_skus t
    join suppliers u using (supplier_id)
    where t.sku_id = r.sku_id
    order by (t.supplier_id is not distinct from r.supplier_id) desc, t.cost_micros, coalesce(t.lead_days, u.lead_days), u.code
    limit 1
) o on true
where (not $2 or (coalesce(s.on_hand - s.reserved - s.backordered, 0) + coalesce(i.units, 0) <= r.point and k.retired_at is null))
    and ($3::text[] is null or (k.code, p.code) in (select * from unnest($3::text[], $4::text[])))
    and ($5::text is null or (p.code, k.code) > ($5, $6))
order by p.code, k.code
limit $7
