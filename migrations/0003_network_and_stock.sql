-- The network is effective-dated: what plan() read at any moment of the past can be read again.

create table location_versions (
    location_id          uuid not null references locations,
    valid                tstzrange not null,
    name                 text not null,
    kind                 text not null check (kind in ('warehouse', 'store', 'vendor', 'third_party')),
    street               text not null,
    city                 text not null,
    postcode             text not null,
    country              char(2) not null,
    latitude             double precision not null,
    longitude            double precision not null,
    time_zone            text not null,
    ships                boolean not null,
    offers_pickup        boolean not null,
    -- Lower is preferred.
    priority             integer not null default 100,
    handling_minutes     integer not null check (handling_minutes >= 0),
    -- Orders a day; null is no limit.
    daily_order_capacity integer check (daily_order_capacity >= 0),
    constraint location_versions_one_at_a_time exclude using gist (location_id with =, valid with &&)
);

create table location_hours (
    location_id uuid not null references locations,
    valid       tstzrange not null,
    -- ISO 8601: Monday is 1.
    weekday     smallint not null check (weekday between 1 and 7),
    opens       time not null,
    closes      time not null check (closes > opens),
    -- Orders released before this leave the same day.
    cut_off     time not null,
    constraint location_hours_one_at_a_time exclude using gist (location_id with =, weekday with =, valid with &&)
);

create table location_closures (
    location_id uuid not null references locations,
    -- When we learnt of it, and when it was withdrawn.
    valid       tstzrange not null,
    closed      tstzrange not null,
    reason      text not null
);
create index location_closures_by_location on location_closures (location_id);

-- Units that are never promised. Null SKU or location means all of them; the largest that applies counts.
create table safety_stocks (
    safety_stock_id uuid primary key,
    valid           tstzrange not null,
    sku_id          uuid references skus,
    location_id     uuid references locations,
    quantity        integer not null check (quantity >= 0)
);

create table allow_flags (
    valid       tstzrange not null,
    sku_id      uuid not null references skus,
    location_id uuid not null references locations,
    ship        boolean not null,
    pickup      boolean not null,
    constraint allow_flags_one_at_a_time exclude using gist (sku_id with =, location_id with =, valid with &&)
);

-- What the customer pays for delivery, by destination zone and weight.
create table rate_cards (
    rate_card_id uuid not null,
    valid        tstzrange not null,
    zone         text not null check (zone in ('domestic', 'europe', 'world')),
    up_to_grams  integer not null check (up_to_grams > 0),
    currency     char(3) not null,
    amount_minor bigint not null check (amount_minor >= 0),
    constraint rate_cards_one_at_a_time exclude using gist (zone with =, up_to_grams with =, currency with =, valid with &&)
);

-- A published version never changes; only the time it is in force does.
create table rulesets (
    ruleset_id uuid not null,
    version    integer not null,
    name       text not null,
    rules      jsonb not null,
    created_at timestamptz not null,
    -- Empty until it is activated.
    active     tstzrange not null default 'empty',
    primary key (ruleset_id, version),
    constraint rulesets_one_active exclude using gist (active with &&) where (not isempty(active))
);
create function forbid_ruleset_rewrite() returns trigger language plpgsql as $$
begin
    if new.rules is distinct from old.rules or new.version <> old.version then
        raise exception 'ruleset % version % is published: make a new version', old.ruleset_id, old.version;
    end if;
    return new;
end
$$;
create trigger rulesets_immutable before update on rulesets for each row execute function forbid_ruleset_rewrite();

-- One number that moves whenever the network or the rules change, so that a node knows its cached copy is old.
create sequence network_version;

-- The stock family, keyed by SKU. Quantities are whole base units.
create table stock (
    sku_id          uuid not null references skus,
    location_id     uuid not null,
    on_hand         integer not null default 0,
    reserved        integer not null default 0,
    backordered     integer not null default 0,
    backorder_limit integer not null default 0,
    primary key (sku_id, location_id),
    constraint stock_no_oversell check (0 <= reserved and reserved <= on_hand),
    constraint stock_no_overpromise check (0 <= backordered and backordered <= backorder_limit)
);

create table stock_movements (
    sku_id      uuid not null,
    movement_id bigint generated always as identity,
    location_id uuid not null,
    quantity    integer not null check (quantity <> 0),
    reason      text not null check (reason in ('opening', 'receipt', 'shipment', 'collection', 'return', 'adjustment', 'damage', 'transfer', 'count')),
    -- Null where no order caused it: those are the movements that a simulation replays.
    order_id    uuid,
    bin         text,
    lot         text,
    serial      text,
    condition   text,
    actor_kind  text not null,
    actor_id    uuid,
    occurred_at timestamptz not null,
    primary key (sku_id, movement_id)
);
create index stock_movements_as_of on stock_movements (sku_id, location_id, occurred_at);
create trigger stock_movements_append_only before update or delete or truncate on stock_movements for each statement execute function forbid_rewrite();

create table reservations (
    sku_id         uuid not null,
    reservation_id uuid not null,
    location_id    uuid not null,
    quantity       integer not null check (quantity > 0),
    order_id       uuid,
    line_no        integer,
    opened_at      timestamptz not null,
    -- Set on soft reservations only.
    expires_at     timestamptz,
    closed_at      timestamptz,
    outcome        text check (outcome in ('consumed', 'released', 'moved', 'expired')),
    primary key (sku_id, reservation_id),
    constraint reservations_closed_with_outcome check ((closed_at is null) = (outcome is null))
);
create index reservations_by_order on reservations (order_id, line_no);
create index reservations_open on reservations (sku_id, location_id) where closed_at is null;
create index reservations_as_of on reservations (sku_id, location_id, opened_at, closed_at);

-- Rows exist only where a location's capacity is limited.
create table capacity_days (
    location_id uuid not null,
    day         date not null,
    taken       integer not null default 0,
    capacity    integer not null,
    primary key (location_id, day),
    constraint capacity_days_not_exceeded check (0 <= taken and taken <= capacity)
);

revoke update, delete, truncate on stock_movements from waybill_app;
revoke delete, truncate on reservations, stock from waybill_app;
