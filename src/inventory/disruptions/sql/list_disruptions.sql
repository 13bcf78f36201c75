-- Disruptions; one, or those that are not over before the others, the newest first.
select d.disruption_id as "id: DisruptionId", d.kind as "kind: DisruptionKind", l.code as "location?", d.carrier, d.service, s.code as "sku?",
    case d.kind
        when 'location' then v.name
        when 'carrier' then d.carrier
        when 'service' then coalesce(set_up.content -> 'content' ->> 'name', d.service)
        when 'sku' then s.code || coalesce(' at ' || v.name, ' everywhere')
    end as "about!",
    d.reason, lower(d.valid) as "since!", d.lasts_until as until, upper(d.valid) as ended_at, d.brings_back, starter.name as "started_by?",
    ender.name as "ended_by?"
from disruptions d
left join locations l on l.location_id = d.location_id
left join location_versions v on v.location_id = d.location_id and v.valid @> lower(d.valid)
left join skus s on s.sku_id = d.sku_id
left join lateral (
    select content
    from delivery_settings
    where kind = 'service' and code = d.service and valid @> lower(d.valid)
    limit 1
) set_up on true
left join users starter on starter.user_id = d.started_by
left join users ender on ender.user_id = d.ended_by
where $1::uuid is null or d.disruption_id = $1
order by upper_inf(d.valid) desc, lower(d.valid) desc, d.disruption_id
limit $2
