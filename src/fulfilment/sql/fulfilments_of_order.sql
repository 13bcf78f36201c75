select
    f.fulfilment_no,
    f.location_id as "location_id: LocationId",
    v.name as location,
    v.city,
    v.latitude,
    v.longitude,
    f.method as "way: Way",
    s.name as "to_store?",
    f.state as "state: FulfilmentState",
    f.carrier,
    f.tracking_number,
    f.fulfilled_at,
    f.service,
    f.promised_by,
    f.due_by,
    case when f.state = 'planned' and f.offered_until > $2 then f.offered_until end as offered_until,
    lines_of_work(f.order_id, f.fulfilment_no) as "lines!: Json<Vec<FulfilmentLineView>>"
from fulfilment_orders f
join location_versions v on v.location_id = f.location_id and v.valid @> $2::timestamptz
left join location_versions s on s.location_id = f.to_location_id and s.valid @> $2::timestamptz
where f.order_id = $1
order by f.fulfilment_no
