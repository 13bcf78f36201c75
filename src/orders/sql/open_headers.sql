insert into orders (order_id, number, channel, legal_entity_id, external_id, contact_id, contact_version, method, pickup_location_id, currency,
    goods_minor, shipping_minor, tax_minor, total_minor, placed_at, held_until, status, payment_status, units, parcels, location_ids, search_text, updated_at,
    customer_group, gift_message, delivery_method, release_at, origin, tags, priority, attributes, customer_tags, order_type, ship_by)
select order_id, number, channel, legal_entity_id, external_id, contact_id, 1, method, pickup_location_id, currency,
    goods_minor, shipping_minor, tax_minor, goods_minor + shipping_minor, placed_at, held_until, $15, $16, units, parcels,
    string_to_array(location_ids, ',')::uuid[], lower(search_text), placed_at, customer_group, gift_message, delivery_method, release_at,
    origin, string_to_array(tags, E'\n'), priority, string_to_array(attributes, E'\n'), string_to_array(customer_tags, E'\n'), order_type, ship_by
from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::uuid[], $9::text[],
    $10::bigint[], $11::bigint[], $12::bigint[], $13::timestamptz[], $14::timestamptz[], $17::integer[], $18::integer[], $19::text[], $20::text[],
    $21::text[], $22::text[], $23::text[], $24::timestamptz[], $25::text[], $26::text[], $27::smallint[], $28::text[], $29::text[], $30::text[],
    $31::timestamptz[])
    as o (order_id, number, channel, legal_entity_id, external_id, contact_id, method, pickup_location_id, currency,
        goods_minor, shipping_minor, tax_minor, placed_at, held_until, units, parcels, location_ids, search_text, customer_group, gift_message,
        delivery_method, release_at, origin, tags, priority, attributes, customer_tags, order_type, ship_by)
