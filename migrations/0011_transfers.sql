-- Goods on their way between two locations: off the one shelf, not yet on the other.
create table transfers (
    transfer_id      uuid primary key,
    number           text not null unique,
    from_location_id uuid not null references locations,
    to_location_id   uuid not null references locations,
    state            text not null check (state in ('sent', 'received', 'closed')),
    note             text not null,
    sent_at          timestamptz not null,
    ended_at         timestamptz,
    constraint transfers_between_two check (from_location_id <> to_location_id),
    constraint transfers_ended check ((state = 'sent') = (ended_at is null))
);
create index transfers_newest on transfers (sent_at desc, transfer_id desc);

create table transfer_lines (
    transfer_id uuid not null references transfers,
    sku_id      uuid not null,
    -- Zero where it came without having been sent.
    sent        integer not null check (sent >= 0),
    received    integer not null default 0 check (received >= 0),
    -- Given up when the transfer was closed.
    lost        integer not null default 0 check (lost >= 0),
    primary key (transfer_id, sku_id),
    constraint transfer_lines_lost check (lost = 0 or lost = sent - received)
);
create index transfer_lines_in_transit on transfer_lines (sku_id) where received + lost < sent;

alter table stock_movements add column transfer_id uuid;
create index stock_movements_by_transfer on stock_movements (transfer_id) where transfer_id is not null;
revoke delete, truncate on transfers, transfer_lines from waybill_app;
-- A scanner reads the GTIN.
create index skus_by_gtin on skus (gtin) where gtin is not null;
