-- The day of the location that an order was counted on, so that a cancelled order is taken off that day again. Null where the location has
-- no limit. What was counted before cannot be told apart any more, and nothing but a statement by hand could set a limit: it begins anew.
alter table fulfilment_orders add column capacity_day date;
create index fulfilment_by_capacity_day on fulfilment_orders (location_id, capacity_day) where capacity_day is not null;
delete from capacity_days;
