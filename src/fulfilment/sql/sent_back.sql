-- The parcels of an order that have left, and the units of each SKU in them, those with lower numbers first.
select f.fulfilment_no, f.state as "state: FulfilmentState", f.method as "way: Way", f.reason, l.sku_id as "sku: SkuId", sum(l.quantity) as "units!"
from fulfilment_orders f
join fulfilment_lines l using (order_id, fulfilment_no)
where f.order_id = $1 and f.state in ('shipped', 'arrived', 'delivered', 'collected', 'returned')
group by f.order_id, f.fulfilment_no, l.sku_id
order by f.fulfilment_no, l.sku_id
