-- What variants of a product differ in, such as size and colour; each SKU has one value for each.
alter table products add column options text[] not null default '{}';
alter table skus
    add column option_values text[] not null default '{}',
    -- What one unit is: quantities are whole numbers of it.
    add column unit text not null default 'each' check (unit in ('each', 'pair', 'pack', 'metre', 'kilogram', 'litre')),
    add column length_mm integer check (length_mm > 0),
    add column width_mm integer check (width_mm > 0),
    add column height_mm integer check (height_mm > 0),
    add constraint skus_gtin_digits check (gtin ~ '^[0-9]{14}$');

-- Null is everybody; a group's own price comes first.
alter table prices add column customer_group text references customer_groups;
alter table prices drop constraint prices_one_at_a_time;
alter table prices add constraint prices_one_at_a_time
    exclude using gist (sku_id with =, channel with =, currency with =, (coalesce(customer_group, '')) with =, valid with &&);

-- A kit is sold as one thing and sent as its parts; it has no stock of its own.
create table kit_components (
    kit_sku_id       uuid not null references skus,
    component_sku_id uuid not null references skus,
    quantity         integer not null check (quantity > 0),
    -- In this proportion the kit's price is spread over its parts.
    share            bigint not null check (share > 0),
    valid            tstzrange not null,
    constraint kit_components_other check (kit_sku_id <> component_sku_id),
    constraint kit_components_once exclude using gist (kit_sku_id with =, component_sku_id with =, valid with &&)
);
create index kit_components_in_force on kit_components using gist (valid);

-- The kit that a line is a part of: which one of the order, and as what it was sold.
alter table order_lines
    add column kit_no integer,
    add column kit_code text,
    add column kit_name text,
    add column kit_quantity integer,
    add constraint order_lines_kit check (num_nulls(kit_no, kit_code, kit_name, kit_quantity) in (0, 4));

-- What is queued of looking at the orders that wait for a SKU is found by it.
create index jobs_of_sku on jobs ((payload ->> 'sku_id')) where kind = 'reroute_waiting';
-- The order that a basket has become.
alter table holds add column order_id uuid;
create index holds_by_order on holds (order_id) where order_id is not null;
