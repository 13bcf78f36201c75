-- Imports, newest first, or one of them.
select
    i.file_import_id as "id: FileImportId",
    i.kind as "kind: TableKind",
    i.file_name,
    i.state as "state: ImportState",
    i.row_count as rows,
    (select count(*) from file_import_rows r where r.file_import_id = i.file_import_id and r.problem is not null) as "bad!",
    coalesce(u.name, t.name, 'somebody') as "who!",
    i.opened_at
from file_imports i
left join users u on i.actor_kind = 'user' and u.user_id = i.actor_id
left join api_tokens t on i.actor_kind = 'token' and t.token_id = i.actor_id
where i.kind = any ($1)
    and ($2::timestamptz is null or (i.opened_at, i.file_import_id) < ($2, $3::uuid))
    and ($4::uuid is null or i.file_import_id = $4)
order by i.opened_at desc, i.file_import_id desc
limit $5
