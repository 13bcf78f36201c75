-- By when the channel that an order is from wants it handed to the carrier.
alter table orders add column ship_by timestamptz;

-- Nothing of an order moves on while it is held for anything; it is held for each reason once at a time.
create unique index order_holds_open on order_holds (order_id, kind) where released_at is null;

-- A rule may have something else sent in the place of what is missing, without asking.
alter table order_lines drop constraint order_lines_queue_check;
alter table order_lines add constraint order_lines_queue_check
    check (queue in ('unrouted', 'backorder', 'preorder', 'rejected', 'unfillable', 'customer_care', 'asked', 'substitute'));
alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check
        check (kind in ('confirmed', 'shipped', 'ready', 'date_moved', 'asked', 'substituted', 'appointment_moved', 'delivered', 'staff'));

-- Held is held, however far it is.
create or replace view order_projection as
select
    o.order_id,
    case
        when l.units = l.cancelled then 'cancelled'
        when l.open = 0 and f.coming + f.arrived = 0 then 'completed'
        when h.holds > 0 then 'on_hold'
        -- What is collected is ready when all of it is.
        when f.ready + f.arrived > 0 and f.coming + f.unsent = 0 and l.queued = 0 then 'ready_for_pickup'
        when f.coming + f.arrived > 0 then 'in_progress'
        when l.fulfilled > 0 and l.open > l.booked then 'partly_fulfilled'
        when p.payment_status = 'failed' then 'payment_failed'
        when p.payment_status = 'pending' then 'pending_payment'
        when l.open = l.booked then 'scheduled'
        when f.ready + f.working > 0 then 'in_progress'
        when l.queued > 0 then 'waiting'
        else 'released'
    end as status,
    coalesce(p.payment_status, 'none') as payment_status,
    l.units,
    l.cancelled as units_cancelled,
    l.fulfilled as units_fulfilled,
    coalesce(f.parcels, 0) as parcels,
    coalesce(f.location_ids, '{}') as location_ids,
    f.shipped_at,
    case when l.open = 0 and l.fulfilled > 0 and f.coming + f.arrived = 0 then greatest(f.completed_at, b.performed_at) end as completed_at,
    lower(concat_ws(' ', o.number, o.external_id, c.name, c.email, c.phone, c.postcode, l.codes, f.tracking)) as search_text
from orders o
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
join lateral (
    select
        sum(quantity)::integer as units,
        sum(cancelled)::integer as cancelled,
        sum(open)::integer as open,
        coalesce(sum(open) filter (where skill is not null), 0)::integer as booked,
        sum(shipped + collected + performed)::integer as fulfilled,
        count(queue)::integer as queued,
        string_agg(sku_code, ' ' order by line_no) as codes
    from order_lines
    where order_lines.order_id = o.order_id
) l on true
left join lateral (
    select
        count(*) filter (where state not in ('cancelled', 'rejected'))::integer as parcels,
        count(*) filter (where state in ('picking', 'packed'))::integer as working,
        count(*) filter (where state = 'ready')::integer as ready,
        count(*) filter (where state = 'shipped' and to_location_id is not null)::integer as coming,
        count(*) filter (where state = 'arrived')::integer as arrived,
        count(*) filter (where state in ('planned', 'released', 'picking', 'packed'))::integer as unsent,
        array_agg(distinct location_id) filter (where state not in ('cancelled', 'rejected')) as location_ids,
        min(fulfilled_at) as shipped_at,
        max(case when state = 'collected' then closed_at else fulfilled_at end) as completed_at,
        string_agg(tracking_number, ' ' order by fulfilment_no) as tracking
    from fulfilment_orders
    where fulfilment_orders.order_id = o.order_id
) f on true
left join lateral (
    select max(ended_at) as performed_at
    from slot_bookings
    where slot_bookings.order_id = o.order_id and state = 'performed'
) b on true
left join lateral (
    select state as payment_status
    from payments
    where payments.order_id = o.order_id
    order by payment_no desc
    limit 1
) p on true
join lateral (
    select count(*)::integer as holds
    from order_holds
    where order_holds.order_id = o.order_id and released_at is null
) h on true;
