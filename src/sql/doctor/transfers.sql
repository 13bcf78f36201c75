-- What a transfer says was sent and received is what its movements make.
select format('transfer %s, SKU %s: sent %s and received %s, but movements make %s and %s', t.number, coalesce(k.code, sku_id::text),
    coalesce(l.sent, 0), coalesce(l.received, 0), coalesce(m.sent, 0), coalesce(m.received, 0)) as "detail!"
from transfer_lines l
full join (
    select transfer_id, sku_id, -sum(quantity) filter (where quantity < 0) as sent, sum(quantity) filter (where quantity > 0) as received
    from stock_movements
    where transfer_id is not null
    group by transfer_id, sku_id
) m using (transfer_id, sku_id)
join transfers t using (transfer_id)
left join skus k using (sku_id)
where coalesce(l.sent, 0) <> coalesce(m.sent, 0) or coalesce(l.received, 0) <> coalesce(m.received, 0)
limit $1
