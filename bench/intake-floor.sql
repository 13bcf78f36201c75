-- The floor under `waybill bench intake`: the rows of a three-line order, written in one transaction by pgbench, with nothing decided.
\set n random(1, 1000000000)
begin;
select set_config('bench.order', gen_random_uuid()::text, true);
insert into contacts (contact_id, version, name, street, city, postcode, country, latitude, longitude, created_at)
select current_setting('bench.order')::uuid, 1, 'Bench', '1 Example Street', 'Leeds', 'LS1 4AP', 'GB', 53.8, -1.5, now();
insert into orders (order_id, number, channel, legal_entity_id, contact_id, contact_version, method, currency, goods_minor, shipping_minor, tax_minor, total_minor, placed_at, units, status, payment_status, updated_at)
select current_setting('bench.order')::uuid, 'B-' || current_setting('bench.order'), 'web', (select legal_entity_id from legal_entities limit 1), current_setting('bench.order')::uuid, 1, 'ship', 'GBP', 0, 0, 0, 0, now(), 3, 'cancelled', 'none', now();
insert into order_numbers values ('B-' || current_setting('bench.order'), current_setting('bench.order')::uuid);
insert into order_lines (order_id, line_no, sku_id, sku_code, name, quantity, cancelled, open, unit_price_micros, amount_minor, tax_minor)
select current_setting('bench.order')::uuid, n, sku_id, code, name, 1, 1, 0, 0, 0, 0 from (select row_number() over () as n, * from (select sku_id, code, name from skus order by sku_id offset (:n % 50) limit 3) s) s;
update stock set reserved = reserved from (select sku_id, location_id from stock order by sku_id, location_id offset (:n % 300) limit 3 for update) s where stock.sku_id = s.sku_id and stock.location_id = s.location_id;
insert into reservations (sku_id, reservation_id, location_id, quantity, order_id, line_no, opened_at, closed_at, outcome)
select sku_id, gen_random_uuid(), location_id, 1, current_setting('bench.order')::uuid, row_number() over (), now(), now(), 'released' from (select sku_id, location_id from stock order by sku_id offset (:n % 300) limit 3) s;
insert into fulfilment_orders (order_id, fulfilment_no, location_id, method, state, planned_at)
select current_setting('bench.order')::uuid, 1, location_id, 'ship', 'cancelled', now() from locations limit 1;
insert into fulfilment_lines (order_id, fulfilment_no, line_no, sku_id, quantity, reservation_id)
select order_id, 1, line_no, sku_id, 1, gen_random_uuid() from order_lines where order_id = current_setting('bench.order')::uuid;
insert into events (horizon, partition, stream_kind, stream_id, version, kind, actor_kind, occurred_at)
select pg_current_xact_id(), 0, 'order', current_setting('bench.order')::uuid, v, 'order_captured', 'system', now() from generate_series(1, 4) v;
end;
