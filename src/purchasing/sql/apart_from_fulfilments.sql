-- Fulfilment orders at suppliers' locations that have no purchase order, and purchase orders that go on though their work has ended.
select
    f.order_id as "order!: OrderId",
    f.fulfilment_no as "fulfilment_no!",
    f.state as "state!: FulfilmentState",
    f.location_id as "location!: LocationId",
    s.supplier_id as "supplier!: SupplierId",
    null::uuid as "purchase_order?: PurchaseOrderId"
from fulfilment_orders f
join suppliers s on s.location_id = f.location_id
where f.order_id = any ($1)
    and f.state in ('released', 'picking', 'packed')
    and not exists (select from purchase_orders p where p.order_id = f.order_id and p.fulfilment_no = f.fulfilment_no)
union all
select f.order_id, f.fulfilment_no, f.state, f.location_id, p.supplier_id, p.purchase_order_id
from purchase_orders p
join fulfilment_orders f on f.order_id = p.order_id and f.fulfilment_no = p.fulfilment_no
where p.order_id = any ($1) and p.ended_at is null and f.state in ('cancelled', 'rejected', 'shipped', 'delivered', 'returned')
order by 1, 2
