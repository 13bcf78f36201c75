//! Setting something about delivery from a moment on, looking at a change before it is made, and taking it back.

use super::check::{check, check_code, missed_by};
use super::list::{Version, delivery_at, versions};
use super::{Delivery, Setting, SettingKind};
use crate::clock::moment_words;
use crate::events::{self, ChangePreview, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::new_uuid;
use crate::planning_state::touch_network;
use crate::refusal::{Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

/// What saving would change, without doing it. `from` is when it begins; left out, now.
pub async fn preview_setting(conn: &mut PgConnection, act: &Act, code: &str, after: &Setting, from: Option<DateTime<Utc>>) -> Result<ChangePreview> {
    act.require(Permission::ManageNetwork)?;
    let from = act.begin("/from", from)?;
    let others = check_all(conn, code, after, from).await?;
    let known = versions(conn, after.kind(), code).await?;
    let before = at(&known, from);
    let mut consequences = vec!["Orders that were placed before keep the date and the price that they were promised.".to_owned()];
    if let Some(next) = known.iter().map(|v| v.since).find(|since| *since > from) {
        consequences.push(format!("Another change is planned from {} on: then everything is as that one says.", moment_words(next)));
    }
    if let Some(user) = missed_by(after.kind(), code, &others) {
        consequences.push(format!("It is used by the {user}."));
    }
    Ok(ChangePreview { from, changes: Setting::changes(before.map(|v| &v.content), Some(after)), consequences })
}

/// Sets something from a moment on, until another change that is planned. A code that is not known is a new setting. `read` is when the version
/// began that the change was made on, where its maker knows: somebody else's change since then is not overwritten.
pub async fn save_setting(
    conn: &mut PgConnection,
    act: &Act,
    code: &str,
    after: &Setting,
    from: Option<DateTime<Utc>>,
    read: Option<DateTime<Utc>>,
) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    let from = act.begin("/from", from)?;
    // Settings name each other: one is changed at a time.
    touch_network(conn).await?;
    check_all(conn, code, after, from).await?;
    let known = versions(conn, after.kind(), code).await?;
    if read.is_some_and(|read| at(&known, act.now).is_some_and(|now| now.since > read)) {
        let words = "Somebody else has changed this meanwhile. Look at it again, then make your change.";
        return Err(Refusal::new(RefusalCode::Conflict, words).into());
    }
    let before = at(&known, from);
    let changes = Setting::changes(before.map(|v| &v.content), Some(after));
    if before.is_some() && changes.is_empty() {
        return Err(Refusal::new(RefusalCode::Invalid, "Nothing is different. Change something first.").into());
    }
    let until = known.iter().map(|v| v.since).find(|since| *since > from);
    let id = known.first().map_or_else(|| new_uuid(act.now), |v| v.id);
    cut_at(conn, after.kind(), code, from).await?;
    insert(conn, id, code, after, from, until).await?;
    let details = EventDetails { location: Some(after.name().to_owned()), reason: act.planned(from), changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id, vec![NewEvent { kind: EventKind::DeliverySet, details }]).await
}

/// Ends a setting from a moment on. Refused while another needs it.
pub async fn end_setting(conn: &mut PgConnection, act: &Act, kind: SettingKind, code: &str, from: Option<DateTime<Utc>>) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    let from = act.begin("/from", from)?;
    touch_network(conn).await?;
    let known = versions(conn, kind, code).await?;
    let Some(before) = at(&known, from).cloned() else { return Err(not_found(kind, code).into()) };
    if let Some(user) = missed_by(kind, code, &delivery_at(conn, from).await?) {
        let words = format!("The {user} needs it. Change that first.");
        return Err(Refusal::new(RefusalCode::Conflict, words).into());
    }
    cut_at(conn, kind, code, from).await?;
    sqlx::query!("delete from delivery_settings where kind = $1 and code = $2 and lower(valid) > $3", kind.as_str(), code, from)
        .execute(&mut *conn)
        .await?;
    record(conn, act, &before, from, Setting::changes(Some(&before.content), None), EventKind::DeliveryEnded).await
}

/// Takes the last change back: one that is still to come never happens; else what was before it comes again from now on.
pub async fn undo_setting(conn: &mut PgConnection, act: &Act, kind: SettingKind, code: &str) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    touch_network(conn).await?;
    let known = versions(conn, kind, code).await?;
    let Some((last, earlier)) = known.split_last() else { return Err(not_found(kind, code).into()) };
    let (gone, back) = match (last.until, earlier.last()) {
        // It was ended, or will be: it goes on.
        (Some(end), _) if end > act.now => {
            reopen(conn, kind, code, end).await?;
            (None, last)
        }
        (Some(_), _) => {
            insert(conn, last.id, code, &last.content, act.now, None).await?;
            (None, last)
        }
        (None, Some(before)) => {
            if last.since > act.now {
                sqlx::query!("delete from delivery_settings where kind = $1 and code = $2 and lower(valid) = $3", kind.as_str(), code, last.since)
                    .execute(&mut *conn)
                    .await?;
                if before.until == Some(last.since) {
                    reopen(conn, kind, code, last.since).await?;
                }
            } else {
                cut_at(conn, kind, code, act.now).await?;
                insert(conn, last.id, code, &before.content, act.now, None).await?;
            }
            (Some(&last.content), before)
        }
        (None, None) => return Err(Refusal::new(RefusalCode::IllegalTransition, "There is no change to undo: it is as it was made.").into()),
    };
    check_all(conn, code, &back.content, act.now).await?;
    record(conn, act, last, act.now, Setting::changes(gone, Some(&back.content)), EventKind::DeliveryChangeUndone).await
}

fn not_found(kind: SettingKind, code: &str) -> Refusal {
    Refusal::not_found(format_args!("{} {code}", kind.label().to_lowercase()))
}

/// The version in force at a moment.
fn at(known: &[Version], moment: DateTime<Utc>) -> Option<&Version> {
    known.iter().find(|v| v.since <= moment && v.until.is_none_or(|until| moment < until))
}

/// Refuses what is wrong with a setting; answers with what is in force beside it.
async fn check_all(conn: &mut PgConnection, code: &str, setting: &Setting, from: DateTime<Utc>) -> Result<Delivery> {
    check_code(setting.kind(), code)?;
    let others = delivery_at(conn, from).await?;
    let channels = sqlx::query_scalar!("select channel from channels").fetch_all(&mut *conn).await?;
    let locations = sqlx::query_scalar!("select code from locations").fetch_all(&mut *conn).await?;
    check(code, setting, &others, &channels, &locations)?;
    Ok(others)
}

/// Ends what is in force at a moment just then; what would have begun at that very moment never does.
async fn cut_at(conn: &mut PgConnection, kind: SettingKind, code: &str, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from delivery_settings where kind = $1 and code = $2 and lower(valid) = $3", kind.as_str(), code, at)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "update delivery_settings set valid = tstzrange(lower(valid), $3) where kind = $1 and code = $2 and valid @> $3::timestamptz",
        kind.as_str(),
        code,
        at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What ended at a moment goes on.
async fn reopen(conn: &mut PgConnection, kind: SettingKind, code: &str, end: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update delivery_settings set valid = tstzrange(lower(valid), null) where kind = $1 and code = $2 and upper(valid) = $3",
        kind.as_str(),
        code,
        end
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert(
    conn: &mut PgConnection,
    id: uuid::Uuid,
    code: &str,
    setting: &Setting,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "insert into delivery_settings (setting_id, kind, code, valid, content) values ($1, $2, $3, tstzrange($4, $5), $6)",
        id,
        setting.kind().as_str(),
        code,
        from,
        until,
        Json(setting) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn record(conn: &mut PgConnection, act: &Act, of: &Version, from: DateTime<Utc>, changes: Vec<events::Change>, kind: EventKind) -> Result<()> {
    let details = EventDetails { location: Some(of.content.name().to_owned()), reason: act.planned(from), changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, of.id, vec![NewEvent { kind, details }]).await
}
