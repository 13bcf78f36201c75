insert into order_lines (order_id, line_no, sku_id, sku_code, name, quantity, open, unit_price_micros, amount_minor, tax_minor, queue,
    kit_no, kit_code, kit_name, kit_quantity, personalisation, gift_wrap_micros, promised_from, promised_by, first_promised_by, skill)
select order_id, line_no, sku_id, sku_code, name, quantity, quantity, unit_price_micros, amount_minor, tax_minor, queue,
    kit_no, kit_code, kit_name, kit_quantity, personalisation, gift_wrap_micros, promised_from, promised_by, promised_by, skill
from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::integer[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[],
    $11::integer[], $12::text[], $13::text[], $14::integer[], $15::text[], $16::bigint[], $17::timestamptz[], $18::timestamptz[], $19::text[])
    as l (order_id, line_no, sku_id, sku_code, name, quantity, unit_price_micros, amount_minor, tax_minor, queue,
        kit_no, kit_code, kit_name, kit_quantity, personalisation, gift_wrap_micros, promised_from, promised_by, skill)
