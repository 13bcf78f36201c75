-- Stock at the end of each month, written when the month is over: what was so at a moment is the closing before it and what came and went since.
-- Made from the ledgers and made again from them where an import has written into the past.
create table stock_closings (
    -- The first moment of the next month, UTC; movements before it are in.
    closed_at   timestamptz not null,
    sku_id      uuid not null,
    location_id uuid not null,
    on_hand     integer not null,
    reserved    integer not null,
    primary key (closed_at, sku_id, location_id)
);
-- Months that are closed, those in which there was nothing among them.
create table closed_months (
    closed_at timestamptz primary key
);
-- Both grow with time: a summary of each few pages finds what is of a time, and costs those who write nothing.
create index stock_movements_by_time on stock_movements using brin (occurred_at) with (pages_per_range = 16);
create index reservations_by_opening on reservations using brin (opened_at) with (pages_per_range = 16);
create index reservations_by_closing on reservations (closed_at) where closed_at is not null;
