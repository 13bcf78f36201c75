-- The moments of a period at which something that planning reads became another.
select distinct at as "at!"
from (
    select unnest(array[lower(valid), upper(valid), planned_at]) as at from location_versions
    union all
    select unnest(array[lower(valid), upper(valid), lower(closed), upper(closed)]) from location_closures
    union all
    select unnest(array[lower(valid), upper(valid), lasts_until]) from disruptions
    union all
    select unnest(array[lower(valid), upper(valid)]) from location_measures
    union all
    select unnest(array[lower(valid), upper(valid)]) from location_group_members
    union all
    select unnest(array[lower(valid), upper(valid)]) from allow_flags
    union all
    select unnest(array[lower(valid), upper(valid)]) from stock_rules
    union all
    select unnest(array[lower(valid), upper(valid)]) from backorder_terms
    union all
    select unnest(array[lower(valid), upper(valid)]) from kit_components
    union all
    select unnest(array[lower(valid), upper(valid)]) from delivery_settings
    union all
    select unnest(array[lower(valid), upper(valid)]) from sku_traits_before
    union all
    select lower(valid) from stock_ages where $3
    union all
    select lower(valid) from demand_rates where $3 or exists (select from stock_rules where days_of_cover is not null)
) as changes (at)
where at > $1 and at <= $2
order by 1
