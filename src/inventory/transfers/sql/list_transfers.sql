select
    t.transfer_id,
    t.number,
    f.name as "from",
    o.name as "to",
    t.state as "state: TransferState",
    t.sent_at,
    units.sent as "sent!",
    units.received as "received!"
from transfers t
join location_versions f on f.location_id = t.from_location_id and f.valid @> $6::timestamptz
join location_versions o on o.location_id = t.to_location_id and o.valid @> $6::timestamptz
join lateral (
    select coalesce(sum(sent), 0)::bigint as sent, coalesce(sum(received), 0)::bigint as received
    from transfer_lines l
    where l.transfer_id = t.transfer_id
) units on true
where ($1::text is null or t.state = $1)
    and ($2::text is null or (select location_id from locations where code = $2) in (t.from_location_id, t.to_location_id))
    and ($3::timestamptz is null or (t.sent_at, t.transfer_id) < ($3, $4::uuid))
order by t.sent_at desc, t.transfer_id desc
limit $5
