//! Working on rules: a draft is begun from a version or from a template, changed as often as anybody likes, and published or thrown away.

use super::publish_ruleset::publish_ruleset;
use super::rules::Rules;
use super::ruleset::Ruleset;
use super::views::{DraftView, Problem};
use crate::identity::{Act, Permission};
use crate::ids::{DraftId, RulesetId, UserId};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use sqlx::types::Json;

/// What a draft begins as.
#[derive(Clone, Debug)]
pub enum Beginning<'a> {
    /// The rules of a version, for the next version of the same ruleset.
    Version(RulesetId, i32),
    /// The code of a template, for a ruleset of its own.
    Template(&'a str),
    /// These, for a ruleset of its own.
    Rules(&'a str, &'a Rules),
}

/// Begins a draft, under an id of the caller's.
pub async fn begin_draft(conn: &mut PgConnection, act: &Act, id: DraftId, beginning: Beginning<'_>) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let (ruleset, name, rules, based_on) = match beginning {
        Beginning::Version(id, version) => {
            let row =
                sqlx::query!(r#"select name, rules as "rules: Json<Rules>" from rulesets where ruleset_id = $1 and version = $2"#, id.0, version)
                    .fetch_optional(&mut *conn)
                    .await?
                    .ok_or_else(|| Refusal::not_found(format_args!("version {version} of these rules")))?;
            (id, row.name, row.rules.0, Some(version))
        }
        Beginning::Template(code) => {
            let template = super::templates::template(code).ok_or_else(|| Refusal::not_found(format_args!("template “{code}”")))?;
            (RulesetId::new(act.now), template.name.to_owned(), (template.rules)(), None)
        }
        Beginning::Rules(name, rules) => (RulesetId::new(act.now), name.to_owned(), rules.clone(), None),
    };
    sqlx::query!(
        "insert into ruleset_drafts (draft_id, ruleset_id, name, rules, based_on, made_at, changed_at, changed_by, written_by)
        values ($1, $2, $3, $4, $5, $6, $6, $7, array_remove(array[$7::uuid], null))",
        id.0,
        ruleset.0,
        check_name(&name)?,
        Json(&rules) as _,
        based_on,
        act.now,
        act.actor.user().map(|u| u.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves a draft as it is, whatever is still wrong with it; only publishing asks for rules that are sound. `revision` is the one that the changes were
/// made on: somebody else's change since then is not overwritten. Returns the new revision.
pub async fn save_draft(conn: &mut PgConnection, act: &Act, id: DraftId, revision: i32, name: &str, rules: &Rules) -> Result<i32> {
    act.require(Permission::ManageRouting)?;
    let saved = sqlx::query_scalar!(
        "update ruleset_drafts
        set name = $3, rules = $4, revision = revision + 1, changed_at = $5, changed_by = $6,
            written_by = array(select distinct who from unnest(written_by || $6::uuid) as who where who is not null)
        where draft_id = $1 and revision = $2
        returning revision",
        id.0,
        revision,
        check_name(name)?,
        Json(rules) as _,
        act.now,
        act.actor.user().map(|u| u.0)
    )
    .fetch_optional(&mut *conn)
    .await?;
    match saved {
        Some(revision) => Ok(revision),
        None => {
            lock_draft(conn, id, revision).await?;
            Err(changed_meanwhile().into())
        }
    }
}

/// Throws a draft away, as somebody has seen it.
pub async fn delete_draft(conn: &mut PgConnection, act: &Act, id: DraftId, revision: i32) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    lock_draft(conn, id, revision).await?;
    sqlx::query!("delete from ruleset_drafts where draft_id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// Makes a version of a draft; the draft is gone then, and to publish the same again gives the same version. `seen` is the newest version that whoever
/// publishes knows of: what a newer one has changed is not undone unseen.
pub async fn publish_draft(conn: &mut PgConnection, act: &Act, id: DraftId, revision: i32, seen: Option<i32>) -> Result<(RulesetId, i32)> {
    act.require(Permission::ManageRouting)?;
    let draft = match lock_draft(conn, id, revision).await {
        Ok(draft) => draft,
        // It may have been published just now, by this very request as it was sent before.
        Err(error) => return published_as(conn, id, revision).await?.ok_or(error),
    };
    let newest = sqlx::query_scalar!("select max(version) from rulesets where ruleset_id = $1", draft.ruleset.0).fetch_one(&mut *conn).await?;
    if let Some(newest) = newest.filter(|newest| Some(*newest) > seen.max(draft.based_on)) {
        let message =
            format!("Version {newest} was published since this draft was begun, and what it changed is not in the draft. Look at it first.");
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    let version = publish_ruleset(conn, act, draft.ruleset, &draft.name, &draft.rules, &draft.written_by).await?;
    sqlx::query!("delete from ruleset_drafts where draft_id = $1", id.0).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into published_drafts (draft_id, revision, ruleset_id, version) values ($1, $2, $3, $4)",
        id.0,
        revision,
        draft.ruleset.0,
        version
    )
    .execute(&mut *conn)
    .await?;
    // What was found out about these very rules is known of the version.
    sqlx::query!(
        "update simulations set version = $2 where draft_id = $1 and version is null and rules = $3",
        id.0,
        version,
        Json(&draft.rules) as _
    )
    .execute(conn)
    .await?;
    Ok((draft.ruleset, version))
}

/// The version that a draft became as somebody has seen it.
async fn published_as(conn: &mut PgConnection, id: DraftId, revision: i32) -> Result<Option<(RulesetId, i32)>> {
    let version = sqlx::query!(
        r#"select ruleset_id as "ruleset: RulesetId", version from published_drafts where draft_id = $1 and revision = $2"#,
        id.0,
        revision
    );
    Ok(version.fetch_optional(conn).await?.map(|v| (v.ruleset, v.version)))
}

/// A draft with all that is wrong with it.
pub async fn read_draft(conn: &mut PgConnection, act: &Act, id: DraftId) -> Result<DraftView> {
    act.require(Permission::ReadRouting)?;
    let row = sqlx::query!(
        r#"select d.ruleset_id as "ruleset: RulesetId", d.name, d.rules as "rules: Json<Rules>", d.based_on, d.revision, d.changed_at,
            u.name as "changed_by?", (select max(version) from rulesets r where r.ruleset_id = d.ruleset_id) as newest
        from ruleset_drafts d
        left join users u on u.user_id = d.changed_by
        where d.draft_id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(gone)?;
    let problems = problems_of(&row.rules.0);
    Ok(DraftView {
        id,
        ruleset: row.ruleset,
        name: row.name,
        rules: row.rules.0,
        based_on: row.based_on,
        newest: row.newest,
        revision: row.revision,
        changed_at: row.changed_at,
        changed_by: row.changed_by,
        problems,
    })
}

/// All that is wrong with rules, each with its place.
pub fn problems_of(rules: &Rules) -> Vec<Problem> {
    let found = Ruleset::of(RulesetId(uuid::Uuid::nil()), 0, "", rules).err().unwrap_or_default();
    found.into_iter().map(|p| Problem { at: p.at, message: p.message }).collect()
}

struct Draft {
    ruleset: RulesetId,
    name: String,
    rules: Rules,
    based_on: Option<i32>,
    written_by: Vec<UserId>,
}

/// A draft as somebody has seen it, locked.
async fn lock_draft(conn: &mut PgConnection, id: DraftId, revision: i32) -> Result<Draft> {
    let row = sqlx::query!(
        r#"select ruleset_id as "ruleset: RulesetId", name, rules as "rules: Json<Rules>", based_on, revision, written_by as "written_by: Vec<UserId>"
        from ruleset_drafts
        where draft_id = $1
        for update"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(gone)?;
    if row.revision != revision {
        return Err(changed_meanwhile().into());
    }
    Ok(Draft { ruleset: row.ruleset, name: row.name, rules: row.rules.0, based_on: row.based_on, written_by: row.written_by })
}

fn changed_meanwhile() -> Refusal {
    Refusal::new(RefusalCode::Conflict, "Somebody else has changed this draft meanwhile. Open it again, then go on.")
}

fn gone() -> Refusal {
    Refusal::not_found("such draft: it was published or thrown away")
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 {
        return Err(Refusal::field("/name", "Give the ruleset a name of at most 80 characters.").into());
    }
    Ok(name.to_owned())
}
