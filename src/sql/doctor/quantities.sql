select format('order %s line %s: ordered %s, cancelled %s, open %s, shipped %s, collected %s, returned %s',
    o.number, l.line_no, l.quantity, l.cancelled, l.open, l.shipped, l.collected, l.returned) as "detail!"
from order_lines l
join orders o using (order_id)
where l.quantity <> l.cancelled + l.open + l.shipped + l.collected or l.returned > l.shipped + l.collected
limit $1
