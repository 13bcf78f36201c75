-- Every SKU with its product, in the columns that an import reads.
select
    s.code,
    p.handle,
    p.name,
    p.description,
    p.category,
    p.brand,
    array_to_string(p.tags, ', ') as "tags!",
    array_to_string(p.options, ', ') as "options!",
    s.name as sku_name,
    array_to_string(s.option_values, ', ') as "option_values!",
    -- GS1 keeps them with zeros in front; people write them without.
    coalesce(regexp_replace(s.gtin, '^0{1,2}(?=[0-9]{12}$|[0-9]{13}$)', ''), '') as "gtin!",
    s.weight_grams,
    s.tax_rate_bp,
    s.unit,
    s.length_mm,
    s.width_mm,
    s.height_mm,
    s.personalisation_max,
    coalesce(s.skill, '') as "skill!",
    array_to_string(s.handling, ', ') as "handling!",
    array_to_string(s.substitutes, ', ') as "substitutes!",
    s.retired_at is not null as "retired!"
from skus s
join products p using (product_id)
order by p.handle, s.code
