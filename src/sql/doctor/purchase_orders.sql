-- What a purchase order says was received is what its movements make.
select format('purchase order %s, SKU %s: received %s, but movements make %s', p.number, coalesce(k.code, sku_id::text),
    coalesce(l.received, 0), coalesce(m.received, 0)) as "detail!"
from (select purchase_order_id, sku_id, received from purchase_order_lines where received > 0) l
full join (
    select purchase_order_id, sku_id, sum(quantity) as received
    from stock_movements
    where purchase_order_id is not null
    group by purchase_order_id, sku_id
) m using (purchase_order_id, sku_id)
join purchase_orders p using (purchase_order_id)
left join skus k using (sku_id)
where coalesce(l.received, 0) <> coalesce(m.received, 0)
limit $1
