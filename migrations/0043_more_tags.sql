-- Words on products that put them into lists, for rules to go by.
alter table products add column tags text[] not null default '{}';
alter table sku_traits_before add column tags text[] not null default '{}';
-- What a shop knows of the customer who ordered, such as the segments that they are in.
alter table orders add column customer_tags text[] not null default '{}';
-- What rules can ask for is offered from the latest orders that have any.
create index orders_customer_tagged on orders (placed_at desc) where customer_tags <> '{}';
create index orders_tagged on orders (placed_at desc) where tags <> '{}';
