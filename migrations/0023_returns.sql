-- What a customer sends back, from the day on which it was agreed.
create sequence return_numbers start 1001;
create table returns (
    return_id   uuid primary key,
    number      text not null unique,
    order_id    uuid not null references orders,
    -- Where it comes to.
    location_id uuid not null references locations,
    state       text not null check (state in ('approved', 'received', 'closed', 'cancelled')),
    reason      text not null,
    note        text not null,
    approved_at timestamptz not null,
    ended_at    timestamptz,
    constraint returns_ended check ((state = 'approved') = (ended_at is null))
);
create index returns_newest on returns (approved_at desc, return_id desc);
create index returns_of_order on returns (order_id);

create table return_lines (
    return_id uuid not null references returns,
    sku_id    uuid not null,
    -- Zero where it came without having been announced.
    announced integer not null check (announced >= 0),
    received  integer not null default 0 check (received >= 0),
    -- Of those received, how many the order's lines count as come back. The others were not of the order, or more than it had.
    matched   integer not null default 0 check (matched between 0 and received),
    primary key (return_id, sku_id)
);
create index return_lines_to_come on return_lines (sku_id) where received < announced;

alter table stock_movements add column return_id uuid;
create index stock_movements_by_return on stock_movements (return_id) where return_id is not null;

-- Units on their way to a location of ours: from another one, bought and not cancelled, or sent back. Drafts are nobody's promise yet.
create or replace view incoming_units as
select l.sku_id, t.to_location_id as location_id, l.sent - l.received - l.lost as units
from transfer_lines l
join transfers t using (transfer_id)
where l.received + l.lost < l.sent
union all
select l.sku_id, p.location_id, coalesce(l.confirmed, l.ordered) - l.received
from purchase_order_lines l
join purchase_orders p using (purchase_order_id)
where l.received < l.ordered and l.received < coalesce(l.confirmed, l.ordered)
    and p.state in ('approved', 'sent', 'confirmed', 'partly_received') and p.order_id is null
union all
select l.sku_id, r.location_id, l.announced - l.received
from return_lines l
join returns r using (return_id)
where l.received < l.announced and r.state = 'approved';

revoke delete, truncate on returns, return_lines from waybill_app;
