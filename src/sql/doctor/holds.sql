-- A basket keeps units as long as its hold is open, and no longer.
select format('hold %s is %s, but %s of its reservations are open', h.hold_id, h.state, count(r.reservation_id)) as "detail!"
from holds h
left join reservations r on r.hold_id = h.hold_id and r.closed_at is null
group by h.hold_id
having (h.state = 'open') <> (count(r.reservation_id) > 0)
limit $1
