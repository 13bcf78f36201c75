-- The work that counts on what is out of order and has to leave before that is over, what has to leave first before the rest. What is being picked
-- leaves a location or a shelf as it is; what is not on its way yet can still change its carrier.
insert into disrupted_orders (disruption_id, no, order_id, fulfilment_no)
select d.disruption_id,
    coalesce((select max(no) from disrupted_orders where disruption_id = $1), 0) + row_number() over (order by f.hand_over_by, f.order_id, f.fulfilment_no),
    f.order_id, f.fulfilment_no
from disruptions d
join fulfilment_orders f on f.state in ('planned', 'released', 'picking', 'packed')
    and case d.kind
        when 'location' then (f.location_id = d.location_id or f.to_location_id = d.location_id) and f.state in ('planned', 'released')
        when 'service' then f.service = d.service
        when 'carrier' then f.service in (
            select s.code
            from delivery_settings s
            where s.kind = 'service' and s.valid @> lower(d.valid) and s.content -> 'content' ->> 'carrier' = d.carrier
        )
        else (d.location_id is null or f.location_id = d.location_id) and f.state in ('planned', 'released')
            and exists (
                select from fulfilment_lines l
                where l.order_id = f.order_id and l.fulfilment_no = f.fulfilment_no and l.sku_id = d.sku_id
            )
    end
    and (d.kind = 'sku' or d.lasts_until is null or f.hand_over_by is null or f.hand_over_by < d.lasts_until)
where d.disruption_id = $1
    and not exists (
        select from disrupted_orders o
        where o.disruption_id = $1 and o.order_id = f.order_id and o.fulfilment_no = f.fulfilment_no
    )
