-- The line that a location did not have, where it turned a fulfilment order down for one of them.
alter table fulfilment_orders add column lacking_line integer;

-- What a location did not have of what it refused: null where it would do none of it, nothing where the books were corrected before it looked.
create or replace view order_refusals as
select f.order_id, f.location_id, f.closed_at as refused_at, coalesce(f.reason, '') as reason, f.fulfilment_no,
    case
        when f.reason in ('too_busy', 'late') then null
        when f.reason in ('not_in_stock', 'mismatch', 'damaged') then array(
            select distinct l.sku_id
            from fulfilment_lines l
            where l.order_id = f.order_id and l.fulfilment_no = f.fulfilment_no and (f.lacking_line is null or l.line_no = f.lacking_line)
        )
        else '{}'::uuid[]
    end as lacking
from fulfilment_orders f
where f.state = 'rejected' and f.closed_at is not null and coalesce(f.reason, '') not in ('disruption', 'offer', 'declined')
union all
select order_id, location_id, answered_at, 'declined', fulfilment_no, null
from fulfilment_offers
where answer = 'declined';
