-- The order family, keyed by order. Look-up tables are keyed by what is looked up.

create table orders (
    order_id           uuid primary key,
    number             text not null,
    channel            text not null references channels,
    legal_entity_id    uuid not null references legal_entities,
    external_id        text,
    customer_id        uuid,
    contact_id         uuid not null,
    contact_version    integer not null,
    method             text not null check (method in ('ship', 'pickup')),
    pickup_location_id uuid,
    currency           char(3) not null,
    goods_minor        bigint not null check (goods_minor >= 0),
    shipping_minor     bigint not null check (shipping_minor >= 0),
    -- Included in the two above.
    tax_minor          bigint not null check (tax_minor >= 0),
    total_minor        bigint not null,
    placed_at          timestamptz not null,
    -- Until when unpaid stock is kept; null once paid or cancelled.
    held_until         timestamptz,
    -- The projection: written by project_order alone, from the lines, fulfilments and payments.
    status             text not null default 'received',
    payment_status     text not null default 'pending',
    units              integer not null default 0,
    units_cancelled    integer not null default 0,
    units_fulfilled    integer not null default 0,
    parcels            integer not null default 0,
    location_ids       uuid[] not null default '{}',
    shipped_at         timestamptz,
    completed_at       timestamptz,
    search_text        text not null default '',
    updated_at         timestamptz not null,
    constraint orders_total check (total_minor = goods_minor + shipping_minor),
    constraint orders_pickup_place check ((method = 'pickup') = (pickup_location_id is not null))
);
create index orders_newest on orders (placed_at desc, order_id desc);
create index orders_by_customer on orders (customer_id, placed_at desc) where customer_id is not null;
create index orders_by_status on orders (status, placed_at desc, order_id desc);
create index orders_by_channel on orders (channel, placed_at desc, order_id desc);
create index orders_search on orders using gin (search_text gin_trgm_ops);
create index orders_unpaid on orders (held_until) where held_until is not null;

create table order_numbers (
    number   text primary key,
    order_id uuid not null
);

create table order_external_ids (
    channel     text not null,
    external_id text not null,
    order_id    uuid not null,
    primary key (channel, external_id)
);

create table order_lines (
    order_id          uuid not null references orders,
    line_no           integer not null check (line_no > 0),
    sku_id            uuid not null,
    sku_code          text not null,
    name              text not null,
    quantity          integer not null check (quantity > 0),
    cancelled         integer not null default 0 check (cancelled >= 0),
    open              integer not null check (open >= 0),
    shipped           integer not null default 0 check (shipped >= 0),
    collected         integer not null default 0 check (collected >= 0),
    returned          integer not null default 0 check (returned >= 0),
    unit_price_micros bigint not null check (unit_price_micros >= 0),
    amount_minor      bigint not null check (amount_minor >= 0),
    tax_minor         bigint not null check (tax_minor >= 0),
    -- Why open units wait that no fulfilment order has taken; null when all are taken.
    queue             text check (queue in ('unrouted', 'backorder', 'preorder', 'rejected', 'unfillable')),
    primary key (order_id, line_no),
    constraint order_lines_quantities check (quantity = cancelled + open + shipped + collected),
    constraint order_lines_returned check (returned <= shipped + collected)
);
create index order_lines_by_sku on order_lines (sku_id, order_id);

create table order_holds (
    order_id    uuid not null references orders,
    kind        text not null check (kind in ('payment', 'address', 'fraud', 'customer_service', 'stock')),
    placed_at   timestamptz not null,
    reason      text not null,
    released_at timestamptz,
    primary key (order_id, kind, placed_at)
);

-- Why each line went where it went: inputs, outcome and versions; plan() is run again to explain it.
create table order_decisions (
    order_id        uuid not null references orders,
    decision_no     integer not null,
    ruleset_id      uuid not null,
    ruleset_version integer not null,
    engine_version  integer not null,
    decided_at      timestamptz not null,
    record          jsonb not null,
    primary key (order_id, decision_no)
);

create table payments (
    order_id          uuid not null references orders,
    payment_no        integer not null,
    -- What the gateway knows the customer's card by; never a card number.
    token             text not null,
    gateway_reference text,
    state             text not null check (state in ('pending', 'authorised', 'partly_captured', 'captured', 'partly_refunded', 'refunded', 'failed', 'voided', 'expired')),
    currency          char(3) not null,
    amount_minor      bigint not null check (amount_minor >= 0),
    authorised_minor  bigint not null default 0 check (authorised_minor between 0 and amount_minor),
    captured_minor    bigint not null default 0 check (captured_minor between 0 and authorised_minor),
    refunded_minor    bigint not null default 0 check (refunded_minor between 0 and captured_minor),
    failure           text,
    primary key (order_id, payment_no)
);

-- What was asked of the gateway: recorded and committed before it is called, answered afterwards.
create table payment_operations (
    order_id     uuid not null references orders,
    -- Also the key sent to the gateway.
    operation_id uuid not null,
    payment_no   integer not null,
    kind         text not null check (kind in ('authorise', 'capture', 'void', 'refund')),
    amount_minor bigint not null check (amount_minor >= 0),
    fulfilment_no integer,
    state        text not null check (state in ('requested', 'succeeded', 'failed')),
    detail       text,
    requested_at timestamptz not null,
    answered_at  timestamptz,
    primary key (order_id, operation_id)
);
create index payment_operations_by_id on payment_operations (operation_id);
create index payment_operations_unanswered on payment_operations (requested_at) where state = 'requested';

-- Double entry: each journal sums to zero.
create table ledger_entries (
    order_id     uuid not null references orders,
    entry_id     bigint generated always as identity,
    journal_id   uuid not null,
    account      text not null check (account in ('receivable', 'goods_sales', 'shipping_sales', 'tax', 'gateway', 'bad_debt')),
    amount_minor bigint not null check (amount_minor <> 0),
    currency     char(3) not null,
    occurred_at  timestamptz not null,
    primary key (order_id, entry_id)
);
create trigger ledger_entries_append_only before update or delete or truncate on ledger_entries for each statement execute function forbid_rewrite();

create table fulfilment_orders (
    order_id        uuid not null references orders,
    fulfilment_no   integer not null check (fulfilment_no > 0),
    location_id     uuid not null references locations,
    method          text not null check (method in ('ship', 'pickup')),
    state           text not null check (state in ('planned', 'released', 'picking', 'packed', 'ready', 'shipped', 'delivered', 'collected', 'rejected', 'cancelled')),
    carrier         text,
    tracking_number text,
    pickup_code     text,
    reason          text,
    planned_at      timestamptz not null,
    released_at     timestamptz,
    picked_at       timestamptz,
    packed_at       timestamptz,
    ready_at        timestamptz,
    -- Shipped or collected.
    fulfilled_at    timestamptz,
    delivered_at    timestamptz,
    closed_at       timestamptz,
    primary key (order_id, fulfilment_no),
    constraint fulfilment_shipped_has_number check (state not in ('shipped', 'delivered') or tracking_number is not null)
);
create index fulfilment_work on fulfilment_orders (location_id, released_at, order_id)
    where state in ('released', 'picking', 'packed', 'ready');
create index fulfilment_by_day on fulfilment_orders (fulfilled_at) where fulfilled_at is not null;

create table tracking_numbers (
    tracking_number text primary key,
    order_id        uuid not null,
    fulfilment_no   integer not null
);

create table fulfilment_lines (
    order_id       uuid not null,
    fulfilment_no  integer not null,
    line_no        integer not null,
    sku_id         uuid not null,
    quantity       integer not null check (quantity > 0),
    reservation_id uuid not null,
    primary key (order_id, fulfilment_no, line_no),
    foreign key (order_id, fulfilment_no) references fulfilment_orders,
    foreign key (order_id, line_no) references order_lines
);

-- Returns known from another system's history. They reached stock and money there.
create table historic_returns (
    return_id    uuid primary key,
    channel      text not null,
    external_id  text not null,
    line_no      integer not null,
    -- A line that came back against several sales has several parts.
    part         integer not null,
    -- Null: a blind return, no order could be found for it.
    order_id     uuid,
    order_line_no integer,
    customer_id  uuid,
    sku_id       uuid not null,
    quantity     integer not null check (quantity > 0),
    amount_minor bigint not null,
    currency     char(3) not null,
    returned_at  timestamptz not null,
    unique (channel, external_id, line_no, part)
);
create index historic_returns_by_order on historic_returns (order_id);

create table imports (
    import_id    uuid primary key,
    source       text not null,
    file_sha256  text not null,
    state        text not null check (state in ('running', 'done')),
    -- Groups of the file that are safely in; a restart goes on after them.
    groups_done  bigint not null default 0,
    totals       jsonb not null default '{}',
    started_at   timestamptz not null,
    finished_at  timestamptz,
    unique (source, file_sha256)
);

-- The header of an order as its lines, fulfilments and payments make it. project_order copies it; doctor compares.
create view order_projection as
select
    o.order_id,
    case
        when l.units = l.cancelled then 'cancelled'
        when l.open = 0 then 'completed'
        when l.fulfilled > 0 then 'partly_fulfilled'
        when p.payment_status = 'failed' then 'payment_failed'
        when p.payment_status = 'pending' then 'pending_payment'
        when h.holds > 0 then 'on_hold'
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
    case when l.open = 0 and l.fulfilled > 0 then f.completed_at end as completed_at,
    lower(concat_ws(' ', o.number, o.external_id, c.name, c.email, c.phone, c.postcode, l.codes, f.tracking)) as search_text
from orders o
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
join lateral (
    select
        sum(quantity)::integer as units,
        sum(cancelled)::integer as cancelled,
        sum(open)::integer as open,
        sum(shipped + collected)::integer as fulfilled,
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

revoke update, delete, truncate on ledger_entries from waybill_app;
revoke delete, truncate on orders, order_lines, order_numbers, order_external_ids, order_decisions, payments, payment_operations, fulfilment_orders, fulfilment_lines, historic_returns from waybill_app;
