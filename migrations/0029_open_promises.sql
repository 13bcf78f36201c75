-- Open work that something is promised of: what is worked out anew when the network changes.
create index fulfilment_orders_promised on fulfilment_orders (order_id, fulfilment_no)
    where promised_by is not null and state in ('planned', 'released', 'picking', 'packed');
