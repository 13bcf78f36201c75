-- The customer is asked whether to wait for what is missing or to do without it.
alter table order_lines drop constraint order_lines_queue_check;
alter table order_lines add constraint order_lines_queue_check
    check (queue in ('unrouted', 'backorder', 'preorder', 'rejected', 'unfillable', 'customer_care', 'asked'));
alter table orders add column customer_answer text check (customer_answer in ('wait', 'without'));
alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check check (kind in ('confirmed', 'shipped', 'ready', 'date_moved', 'asked', 'appointment_moved', 'delivered'));
