-- Work that a location is asked for and may still answer, what has to be answered first before the rest.
select f.order_id as "order_id: OrderId", f.fulfilment_no, o.number as order_number, c.city, c.country, f.offered_until as "until!", f.promised_by,
    gift_card(f.order_id, f.fulfilment_no) as gift_message, lines_of_work(f.order_id, f.fulfilment_no) as "lines!: Json<Vec<WorkLine>>",
    (select count(*)::integer - 1 from fulfilment_offers x where x.order_id = f.order_id and x.fulfilment_no = f.fulfilment_no and x.answer is null) as "others!"
from fulfilment_offers a
join fulfilment_orders f using (order_id, fulfilment_no)
join orders o using (order_id)
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
where a.location_id = $1 and a.answer is null and f.state = 'planned' and f.offered_until > $2
order by f.offered_until, f.order_id
limit 50
