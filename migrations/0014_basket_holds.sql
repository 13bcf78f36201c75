-- Baskets whose units are kept for a while. Their reservations name the hold, those of orders the order.
create table holds (
    hold_id    uuid primary key,
    channel    text not null references channels,
    state      text not null check (state in ('open', 'released', 'expired', 'ordered')),
    opened_at  timestamptz not null,
    expires_at timestamptz not null,
    ended_at   timestamptz,
    constraint holds_ended check ((state = 'open') = (ended_at is null))
);
revoke delete, truncate on holds from waybill_app;

alter table reservations
    add column hold_id uuid,
    add constraint reservations_for_somebody check (num_nonnulls(order_id, hold_id) = 1);
create index reservations_by_hold on reservations (hold_id) where hold_id is not null;

-- How many seconds a channel keeps a basket's units; zero is not at all.
alter table channels add column hold_seconds integer not null default 0 check (hold_seconds between 0 and 86400);
