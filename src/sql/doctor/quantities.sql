select format('order %s line %s: ordered %s, cancelled %s, open %s, shipped %s, collected %s, performed %s, returned %s',
    o.number, l.line_no, l.quantity, l.cancelled, l.open, l.shipped, l.collected, l.performed, l.returned) as "detail!"
from order_lines l
join orders o using (order_id)
where l.quantity <> l.cancelled + l.open + l.shipped + l.collected + l.performed or l.returned > l.shipped + l.collected
limit $1
