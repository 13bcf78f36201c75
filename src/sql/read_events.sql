select
    horizon::text::bigint as "horizon!",
    position,
    stream_kind as "stream_kind: StreamKind",
    stream_id,
    version,
    kind as "kind: EventKind",
    actor_kind,
    occurred_at,
    payload as "details: Json<EventDetails>"
from events
where partition = any (case when $1::smallint is null then array [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]::smallint[] else array [$1] end)
    and (horizon, position) > ($2::text::xid8, $3)
    and horizon < pg_snapshot_xmin(pg_current_snapshot())
order by horizon, position
limit $4
