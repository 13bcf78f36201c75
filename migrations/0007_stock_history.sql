-- A SKU's movements, newest first, a page at a time.
create index stock_movements_newest on stock_movements (sku_id, occurred_at desc, movement_id desc);
