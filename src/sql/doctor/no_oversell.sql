select format('SKU %s at %s: on hand %s, reserved %s, backordered %s of %s', k.code, l.code, s.on_hand, s.reserved, s.backordered, s.backorder_limit) as "detail!"
from stock s
join skus k using (sku_id)
join locations l using (location_id)
where not (0 <= s.reserved and s.reserved <= s.on_hand and 0 <= s.backordered and s.backordered <= s.backorder_limit)
limit $1
