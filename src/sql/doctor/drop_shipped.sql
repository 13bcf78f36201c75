-- What a supplier sends to a customer itself goes on as long as the work for it does.
select format('purchase order %s is %s, but its fulfilment order is %s', p.number, p.state, f.state) as "detail!"
from purchase_orders p
join fulfilment_orders f on f.order_id = p.order_id and f.fulfilment_no = p.fulfilment_no
where (p.ended_at is null) <> (f.state in ('planned', 'released', 'picking', 'packed'))
    or (p.state = 'closed') <> (f.state in ('shipped', 'delivered', 'returned'))
limit $1
