-- One order per external id and per number, one authorisation per payment.
select detail as "detail!"
from (
    select format('channel %s, external id %s: orders %s', channel, external_id, string_agg(number, ', ')) as detail
    from orders
    where external_id is not null
    group by channel, external_id
    having count(*) > 1
    union all
    select format('order %s has %s authorisations', order_id, count(*))
    from payment_operations
    where kind = 'authorise'
    group by order_id, payment_no
    having count(*) > 1
    union all
    select format('number %s: orders %s', number, string_agg(order_id::text, ', '))
    from orders
    group by number
    having count(*) > 1
) broken
limit $1
