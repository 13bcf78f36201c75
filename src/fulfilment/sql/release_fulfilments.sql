-- Planned work of orders that nobody holds becomes its location's, or several are asked for it from now on. Each with the name of its location, or of those who are asked.
with released as (
    update fulfilment_orders
    set state = $2, released_at = $3
    where order_id = any ($1) and state = $4 and offer_minutes is null and not exists (select from network_state where stopped_at is not null)
        and not exists (select from order_holds h where h.order_id = fulfilment_orders.order_id and h.released_at is null)
    returning order_id, fulfilment_no, location_id
),
asked as (
    update fulfilment_orders
    set offered_until = $3::timestamptz + make_interval(mins => offer_minutes)
    where order_id = any ($1) and state = $4 and offer_minutes is not null and offered_until is null
        and not exists (select from network_state where stopped_at is not null)
        and not exists (select from order_holds h where h.order_id = fulfilment_orders.order_id and h.released_at is null)
    returning order_id, fulfilment_no, offered_until
)
select r.order_id as "order!: OrderId", r.fulfilment_no as "fulfilment_no!", v.name as "names!", v.kind = 'vendor' as "by_vendor!",
    null::timestamptz as offered_until
from released r
join location_versions v on v.location_id = r.location_id and v.valid @> $3::timestamptz
union all
select a.order_id, a.fulfilment_no, string_agg(v.name, ', ' order by o.rank), false, a.offered_until
from asked a
join fulfilment_offers o using (order_id, fulfilment_no)
join location_versions v on v.location_id = o.location_id and v.valid @> $3::timestamptz
group by a.order_id, a.fulfilment_no, a.offered_until
order by 1, 2
