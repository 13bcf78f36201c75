-- What the customer says about what is missing is said of the lines that they were asked about.
alter table orders drop column customer_answer;
alter table order_lines add column customer_waits boolean not null default false;

-- Who keeps an offer and declines it has refused once.
create or replace view order_refusals as
select order_id, location_id, closed_at as refused_at, coalesce(reason, '') as reason, fulfilment_no
from fulfilment_orders
where state = 'rejected' and closed_at is not null and coalesce(reason, '') not in ('disruption', 'offer', 'declined')
union all
select order_id, location_id, answered_at, 'declined', fulfilment_no
from fulfilment_offers
where answer = 'declined';

create index fulfilment_orders_offered on fulfilment_orders (offered_until) where state = 'planned' and offered_until is not null;
