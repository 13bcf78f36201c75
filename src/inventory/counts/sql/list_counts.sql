-- Counts, newest first, with how far each is.
select
    c.count_id,
    c.number,
    v.name as location,
    c.state as "state: CountState",
    l.lines as "lines!",
    l.counted as "counted!",
    c.opened_at
from counts c
join locations p using (location_id)
join location_versions v on v.location_id = c.location_id and v.valid @> $6::timestamptz
cross join lateral (select count(*) as lines, count(counted) as counted from count_lines where count_lines.count_id = c.count_id) l
where ($1::text is null or c.state = $1)
    and ($2::text is null or p.code = $2)
    and ($3::timestamptz is null or (c.opened_at, c.count_id) < ($3, $4::uuid))
order by c.opened_at desc, c.count_id desc
limit $5
