-- Of each line, the best of what may be sent in the place of its units: as dear by itself, taxed alike, free in such numbers where the order is sent from.
select distinct on (l.line_no) l.line_no, a.units as "units!", l.name as own_name, l.quantity, l.amount_minor, l.tax_minor,
    s.sku_id as "sku: SkuId", s.code, s.name
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
    and (
        select coalesce(sum(greatest(stock.on_hand - stock.reserved, 0)), 0)
        from stock
        where stock.sku_id = s.sku_id and (o.method = 'ship' or stock.location_id = o.pickup_location_id)
    ) >= a.units
order by l.line_no, named.rank
