insert into order_lines (order_id, line_no, sku_id, sku_code, name, quantity, open, unit_price_micros, amount_minor, tax_minor)
select $1, line_no, sku_id, sku_code, name, quantity, quantity, unit_price_micros, amount_minor, tax_minor
from unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[], $8::bigint[]) with ordinality
    as l (sku_id, sku_code, name, quantity, unit_price_micros, amount_minor, tax_minor, line_no)
