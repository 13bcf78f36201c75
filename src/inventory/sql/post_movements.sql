with incoming as (
    select *
    from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[]) as m (sku_id, location_id, quantity, reason)
),
posted as (
    insert into stock_movements (sku_id, location_id, quantity, reason, actor_kind, actor_id, occurred_at)
    select sku_id, location_id, quantity, reason, $5, $6, $7
    from incoming
),
total as (
    select sku_id, location_id, sum(quantity)::integer as quantity
    from incoming
    group by sku_id, location_id
    order by sku_id, location_id
)
insert into stock (sku_id, location_id, on_hand)
select sku_id, location_id, quantity
from total
on conflict (sku_id, location_id) do update
set on_hand = stock.on_hand + excluded.on_hand
