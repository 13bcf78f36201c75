-- Appends to one stream, numbering from its last version.
-- The horizon is this transaction's id, or the stream's last horizon where that is later: a transaction may have got its id long before
-- it got the stream's lock, and readers go by the horizon.
with head as (
    select version, horizon
    from events
    where stream_id = $2
    order by version desc
    limit 1
)
insert into events (horizon, partition, stream_kind, stream_id, version, kind, actor_kind, actor_id, payload, occurred_at)
select
    greatest(pg_current_xact_id(), (select horizon from head)),
    $3,
    $1,
    $2,
    coalesce((select version from head), 0) + new.ordinal,
    new.kind,
    $6,
    $7,
    new.payload,
    $8
from unnest($4::text[], $5::jsonb[]) with ordinality as new (kind, payload, ordinal)
