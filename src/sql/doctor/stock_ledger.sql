select format('SKU %s at %s: on hand %s but movements make %s; reserved %s but open reservations make %s; quarantined %s but movements make %s; damaged %s but movements make %s',
    coalesce(k.code, sku_id::text), coalesce(l.code, location_id::text), coalesce(s.on_hand, 0), coalesce(m.on_hand, 0), coalesce(s.reserved, 0),
    coalesce(r.quantity, 0), coalesce(s.quarantined, 0), coalesce(m.quarantined, 0), coalesce(s.damaged, 0), coalesce(m.damaged, 0)) as "detail!"
from stock s
full join (
    select
        sku_id,
        location_id,
        coalesce(sum(quantity) filter (where condition is null), 0) as on_hand,
        coalesce(sum(quantity) filter (where condition = 'quarantined'), 0) as quarantined,
        coalesce(sum(quantity) filter (where condition = 'damaged'), 0) as damaged
    from stock_movements
    group by sku_id, location_id
) m using (sku_id, location_id)
full join (
    select sku_id, location_id, sum(quantity) as quantity
    from reservations
    where closed_at is null
    group by sku_id, location_id
) r using (sku_id, location_id)
left join skus k using (sku_id)
left join locations l using (location_id)
where coalesce(s.on_hand, 0) <> coalesce(m.on_hand, 0)
    or coalesce(s.reserved, 0) <> coalesce(r.quantity, 0)
    or coalesce(s.quarantined, 0) <> coalesce(m.quarantined, 0)
    or coalesce(s.damaged, 0) <> coalesce(m.damaged, 0)
limit $1
