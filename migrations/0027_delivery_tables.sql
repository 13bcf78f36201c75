-- Rate cards, zone maps and transit times come and go as tables, too.
alter table file_imports
    drop constraint file_imports_kind_check,
    add constraint file_imports_kind_check check (kind in ('products', 'prices', 'stock', 'rates', 'zones', 'transit'));
