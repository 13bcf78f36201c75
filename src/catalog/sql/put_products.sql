with incoming as (
    select *
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::integer[], $11::bigint[])
        as i (product_id, sku_id, code, handle, name, description, category, gtin, weight_grams, tax_rate_bp, unit_price_micros)
    where not exists (select from skus where skus.code = i.code)
),
new_products as (
    insert into products (product_id, handle, name, description, category, created_at)
    select product_id, handle, name, description, category, $14
    from incoming
),
new_skus as (
    insert into skus (sku_id, product_id, code, name, gtin, weight_grams, tax_rate_bp)
    select sku_id, product_id, code, name, gtin, weight_grams, tax_rate_bp
    from incoming
)
insert into prices (sku_id, channel, currency, unit_price_micros, valid)
select sku_id, channel, $13, unit_price_micros, tstzrange($14, null)
from incoming
cross join unnest($12::text[]) as channel
