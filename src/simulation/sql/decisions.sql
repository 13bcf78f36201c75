-- What was decided about the orders of a period, within a part of it.
select d.order_id, d.decision_no, d.decided_at, d.ruleset_id, d.ruleset_version, d.record as "record: Json<DecisionRecord>", o.number, o.placed_at, c.postcode,
    (select max(later.decision_no) from order_decisions later where later.order_id = d.order_id) as "last_no!",
    lines.line_nos as "line_nos!", lines.sku_ids as "sku_ids!"
from order_decisions d
join orders o using (order_id)
join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
cross join lateral (select array_agg(l.line_no) as line_nos, array_agg(l.sku_id) as sku_ids from order_lines l where l.order_id = d.order_id) as lines
where d.decided_at > $1 and d.decided_at <= $2 and o.placed_at > $3 and o.placed_at <= $4
order by d.decided_at, d.order_id, d.decision_no
