-- Purchase orders, newest first.
select
    p.purchase_order_id,
    p.number,
    s.name as supplier,
    v.name as location,
    p.state as "state: PurchaseState",
    l.ordered as "ordered!",
    l.received as "received!",
    p.expected_on,
    coalesce(p.expected_on < ($7::timestamptz at time zone v.time_zone)::date and p.state in ('sent', 'confirmed', 'partly_received'), false) as "late!",
    o.number as "order_number?",
    p.drafted_at
from purchase_orders p
join suppliers s using (supplier_id)
join locations c on c.location_id = p.location_id
join location_versions v on v.location_id = p.location_id and v.valid @> $7::timestamptz
join lateral (
    select coalesce(sum(ordered), 0) as ordered, coalesce(sum(received), 0) as received from purchase_order_lines where purchase_order_id = p.purchase_order_id
) l on true
left join orders o on o.order_id = p.order_id
where ($1::text is null or p.state = $1)
    and ($2::text is null or s.code = $2)
    and ($3::text is null or c.code = $3)
    and ($4::timestamptz is null or (p.drafted_at, p.purchase_order_id) < ($4, $5::uuid))
order by p.drafted_at desc, p.purchase_order_id desc
limit $6
