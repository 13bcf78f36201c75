-- Something is out of order for a while: a location, a carrier service, a SKU whose stock nobody trusts.
create table disruptions (
    disruption_id uuid primary key,
    kind          text not null,
    location_id   uuid references locations,
    service       text,
    sku_id        uuid references skus,
    reason        text not null,
    -- It counts from when it was noted until it was ended, and no longer than it was expected to last.
    valid         tstzrange not null check (not isempty(valid) and not lower_inf(valid)),
    lasts_until   timestamptz,
    -- Orders that were moved, and that nobody has begun with when it is over, go back.
    brings_back   boolean not null,
    started_by    uuid references users,
    ended_by      uuid references users,
    constraint disruptions_about check (
        case kind
            when 'location' then location_id is not null and service is null and sku_id is null
            when 'service' then location_id is null and service is not null and sku_id is null
            when 'sku' then service is null and sku_id is not null
            else false
        end
    )
);
create index disruptions_open on disruptions (lower(valid)) where upper_inf(valid);

-- The work that counted on what was out of order, and what became of it.
create table disrupted_orders (
    disruption_id uuid not null references disruptions,
    -- What has to leave first comes first.
    no            integer not null,
    order_id      uuid not null references orders,
    fulfilment_no integer not null,
    -- None until it was looked at.
    outcome       text check (outcome in ('moved', 'other_service', 'stays', 'waits', 'gone', 'back')),
    told          jsonb,
    primary key (disruption_id, no),
    unique (disruption_id, order_id, fulfilment_no),
    constraint disrupted_orders_told check ((outcome is null) = (told is null))
);
create index disrupted_orders_of_order on disrupted_orders (order_id);
revoke truncate on disruptions, disrupted_orders from waybill_app;
