-- Fulfilment orders at suppliers' locations whose purchase orders are missing, or go on though the work has ended.
select
    f.order_id as "order: OrderId",
    f.fulfilment_no,
    f.state as "state: FulfilmentState",
    f.location_id as "location: LocationId",
    s.supplier_id as "supplier: SupplierId",
    p.purchase_order_id as "purchase_order?: PurchaseOrderId"
from fulfilment_orders f
join suppliers s on s.location_id = f.location_id
left join purchase_orders p on p.order_id = f.order_id and p.fulfilment_no = f.fulfilment_no
where f.order_id = any ($1)
    and (
        (p.purchase_order_id is null and f.state in ('released', 'picking', 'packed'))
        or (p.ended_at is null and p.purchase_order_id is not null and f.state in ('cancelled', 'rejected', 'shipped', 'delivered'))
    )
order by f.order_id, f.fulfilment_no
