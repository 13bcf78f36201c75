-- One purchase order. Where the supplier sends it to a customer itself, the customer is whom it goes to.
select
    (select e.name from legal_entities e order by e.name limit 1) as "buyer!",
    p.purchase_order_id as "id: PurchaseOrderId",
    p.number,
    p.state as "state: PurchaseState",
    p.currency,
    p.note,
    p.expected_on,
    coalesce(p.expected_on < ($2::timestamptz at time zone v.time_zone)::date and p.state in ('sent', 'confirmed', 'partly_received'), false) as "late!",
    s.code as supplier_code,
    s.name as supplier_name,
    s.email,
    s.address,
    s.lead_days,
    p.location_id as "location_id: LocationId",
    c.code as location_code,
    v.name as location,
    o.number as "order_number?",
    o.order_id as "order?: OrderId",
    p.fulfilment_no,
    gift_card(p.order_id, p.fulfilment_no) as "gift_message?",
    case when o.order_id is null
        then array[v.name, v.street, v.postcode || ' ' || v.city, v.country]
        else array[t.name, t.street, t.postcode || ' ' || t.city, t.country]
    end as "deliver_to!"
from purchase_orders p
join suppliers s using (supplier_id)
join locations c on c.location_id = p.location_id
join location_versions v on v.location_id = p.location_id and v.valid @> $2::timestamptz
left join orders o on o.order_id = p.order_id
left join contacts t on t.contact_id = o.contact_id and t.version = o.contact_version
where p.number = $1
