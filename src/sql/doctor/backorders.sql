-- What is owed makes the stock row, and no order is owed more than it waits for.
select detail as "detail!"
from (
    select format('SKU %s at %s: backordered %s but open backorders make %s', coalesce(k.code, sku_id::text), coalesce(l.code, location_id::text),
        coalesce(s.backordered, 0), coalesce(b.units, 0)) as detail
    from stock s
    full join (select sku_id, location_id, sum(quantity) as units from backorders where closed_at is null group by sku_id, location_id) b
        using (sku_id, location_id)
    left join skus k using (sku_id)
    left join locations l using (location_id)
    where coalesce(s.backordered, 0) <> coalesce(b.units, 0)
    union all
    select format('order %s line %s: %s owed, %s open and waiting', o.number, b.line_no, b.units, l.open - coalesce(f.units, 0))
    from (select order_id, line_no, sum(quantity) as units from backorders where closed_at is null group by order_id, line_no) b
    join orders o using (order_id)
    join order_lines l using (order_id, line_no)
    left join lateral (
        select sum(fl.quantity) as units
        from fulfilment_lines fl
        join fulfilment_orders fo using (order_id, fulfilment_no)
        where fl.order_id = b.order_id and fl.line_no = b.line_no and fo.state in ('planned', 'released', 'picking', 'packed', 'ready')
    ) f on true
    where l.queue is null or b.units > l.open - coalesce(f.units, 0)
) found
limit $1
