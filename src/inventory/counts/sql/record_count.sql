-- What was counted, beside what the books have there less what is in hand for orders: packed for certain, being picked perhaps.
insert into count_lines (count_id, sku_id, counted, book, in_picking, counted_at, counted_by)
select $1, w.sku_id, w.counted, coalesce(s.on_hand, 0) - coalesce(hand.packed, 0), coalesce(hand.picking, 0), $5, $6
from unnest($3::uuid[], $4::integer[]) as w (sku_id, counted)
left join stock s on s.sku_id = w.sku_id and s.location_id = $2
left join lateral (
    select
        sum(r.quantity) filter (where f.state in ('packed', 'ready'))::integer as packed,
        sum(r.quantity) filter (where f.state = 'picking')::integer as picking
    from reservations r
    join fulfilment_lines fl on fl.order_id = r.order_id and fl.reservation_id = r.reservation_id
    join fulfilment_orders f on f.order_id = fl.order_id and f.fulfilment_no = fl.fulfilment_no
    where r.sku_id = w.sku_id and r.location_id = $2 and r.closed_at is null
) hand on true
on conflict (count_id, sku_id) do update
set
    counted = excluded.counted,
    book = excluded.book,
    in_picking = excluded.in_picking,
    counted_at = excluded.counted_at,
    counted_by = excluded.counted_by
-- A figure that is booked stands.
where count_lines.booked_at is null
