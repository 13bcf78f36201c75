-- What a fulfilment order is about, as everybody who works on it or follows it sees it.
create function lines_of_work(its_order uuid, its_no integer) returns jsonb
language sql stable
return (
    select jsonb_agg(jsonb_build_object(
        'line_no', fl.line_no, 'sku', l.sku_code, 'name', l.name, 'quantity', fl.quantity,
        'wish', jsonb_build_object('personalisation', l.personalisation, 'gift_wrap', l.gift_wrap_micros is not null,
            'kit', l.kit_quantity || ' × ' || l.kit_name)
    ) order by fl.line_no)
    from fulfilment_lines fl
    join order_lines l using (order_id, line_no)
    where fl.order_id = its_order and fl.fulfilment_no = its_no
);
