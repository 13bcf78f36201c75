-- Lines of an imported file that were not taken, so that an import that was stopped and went on can still name them all.
create table import_rejections (
    import_id  uuid not null references imports,
    -- In the file; the heading is line 1.
    file_line  bigint not null,
    invoice    text not null,
    stock_code text not null,
    reason     text not null,
    primary key (import_id, file_line)
);
revoke update, delete, truncate on import_rejections from waybill_app;
