-- The kernel: legal entities, events, jobs, idempotency keys, and the role the running program takes on.

create extension if not exists btree_gist;
create extension if not exists pg_trgm;

-- The program migrates as the owner and then works as this role, which may not rewrite history.
-- Roles belong to the whole cluster, so another database (or a test running beside this one) may have made it already.
do $$
begin
    create role waybill_app nologin;
exception
    when duplicate_object or unique_violation then null;
end
$$;
do $$
begin
    execute format('grant waybill_app to %I', current_user);
exception
    when unique_violation or object_in_use then null;
    when others then
        if sqlerrm not like '%concurrently updated%' then
            raise;
        end if;
end
$$;
alter default privileges in schema public grant select, insert, update, delete on tables to waybill_app;
alter default privileges in schema public grant usage, select on sequences to waybill_app;
grant usage on schema public to waybill_app;

create function forbid_rewrite() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % is not allowed', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end
$$;

create table legal_entities (
    legal_entity_id uuid primary key,
    name            text not null,
    country         char(2) not null,
    currency        char(3) not null
);

create table channels (
    channel         text primary key check (channel ~ '^[a-z][a-z0-9_]*$'),
    name            text not null,
    legal_entity_id uuid not null references legal_entities,
    currency        char(3) not null
);

-- Every change of state, in the transaction that made it.
create table events (
    position    bigint generated always as identity primary key,
    -- The reading order is (horizon, position). `horizon` is the transaction's id, raised to that of the stream's previous event:
    -- a reader that stays below the oldest running transaction misses nothing, and sees each stream in the order of its versions.
    horizon     xid8 not null,
    partition   smallint not null check (partition between 0 and 15),
    stream_kind text not null,
    stream_id   uuid not null,
    version     integer not null check (version > 0),
    kind        text not null,
    actor_kind  text not null,
    actor_id    uuid,
    payload     jsonb not null default '{}',
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    constraint events_stream_version unique (stream_id, version)
);
comment on table events is 'Append-only. No personal data: payloads name contact rows, which can be erased.';
create index events_reading_order on events (horizon, position);
create trigger events_append_only before update or delete or truncate on events for each statement execute function forbid_rewrite();

create table event_cursors (
    subscriber text not null,
    partition  smallint not null,
    horizon    xid8 not null,
    position   bigint not null,
    primary key (subscriber, partition)
);

create table jobs (
    job_id       bigint generated always as identity primary key,
    kind         text not null,
    -- Two jobs with the same key are one job.
    dedupe_key   text unique,
    payload      jsonb not null,
    run_at       timestamptz not null,
    attempts     integer not null default 0,
    locked_until timestamptz,
    last_error   text,
    -- Set when the attempts are used up: it waits, visibly, to be run again.
    failed_at    timestamptz,
    created_at   timestamptz not null default now()
);
create index jobs_due on jobs (run_at) where failed_at is null;

create table idempotency_keys (
    client      text not null,
    key         text not null,
    fingerprint bytea not null,
    resource_id uuid not null,
    created_at  timestamptz not null,
    primary key (client, key)
);

revoke update, delete, truncate on events from waybill_app;
revoke insert, update, delete, truncate on legal_entities from waybill_app;
grant insert, update on legal_entities to waybill_app;

-- Keys that all nodes share: for signed links, and for the gateway's call-backs.
create table secrets (
    name  text primary key,
    value bytea not null
);
revoke update, delete, truncate on secrets from waybill_app;
