//! Writing a rule down, changing it, and ending it. Nothing is overwritten: what counted before can be read again.

use super::list::find_rule;
use super::{NewRule, RuleKind};
use crate::catalog;
use crate::clock::day_begins;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationGroupId, LocationId, SkuId, StockRuleId};
use crate::inventory::{COMPANY_TIME, MOST_UNITS, touch_network};
use crate::refusal::{FieldProblem, Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::postgres::types::PgRange;
use std::ops::Bound;

/// What a rule says once everything in it is known.
#[derive(Debug)]
struct Known {
    kind: RuleKind,
    sku: Option<SkuId>,
    location: Option<LocationId>,
    group: Option<LocationGroupId>,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// Writes a rule down, or changes the one with this id, from now on.
pub async fn put_rule(conn: &mut PgConnection, act: &Act, id: StockRuleId, new: &NewRule) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    let known = check(conn, new).await?;
    if let Some(sku) = known.sku {
        catalog::require_shelved(conn, sku, act.now).await?;
    }
    let before = find_rule(conn, act, id).await?;
    if before.is_some() {
        end_version(conn, act, id).await?;
    }
    let some = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let bound = |at: Option<DateTime<Utc>>, of: fn(DateTime<Utc>) -> Bound<DateTime<Utc>>| at.map_or(Bound::Unbounded, of);
    let during = PgRange { start: bound(known.from, Bound::Included), end: bound(known.until, Bound::Excluded) };
    sqlx::query!(
        "insert into stock_rules
            (stock_rule_id, valid, kind, sku_id, category, location_id, location_group_id, channel, customer_group, during, units, days_of_cover)
        values ($1, tstzrange($2, null), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id.0,
        act.now,
        known.kind.as_str(),
        known.sku.map(|s| s.0),
        some(&new.category),
        known.location.map(|l| l.0),
        known.group.map(|g| g.0),
        some(&new.channel),
        some(&new.customer_group),
        during,
        new.units,
        new.days_of_cover
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let after = find_rule(conn, act, id).await?;
    tell(conn, act, id, before.map(|r| r.sentence()), after.map(|r| r.sentence())).await
}

/// Ends a rule now.
pub async fn end_rule(conn: &mut PgConnection, act: &Act, id: StockRuleId) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    let before = find_rule(conn, act, id).await?.ok_or_else(|| Refusal::not_found("such rule any more"))?;
    end_version(conn, act, id).await?;
    touch_network(conn).await?;
    tell(conn, act, id, Some(before.sentence()), None).await
}

async fn end_version(conn: &mut PgConnection, act: &Act, id: StockRuleId) -> Result<()> {
    sqlx::query!("update stock_rules set valid = tstzrange(lower(valid), $2) where stock_rule_id = $1 and valid @> $2::timestamptz", id.0, act.now)
        .execute(conn)
        .await?;
    Ok(())
}

async fn tell(conn: &mut PgConnection, act: &Act, id: StockRuleId, before: Option<String>, after: Option<String>) -> Result<()> {
    let kind = if after.is_some() { EventKind::StockRuleSet } else { EventKind::StockRuleEnded };
    let change = Change { field: "Stock rule".to_owned(), before: before.unwrap_or_default(), after: after.unwrap_or_default() };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind, details }]).await
}

/// Everything wrong with a rule, or what it names.
async fn check(conn: &mut PgConnection, new: &NewRule) -> Result<Known> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    let kind = match new.kind.parse::<RuleKind>() {
        Ok(kind) => Some(kind),
        Err(error) => {
            wrong("/kind", error.to_string());
            None
        }
    };
    let given = |text: &String| !text.trim().is_empty();
    let mut sku = None;
    if given(&new.sku) {
        let code = new.sku.trim().to_owned();
        sku = catalog::skus_by_codes(conn, std::slice::from_ref(&code)).await?.get(&code).copied();
        if sku.is_none() {
            wrong("/sku", format!("There is no SKU or GTIN “{code}”. Check the code, or leave it empty for all."));
        }
        if given(&new.category) {
            wrong("/category", "Name a SKU or a category, not both.".to_owned());
        }
    }
    let found = sqlx::query!(
        r#"select exists (select from products where category = $1) as "category!",
            (select location_id from locations where code = $2) as "location: LocationId",
            (select location_group_id from location_groups where name = $3) as "group: LocationGroupId",
            exists (select from channels where channel = $4) as "channel!",
            exists (select from customer_groups where customer_group = $5) as "customer_group!""#,
        new.category.trim(),
        new.location.trim(),
        new.location_group.trim(),
        new.channel.trim(),
        new.customer_group.trim()
    )
    .fetch_one(conn)
    .await?;
    let mut known = |field: &str, text: &String, is: bool, what: &str| {
        if given(text) && !is {
            wrong(field, format!("There is no {what} “{}”. Choose one that there is, or leave it empty.", text.trim()));
        }
    };
    known("/category", &new.category, found.category, "category");
    known("/location", &new.location, found.location.is_some(), "location");
    known("/location_group", &new.location_group, found.group.is_some(), "group of locations");
    known("/channel", &new.channel, found.channel, "channel");
    known("/customer_group", &new.customer_group, found.customer_group, "customer group");
    if given(&new.location) && given(&new.location_group) {
        wrong("/location_group", "Name a location or a group of them, not both.".to_owned());
    }
    match (new.units, new.days_of_cover) {
        (Some(units), None) if (0..=MOST_UNITS).contains(&units) => {}
        (Some(_), None) => wrong("/units", "Keep 0 to 1,000,000 units.".to_owned()),
        (None, Some(days)) if (1..=365).contains(&days) => {}
        (None, Some(_)) => wrong("/days_of_cover", "Cover 1 to 365 days.".to_owned()),
        (Some(_), Some(_)) => wrong("/days_of_cover", "Say units or days of cover, not both.".to_owned()),
        (None, None) => wrong("/units", "Say how many units, or for how many days.".to_owned()),
    }
    match kind {
        Some(RuleKind::RingFence | RuleKind::Cap) if !given(&new.channel) => wrong("/channel", "Choose the channel.".to_owned()),
        Some(RuleKind::Cap) if given(&new.location) || given(&new.location_group) => {
            wrong("/location", "The most that a channel is offered counts over all locations. Leave this empty.".to_owned());
        }
        Some(RuleKind::Cap) if new.days_of_cover.is_some() => wrong("/days_of_cover", "The most that is offered is said in units.".to_owned()),
        Some(RuleKind::RingFence) if given(&new.customer_group) => {
            wrong("/customer_group", "Units are kept for a channel, whoever buys in it. Leave this empty.".to_owned());
        }
        _ => {}
    }
    let mut day = |field: &str, text: &str, plus: u64| {
        day_begins(text, plus, COMPANY_TIME).unwrap_or_else(|message| {
            wrong(field, message.to_owned());
            None
        })
    };
    // The last day counts whole.
    let (from, until) = (day("/from", &new.from, 0), day("/until", &new.until, 1));
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        wrong("/until", "It ends before it begins. Choose a later day.".to_owned());
    }
    match kind {
        Some(kind) if problems.is_empty() => Ok(Known { kind, sku, location: found.location, group: found.group, from, until }),
        _ => Err(Refusal::invalid(problems).into()),
    }
}
