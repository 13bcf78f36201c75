-- Whom we buy from, what they sell us, and on which terms.
create table suppliers (
    supplier_id uuid primary key,
    code        text not null unique check (code ~ '^[A-Z0-9][A-Z0-9-]*$'),
    name        text not null,
    email       text not null,
    address     text not null,
    currency    char(3) not null,
    -- From the order to the goods, where nothing else is said of a SKU.
    lead_days   integer not null check (lead_days between 0 and 730),
    -- Where it sends our customers' orders from itself.
    location_id uuid unique references locations
);

create table supplier_skus (
    supplier_id   uuid not null references suppliers,
    sku_id        uuid not null references skus,
    -- What they call it.
    supplier_code text not null,
    cost_micros   bigint not null check (cost_micros >= 0),
    min_quantity  integer not null check (min_quantity > 0),
    -- It is sold in multiples of this.
    pack_quantity integer not null check (pack_quantity > 0),
    lead_days     integer check (lead_days between 0 and 730),
    primary key (supplier_id, sku_id)
);
create index supplier_skus_by_sku on supplier_skus (sku_id);

-- At or below the point it is time to order, up to the level.
create table reorder_points (
    sku_id      uuid not null references skus,
    location_id uuid not null references locations,
    point       integer not null check (point >= 0),
    up_to       integer not null check (up_to > point),
    -- Whom it is bought from, if not from the cheapest.
    supplier_id uuid references suppliers,
    primary key (sku_id, location_id)
);

-- One for each time that a level crosses its point, open until it is above it again.
create table stock_alerts (
    alert_id    uuid primary key,
    sku_id      uuid not null,
    location_id uuid not null,
    point       integer not null,
    level       integer not null,
    raised_at   timestamptz not null,
    ended_at    timestamptz
);
create unique index stock_alerts_once on stock_alerts (sku_id, location_id) where ended_at is null;

create sequence purchase_order_numbers start 1001;
create table purchase_orders (
    purchase_order_id uuid primary key,
    number            text not null unique,
    supplier_id       uuid not null references suppliers,
    -- Where the goods come to; the supplier's own location where it sends them to a customer.
    location_id       uuid not null references locations,
    state             text not null check (state in ('draft', 'approved', 'sent', 'confirmed', 'partly_received', 'closed', 'cancelled')),
    currency          char(3) not null,
    note              text not null,
    -- What of which order the supplier sends to the customer.
    order_id          uuid,
    fulfilment_no     integer,
    expected_on       date,
    drafted_at        timestamptz not null,
    approved_at       timestamptz,
    sent_at           timestamptz,
    confirmed_at      timestamptz,
    ended_at          timestamptz,
    constraint purchase_orders_of_fulfilment check ((order_id is null) = (fulfilment_no is null)),
    constraint purchase_orders_ended check ((state in ('closed', 'cancelled')) = (ended_at is not null))
);
create index purchase_orders_newest on purchase_orders (drafted_at desc, purchase_order_id desc);
create index purchase_orders_of_supplier on purchase_orders (supplier_id, drafted_at desc);
create unique index purchase_orders_drop_shipped on purchase_orders (order_id, fulfilment_no);

create table purchase_order_lines (
    purchase_order_id uuid not null references purchase_orders,
    sku_id            uuid not null,
    supplier_code     text not null,
    -- Zero where it came without having been ordered.
    ordered           integer not null check (ordered >= 0),
    -- Null until the supplier has said how many it will send.
    confirmed         integer check (confirmed between 0 and ordered),
    received          integer not null default 0 check (received >= 0),
    -- Null where it was not ordered.
    cost_micros       bigint check (cost_micros >= 0),
    primary key (purchase_order_id, sku_id)
);
create index purchase_order_lines_to_come on purchase_order_lines (sku_id) where received < ordered;

alter table stock_movements add column purchase_order_id uuid;
create index stock_movements_by_purchase_order on stock_movements (purchase_order_id) where purchase_order_id is not null;

-- Units on their way to a location of ours: from another one, or bought and not cancelled. Drafts are nobody's promise yet.
create view incoming_units as
select l.sku_id, t.to_location_id as location_id, l.sent - l.received - l.lost as units
from transfer_lines l
join transfers t using (transfer_id)
where l.received + l.lost < l.sent
union all
select l.sku_id, p.location_id, coalesce(l.confirmed, l.ordered) - l.received
from purchase_order_lines l
join purchase_orders p using (purchase_order_id)
where l.received < l.ordered and l.received < coalesce(l.confirmed, l.ordered)
    and p.state in ('approved', 'sent', 'confirmed', 'partly_received') and p.order_id is null;

alter table users drop constraint users_role_check;
alter table users add constraint users_role_check check (role in ('customer_service', 'store', 'warehouse', 'planner', 'admin', 'finance', 'executive'));

revoke delete, truncate on suppliers, purchase_orders, stock_alerts from waybill_app;
