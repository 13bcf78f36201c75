-- The floor under `waybill bench intake`: the rows that an order leaves behind, written by pgbench in one statement, with nothing decided
-- and nothing asked of a gateway. bench_floor names what may be ordered; the benchmark makes it.
\set lines random(1, 5)
\set first random(1, 1000000)
with o as materialized (
    select gen_random_uuid() as id, 'B-' || gen_random_uuid() as number, gen_random_uuid() as contact, gen_random_uuid() as operation, now() as at
),
picked as materialized (
    select (row_number() over (order by b.sku_id))::integer as line_no, b.*, gen_random_uuid() as reservation_id
    from bench_floor b
    where n in (select distinct (:first::bigint + i * 13) % (select count(*) from bench_floor) from generate_series(1, :lines::integer) as i)
),
keyed as (
    insert into idempotency_keys (client, key, fingerprint, resource_id, created_at)
    select 'bench', number, decode(md5(number) || md5(number), 'hex'), id, at from o
),
counted as (
    insert into capacity_days (location_id, day, taken, capacity)
    select (select location_id from picked limit 1), at::date, 1, 1000000 from o
    on conflict (location_id, day) do update set taken = capacity_days.taken + 1
),
locked as (
    select s.sku_id, s.location_id from stock s join picked using (sku_id, location_id) order by s.sku_id, s.location_id for update of s
),
reserved as (
    update stock set reserved = reserved + 1 from locked where stock.sku_id = locked.sku_id and stock.location_id = locked.location_id
),
contact as (
    insert into contacts (contact_id, version, name, email, street, city, postcode, country, latitude, longitude, created_at)
    select contact, 1, 'Bench Sampleton', 'bench@example.com', '1 Example Street', 'Leeds', 'LS1 4AP', 'GB', 53.8, -1.5, at from o
),
header as (
    insert into orders (order_id, number, channel, legal_entity_id, contact_id, contact_version, method, currency, goods_minor, shipping_minor,
        tax_minor, total_minor, placed_at, status, payment_status, units, parcels, location_ids, search_text, updated_at)
    select id, number, 'web', (select legal_entity_id from legal_entities limit 1), contact, 1, 'ship', 'GBP', 100, 395, 17, 495, at, 'released',
        'authorised', :lines::integer, 1, array[(select location_id from picked limit 1)],
        lower(number || ' bench sampleton bench@example.com ls1 4ap ' || (select string_agg(code, ' ') from picked)), at
    from o
),
numbered as (
    insert into order_numbers (number, order_id) select number, id from o
),
lines as (
    insert into order_lines (order_id, line_no, sku_id, sku_code, name, quantity, open, unit_price_micros, amount_minor, tax_minor)
    select o.id, line_no, sku_id, code, name, 1, 1, 1000000, 100, 17 from o, picked
),
reservations as (
    insert into reservations (sku_id, reservation_id, location_id, quantity, order_id, line_no, opened_at)
    select sku_id, reservation_id, location_id, 1, o.id, line_no, o.at from o, picked
),
fulfilment as (
    insert into fulfilment_orders (order_id, fulfilment_no, location_id, capacity_day, method, state, planned_at, released_at)
    select id, 1, (select location_id from picked limit 1), at::date, 'ship', 'released', at, at from o
),
fulfilment_lines as (
    insert into fulfilment_lines (order_id, fulfilment_no, line_no, sku_id, quantity, reservation_id)
    select o.id, 1, line_no, sku_id, 1, reservation_id from o, picked
),
decision as (
    insert into order_decisions (order_id, decision_no, ruleset_id, ruleset_version, engine_version, decided_at, record)
    select id, 1, (select ruleset_id from rulesets limit 1), 1, 1, at, jsonb_build_object('channel', 'web', 'lines', :lines::integer, 'taken', id) from o
),
payment as (
    insert into payments (order_id, payment_no, token, gateway_reference, state, currency, amount_minor, authorised_minor)
    select id, 1, 'tok_ok', 'auth_' || operation, 'authorised', 'GBP', 495, 495 from o
),
operation as (
    insert into payment_operations (order_id, operation_id, payment_no, kind, amount_minor, state, requested_at, answered_at)
    select id, operation, 1, 'authorise', 495, 'succeeded', at, at from o
)
insert into events (horizon, partition, stream_kind, stream_id, version, kind, actor_kind, occurred_at)
select pg_current_xact_id(), 0, 'order', id, version, 'order_captured', 'token', at from o, generate_series(1, 4) as version;
