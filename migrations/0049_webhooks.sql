-- Other systems that are told what happens to orders.
create table webhooks (
    webhook_id uuid primary key,
    name       text not null,
    url        text not null,
    -- Kinds of events; empty: all of orders.
    kinds      text[] not null,
    -- Nothing is sent, and everything kept, until somebody lets it go on.
    paused     boolean not null,
    -- Why it was paused, where nobody did.
    paused_why text,
    version    integer not null check (version > 0),
    created_at timestamptz not null,
    -- It is told what is behind this in the log of events.
    horizon    bigint not null,
    position   bigint not null,
    removed_at timestamptz
);
create unique index webhooks_name on webhooks (lower(name)) where removed_at is null;

-- What calls are signed with: each as long as it counts, the newest without an end.
create table webhook_secrets (
    webhook_id uuid not null references webhooks,
    made_at    timestamptz not null,
    secret     bytea not null,
    until      timestamptz,
    primary key (webhook_id, secret)
);

create table webhook_deliveries (
    delivery_id uuid primary key,
    webhook_id  uuid not null references webhooks,
    -- The event, within its order; none of a trial.
    order_id    uuid references orders,
    version     integer,
    kind        text,
    -- failed: it was given up, and waits for somebody.
    state       text not null check (state in ('queued', 'delivered', 'failed')),
    -- Nothing of its order is to be sent before it.
    is_next     boolean not null,
    attempts    integer not null default 0,
    -- Not before then, and not while another node has it in hand.
    due_at      timestamptz not null,
    -- Of the last attempt: the answer's HTTP status, none where there was no answer, and what it said.
    status      integer,
    words       text,
    created_at  timestamptz not null,
    ended_at    timestamptz,
    constraint webhook_deliveries_once unique (webhook_id, order_id, version),
    constraint webhook_deliveries_event check ((order_id is null) = (version is null) and (order_id is null) = (kind is null)),
    constraint webhook_deliveries_ended check ((state = 'queued') = (ended_at is null))
);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, due_at) where state = 'queued' and is_next;
create index webhook_deliveries_in_order on webhook_deliveries (webhook_id, order_id, version) where state = 'queued';
create index webhook_deliveries_newest on webhook_deliveries (webhook_id, created_at desc, delivery_id desc);
create index webhook_deliveries_queued on webhook_deliveries (webhook_id, created_at desc, delivery_id desc) where state = 'queued';
create index webhook_deliveries_failed on webhook_deliveries (webhook_id, created_at desc, delivery_id desc) where state = 'failed';
create index webhook_deliveries_arrived on webhook_deliveries (webhook_id, created_at desc, delivery_id desc) where state = 'delivered';
create index webhook_deliveries_delivered on webhook_deliveries (webhook_id, ended_at) where state = 'delivered';

create table webhook_attempts (
    delivery_id  uuid not null references webhook_deliveries on delete cascade,
    at           timestamptz not null,
    status       integer,
    words        text not null,
    milliseconds integer not null,
    primary key (delivery_id, at)
);
