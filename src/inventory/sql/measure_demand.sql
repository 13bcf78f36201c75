-- What each location has sent out and handed over in so many days up to a moment, a day, in thousandths. A rate that has changed ends, and
-- another begins.
with sold as (
    select sku_id, location_id, greatest(round(-sum(quantity) * 1000.0 / $2::integer), 1)::integer as per_day_milli
    from stock_movements
    where reason in ('shipment', 'collection') and occurred_at > $1::timestamptz - make_interval(days => $2::integer) and occurred_at <= $1
    group by sku_id, location_id
    having sum(quantity) < 0
),
ended as (
    update demand_rates d
    set valid = tstzrange(lower(d.valid), $1)
    where upper_inf(d.valid) and lower(d.valid) < $1
        and not exists (
            select from sold where sold.sku_id = d.sku_id and sold.location_id = d.location_id and sold.per_day_milli = d.per_day_milli
        )
    returning d.sku_id, d.location_id
)
insert into demand_rates (sku_id, location_id, valid, per_day_milli)
select sold.sku_id, sold.location_id, tstzrange($1, null), sold.per_day_milli
from sold
where exists (select from ended e where e.sku_id = sold.sku_id and e.location_id = sold.location_id)
    or not exists (select from demand_rates d where d.sku_id = sold.sku_id and d.location_id = sold.location_id and upper_inf(d.valid))
