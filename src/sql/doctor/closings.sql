-- The newest closing is what the movements and reservations until then make.
select format('closing of %s, SKU %s at %s: on hand %s and reserved %s, but the ledgers make %s and %s', at.closed_at, coalesce(k.code, sku_id::text),
    coalesce(l.code, location_id::text), coalesce(c.on_hand, 0), coalesce(c.reserved, 0), coalesce(m.on_hand, 0), coalesce(r.reserved, 0)) as "detail!"
from (select max(closed_at) as closed_at from closed_months) at
cross join lateral (
    select sku_id, location_id, sum(on_hand) as on_hand, sum(reserved) as reserved
    from stock_closings
    where stock_closings.closed_at = at.closed_at
    group by sku_id, location_id
) c
full join (
    select sku_id, location_id, sum(quantity) as on_hand
    from stock_movements
    where condition is null and occurred_at < (select max(closed_at) from closed_months)
    group by sku_id, location_id
) m using (sku_id, location_id)
full join (
    select sku_id, location_id, sum(quantity) as reserved
    from reservations
    where opened_at < (select max(closed_at) from closed_months) and (closed_at is null or closed_at >= (select max(closed_at) from closed_months))
    group by sku_id, location_id
) r using (sku_id, location_id)
left join skus k using (sku_id)
left join locations l using (location_id)
where coalesce(c.on_hand, 0) <> coalesce(m.on_hand, 0) or coalesce(c.reserved, 0) <> coalesce(r.reserved, 0)
limit $1
