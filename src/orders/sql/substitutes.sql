-- Of each line, what may be sent in the place of its units, the best first: as dear by itself, and taxed alike. Nobody has asked yet where it is.
select l.line_no, a.units as "units!", l.name as own_name, l.quantity, l.amount_minor, l.tax_minor,
    s.sku_id as "sku: SkuId", s.code, s.name, s.weight_grams, s.length_mm, s.width_mm, s.height_mm
from unnest($2::integer[], $3::integer[]) as a (line_no, units)
join order_lines l on l.order_id = $1 and l.line_no = a.line_no
join orders o on o.order_id = l.order_id
join skus own on own.sku_id = l.sku_id
cross join lateral unnest(own.substitutes) with ordinality as named (code, rank)
join skus s on s.code = named.code
left join prices everybody on everybody.sku_id = s.sku_id and everybody.channel = o.channel and everybody.currency = o.currency
    and everybody.customer_group is null and everybody.valid @> $4::timestamptz
left join prices theirs on theirs.sku_id = s.sku_id and theirs.channel = o.channel and theirs.currency = o.currency
    and theirs.customer_group = o.customer_group and theirs.valid @> $4::timestamptz
where l.kit_no is null and l.personalisation is null and l.shipped + l.collected = 0
    and s.retired_at is null and s.skill is null and s.tax_rate_bp = own.tax_rate_bp
    and not exists (select from kit_components k where k.kit_sku_id = s.sku_id and k.valid @> $4::timestamptz)
    and coalesce(theirs.unit_price_micros, everybody.unit_price_micros) >= l.unit_price_micros
order by l.line_no, named.rank
