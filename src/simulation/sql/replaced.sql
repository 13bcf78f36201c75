-- What was put in the place of units that orders of the period waited for, within a part of it.
select l.order_id, l.instead_of as "instead_of!", l.line_no, l.sku_id, l.quantity, l.added_at as "added_at!"
from order_lines l
join orders o using (order_id)
where l.added_at > $1 and l.added_at <= $2 and o.placed_at > $3 and o.placed_at <= $4
