-- Tables that people bring: looked at first, then taken in, chunk by chunk.
create table file_imports (
    file_import_id uuid primary key,
    kind           text not null check (kind in ('products', 'prices', 'stock')),
    file_name      text not null,
    header         text[] not null,
    -- For each of our columns the place of theirs, from 0; -1 is none.
    mapping        integer[] not null,
    state          text not null check (state in ('open', 'checking', 'checked', 'applying', 'done')),
    row_count      integer not null,
    -- Rows that the step which runs, or ran last, is through with.
    rows_done      integer not null default 0,
    -- Up to and with this line of the file.
    last_row       integer not null default 1,
    -- The work is done in the name of whoever asked for it.
    actor_kind     text not null check (actor_kind in ('user', 'token')),
    actor_id       uuid not null,
    opened_at      timestamptz not null,
    ended_at       timestamptz,
    constraint file_imports_ended check ((state = 'done') = (ended_at is not null))
);
create index file_imports_newest on file_imports (opened_at desc, file_import_id desc);

create table file_import_rows (
    file_import_id uuid not null references file_imports on delete cascade,
    -- As the file counts them: the heading is line 1.
    row_no         integer not null check (row_no > 1),
    cells          text[] not null,
    -- Why it cannot be, or was not, taken.
    problem        text,
    primary key (file_import_id, row_no)
);
create index file_import_rows_bad on file_import_rows (file_import_id, row_no) where problem is not null;
