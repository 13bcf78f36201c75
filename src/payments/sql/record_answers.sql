-- Records what the gateway said, at most one answer an order, and what it makes of the payments. What was answered before stays as it is.
with answers as (
    select *
    from unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::text[], $5::text[]) as a (order_id, operation_id, succeeded, reference, reason)
),
finished as (
    update payment_operations o
    set state = case when a.succeeded then 'succeeded' else 'failed' end, detail = a.reason, answered_at = $6
    from answers a
    where o.order_id = a.order_id and o.operation_id = a.operation_id and o.state = 'requested'
    returning o.order_id, o.operation_id, o.payment_no, o.kind, o.amount_minor, o.fulfilment_no, a.succeeded, a.reference, a.reason
)
update payments p
set
    state = case
        when f.kind = 'authorise' and f.succeeded and p.state in ('pending', 'expired') then 'authorised'
        when f.kind = 'authorise' and not f.succeeded and p.state = 'pending' then 'failed'
        when f.kind = 'capture' and f.succeeded and p.captured_minor + f.amount_minor = p.amount_minor then 'captured'
        when f.kind = 'capture' and f.succeeded then 'partly_captured'
        when f.kind = 'void' and f.succeeded then 'voided'
        else p.state
    end,
    authorised_minor = case
        when f.kind = 'authorise' and f.succeeded and p.state in ('pending', 'expired') then f.amount_minor
        else p.authorised_minor
    end,
    gateway_reference = case
        when f.kind = 'authorise' and f.succeeded and p.state in ('pending', 'expired') then f.reference
        else p.gateway_reference
    end,
    captured_minor = p.captured_minor + case when f.kind = 'capture' and f.succeeded then f.amount_minor else 0 end,
    failure = case
        when f.kind = 'authorise' and not f.succeeded and p.state = 'pending' then f.reason
        -- It stays on the books as owed, and whoever looks at the order sees it.
        when f.kind = 'capture' and not f.succeeded
            then format('Charging for %s failed: %s', coalesce('parcel ' || f.fulfilment_no, 'a service'), coalesce(f.reason, 'no reason given'))
        else p.failure
    end
from finished f
where p.order_id = f.order_id and p.payment_no = f.payment_no
returning
    p.order_id as "order_id: OrderId",
    f.operation_id as "operation_id: OperationId",
    f.kind as "kind: OperationKind",
    f.succeeded as "succeeded!",
    f.amount_minor,
    p.currency
