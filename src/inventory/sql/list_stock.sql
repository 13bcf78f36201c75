-- One page of SKUs by code, each at all its locations. The page is cut first: its stock rows are all that is read.
with page as (
    select sku_id, code, name
    from skus
    where ($1::text is null or lower(code) like $1 or lower(name) like $1) and ($2::text is null or code > $2)
    order by code
    limit $3
)
select
    page.sku_id as "sku: SkuId",
    page.code,
    page.name,
    coalesce(sum(s.on_hand), 0)::bigint as "on_hand!",
    coalesce(sum(s.reserved), 0)::bigint as "reserved!",
    coalesce(sum(s.backordered), 0)::bigint as "backordered!",
    count(*) filter (where s.on_hand > 0) as "locations!"
from page
left join stock s using (sku_id)
group by page.sku_id, page.code, page.name
order by page.code
