-- Locations that rules speak of together.
create table location_groups (
    location_group_id uuid primary key,
    name              text not null unique
);
create table location_group_members (
    location_group_id uuid not null references location_groups,
    location_id       uuid not null references locations,
    valid             tstzrange not null,
    constraint location_group_members_once exclude using gist (location_group_id with =, location_id with =, valid with &&)
);

-- Customers that rules and prices speak of together.
create table customer_groups (
    customer_group text primary key check (customer_group ~ '^[a-z][a-z0-9_]*$'),
    name           text not null
);
alter table orders add column customer_group text references customer_groups;

-- Units that are not offered to everybody. Null is no limit on what a rule is for.
create table stock_rules (
    stock_rule_id     uuid not null,
    -- When we knew it so: a change ends one version and begins another.
    valid             tstzrange not null,
    -- safety: kept back. ring_fence: kept for a channel. cap: a channel is offered no more.
    kind              text not null check (kind in ('safety', 'ring_fence', 'cap')),
    sku_id            uuid references skus,
    category          text,
    location_id       uuid references locations,
    location_group_id uuid references location_groups,
    channel           text references channels,
    customer_group    text references customer_groups,
    -- The dates on which it counts.
    during            tstzrange not null default '(,)',
    units             integer check (units >= 0),
    -- Instead of units: as many as are sold in so many days.
    days_of_cover     integer check (days_of_cover between 1 and 365),
    constraint stock_rules_one_version exclude using gist (stock_rule_id with =, valid with &&),
    constraint stock_rules_quantity check (num_nonnulls(units, days_of_cover) = 1),
    constraint stock_rules_one_thing check (num_nonnulls(sku_id, category) <= 1 and num_nonnulls(location_id, location_group_id) <= 1),
    constraint stock_rules_channel check (kind = 'safety' or channel is not null),
    constraint stock_rules_cap check (kind <> 'cap' or (units is not null and num_nonnulls(location_id, location_group_id) = 0))
);
create index stock_rules_in_force on stock_rules using gist (valid);
insert into stock_rules (stock_rule_id, valid, kind, sku_id, location_id, units)
select safety_stock_id, valid, 'safety', sku_id, location_id, quantity from safety_stocks;
drop table safety_stocks;

-- Units of a SKU that a location sells in a day, in thousandths, as measured each day from the four weeks before.
create table demand_rates (
    sku_id      uuid not null,
    location_id uuid not null,
    valid       tstzrange not null,
    per_day_milli integer not null check (per_day_milli > 0),
    constraint demand_rates_one_at_a_time exclude using gist (sku_id with =, location_id with =, valid with &&)
);
create table demand_measured (
    only_one    boolean primary key default true check (only_one),
    measured_at timestamptz not null
);
create index stock_movements_sold on stock_movements (occurred_at) where reason in ('shipment', 'collection');
