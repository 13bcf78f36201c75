-- The day of the location that an order was counted on, so that a cancelled order is taken off that day again. Null where the location has
-- no limit.
alter table fulfilment_orders add column capacity_day date;
