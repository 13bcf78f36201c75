update fulfilment_orders
set
    state = $3,
    picked_at = case when $3 = 'picking' then $4 else picked_at end,
    packed_at = case when $3 = 'packed' then $4 else packed_at end,
    ready_at = case when $3 in ('ready', 'arrived') then $4 else ready_at end,
    -- What is sent to a store is sent once.
    fulfilled_at = case when $3 in ('shipped', 'collected') then coalesce(fulfilled_at, $4) else fulfilled_at end,
    delivered_at = case when $3 = 'delivered' then $4 else delivered_at end,
    closed_at = case when $3 in ('delivered', 'collected', 'returned') then $4 else closed_at end
where order_id = $1 and fulfilment_no = $2
