select format('order %s: the header says %s, its lines say %s', o.number,
    concat_ws('/', o.status, o.payment_status, o.units, o.units_cancelled, o.units_fulfilled, o.parcels),
    concat_ws('/', p.status, p.payment_status, p.units, p.units_cancelled, p.units_fulfilled, p.parcels)) as "detail!"
from orders o
join order_projection p using (order_id)
where (o.status, o.payment_status, o.units, o.units_cancelled, o.units_fulfilled, o.parcels, o.location_ids, o.shipped_at, o.completed_at, o.search_text)
    is distinct from (p.status, p.payment_status, p.units, p.units_cancelled, p.units_fulfilled, p.parcels, p.location_ids, p.shipped_at, p.completed_at, p.search_text)
    or (o.held_until is not null and p.status <> 'pending_payment')
limit $1
