-- When the oldest units came that stand at a location, as measured each day: what came first is taken to have left first.
create table stock_ages (
    sku_id      uuid not null,
    location_id uuid not null,
    valid       tstzrange not null,
    came_on     date not null,
    constraint stock_ages_one_at_a_time exclude using gist (sku_id with =, location_id with =, valid with &&)
);
revoke truncate on stock_ages from waybill_app;
