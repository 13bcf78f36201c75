-- The rules that count at a moment; a group stands for its locations of that moment.
select
    r.stock_rule_id as "id: StockRuleId",
    r.kind as "kind: RuleKind",
    r.sku_id as "sku: SkuId",
    r.category,
    case
        when r.location_id is not null then array[r.location_id]
        when r.location_group_id is not null then array(
            select m.location_id from location_group_members m where m.location_group_id = r.location_group_id and m.valid @> $1::timestamptz
        )
    end as locations,
    r.channel,
    r.customer_group,
    r.units,
    r.days_of_cover
from stock_rules r
where r.valid @> $1::timestamptz and r.during @> $1::timestamptz
order by r.stock_rule_id
