-- Terms may follow what has been bought: then there is one row for each day on which some of it is expected, and most_units counts all that comes
-- until then.
alter table backorder_terms
    add column part integer not null default 1 check (part > 0),
    add column follows boolean not null default false,
    drop constraint backorder_terms_one_at_a_time,
    add constraint backorder_terms_one_at_a_time exclude using gist (sku_id with =, location_id with =, part with =, valid with &&);

-- Where they do, whether or not anything is on order.
create table followed_receipts (
    sku_id      uuid not null references skus,
    location_id uuid not null references locations,
    -- At most so many units are sold before they are there.
    most_units  integer not null check (most_units > 0),
    -- Orders are taken until then; null is as long as there is room.
    until       timestamptz,
    primary key (sku_id, location_id)
);

-- What has been bought and is still to come, by the day on which it is expected. What nobody has sent for yet has no day.
create view expected_receipts as
select l.sku_id, p.location_id, p.expected_on, sum(coalesce(l.confirmed, l.ordered) - l.received)::integer as units
from purchase_order_lines l
join purchase_orders p using (purchase_order_id)
where l.received < l.ordered and l.received < coalesce(l.confirmed, l.ordered)
    and p.state in ('sent', 'confirmed', 'partly_received') and p.order_id is null and p.expected_on is not null
group by l.sku_id, p.location_id, p.expected_on;

-- What is owed, with when it comes as things stand: who was promised the earlier day is served first, then who ordered first, by what is free there and
-- then by what is expected first.
create view awaited_backorders as
select w.sku_id, w.location_id, w.order_id, w.line_no, w.quantity, w.kind, w.expected_at, w.follows,
    case when w.position <= 0 and w.kind <> 'preorder' then w.expected_at else comes.expected_at end as comes_at
from (
    select b.sku_id, b.location_id, b.order_id, b.line_no, b.quantity, b.kind, b.expected_at, f.sku_id is not null as follows,
        sum(b.quantity) over (partition by b.sku_id, b.location_id order by b.expected_at, o.placed_at, b.order_id, b.line_no)
            - coalesce(greatest(0, s.on_hand - s.reserved), 0) as position
    from backorders b
    join orders o on o.order_id = b.order_id
    left join stock s on s.sku_id = b.sku_id and s.location_id = b.location_id
    left join followed_receipts f on f.sku_id = b.sku_id and f.location_id = b.location_id
    where b.closed_at is null
) w
left join lateral (
    select t.expected_at
    from backorder_terms t
    where t.sku_id = w.sku_id and t.location_id = w.location_id and upper_inf(t.valid) and (t.most_units >= w.position or not t.follows)
    order by t.most_units
    limit 1
) comes on true;
