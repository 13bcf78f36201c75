-- One page of SKUs by code, each over all its locations. The page is cut first: its stock rows are all that is read.
with page as (
    select sku_id, code, name
    from skus
    where ($1::text is null or lower(code) like $1 or lower(name) like $1) and ($2::text is null or code > $2)
    order by code
    limit $3
)
select
    page.code,
    page.name,
    coalesce(sum(s.on_hand), 0)::bigint as "on_hand!",
    coalesce(sum(s.reserved), 0)::bigint as "reserved!",
    coalesce(sum(s.backordered), 0)::bigint as "backordered!",
    coalesce(sum(greatest(s.on_hand - s.reserved - coalesce(safety.quantity, 0), 0)), 0)::bigint as "available!",
    count(*) filter (where s.on_hand > 0) as "locations!"
from page
left join stock s using (sku_id)
left join lateral (
    select max(quantity) as quantity
    from safety_stocks
    where valid @> $4::timestamptz
        and (safety_stocks.sku_id is null or safety_stocks.sku_id = s.sku_id)
        and (safety_stocks.location_id is null or safety_stocks.location_id = s.location_id)
) safety on true
group by page.code, page.name
order by page.code
