-- What routing rules may ask about products and orders.
alter table products add column brand text not null default '';
alter table skus add column handling text[] not null default '{}';
-- What a SKU was until it was changed; what it is now stands with the SKU and its product.
create table sku_traits_before (
    sku_id   uuid not null references skus,
    valid    tstzrange not null,
    category text not null,
    brand    text not null,
    handling text[] not null,
    constraint sku_traits_before_once exclude using gist (sku_id with =, valid with &&)
);

alter table orders
    -- How it came to be.
    add column origin text not null default 'shop' check (origin in ('shop', 'phone', 'api', 'import')),
    add column tags text[] not null default '{}',
    -- 0 is ordinary, more is more urgent.
    add column priority smallint not null default 0 check (priority between 0 and 9),
    -- Fields of other systems, each as name=value.
    add column attributes text[] not null default '{}',
    -- What still waits then is cancelled; a rule said so.
    add column cancel_waiting_at timestamptz;
create index orders_to_cancel on orders (cancel_waiting_at) where cancel_waiting_at is not null;

alter table order_lines drop constraint order_lines_queue_check;
alter table order_lines add constraint order_lines_queue_check
    check (queue in ('unrouted', 'backorder', 'preorder', 'rejected', 'unfillable', 'customer_care'));

alter table location_versions
    add column tags text[] not null default '{}',
    -- Licences, insurances and what else rules ask about, each as name=value.
    add column attributes text[] not null default '{}',
    -- What packing a parcel costs, and each unit in it.
    add column handling_order_minor bigint not null default 0 check (handling_order_minor >= 0),
    add column handling_unit_minor bigint not null default 0 check (handling_unit_minor >= 0);

-- Which version is in force, from when until when. Of several the one that began last counts; when it ends, the one before it comes back. One that
-- was withdrawn counts for the time before.
create table ruleset_activations (
    activation_id uuid primary key,
    ruleset_id    uuid not null,
    version       integer not null,
    during        tstzrange not null check (not isempty(during)),
    planned_at    timestamptz not null,
    planned_by    uuid references users,
    withdrawn_at  timestamptz,
    withdrawn_by  uuid references users,
    foreign key (ruleset_id, version) references rulesets
);
create index ruleset_activations_in_force on ruleset_activations using gist (during);
insert into ruleset_activations (activation_id, ruleset_id, version, during, planned_at)
select gen_random_uuid(), ruleset_id, version, active, lower(active) from rulesets where not isempty(active);
alter table rulesets drop constraint rulesets_one_active, drop column active;

-- Rules are written down in another way: facts and actions are named by codes.
create function pg_temp.test_of(old jsonb) returns jsonb language sql as $$
    select case k
        when 'channel_in' then jsonb_build_object('fact', 'channel', 'one_of', v)
        when 'method_is' then jsonb_build_object('fact', 'method', 'one_of', jsonb_build_array(v))
        when 'country_in' then jsonb_build_object('fact', 'country', 'one_of', v)
        when 'value_at_least' then jsonb_build_object('fact', 'value', 'at_least', v)
        when 'units_at_least' then jsonb_build_object('fact', 'units', 'at_least', v)
        when 'weight_at_least_grams' then jsonb_build_object('fact', 'weight', 'at_least', v)
        when 'kind_in' then jsonb_build_object('fact', 'kind', 'one_of', v)
        when 'code_in' then jsonb_build_object('fact', 'location', 'one_of', v)
        when 'within_km' then jsonb_build_object('fact', 'distance', 'at_most', v)
        else jsonb_build_object('fact', 'capacity_left', 'at_least', 1)
    end
    from (select case jsonb_typeof(old) when 'string' then old #>> '{}' else (select * from jsonb_object_keys(old)) end as k) k,
        lateral (select case jsonb_typeof(old) when 'string' then null else old -> k end as v) v
$$;
create function pg_temp.condition_of(old jsonb) returns jsonb language plpgsql as $$
declare
    k text;
begin
    if jsonb_typeof(old) = 'string' then
        return old;
    end if;
    select * into k from jsonb_object_keys(old);
    if k in ('all', 'any', 'none') then
        return jsonb_build_object(k, (select coalesce(jsonb_agg(pg_temp.condition_of(part)), '[]') from jsonb_array_elements(old -> k) part));
    elsif old -> 'order' ? 'any_line_sku_in' or old -> 'order' ? 'all_lines_sku_in' then
        return jsonb_build_object('lines', jsonb_build_object(
            'of', case when old -> 'order' ? 'any_line_sku_in' then 'any' else 'all' end,
            'fact', 'sku',
            'one_of', (select jsonb_agg(s.code) from jsonb_each(old -> 'order') e, jsonb_array_elements_text(e.value) id join skus s on s.sku_id = id::uuid)));
    end if;
    return jsonb_build_object('order', pg_temp.test_of(old -> 'order'));
end
$$;
create function pg_temp.step_of(old jsonb) returns jsonb language sql as $$
    select jsonb_build_object('act', case
        when old = '"next_rule"' then jsonb_build_object('do', 'next_rule')
        when old ? 'assign' then jsonb_build_object('do', 'assign', 'rest', old -> 'assign' -> 'rest')
        else jsonb_build_object('do', 'hold', 'queue', old -> 'hold')
    end)
$$;
create function pg_temp.rule_of(old jsonb, place bigint) returns jsonb language sql as $$
    select jsonb_build_object(
        'id', 'rule-' || place,
        'name', old -> 'name',
        'when', pg_temp.condition_of(old -> 'when'),
        'candidates', (
            select coalesce(jsonb_agg(pg_temp.test_of(f -> 'test') || jsonb_build_object('hard', coalesce(f -> 'hard', 'true'))), '[]')
            from jsonb_array_elements(old -> 'candidates') f
        ),
        'prefer', jsonb_build_object('ranked', (
            select coalesce(jsonb_agg(jsonb_strip_nulls(p || jsonb_build_object('by', case p ->> 'by'
                when 'stock_balance' then 'stock'
                when 'handling_time' then 'handling_time'
                else p ->> 'by'
            end))), '[]')
            from jsonb_array_elements(old -> 'prefer') p
        )),
        'allocate', case
            when old -> 'allocate' = '"one"' then '{"parcels": 1}'
            when old -> 'allocate' = '"any"' then '{}'
            else jsonb_build_object('parcels', old -> 'allocate' -> 'at_most')
        end,
        'then', jsonb_build_object(
            'full', pg_temp.step_of(old -> 'then' -> 'full'),
            'partial', pg_temp.step_of(old -> 'then' -> 'partial'),
            'none', pg_temp.step_of(old -> 'then' -> 'none')
        ))
$$;
alter table rulesets disable trigger rulesets_immutable;
update rulesets
set rules = jsonb_build_object('rules', (select jsonb_agg(pg_temp.rule_of(r.rule, r.place) order by r.place) from jsonb_array_elements(rules) with ordinality r (rule, place)));
alter table rulesets enable trigger rulesets_immutable;
alter table rulesets add column created_by uuid references users;

revoke delete, truncate on ruleset_activations, rulesets, sku_traits_before from waybill_app;
