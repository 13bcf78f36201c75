-- How locations have been doing, as measured each day: what rules may rank them by.
create table location_measures (
    location_id      uuid not null references locations,
    valid            tstzrange not null,
    -- Of the fulfilment orders that it was given in the four weeks before, in thousandths, those that it turned down.
    refused_permille integer not null check (refused_permille between 0 and 1000),
    -- Fulfilment orders that it was given in the week before.
    work_week        integer not null check (work_week >= 0),
    constraint location_measures_one_at_a_time exclude using gist (location_id with =, valid with &&)
);
create index fulfilment_orders_planned_at on fulfilment_orders using brin (planned_at);
revoke truncate on location_measures from waybill_app;
