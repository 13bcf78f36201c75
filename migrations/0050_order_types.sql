-- What kind of order it is, in a word of the company's own: standard, sample, replacement, wholesale.
alter table orders add column order_type text not null default 'standard';
-- Which types there are besides is asked where rules are written.
create index orders_of_types on orders (placed_at desc) where order_type <> 'standard';
