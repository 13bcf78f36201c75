-- What is taken of a slot is what is booked of it.
select format('slot %s of %s: %s taken, %s booked', coalesce(d.starts_at, b.starts_at), coalesce(d.plan, b.plan), coalesce(d.taken, 0), coalesce(b.booked, 0)) as "detail!"
from slot_days d
full join (
    select plan, starts_at, count(*) as booked from slot_bookings where state in ('open', 'ordered', 'performed') group by plan, starts_at
) b using (plan, starts_at)
where coalesce(d.taken, 0) <> coalesce(b.booked, 0)
limit $1
