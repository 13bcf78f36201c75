-- What may be sent in a thing's place, by the codes of their SKUs, the best first.
alter table skus add column substitutes text[] not null default '{}';
-- A line that was added in the place of another's units, when the customer chose so.
alter table order_lines
    add column instead_of integer,
    add column added_at timestamptz,
    add constraint order_lines_instead check ((instead_of is null) = (added_at is null) and instead_of < line_no),
    add constraint order_lines_instead_of foreign key (order_id, instead_of) references order_lines (order_id, line_no);
create index order_lines_added on order_lines (added_at) where added_at is not null;
