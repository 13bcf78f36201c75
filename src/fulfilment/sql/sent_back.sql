-- Parcels that are under way or wait in a store, and of which everything has come back.
with back as (
    select r.sku_id,
        sum(r.matched) filter (where returns.reason in ('undelivered', 'not_collected')) as never_had,
        sum(r.matched) filter (where returns.reason not in ('undelivered', 'not_collected')) as had
    from returns
    join return_lines r using (return_id)
    where returns.order_id = $1
    group by r.sku_id
),
parcels as (
    select f.fulfilment_no, f.state, f.method, l.sku_id, sum(l.quantity) as units
    from fulfilment_orders f
    join fulfilment_lines l using (order_id, fulfilment_no)
    where f.order_id = $1 and f.state in ('shipped', 'arrived', 'delivered', 'collected', 'returned')
    group by f.fulfilment_no, f.state, f.method, l.sku_id
),
-- Units that came back and were in none of the parcels that the customer has, or that have ended like this before.
loose as (
    select sku_id,
        coalesce(never_had, 0) + greatest(coalesce(had, 0) - coalesce(sum(units) filter (where state in ('delivered', 'collected')), 0), 0)
            - coalesce(sum(units) filter (where state = 'returned'), 0) as units
    from back
    left join parcels using (sku_id)
    group by sku_id, never_had, had
),
open as (
    select fulfilment_no, state, method, sku_id, sum(units) over (partition by sku_id order by fulfilment_no) as until_here
    from parcels
    where state in ('shipped', 'arrived')
)
select fulfilment_no as "no!", state as "state!: FulfilmentState", method as "way!: Way"
from open
left join loose using (sku_id)
group by fulfilment_no, state, method
having bool_and(until_here <= coalesce(loose.units, 0))
order by fulfilment_no
