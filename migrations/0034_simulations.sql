-- A period routed again by other rules, as if they had been in force.
create table simulations (
    simulation_id uuid primary key,
    -- What was simulated: rules that were being worked on, a version, or what was in force at the time (then there are no rules here).
    draft_id      uuid,
    ruleset_id    uuid,
    version       integer,
    name          text not null,
    rules         jsonb,
    during        tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    state         text not null check (state in ('waiting', 'running', 'done', 'cancelled', 'failed')),
    -- Orders of the period, and those that it is through with.
    orders        integer not null default 0,
    orders_done   integer not null default 0,
    -- How often it was begun: a run that another has taken over from keeps nothing.
    run           integer not null default 0,
    findings      jsonb,
    problem       text,
    asked_at      timestamptz not null,
    asked_by      uuid references users,
    ended_at      timestamptz,
    constraint simulations_ended check ((state in ('waiting', 'running')) = (ended_at is null)),
    constraint simulations_found check ((state = 'done') = (findings is not null)),
    constraint simulations_of check ((rules is null) = (ruleset_id is null))
);
create index simulations_newest on simulations (asked_at desc, simulation_id desc);
create index simulations_of_version on simulations (ruleset_id, version) where state = 'done';

-- Orders that would have gone elsewhere.
create table simulated_moves (
    simulation_id uuid not null references simulations on delete cascade,
    move_no       integer not null,
    order_id      uuid not null references orders,
    move          jsonb not null,
    primary key (simulation_id, move_no)
);
revoke truncate on simulations, simulated_moves from waybill_app;

-- A version is put in force only once it was simulated.
alter table routing_settings add column simulated_first boolean not null default false;

-- A period is read in order of time.
create index order_decisions_by_time on order_decisions using brin (decided_at);
create index reservations_by_time on reservations using brin (opened_at, closed_at);
create index backorders_by_time on backorders using brin (opened_at);
create index events_by_time on events using brin (occurred_at);
create index fulfilment_rejected on fulfilment_orders (closed_at) where state = 'rejected';
