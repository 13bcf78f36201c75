//! Saying what may be sold before it is there.

use super::follow_receipts::follow_receipts;
use super::{LaterKind, LaterTerms, NewTerms};
use crate::catalog;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, SkuId};
use crate::inventory::{MOST_UNITS, location_by_code, make_rows, touch_network};
use crate::jobs::{self, Job};
use crate::refusal::{FieldProblem, Refusal, Result};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use sqlx::PgConnection;

/// Sets from now on how many units of a SKU a location may sell before it has them. Orders that were taken on other terms keep theirs.
pub async fn set_terms(conn: &mut PgConnection, act: &Act, sku: &str, location: &str, new: &NewTerms) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    let (sku_id, place) = find(conn, sku, location).await?;
    catalog::require_shelved(conn, sku_id, act.now).await?;
    let zone = sqlx::query_scalar!("select time_zone from location_versions where location_id = $1 and valid @> $2::timestamptz", place.0, act.now)
        .fetch_optional(&mut *conn)
        .await?
        .and_then(|zone| zone.parse().ok())
        .unwrap_or(chrono_tz::UTC);
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    let kind = new.kind.parse::<LaterKind>();
    if let Err(error) = &kind {
        wrong("/kind", error.to_string());
    }
    if !(1..=MOST_UNITS).contains(&new.most_units) {
        wrong("/most_units", "Say how many units may be sold before they are there: at least 1, at most 1,000,000.".to_owned());
    }
    let midnight = |text: &str, plus: u64| -> Option<DateTime<Utc>> {
        let day = text.trim().parse::<NaiveDate>().ok()?.checked_add_days(Days::new(plus))?;
        Some(zone.from_local_datetime(&day.and_hms_opt(0, 0, 0)?).earliest()?.with_timezone(&Utc))
    };
    let expected_at = midnight(&new.expected, 0);
    match expected_at {
        _ if new.follows_purchasing => {
            if !new.expected.trim().is_empty() {
                wrong("/expected", "It is expected when purchase orders say. Leave the day empty, or do not follow them.".to_owned());
            }
            if matches!(kind, Ok(LaterKind::Preorder)) {
                wrong("/follows_purchasing", "A pre-order has a day of its own. Say from when it is on sale.".to_owned());
            }
        }
        None => wrong("/expected", "Say on which day it is expected, such as 2026-12-01.".to_owned()),
        Some(at) if at <= act.now => wrong("/expected", "This day has begun already. Choose one to come.".to_owned()),
        Some(_) => {}
    }
    let until = midnight(&new.until, 1);
    if !new.until.trim().is_empty() && until.is_none_or(|until| until <= act.now) {
        wrong("/until", "Choose the last day for orders, today or later, or leave it empty.".to_owned());
    }
    let (Ok(kind), true) = (kind, problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    let followed = unfollow(conn, sku_id, place).await?;
    let before = end_version(conn, act, sku_id, place).await?;
    let after = match expected_at.filter(|_| !new.follows_purchasing) {
        None => {
            sqlx::query!(
                "insert into followed_receipts (sku_id, location_id, most_units, until) values ($1, $2, $3, $4)",
                sku_id.0,
                place.0,
                new.most_units,
                until
            )
            .execute(&mut *conn)
            .await?;
            limit(conn, sku_id, place, 0).await?;
            follow_receipts(conn, act, place, &[sku_id]).await?;
            format!("{}, at most {}, as purchase orders say", kind.label(), new.most_units)
        }
        Some(expected_at) => {
            let terms = LaterTerms { location: place, kind, most_units: new.most_units, expected_at, until };
            open_version(conn, act, sku_id, place, &[terms], false).await?;
            make_rows(conn, &[(sku_id, place)]).await?;
            limit(conn, sku_id, place, new.most_units).await?;
            // Whoever waits is looked at when it is on sale.
            jobs::enqueue(conn, &[(Job::RerouteWaiting { sku_id, since: expected_at }, expected_at)]).await?;
            format!("{}, at most {}, expected {}", kind.label(), new.most_units, new.expected.trim())
        }
    };
    touch_network(conn).await?;
    tell(conn, act, sku_id, sku, location, before.or(followed).unwrap_or_default(), after).await
}

/// Ends the terms of a SKU at a location now. What orders were promised stays promised.
pub async fn end_terms(conn: &mut PgConnection, act: &Act, sku: &str, location: &str) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    let (sku_id, place) = find(conn, sku, location).await?;
    let followed = unfollow(conn, sku_id, place).await?;
    let before = end_version(conn, act, sku_id, place).await?;
    let before = before.or(followed).ok_or_else(|| Refusal::not_found("such terms any more"))?;
    limit(conn, sku_id, place, 0).await?;
    touch_network(conn).await?;
    // What was kept for its day is on sale now.
    jobs::enqueue(conn, &[(Job::RerouteWaiting { sku_id, since: act.now }, act.now)]).await?;
    tell(conn, act, sku_id, sku, location, before, String::new()).await
}

async fn find(conn: &mut PgConnection, sku: &str, location: &str) -> Result<(SkuId, LocationId)> {
    let code = sku.trim().to_owned();
    let known = catalog::skus_by_codes(conn, std::slice::from_ref(&code)).await?;
    let id = known.get(&code).copied().ok_or_else(|| Refusal::field("/sku", format!("There is no SKU “{code}”. Check the code.")))?;
    Ok((id, location_by_code(conn, location).await?))
}

/// Ends the version in force; what it said, in words, where there was one.
pub(super) async fn end_version(conn: &mut PgConnection, act: &Act, sku: SkuId, location: LocationId) -> Result<Option<String>> {
    let ended = sqlx::query!(
        r#"update backorder_terms
        set valid = tstzrange(lower(valid), greatest(lower(valid), $3))
        where sku_id = $1 and location_id = $2 and upper_inf(valid)
        returning kind as "kind: LaterKind", most_units, expected_at"#,
        sku.0,
        location.0,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let last = ended.into_iter().max_by_key(|t| t.most_units);
    Ok(last.map(|t| format!("{}, at most {}, expected {}", t.kind.label(), t.most_units, t.expected_at.date_naive())))
}

/// Opens the version that is in force from now on, or from when the one before ended: whoever began later may have been faster.
pub(super) async fn open_version(
    conn: &mut PgConnection,
    act: &Act,
    sku: SkuId,
    location: LocationId,
    terms: &[LaterTerms],
    follows: bool,
) -> Result<()> {
    sqlx::query!(
        "insert into backorder_terms (sku_id, location_id, valid, kind, most_units, expected_at, until, follows, part)
        select $1, $4, tstzrange(greatest($2, before.ended_at), null), t.kind, t.most_units, t.expected_at, t.until, $3, t.part
        from unnest($5::text[], $6::integer[], $7::timestamptz[], $8::timestamptz[])
                with ordinality as t (kind, most_units, expected_at, until, part),
            (select max(upper(valid)) as ended_at from backorder_terms where sku_id = $1 and location_id = $4) before",
        sku.0,
        act.now,
        follows,
        location.0,
        &terms.iter().map(|t| t.kind.to_string()).collect::<Vec<_>>(),
        &terms.iter().map(|t| t.most_units).collect::<Vec<_>>(),
        &terms.iter().map(|t| t.expected_at).collect::<Vec<_>>(),
        &terms.iter().map(|t| t.until).collect::<Vec<_>>() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Purchase orders are not followed any more; in words what that was, where they were.
async fn unfollow(conn: &mut PgConnection, sku: SkuId, location: LocationId) -> Result<Option<String>> {
    let before = sqlx::query_scalar!("delete from followed_receipts where sku_id = $1 and location_id = $2 returning most_units", sku.0, location.0)
        .fetch_optional(conn)
        .await?;
    Ok(before.map(|most| format!("{}, at most {most}, as purchase orders say", LaterKind::Backorder.label())))
}

/// The limit on the stock row. What is owed already is never beyond it.
pub(super) async fn limit(conn: &mut PgConnection, sku: SkuId, location: LocationId, units: i32) -> Result<()> {
    sqlx::query!("update stock set backorder_limit = greatest($3, backordered) where sku_id = $1 and location_id = $2", sku.0, location.0, units)
        .execute(conn)
        .await?;
    Ok(())
}

async fn tell(conn: &mut PgConnection, act: &Act, id: SkuId, sku: &str, location: &str, before: String, after: String) -> Result<()> {
    let details = EventDetails {
        location: Some(location.to_owned()),
        changes: vec![Change { field: sku.to_owned(), before, after }],
        ..EventDetails::default()
    };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::BackorderTermsSet, details }]).await
}
