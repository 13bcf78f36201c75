-- A parcel whose goods have all come back has ended.
alter table fulfilment_orders
    drop constraint fulfilment_orders_state_check,
    add constraint fulfilment_orders_state_check check (
        state in ('planned', 'released', 'picking', 'packed', 'ready', 'shipped', 'delivered', 'arrived', 'collected', 'returned', 'rejected', 'cancelled')
    );
