-- Units that are open and not waiting in a queue are in a fulfilment order that still runs, with an open reservation of the same size.
select format('order %s line %s: %s open, %s in fulfilment orders, %s reserved', o.number, l.line_no, l.open, coalesce(f.units, 0), coalesce(r.units, 0)) as "detail!"
from order_lines l
join orders o using (order_id)
left join lateral (
    select sum(fl.quantity) as units
    from fulfilment_lines fl
    join fulfilment_orders fo using (order_id, fulfilment_no)
    where fl.order_id = l.order_id and fl.line_no = l.line_no and fo.state in ('planned', 'released', 'picking', 'packed', 'ready')
) f on true
left join lateral (
    select sum(quantity) as units
    from reservations
    where reservations.order_id = l.order_id and reservations.line_no = l.line_no and closed_at is null
) r on true
where l.skill is null and (l.open > 0 or f.units > 0 or r.units > 0)
    and (coalesce(f.units, 0) <> coalesce(r.units, 0) or (l.queue is null and l.open <> coalesce(f.units, 0)) or l.open < coalesce(f.units, 0))
limit $1
