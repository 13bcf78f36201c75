-- A carrier takes nothing: none of its services does.
alter table disruptions add column carrier text;
alter table disruptions drop constraint disruptions_about;
alter table disruptions add constraint disruptions_about check (
    case kind
        when 'location' then location_id is not null and carrier is null and service is null and sku_id is null
        when 'carrier' then location_id is null and carrier is not null and service is null and sku_id is null
        when 'service' then location_id is null and carrier is null and service is not null and sku_id is null
        when 'sku' then carrier is null and service is null and sku_id is not null
        else false
    end
);

-- Whoever looks after what waits finds it by its reason.
create index order_lines_by_queue on order_lines (queue, order_id) where queue is not null;
