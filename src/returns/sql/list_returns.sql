select
    r.return_id,
    r.number,
    o.number as order_number,
    l.code as location_code,
    v.name as location,
    r.state as "state: ReturnState",
    r.reason as "reason: ReturnReason",
    r.approved_at,
    units.announced as "announced!",
    units.received as "received!"
from returns r
join orders o using (order_id)
join locations l on l.location_id = r.location_id
join location_versions v on v.location_id = r.location_id and v.valid @> $6::timestamptz
join lateral (
    select coalesce(sum(announced), 0)::bigint as announced, coalesce(sum(received), 0)::bigint as received
    from return_lines l
    where l.return_id = r.return_id
) units on true
where ($1::text is null or r.state = $1)
    and ($2::text is null or r.location_id = (select location_id from locations where code = $2))
    and ($3::timestamptz is null or (r.approved_at, r.return_id) < ($3, $4::uuid))
order by r.approved_at desc, r.return_id desc
limit $5
