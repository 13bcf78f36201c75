-- Rules as they are now, in names: those for everything first.
select
    r.stock_rule_id as "id: StockRuleId",
    r.kind as "kind: RuleKind",
    s.code as "sku?",
    r.category,
    v.name as "location?",
    g.name as "location_group?",
    r.channel,
    r.customer_group,
    lower(r.during) as "from",
    upper(r.during) as until,
    r.units,
    r.days_of_cover,
    lower(r.valid) as "since!"
from stock_rules r
left join skus s using (sku_id)
left join location_versions v on v.location_id = r.location_id and v.valid @> $1::timestamptz
left join location_groups g using (location_group_id)
where r.valid @> $1::timestamptz
order by s.code nulls first, r.category nulls first, r.kind, r.stock_rule_id
