-- The hours in force at a moment and those planned by then for later, the earliest first. A version without any open day has one row without hours.
select v.location_id, lower(v.valid) as "since!", v.time_zone, v.country::text as "country!", v.keeps_holidays,
    h.weekday as "weekday?", h.opens as "opens?", h.closes as "closes?", h.cut_off as "cut_off?"
from location_versions v
left join location_hours h on h.location_id = v.location_id and lower(h.valid) = lower(v.valid)
where (upper(v.valid) is null or upper(v.valid) > $1) and (lower(v.valid) <= $1 or v.planned_at <= $1)
order by v.location_id, lower(v.valid), h.weekday
