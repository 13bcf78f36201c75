-- By when the channel that an order is from wants it handed to the carrier.
alter table orders add column ship_by timestamptz;

-- Nothing of an order moves on while it is held for anything; it is held for each reason once at a time.
create unique index order_holds_open on order_holds (order_id, kind) where released_at is null;

-- A rule may have something else sent in the place of what is missing, without asking.
alter table order_lines drop constraint order_lines_queue_check;
alter table order_lines add constraint order_lines_queue_check
    check (queue in ('unrouted', 'backorder', 'preorder', 'rejected', 'unfillable', 'customer_care', 'asked', 'substitute'));
alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check
        check (kind in ('confirmed', 'shipped', 'ready', 'date_moved', 'asked', 'substituted', 'appointment_moved', 'delivered', 'staff'));
