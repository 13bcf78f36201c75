-- What may be sold before it is there: how many units of a SKU at a location, and when they are expected. Effective-dated like all that planning
-- reads; the limit of the moment is on the stock row, whose check nobody gets past.
create table backorder_terms (
    sku_id      uuid not null references skus,
    location_id uuid not null references locations,
    valid       tstzrange not null,
    -- backorder: more is expected. preorder: not on sale yet, even where it is there already.
    kind        text not null check (kind in ('backorder', 'preorder')),
    most_units  integer not null check (most_units > 0),
    expected_at timestamptz not null,
    -- Orders are taken until then; null is as long as there is room.
    until       timestamptz,
    constraint backorder_terms_one_at_a_time exclude using gist (sku_id with =, location_id with =, valid with &&)
);

-- Units of a line that are owed from a location. The open ones make stock.backordered; closed ones are kept.
create table backorders (
    sku_id       uuid not null,
    backorder_id bigint generated always as identity,
    location_id  uuid not null,
    order_id     uuid not null,
    line_no      integer not null,
    quantity     integer not null check (quantity > 0),
    kind         text not null check (kind in ('backorder', 'preorder')),
    expected_at  timestamptz not null,
    opened_at    timestamptz not null,
    closed_at    timestamptz,
    primary key (sku_id, backorder_id)
);
create index backorders_by_order on backorders (order_id) where closed_at is null;
create index backorders_open on backorders (sku_id, location_id) where closed_at is null;
create index backorders_as_of on backorders (sku_id, opened_at);
revoke delete, truncate on backorders from waybill_app;
