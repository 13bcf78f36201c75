-- A number that moves with the commit of a change, not before it: a node that reads it and then the network never takes the old for the new.
create table network_state (
    only_one boolean primary key default true check (only_one),
    version  bigint not null
);
insert into network_state (version) values (1);
drop sequence network_version;
revoke insert, delete, truncate on network_state from waybill_app;

-- Work at a location that has not left, for those who look after the place.
create index fulfilment_open_by_location on fulfilment_orders (location_id) where state in ('planned', 'released', 'picking', 'packed', 'ready');
