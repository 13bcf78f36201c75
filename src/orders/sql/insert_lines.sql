insert into order_lines (order_id, line_no, sku_id, sku_code, name, quantity, open, unit_price_micros, amount_minor, tax_minor, queue)
select order_id, line_no, sku_id, sku_code, name, quantity, quantity, unit_price_micros, amount_minor, tax_minor, queue
from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::integer[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[])
    as l (order_id, line_no, sku_id, sku_code, name, quantity, unit_price_micros, amount_minor, tax_minor, queue)
