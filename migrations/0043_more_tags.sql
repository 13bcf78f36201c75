-- Words on products that put them into lists, for rules to go by.
alter table products add column tags text[] not null default '{}';
alter table sku_traits_before add column tags text[] not null default '{}';
-- What a shop knows of the customer who ordered, such as the segments that they are in.
alter table orders add column customer_tags text[] not null default '{}';
