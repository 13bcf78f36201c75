select
    f.order_id as "order_id: OrderId",
    f.fulfilment_no,
    o.number,
    f.method as "way: Way",
    s.name as "to_store?",
    f.state as "state: FulfilmentState",
    c.name as customer,
    c.street,
    c.city,
    c.postcode,
    c.country,
    f.released_at,
    f.due_by,
    gift_card(f.order_id, f.fulfilment_no) as gift_message,
    lines_of_work(f.order_id, f.fulfilment_no) as "lines!: Json<Vec<WorkLine>>"
from fulfilment_orders f
join orders o using (order_id)
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
left join location_versions s on s.location_id = f.to_location_id and s.valid @> $6::timestamptz
where ((f.location_id = $1 and f.state in ('released', 'picking', 'packed', 'ready')) or (f.to_location_id = $1 and f.state in ('shipped', 'arrived')))
    and ($2::text is null or f.state = $2)
    and ($3::timestamptz is null or (f.released_at, f.order_id) > ($3, $4))
order by f.released_at, f.order_id
limit $5
