-- Work that several locations are asked for: the first that takes it does it. How long they are asked, and until when, once they are.
alter table fulfilment_orders
    add column offer_minutes integer check (offer_minutes > 0),
    add column offered_until timestamptz,
    add constraint fulfilment_orders_offered check (offered_until is null or offer_minutes is not null);

create table fulfilment_offers (
    order_id      uuid not null,
    fulfilment_no integer not null,
    location_id   uuid not null references locations,
    -- Its place among those who are asked.
    rank          smallint not null,
    -- None while it may answer. Lost: another was faster, or it is not asked any more.
    answer        text check (answer in ('taken', 'declined', 'lost', 'expired')),
    answered_at   timestamptz,
    answered_by   uuid references users,
    primary key (order_id, fulfilment_no, location_id),
    foreign key (order_id, fulfilment_no) references fulfilment_orders,
    constraint fulfilment_offers_answered check ((answer is null) = (answered_at is null))
);
create index fulfilment_offers_open on fulfilment_offers (location_id) where answer is null;
revoke truncate on fulfilment_offers from waybill_app;

-- Who would not do which orders, and when they said so. What was planned anew for another reason is nobody's refusal.
create view order_refusals as
select order_id, location_id, closed_at as refused_at, coalesce(reason, '') as reason, fulfilment_no
from fulfilment_orders
where state = 'rejected' and closed_at is not null and coalesce(reason, '') not in ('disruption', 'offer')
union all
select order_id, location_id, answered_at, 'declined', fulfilment_no
from fulfilment_offers
where answer = 'declined';
