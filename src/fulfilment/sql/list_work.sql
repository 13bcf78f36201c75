select
    f.order_id as "order_id: OrderId",
    f.fulfilment_no,
    o.number,
    f.method as "method: Method",
    f.state as "state: FulfilmentState",
    c.name as customer,
    c.street,
    c.city,
    c.postcode,
    c.country,
    f.released_at,
    f.due_by,
    gift_card(f.order_id, f.fulfilment_no) as gift_message,
    lines.list as "lines!: Json<Vec<WorkLine>>"
from fulfilment_orders f
join orders o using (order_id)
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
join lateral (
    select jsonb_agg(jsonb_build_object(
        'line_no', fl.line_no, 'sku', l.sku_code, 'name', l.name, 'quantity', fl.quantity,
        'wish', jsonb_build_object('personalisation', l.personalisation, 'gift_wrap', l.gift_wrap_micros is not null,
            'kit', l.kit_quantity || ' × ' || l.kit_name)
    ) order by fl.line_no) as list
    from fulfilment_lines fl
    join order_lines l using (order_id, line_no)
    where fl.order_id = f.order_id and fl.fulfilment_no = f.fulfilment_no
) lines on true
where f.location_id = $1
    and f.state in ('released', 'picking', 'packed', 'ready')
    and ($2::text is null or f.state = $2)
    and ($3::timestamptz is null or (f.released_at, f.order_id) > ($3, $4))
order by f.released_at, f.order_id
limit $5
