-- What a count has booked is what its movements make.
select format('count %s, SKU %s: %s to be booked, but movements make %s', c.number, coalesce(k.code, sku_id::text),
    coalesce(l.units, 0), coalesce(m.units, 0)) as "detail!"
from (select count_id, sku_id, counted - book as units from count_lines where booked_at is not null) l
full join (
    select count_id, sku_id, sum(quantity) as units
    from stock_movements
    where count_id is not null
    group by count_id, sku_id
) m using (count_id, sku_id)
join counts c using (count_id)
left join skus k using (sku_id)
where coalesce(l.units, 0) <> coalesce(m.units, 0)
limit $1
