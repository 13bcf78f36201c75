-- Appends to some streams, numbering each from its last version.
-- The horizon is this transaction's id, or the stream's last horizon where that is later: a transaction may have got its id long before
-- it got the stream's lock, and readers go by the horizon.
with new as (
    select *, row_number() over (partition by stream_id order by ordinal) as place
    from unnest($2::uuid[], $3::smallint[], $4::text[], $5::jsonb[], $6::text[], $7::uuid[], $8::timestamptz[]) with ordinality
        as new (stream_id, partition, kind, payload, actor_kind, actor_id, occurred_at, ordinal)
),
heads as (
    select streams.stream_id, head.version, head.horizon
    from (select distinct stream_id from new) streams
    left join lateral (
        select version, horizon
        from events
        where events.stream_id = streams.stream_id
        order by version desc
        limit 1
    ) head on true
)
insert into events (horizon, partition, stream_kind, stream_id, version, kind, actor_kind, actor_id, payload, occurred_at)
select
    greatest(pg_current_xact_id(), heads.horizon),
    new.partition,
    $1,
    new.stream_id,
    coalesce(heads.version, 0) + new.place,
    new.kind,
    new.actor_kind,
    new.actor_id,
    new.payload,
    new.occurred_at
from new
join heads using (stream_id)
order by new.ordinal
