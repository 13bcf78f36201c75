-- A closure can be named, to be withdrawn. A location's stock is summed without reading everybody's.
alter table location_closures add column closure_id uuid primary key default gen_random_uuid();
create index stock_by_location on stock (location_id);
create index location_versions_newest on location_versions (location_id, lower(valid) desc);
