-- What a return says was received is what its movements make, and what an order's lines count as come back is what returns were matched with.
select format('return %s, SKU %s: received %s, but movements make %s', r.number, coalesce(k.code, sku_id::text), coalesce(l.received, 0),
    coalesce(m.units, 0)) as "detail!"
from return_lines l
full join (
    select return_id, sku_id, sum(quantity) as units from stock_movements where return_id is not null group by return_id, sku_id
) m using (return_id, sku_id)
join returns r using (return_id)
left join skus k using (sku_id)
where coalesce(l.received, 0) <> coalesce(m.units, 0)
union all
select format('order %s, SKU %s: lines count %s as come back, but returns make %s', o.number, coalesce(k.code, sku_id::text), coalesce(l.returned, 0),
    coalesce(c.units, 0))
from (select order_id, sku_id, sum(returned) as returned from order_lines where returned > 0 group by order_id, sku_id) l
full join (
    select order_id, sku_id, sum(units) as units
    from (
        select r.order_id, l.sku_id, l.matched as units from return_lines l join returns r using (return_id) where l.matched > 0
        union all
        select order_id, sku_id, quantity from historic_returns where order_id is not null and order_line_no is not null
    ) parts
    group by order_id, sku_id
) c using (order_id, sku_id)
join orders o using (order_id)
left join skus k using (sku_id)
where coalesce(l.returned, 0) <> coalesce(c.units, 0)
limit $1
