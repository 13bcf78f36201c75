-- One page of products by name. The page is cut first: its SKUs and prices are all that is read.
with page as (
    select p.product_id, p.handle, p.name, p.category
    from products p
    where ($1::text is null or lower(p.name) like $1 or exists (select from skus s where s.product_id = p.product_id and lower(s.code) like $1))
        and ($2::text is null or (p.name, p.handle) > ($2, $3))
    order by p.name, p.handle
    limit $4
)
select
    page.handle,
    page.name,
    page.category,
    array(select s.code from skus s where s.product_id = page.product_id order by s.code limit 4) as "codes!",
    (select count(*) from skus s where s.product_id = page.product_id) as "skus!",
    (
        select count(distinct x.channel)
        from skus s
        join prices x on x.sku_id = s.sku_id and x.valid @> $5::timestamptz
        where s.product_id = page.product_id
    ) as "channels!",
    exists (
        select from skus s join kit_components k on k.kit_sku_id = s.sku_id and k.valid @> $5::timestamptz where s.product_id = page.product_id
    ) as "kit!",
    not exists (select from skus s where s.product_id = page.product_id and s.retired_at is null) as "retired!"
from page
order by page.name, page.handle
