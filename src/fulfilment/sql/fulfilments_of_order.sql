select
    f.fulfilment_no,
    f.location_id as "location_id: LocationId",
    v.name as location,
    v.city,
    v.latitude,
    v.longitude,
    f.method as "method: Method",
    f.state as "state: FulfilmentState",
    f.carrier,
    f.tracking_number,
    f.fulfilled_at,
    f.service,
    f.promised_by,
    f.due_by,
    case when f.state = 'planned' and f.offered_until > $2 then f.offered_until end as offered_until,
    lines.list as "lines!: Json<Vec<FulfilmentLineView>>"
from fulfilment_orders f
join location_versions v on v.location_id = f.location_id and v.valid @> $2::timestamptz
join lateral (
    select jsonb_agg(jsonb_build_object(
        'line_no', l.line_no, 'sku', l.sku_code, 'name', l.name, 'quantity', fl.quantity,
        'wish', jsonb_build_object('personalisation', l.personalisation, 'gift_wrap', l.gift_wrap_micros is not null,
            'kit', l.kit_quantity || ' × ' || l.kit_name)
    ) order by fl.line_no) as list
    from fulfilment_lines fl
    join order_lines l using (order_id, line_no)
    where fl.order_id = f.order_id and fl.fulfilment_no = f.fulfilment_no
) lines on true
where f.order_id = $1
order by f.fulfilment_no
