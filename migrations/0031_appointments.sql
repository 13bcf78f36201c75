-- Services: things that nobody has on a shelf, done by people with a skill at a time that is booked.
alter table skus add column skill text check (skill <> '');

alter table order_lines
    add column skill text,
    -- Units of a service that have been done.
    add column performed integer not null default 0 check (performed >= 0),
    drop constraint order_lines_quantities,
    add constraint order_lines_quantities check (quantity = cancelled + open + shipped + collected + performed),
    -- One appointment is one line.
    add constraint order_lines_service check ((skill is null or (quantity = 1 and queue is null)) and (skill is not null or performed = 0));

alter table slot_bookings
    -- The line that is done in it; null where it is the whole order's.
    add column line_no integer,
    -- Who does it.
    add column location_id uuid references locations,
    -- The order's parcels come in it.
    add column brings_order boolean not null default true,
    drop constraint slot_bookings_state_check,
    -- performed: the work is done.
    add constraint slot_bookings_state_check check (state in ('open', 'ordered', 'performed', 'released', 'expired')),
    drop constraint slot_bookings_ended,
    add constraint slot_bookings_ended check ((state in ('performed', 'released', 'expired')) = (ended_at is not null)),
    add constraint slot_bookings_performed check (state <> 'performed' or line_no is not null);
drop index slot_bookings_taken;
create index slot_bookings_taken on slot_bookings (plan, starts_at) where state in ('open', 'ordered', 'performed');
create index slot_bookings_to_do on slot_bookings (location_id, starts_at) where state = 'ordered' and line_no is not null;
create unique index slot_bookings_of_line on slot_bookings (order_id, line_no) where state in ('ordered', 'performed') and line_no is not null;

-- Whoever is visited at another time than they were told is told.
alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check check (kind in ('confirmed', 'shipped', 'ready', 'date_moved', 'appointment_moved', 'delivered'));

create or replace view order_projection as
select
    o.order_id,
    case
        when l.units = l.cancelled then 'cancelled'
        when l.open = 0 then 'completed'
        when l.fulfilled > 0 and l.open > l.booked then 'partly_fulfilled'
        when p.payment_status = 'failed' then 'payment_failed'
        when p.payment_status = 'pending' then 'pending_payment'
        when h.holds > 0 then 'on_hold'
        when l.open = l.booked then 'scheduled'
        when f.ready > 0 then 'ready_for_pickup'
        when f.working > 0 then 'in_progress'
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
    case when l.open = 0 and l.fulfilled > 0 then greatest(f.completed_at, b.performed_at) end as completed_at,
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
        array_agg(distinct location_id) filter (where state not in ('cancelled', 'rejected')) as location_ids,
        min(fulfilled_at) as shipped_at,
        max(fulfilled_at) as completed_at,
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
