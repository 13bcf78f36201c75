-- Orders that wait for a SKU are found when some of it comes.
create index order_lines_waiting on order_lines (sku_id) where queue is not null;
-- Why a fulfilment order was given up is always said.
alter table fulfilment_orders add constraint fulfilment_given_up_with_reason check (state <> 'rejected' or reason is not null);
