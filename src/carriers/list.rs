//! Reading what is set about delivery.

use super::views::{SettingRow, SettingView};
use super::{Delivery, Setting, SettingKind};
use crate::events;
use crate::identity::{Act, Permission};
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A setting's page tells of so many changes.
const TOLD: i64 = 30;

/// All that is in force at a moment.
pub async fn delivery_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<Delivery> {
    let rows = sqlx::query!(
        r#"select code, content as "content: Json<Setting>" from delivery_settings where valid @> $1::timestamptz order by kind, code"#,
        at
    )
    .fetch_all(conn)
    .await?;
    Ok(Delivery::of(rows.into_iter().map(|r| (r.code, r.content.0))))
}

/// Every setting that is in force or still to come, each once.
pub async fn list_settings(conn: &mut PgConnection, act: &Act) -> Result<Vec<SettingRow>> {
    act.require(Permission::ManageNetwork)?;
    let rows = sqlx::query!(
        r#"select distinct on (kind, code) kind as "kind: SettingKind", code, content as "content: Json<Setting>", lower(valid) as "since!", upper(valid) as ends
        from delivery_settings
        where upper(valid) is null or upper(valid) > $1
        order by kind, code, lower(valid)"#,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let mut rows: Vec<((SettingKind, i32), SettingRow)> = rows
        .into_iter()
        .map(|r| {
            // Ways of delivery stand as customers see them.
            let position = if let Setting::Method(method) = &r.content.0 { method.position } else { 0 };
            let (name, summary) = (r.content.0.name().to_owned(), summary(&r.content.0));
            ((r.kind, position), SettingRow { kind: r.kind, code: r.code, name, summary, since: r.since, changes_at: r.ends })
        })
        .collect();
    rows.sort_by(|a, b| (a.0, &a.1.name, &a.1.code).cmp(&(b.0, &b.1.name, &b.1.code)));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// What matters of a setting, in a line.
fn summary(setting: &Setting) -> String {
    let count = |n: usize, one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
    match setting {
        Setting::ZoneMap(map) => format!("{}, {}", count(map.zones().len(), "zone", "zones"), count(map.places.len(), "place", "places")),
        Setting::RateCard(card) => format!("{}, {}", card.currency, count(card.rows.len(), "price", "prices")),
        Setting::Service(service) => {
            let (least, most) = service.transit.iter().fold((i32::MAX, 0), |(least, most), t| (least.min(t.days), most.max(t.days)));
            let days = if least >= most { count(usize::try_from(most).unwrap_or(0), "day", "days") } else { format!("{least} to {most} days") };
            format!("{}, {days}", service.carrier)
        }
        Setting::Method(method) => method.services.join(", "),
        Setting::Slots(plan) => format!("{}, {}", plan.serves.label().to_lowercase(), count(plan.windows.len(), "window", "windows")),
        Setting::Holidays(holidays) => count(holidays.days.len(), "day", "days"),
    }
}

/// One setting as it is, or, where it is still to come, as it will be first.
pub async fn read_setting(conn: &mut PgConnection, act: &Act, kind: SettingKind, code: &str) -> Result<SettingView> {
    act.require(Permission::ManageNetwork)?;
    let versions = versions(conn, kind, code).await?;
    let live = |v: &&Version| v.until.is_none_or(|until| until > act.now);
    let mut ahead = versions.iter().filter(live);
    let current = ahead.next().ok_or_else(|| Refusal::not_found(format_args!("{} {code}", kind.label().to_lowercase())))?;
    let mut before = Some(&current.content);
    let mut planned = Vec::new();
    let mut ends = current.until;
    for next in ahead {
        let said = Setting::changes(before, Some(&next.content)).into_iter().map(|c| format!("{}: {}", c.field, c.after));
        planned.push((next.since, said.collect::<Vec<_>>().join("; ")));
        (before, ends) = (Some(&next.content), next.until);
    }
    if let Some(ends) = ends {
        planned.push((ends, "It ends.".to_owned()));
    }
    let history = events::tell(conn, current.id, TOLD).await?;
    Ok(SettingView {
        code: code.to_owned(),
        facts: current.content.facts(),
        setting: current.content.clone(),
        since: current.since,
        can_undo: versions.len() > 1 || ends.is_some(),
        planned,
        history,
    })
}

/// What was, is or will be in force of one setting.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub id: uuid::Uuid,
    pub since: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub content: Setting,
}

/// All versions of a setting, the earliest first.
pub(super) async fn versions(conn: &mut PgConnection, kind: SettingKind, code: &str) -> Result<Vec<Version>> {
    let rows = sqlx::query!(
        r#"select setting_id, lower(valid) as "since!", upper(valid) as until, content as "content: Json<Setting>"
        from delivery_settings
        where kind = $1 and code = $2
        order by lower(valid)"#,
        kind.as_str(),
        code
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| Version { id: r.setting_id, since: r.since, until: r.until, content: r.content.0 }).collect())
}
