//! Reading rulesets: what is in force, what is planned, what is being worked on.

use super::rules::Rules;
use super::templates::TEMPLATES;
use super::views::{ActivationRow, CommentView, DraftRow, RoutingOverview, Stopped, TemplateView, VersionRow, VersionState, VersionView};
use crate::identity::{Act, Permission};
use crate::ids::{ActivationId, DraftId, RulesetId, UserId};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Versions in a list.
const MOST_VERSIONS: i64 = 50;

/// Everything on the page of routing. Of the versions the newest.
pub async fn routing_overview(conn: &mut PgConnection, act: &Act) -> Result<RoutingOverview> {
    act.require(Permission::ReadRouting)?;
    let activations = activations(conn, act, None).await?;
    let drafts = sqlx::query!(
        r#"select d.draft_id as "id: DraftId", d.name, d.based_on, jsonb_array_length(d.rules -> 'rules') as "rules!", d.changed_at, u.name as "by?"
        from ruleset_drafts d
        left join users u on u.user_id = d.changed_by
        order by d.changed_at desc
        limit $1"#,
        MOST_VERSIONS
    )
    .fetch_all(&mut *conn)
    .await?;
    let drafts = drafts.into_iter().map(|d| DraftRow {
        id: d.id,
        name: d.name,
        based_on: d.based_on,
        rules: usize::try_from(d.rules).unwrap_or(0),
        changed_at: d.changed_at,
        changed_by: d.by,
    });
    let drafts = drafts.collect();
    let versions = versions(conn, act, None, MOST_VERSIONS).await?;
    let settings = sqlx::query!(
        r#"select s.four_eyes, s.simulated_first, n.stopped_at, n.stopped_reason, u.name as "by?"
        from routing_settings s
        cross join network_state n
        left join users u on u.user_id = n.stopped_by"#
    )
    .fetch_one(conn)
    .await?;
    let stopped = settings.stopped_at.zip(settings.stopped_reason).map(|(at, reason)| Stopped { at, by: settings.by, reason });
    let template = |t: &super::templates::Template| TemplateView { code: t.code.to_owned(), name: t.name.to_owned(), help: t.help.to_owned() };
    let templates = TEMPLATES.iter().map(template).collect();
    Ok(RoutingOverview {
        activations,
        drafts,
        versions,
        templates,
        four_eyes: settings.four_eyes,
        simulated_first: settings.simulated_first,
        stopped,
        may_manage: act.actor.may(Permission::ManageRouting),
        may_set_four_eyes: act.actor.may(Permission::ManageUsers),
    })
}

/// A published version with its rules, when it was and will be in force, and what was said of it.
pub async fn read_version(conn: &mut PgConnection, act: &Act, id: RulesetId, version: i32) -> Result<VersionView> {
    act.require(Permission::ReadRouting)?;
    let gone = || Refusal::not_found(format_args!("version {version} of these rules"));
    let row = versions(conn, act, Some((id, version)), 1).await?.pop().ok_or_else(gone)?;
    let found = sqlx::query!(
        r#"select rules as "rules: Json<Rules>", written_by as "written_by: Vec<UserId>" from rulesets where ruleset_id = $1 and version = $2"#,
        id.0,
        version
    )
    .fetch_one(&mut *conn)
    .await?;
    let comments = sqlx::query!(
        r#"select coalesce(u.name, 'Waybill') as "author!", c.said_at, c.text
        from ruleset_comments c
        left join users u on u.user_id = c.author
        where c.ruleset_id = $1 and c.version = $2
        order by c.said_at"#,
        id.0,
        version
    )
    .fetch_all(&mut *conn)
    .await?;
    let comments = comments.into_iter().map(|c| CommentView { author: c.author, said_at: c.said_at, text: c.text }).collect();
    let activations = activations(conn, act, Some((id, version))).await?;
    let may_approve = act.actor.may(Permission::ManageRouting) && act.actor.user().is_some_and(|user| !found.written_by.contains(&user));
    Ok(VersionView { row, rules: found.rules.0, activations, comments, may_approve })
}

/// Versions, the newest first: all of them, or one.
async fn versions(conn: &mut PgConnection, act: &Act, only: Option<(RulesetId, i32)>, most: i64) -> Result<Vec<VersionRow>> {
    let (ruleset, version) = only.unzip();
    let rows = sqlx::query!(
        r#"select r.ruleset_id as "ruleset: RulesetId", r.version, r.name, jsonb_array_length(r.rules -> 'rules') as "rules!", r.created_at,
            u.name as "by?",
            array(select a.name
                from ruleset_approvals p
                join users a on a.user_id = p.approved_by
                where p.ruleset_id = r.ruleset_id and p.version = r.version
                order by p.approved_at) as "approved_by!",
            exists (select from ruleset_activations a
                where a.ruleset_id = r.ruleset_id and a.version = r.version and a.withdrawn_at is null and lower(a.during) > $1) as "is_scheduled!",
            exists (select from ruleset_activations a
                where a.ruleset_id = r.ruleset_id and a.version = r.version and lower(a.during) <= $1
                    and (a.withdrawn_at is null or a.withdrawn_at > lower(a.during))) as "was_active!",
            coalesce((select a.ruleset_id = r.ruleset_id and a.version = r.version
                from ruleset_activations a
                where a.during @> $1::timestamptz and a.planned_at <= $1 and (a.withdrawn_at is null or a.withdrawn_at > $1)
                order by lower(a.during) desc, a.planned_at desc, a.activation_id desc
                limit 1), false) as "is_active!"
        from rulesets r
        left join users u on u.user_id = r.created_by
        where ($2::uuid is null or (r.ruleset_id = $2 and r.version = $3))
        order by r.created_at desc, r.ruleset_id, r.version desc
        limit $4"#,
        act.now,
        ruleset.map(|r| r.0),
        version,
        most
    )
    .fetch_all(conn)
    .await?;
    let row = rows.into_iter().map(|r| VersionRow {
        ruleset: r.ruleset,
        version: r.version,
        name: r.name,
        rules: usize::try_from(r.rules).unwrap_or(0),
        published_at: r.created_at,
        published_by: r.by,
        approved_by: r.approved_by,
        state: match (r.is_active, r.is_scheduled, r.was_active) {
            (true, ..) => VersionState::Active,
            (_, true, _) => VersionState::Scheduled,
            (.., true) => VersionState::Archived,
            _ => VersionState::Published,
        },
    });
    Ok(row.collect())
}

/// Times that versions are in force: all that are not over, or all of one version.
async fn activations(conn: &mut PgConnection, act: &Act, of: Option<(RulesetId, i32)>) -> Result<Vec<ActivationRow>> {
    let (ruleset, version) = of.unzip();
    let rows = sqlx::query!(
        r#"select a.activation_id as "id: ActivationId", a.ruleset_id as "ruleset: RulesetId", a.version, r.name, lower(a.during) as "from!",
            upper(a.during) as until, a.planned_at, u.name as "by?",
            a.activation_id = (select c.activation_id
                from ruleset_activations c
                where c.during @> $1::timestamptz and c.planned_at <= $1 and (c.withdrawn_at is null or c.withdrawn_at > $1)
                order by lower(c.during) desc, c.planned_at desc, c.activation_id desc
                limit 1) as "in_force?"
        from ruleset_activations a
        join rulesets r using (ruleset_id, version)
        left join users u on u.user_id = a.planned_by
        where a.withdrawn_at is null
            and (($2::uuid is null and (upper(a.during) is null or upper(a.during) > $1)) or (a.ruleset_id = $2 and a.version = $3))
        order by lower(a.during), a.planned_at, a.activation_id"#,
        act.now,
        ruleset.map(|r| r.0),
        version
    )
    .fetch_all(conn)
    .await?;
    let row = rows.into_iter().map(|r| ActivationRow {
        id: r.id,
        ruleset: r.ruleset,
        version: r.version,
        name: r.name,
        from: r.from,
        until: r.until,
        planned_by: r.by,
        planned_at: r.planned_at,
        in_force: r.in_force.unwrap_or(false),
    });
    Ok(row.collect())
}
