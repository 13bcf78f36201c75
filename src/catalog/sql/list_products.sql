select
    p.handle,
    array(select code from skus where skus.product_id = p.product_id and skus.retired_at is null order by code) as "skus!",
    p.name,
    p.category,
    coalesce((select bool_and(skus.skill is not null) from skus where skus.product_id = p.product_id and skus.retired_at is null), false) as "is_service!",
    cheapest.currency as "currency!",
    cheapest.unit_price_micros as "unit_price_micros!",
    first.image_id as "image_id?: ImageId",
    first.description as "image_description?",
    first.width as "image_width?",
    first.height as "image_height?"
from products p
join lateral (
    select prices.currency, prices.unit_price_micros
    from skus
    join prices on prices.sku_id = skus.sku_id and prices.channel = $1 and prices.customer_group is null and prices.valid @> $7::timestamptz
    where skus.product_id = p.product_id and skus.retired_at is null
    order by prices.unit_price_micros
    limit 1
) cheapest on true
left join lateral (
    select image_id, description, width, height
    from product_images i
    where i.product_id = p.product_id
    order by i.position
    limit 1
) first on true
where ($2::text is null or p.category = $2)
    -- Every part of a word is found, and so is every form of it, in any order.
    and (
        p.name ilike all ($3)
        or to_tsvector('english', p.name) @@ plainto_tsquery('english', $8)
        or p.product_id in (select k.product_id from skus k where k.code in (trim($8), upper(trim($8))))
    )
    and ($4::text is null or (p.name, p.handle) > ($4, $5))
order by p.name, p.handle
limit $6
