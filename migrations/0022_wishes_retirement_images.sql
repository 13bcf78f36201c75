alter table skus
    -- Where it stands among the variants of its product.
    add column position integer not null default 1,
    -- Text of at most so many characters can be put on each unit; null is none.
    add column personalisation_max integer check (personalisation_max between 1 and 200),
    -- Not sold any more since then.
    add column retired_at timestamptz;

-- What wrapping one unit as a gift costs, tax included; null where the channel does not offer it.
alter table channels add column gift_wrap_micros bigint check (gift_wrap_micros >= 0);

alter table order_lines
    add column personalisation text check (personalisation <> ''),
    -- What wrapping each unit costs, a part of the line's amount; null where it is not wrapped. A kit's parts have it in their prices.
    add column gift_wrap_micros bigint check (gift_wrap_micros >= 0);
alter table orders add column gift_message text check (gift_message <> '');

-- What is written on the card that goes with a fulfilment order: it goes with what is wrapped, and with the first parcel where nothing is.
create function gift_card(of_order uuid, no integer) returns text language sql stable as $$
    select o.gift_message
    from orders o
    where o.order_id = of_order and o.gift_message is not null
        and case
            when exists (select from order_lines l where l.order_id = of_order and l.gift_wrap_micros is not null) then exists (
                select from fulfilment_lines f
                join order_lines l using (order_id, line_no)
                where f.order_id = of_order and f.fulfilment_no = no and l.gift_wrap_micros is not null
            )
            else no = (
                select min(f.fulfilment_no) from fulfilment_orders f where f.order_id = of_order and f.state not in ('cancelled', 'rejected')
            )
        end
$$;

-- Pictures of products, each in two sizes as JPEG. They are never changed: another picture is another row.
create table product_images (
    image_id    uuid primary key,
    product_id  uuid not null references products,
    -- What it shows, for those who do not see it.
    description text not null,
    position    integer not null check (position > 0),
    width       integer not null check (width > 0),
    height      integer not null check (height > 0),
    small       bytea not null,
    large       bytea not null,
    added_at    timestamptz not null,
    constraint product_images_position unique (product_id, position) deferrable initially deferred
);
