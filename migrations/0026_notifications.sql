-- What customers are told: one message for each event that calls for one, written with the event's follow-up and sent by a worker.
create table notifications (
    notification_id uuid primary key,
    order_id        uuid not null references orders,
    -- The event that calls for it, within the order.
    event_version   integer not null,
    kind            text not null check (kind in ('confirmed', 'shipped', 'ready', 'date_moved', 'delivered')),
    -- Whom it is to: the address is read when it is sent, so that one that is erased is sent nothing.
    contact_id      uuid not null,
    contact_version integer not null,
    subject         text not null,
    body            text not null,
    -- kept: nothing is set up to send it with. failed: it was given up, and waits for somebody.
    state           text not null check (state in ('queued', 'sent', 'kept', 'failed')),
    attempts        integer not null default 0,
    -- Not before then, and not while another node has it in hand.
    due_at          timestamptz not null,
    last_error      text,
    created_at      timestamptz not null,
    ended_at        timestamptz,
    constraint notifications_once unique (order_id, event_version),
    constraint notifications_ended check ((state = 'queued') = (ended_at is null))
);
create index notifications_due on notifications (due_at) where state = 'queued';
create index notifications_newest on notifications (created_at desc, notification_id desc);

-- How far readers of the event log are that must not miss anything, however often they are started.
create table event_readers (
    reader   text primary key,
    horizon  bigint not null,
    position bigint not null
);
-- Where orders were taken before there were messages, only what happens from now on is news.
insert into event_readers (reader, horizon, position)
select 'notifications', pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, 9223372036854775807
where exists (select from events);
