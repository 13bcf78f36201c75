-- Makes many stored orders of few: every order that is over, with all that belongs to it, again and again under new names until there are as many
-- as asked for (psql variable `wanted`). COPY would be given the same rows; made in the database they need not leave it. For databases that may be
-- thrown away: the copies have their own movements and closed reservations, but no stock of their own.
set session_replication_role = replica;
set synchronous_commit = off;
create temporary table originals as
select order_id, row_number() over (order by placed_at) as n from orders where status in ('completed', 'cancelled');
create temporary table copies as
select
    o.order_id as old,
    -- The time stays in front, so that the copies lie where orders of that time lie.
    (substr(o.order_id::text, 1, 19) || substr(md5(o.order_id::text || k::text), 1, 4) || '-' || substr(md5(k::text || o.order_id::text), 1, 12))::uuid as new,
    'S' || lpad(to_hex(k * 1000000 + o.n), 11, '0') as number
from originals o, generate_series(1, (select ceil(:wanted::numeric / greatest(count(*), 1))::integer from originals)) as k;
analyze copies;
select count(*) as copies from copies;

insert into orders
select (jsonb_populate_record(o, jsonb_build_object('order_id', c.new, 'number', c.number, 'external_id', null))).*
from copies c join orders o on o.order_id = c.old;
insert into order_numbers select number, new from copies;
insert into order_lines select (jsonb_populate_record(t, jsonb_build_object('order_id', c.new))).* from copies c join order_lines t on t.order_id = c.old;
insert into order_decisions select c.new, t.decision_no, t.ruleset_id, t.ruleset_version, t.engine_version, t.decided_at, t.record
from copies c join order_decisions t on t.order_id = c.old;
insert into payments select (jsonb_populate_record(t, jsonb_build_object('order_id', c.new))).* from copies c join payments t on t.order_id = c.old;
insert into payment_operations
select (jsonb_populate_record(t, jsonb_build_object('order_id', c.new, 'operation_id', gen_random_uuid()))).* from copies c join payment_operations t on t.order_id = c.old;
insert into ledger_entries (order_id, journal_id, account, amount_minor, currency, occurred_at)
select c.new, t.journal_id, t.account, t.amount_minor, t.currency, t.occurred_at from copies c join ledger_entries t on t.order_id = c.old;
insert into fulfilment_orders
select (jsonb_populate_record(t, jsonb_build_object('order_id', c.new, 'capacity_day', null))).* from copies c join fulfilment_orders t on t.order_id = c.old;
insert into fulfilment_lines
select c.new, t.fulfilment_no, t.line_no, t.sku_id, t.quantity, t.reservation_id from copies c join fulfilment_lines t on t.order_id = c.old;
insert into reservations (sku_id, reservation_id, location_id, quantity, order_id, line_no, opened_at, closed_at, outcome)
select t.sku_id, gen_random_uuid(), t.location_id, t.quantity, c.new, t.line_no, t.opened_at, t.closed_at, t.outcome
from copies c join reservations t on t.order_id = c.old;
insert into stock_movements (sku_id, location_id, quantity, reason, order_id, actor_kind, occurred_at)
select t.sku_id, t.location_id, t.quantity, t.reason, c.new, t.actor_kind, t.occurred_at from copies c join stock_movements t on t.order_id = c.old;
insert into events (horizon, partition, stream_kind, stream_id, version, kind, actor_kind, payload, occurred_at)
select t.horizon, t.partition, t.stream_kind, c.new, t.version, t.kind, t.actor_kind, t.payload, t.occurred_at
from copies c join events t on t.stream_id = c.old;
vacuum analyze;
