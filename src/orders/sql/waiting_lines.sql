-- Units of an order that are open and in no fulfilment order that still runs.
select l.line_no, l.sku_id as "sku: SkuId", s.weight_grams, s.length_mm, s.width_mm, s.height_mm, l.promised_by, l.queue as "queue: Queue", l.customer_waits,
    l.amount_minor * (l.open - coalesce(f.units, 0)) / l.quantity as "amount_minor!",
    (l.open - coalesce(f.units, 0))::integer as "waiting!"
from order_lines l
join skus s using (sku_id)
left join lateral (
    select sum(fl.quantity) as units
    from fulfilment_lines fl
    join fulfilment_orders fo using (order_id, fulfilment_no)
    where fl.order_id = l.order_id and fl.line_no = l.line_no and fo.state in ('planned', 'released', 'picking', 'packed', 'ready')
) f on true
where l.order_id = $1 and l.skill is null and l.open > coalesce(f.units, 0)
order by l.line_no
