-- Who brings parcels, where to, how fast and for how much. One table for all kinds of settings: each has a code, is in force from a moment on, and is
-- checked whole when it is saved.
create table delivery_settings (
    -- The same for all versions of a setting.
    setting_id uuid not null,
    kind       text not null check (kind in ('zone_map', 'rate_card', 'service', 'method', 'holidays')),
    code       text not null,
    valid      tstzrange not null check (not isempty(valid)),
    content    jsonb not null,
    constraint delivery_settings_one_at_a_time exclude using gist (kind with =, code with =, valid with &&)
);

-- What was charged by zone and weight before goes on being charged.
insert into delivery_settings (setting_id, kind, code, valid, content)
select gen_random_uuid(), 'zone_map', 'standard', tstzrange(min(lower(r.valid)), null), jsonb_build_object('kind', 'zone_map', 'content', jsonb_build_object('name', 'Standard zones', 'places',
    (select jsonb_agg(place) from (
        select jsonb_build_object('zone', 'world') as place
        union all
        select jsonb_build_object('zone', 'europe', 'to', country)
        from unnest('{AT,BE,CY,CZ,DK,FI,FR,DE,GI,GR,GG,IS,IE,IT,JE,LT,MT,NL,NO,PL,PT,ES,SE,CH,GB}'::text[]) as c (country)
        where country not in (select country from legal_entities)
        union all
        select distinct jsonb_build_object('zone', 'domestic', 'to', trim(country)) from legal_entities
    ) as places)))
from rate_cards r
having count(*) > 0;
insert into delivery_settings (setting_id, kind, code, valid, content)
select gen_random_uuid(), 'rate_card', 'standard', tstzrange(min(lower(r.valid)), null), jsonb_build_object('kind', 'rate_card', 'content', jsonb_build_object(
    'name', 'Standard prices', 'currency', trim(min(r.currency)), 'zone_map', 'standard',
    'rows', jsonb_agg(jsonb_build_object('zone', r.zone, 'up_to_grams', r.up_to_grams, 'amount_minor', r.amount_minor) order by r.zone, r.up_to_grams)))
from rate_cards r
where upper_inf(r.valid) and r.currency = (select min(currency) from rate_cards)
having count(*) > 0;
insert into delivery_settings (setting_id, kind, code, valid, content)
select gen_random_uuid(), 'service', 'parcel', tstzrange(min(lower(r.valid)), null), '{"kind": "service", "content": {"carrier": "Waybill Parcel", "name": "Parcel",
    "zone_map": "standard", "transit": [{"zone": "domestic", "days": 2}, {"zone": "europe", "days": 5}, {"zone": "world", "days": 10}],
    "collections": [{"weekdays": [1, 2, 3, 4, 5], "at": "17:00:00"}], "delivers": [1, 2, 3, 4, 5, 6], "delivers_from": "08:00:00", "delivers_until": "18:00:00"}}'
from rate_cards r
having count(*) > 0;
insert into delivery_settings (setting_id, kind, code, valid, content)
select gen_random_uuid(), 'method', 'standard', tstzrange(min(lower(r.valid)), null),
    '{"kind": "method", "content": {"name": "Standard delivery", "position": 1, "services": ["parcel"], "rate_card": "standard"}}'
from rate_cards r
having count(*) > 0;
drop table rate_cards;

-- When a version was planned: what is promised for days to come goes by what was known of them.
alter table location_versions
    add column planned_at timestamptz,
    -- Closed on the public holidays of its country.
    add column keeps_holidays boolean not null default false;
update location_versions set planned_at = lower(valid);
alter table location_versions alter column planned_at set not null;

-- So many minutes an order waits after it was placed before it becomes a location's work.
alter table channels add column release_delay_minutes integer not null default 0 check (release_delay_minutes between 0 and 10080);

alter table orders
    -- Code of the way of delivery; null where the customer collects, or none is set up.
    add column delivery_method text,
    -- When it may be released; null where it need not wait.
    add column release_at timestamptz;
alter table order_lines
    add column promised_from timestamptz,
    -- The last moment at which the line is on time.
    add column promised_by timestamptz,
    -- What the customer was told first.
    add column first_promised_by timestamptz,
    add constraint order_lines_promise check ((promised_from is null) = (promised_by is null) and promised_from <= promised_by);

-- Every promise that was made for an order, with how it was computed. The last one holds; the first is what it is measured by.
create table order_promises (
    order_id   uuid not null references orders,
    promise_no integer not null check (promise_no > 0),
    made_at    timestamptz not null,
    -- placed: with the order. replanned: sent otherwise, on time as before. moved: later than was promised.
    reason     text not null check (reason in ('placed', 'replanned', 'moved')),
    content    jsonb not null,
    primary key (order_id, promise_no)
);
create trigger order_promises_append_only before update or delete or truncate on order_promises for each statement execute function forbid_rewrite();
revoke update, delete, truncate on order_promises from waybill_app;

alter table fulfilment_orders
    -- Code of the carrier service it is to go by.
    add column service text,
    add column promised_by timestamptz,
    -- When it should be there by what is known of the service, without what is promised on top.
    add column expected_by timestamptz,
    -- The latest moments at which its steps keep the promise.
    add column release_by timestamptz,
    add column pick_by timestamptz,
    add column pack_by timestamptz,
    add column hand_over_by timestamptz,
    -- The one that counts in its state; null where nothing more can be late.
    add column due_by timestamptz generated always as (
        case state
            when 'planned' then release_by
            when 'released' then pick_by
            when 'picking' then pack_by
            when 'packed' then hand_over_by
            when 'shipped' then promised_by
        end
    ) stored;
create index fulfilment_due on fulfilment_orders (due_by) where due_by is not null;

-- Promises in danger: one open alert for each fulfilment order, or for the waiting units of an order (no 0).
create table promise_alerts (
    order_id      uuid not null references orders,
    fulfilment_no integer not null,
    raised_at     timestamptz not null,
    -- Which step is late; `waiting` where nobody has the units.
    step          text not null check (step in ('release', 'pick', 'pack', 'hand_over', 'delivery', 'waiting')),
    due_by        timestamptz not null,
    promised_by   timestamptz not null,
    -- When it will be there if nothing is done; null where nobody knows.
    expected_by   timestamptz,
    cleared_at    timestamptz,
    outcome       text check (outcome in ('caught_up', 'replanned', 'moved', 'kept', 'broken', 'cancelled')),
    primary key (order_id, fulfilment_no, raised_at),
    constraint promise_alerts_cleared check ((cleared_at is null) = (outcome is null))
);
create unique index promise_alerts_open on promise_alerts (order_id, fulfilment_no) where cleared_at is null;
revoke delete, truncate on promise_alerts from waybill_app;

-- What customers called a way of delivery when they ordered.
create function delivery_name(method text, at timestamptz) returns text language sql stable as $$
    select content -> 'content' ->> 'name' from delivery_settings where kind = 'method' and code = method and valid @> at
$$;
