-- Times that customers choose: of delivery, of collection. Their plans are settings of delivery; here is what is taken of them.
alter table delivery_settings
    drop constraint delivery_settings_kind_check,
    add constraint delivery_settings_kind_check check (kind in ('zone_map', 'rate_card', 'service', 'method', 'holidays', 'slots'));

-- Rows exist only where somebody has booked.
create table slot_days (
    plan      text not null,
    starts_at timestamptz not null,
    taken     integer not null,
    capacity  integer not null,
    primary key (plan, starts_at),
    constraint slot_days_not_exceeded check (0 <= taken and taken <= capacity)
);

create table slot_bookings (
    booking_id uuid primary key,
    plan       text not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null,
    -- open: kept while somebody decides. ordered: an order's.
    state      text not null check (state in ('open', 'ordered', 'released', 'expired')),
    booked_at  timestamptz not null,
    expires_at timestamptz not null,
    ended_at   timestamptz,
    order_id   uuid references orders,
    constraint slot_bookings_order check ((state = 'ordered') <= (order_id is not null)),
    constraint slot_bookings_ended check ((state in ('released', 'expired')) = (ended_at is not null))
);
create index slot_bookings_by_order on slot_bookings (order_id) where order_id is not null;
create index slot_bookings_taken on slot_bookings (plan, starts_at) where state in ('open', 'ordered');
revoke delete, truncate on slot_bookings, slot_days from waybill_app;
