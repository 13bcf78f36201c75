-- A page of a location's work, and of what comes to it from elsewhere: the page first, what is told of it after.
with page as (
    (
        select order_id, fulfilment_no, released_at
        from fulfilment_orders
        where location_id = $1
            and state in ('released', 'picking', 'packed', 'ready')
            and ($2::text is null or state = $2)
            and ($3::timestamptz is null or (released_at, order_id, fulfilment_no) > ($3, $4, $7))
        order by released_at, order_id, fulfilment_no
        limit $5
    )
    union all
    (
        select order_id, fulfilment_no, released_at
        from fulfilment_orders
        where to_location_id = $1
            and state in ('shipped', 'arrived')
            and ($2::text is null or state = $2)
            and ($3::timestamptz is null or (released_at, order_id, fulfilment_no) > ($3, $4, $7))
        order by released_at, order_id, fulfilment_no
        limit $5
    )
    order by released_at, order_id, fulfilment_no
    limit $5
)
select
    f.order_id as "order_id: OrderId",
    f.fulfilment_no,
    o.number,
    f.method as "way: Way",
    v.name as "from",
    s.name as "to_store?",
    f.state as "state: FulfilmentState",
    c.name as customer,
    c.street,
    c.city,
    c.postcode,
    c.country,
    f.released_at,
    f.due_by,
    gift_card(f.order_id, f.fulfilment_no) as gift_message,
    exists (select from order_holds h where h.order_id = f.order_id and h.released_at is null) as "is_held!",
    lines_of_work(f.order_id, f.fulfilment_no) as "lines!: Json<Vec<WorkLine>>",
    y.rule,
    y.places as "places?",
    b.name as "before?",
    b.reason as "before_reason?"
from page
join fulfilment_orders f using (order_id, fulfilment_no)
join orders o using (order_id)
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
join location_versions v on v.location_id = f.location_id and v.valid @> $6::timestamptz
left join location_versions s on s.location_id = f.to_location_id and s.valid @> $6::timestamptz
-- The decision that made it, and whom it was with before.
left join lateral (
    select r.rules #>> array['rules', d.record ->> 'rule', 'name'] as rule, jsonb_array_length(d.record -> 'locations') as places
    from order_decisions d
    join rulesets r on r.ruleset_id = d.ruleset_id and r.version = d.ruleset_version
    where d.order_id = f.order_id and d.decided_at = f.planned_at
    order by d.decision_no desc
    limit 1
) y on true
left join lateral (
    select w.name, x.reason
    from fulfilment_orders x
    join fulfilment_lines mine on mine.order_id = f.order_id and mine.fulfilment_no = f.fulfilment_no
    join fulfilment_lines its on its.order_id = x.order_id and its.fulfilment_no = x.fulfilment_no and its.line_no = mine.line_no
    join location_versions w on w.location_id = x.location_id and w.valid @> $6::timestamptz
    where x.order_id = f.order_id and x.fulfilment_no < f.fulfilment_no and x.state = 'rejected' and x.closed_at <= f.planned_at
    order by x.fulfilment_no desc
    limit 1
) b on true
order by f.released_at, f.order_id, f.fulfilment_no
