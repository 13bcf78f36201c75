-- A service that is open has an appointment to come, one that was performed has had it, and one that was called off has none.
select format('order %s line %s: %s open, %s performed; appointments %s to come, %s over', o.number, l.line_no, l.open, l.performed,
    coalesce(b.ordered, 0), coalesce(b.performed, 0)) as "detail!"
from order_lines l
join orders o using (order_id)
left join lateral (
    select count(*) filter (where state = 'ordered') as ordered, count(*) filter (where state = 'performed') as performed
    from slot_bookings
    where slot_bookings.order_id = l.order_id and slot_bookings.line_no = l.line_no
) b on true
where l.skill is not null and (l.open <> coalesce(b.ordered, 0) or l.performed <> coalesce(b.performed, 0))
limit $1
