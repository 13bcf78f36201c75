update orders
set
    status = p.status,
    -- Unpaid stock is held for those who have not paid.
    held_until = case when p.status = 'pending_payment' then orders.held_until end,
    payment_status = p.payment_status,
    units = p.units,
    units_cancelled = p.units_cancelled,
    units_fulfilled = p.units_fulfilled,
    parcels = p.parcels,
    location_ids = p.location_ids,
    shipped_at = p.shipped_at,
    completed_at = p.completed_at,
    search_text = p.search_text,
    updated_at = $2
from order_projection p
where orders.order_id = any ($1) and p.order_id = orders.order_id
