-- Units that stand at a location but cannot be sold, each condition a counter of its own: `on_hand` is what can be sold.
alter table stock
    add column quarantined integer not null default 0,
    add column damaged integer not null default 0,
    add constraint stock_conditions check (quarantined >= 0 and damaged >= 0);
alter table stock_movements drop constraint stock_movements_reason_check;
alter table stock_movements
    add constraint stock_movements_reason_check check (reason in (
        'opening', 'receipt', 'shipment', 'collection', 'return', 'adjustment', 'damage', 'transfer', 'count', 'condition', 'write_off', 'reading'
    )),
    -- Null can be sold.
    add constraint stock_movements_condition_check check (condition in ('quarantined', 'damaged')),
    add column count_id uuid;

create sequence count_numbers start 1001;
create table counts (
    count_id     uuid primary key,
    number       text not null unique,
    location_id  uuid not null references locations,
    state        text not null check (state in ('open', 'review', 'closed', 'cancelled')),
    note         text not null,
    opened_at    timestamptz not null,
    ended_at     timestamptz,
    constraint counts_ended check ((state in ('open', 'review')) = (ended_at is null))
);
create index counts_newest on counts (opened_at desc, count_id desc);

create table count_lines (
    count_id   uuid not null references counts,
    sku_id     uuid not null,
    -- Null until it is counted.
    counted    integer check (counted >= 0),
    -- What the books said when it was counted, less what was packed for orders.
    book       integer,
    -- Of these, what was being picked: perhaps on the shelf, perhaps in a hand.
    in_picking integer,
    counted_at timestamptz,
    counted_by uuid,
    -- Whether the difference is in the books.
    booked_at  timestamptz,
    primary key (count_id, sku_id),
    constraint count_lines_counted check (num_nulls(counted, book, in_picking, counted_at) in (0, 4)),
    constraint count_lines_booked check (booked_at is null or counted is not null)
);
revoke delete, truncate on counts, count_lines from waybill_app;

-- The last reading of each shelf that another system has reported, by the time it was true for.
create table stock_readings (
    sku_id      uuid not null,
    location_id uuid not null,
    as_of       timestamptz not null,
    quantity    integer not null check (quantity >= 0),
    primary key (sku_id, location_id)
);

-- Numbers that count up, where nobody needs to guess them.
create sequence transfer_numbers start 1000001;
