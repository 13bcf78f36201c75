//! Reading stock rules.

use super::views::{AllowedRow, ChannelRow, GroupRow, RuleChoices, RuleRow};
use super::{Quantity, RuleKind, StockRule, StockRules};
use crate::customers::list_customer_groups;
use crate::identity::{Act, Permission};
use crate::ids::{LocationGroupId, LocationId, SkuId, StockRuleId};
use crate::money::UnitPrice;
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

const fn quantity(units: Option<i32>, days_of_cover: Option<i32>) -> Quantity {
    match (units, days_of_cover) {
        (_, Some(days)) => Quantity::DaysOfCover(days),
        (units, None) => Quantity::Units(match units {
            Some(units) => units,
            None => 0,
        }),
    }
}

/// The rules that count at a moment, as planning wants them.
pub async fn rules_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<StockRules> {
    let rows = sqlx::query_file!("src/inventory/rules/sql/rules_at.sql", at).fetch_all(&mut *conn).await?;
    let mut rules = StockRules::default();
    let mut of_categories: Vec<(String, StockRule)> = Vec::new();
    for r in rows {
        let rule = StockRule {
            id: r.id,
            kind: r.kind,
            locations: r.locations.map(|places| places.into_iter().map(LocationId).collect()),
            channel: r.channel,
            group: r.customer_group,
            quantity: quantity(r.units, r.days_of_cover),
        };
        match (r.sku, r.category) {
            (Some(sku), _) => rules.of_sku.entry(sku).or_default().push(rule),
            (None, Some(category)) => of_categories.push((category, rule)),
            (None, None) => rules.general.push(rule),
        }
    }
    if !of_categories.is_empty() {
        let categories: Vec<String> = of_categories.iter().map(|(category, _)| category.clone()).collect();
        let members = sqlx::query!(
            r#"select s.sku_id as "sku: SkuId", p.category from products p join skus s using (product_id) where p.category = any ($1)"#,
            &categories
        )
        .fetch_all(conn)
        .await?;
        for member in members {
            let own = of_categories.iter().filter(|(category, _)| *category == member.category).map(|(_, rule)| rule.clone());
            rules.of_sku.entry(member.sku).or_default().extend(own);
        }
    }
    Ok(rules)
}

/// Every rule as it is, those for everything first.
pub async fn list_rules(conn: &mut PgConnection, act: &Act) -> Result<Vec<RuleRow>> {
    act.require(Permission::ReadStock)?;
    let rows = sqlx::query_file!("src/inventory/rules/sql/list_rules.sql", act.now).fetch_all(conn).await?;
    let rows = rows
        .into_iter()
        .map(|r| RuleRow {
            id: r.id,
            kind: r.kind,
            sku: r.sku,
            category: r.category,
            location: r.location,
            location_group: r.location_group,
            channel: r.channel,
            customer_group: r.customer_group,
            from: r.from,
            until: r.until,
            quantity: quantity(r.units, r.days_of_cover),
            since: r.since,
        })
        .collect();
    Ok(rows)
}

/// Groups of locations, by name, with who is in them and who will be.
pub async fn list_location_groups(conn: &mut PgConnection, act: &Act) -> Result<Vec<GroupRow>> {
    act.require(Permission::ReadStock)?;
    let rows = sqlx::query!(
        r#"select g.location_group_id as "id: LocationGroupId", g.name, c.at as "at?",
            array(
                select l.code
                from location_group_members m
                join locations l using (location_id)
                where m.location_group_id = g.location_group_id and m.valid @> $1::timestamptz
                order by l.code
            ) as "locations!",
            array(
                select l.code
                from location_group_members m
                join locations l using (location_id)
                where m.location_group_id = g.location_group_id and m.valid @> c.at
                order by l.code
            ) as "then!"
        from location_groups g
        left join lateral (
            select greatest(max(lower(valid)), max(upper(valid))) as at
            from location_group_members m
            where m.location_group_id = g.location_group_id
        ) c on c.at > $1
        order by g.name"#,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| GroupRow { id: r.id, name: r.name, locations: r.locations, then: r.at.map(|at| (at, r.then)) }).collect())
}

/// Channels, by name.
pub async fn list_channels(conn: &mut PgConnection, act: &Act) -> Result<Vec<ChannelRow>> {
    act.require(Permission::ReadCatalog)?;
    let rows = sqlx::query!("select channel, name, hold_seconds, release_delay_minutes, gift_wrap_micros from channels order by name")
        .fetch_all(conn)
        .await?;
    let price = |micros: i64| UnitPrice::from_micros(micros).ok().map(|price| price.to_string());
    Ok(rows
        .into_iter()
        .map(|r| ChannelRow {
            channel: r.channel,
            name: r.name,
            hold_seconds: r.hold_seconds,
            release_delay_minutes: r.release_delay_minutes,
            gift_wrap: r.gift_wrap_micros.and_then(price),
        })
        .collect())
}

/// What a rule can be for.
pub async fn rule_choices(conn: &mut PgConnection, act: &Act) -> Result<RuleChoices> {
    act.require(Permission::ManageStockRules)?;
    Ok(RuleChoices {
        categories: crate::catalog::categories(conn, act).await?,
        locations: crate::inventory::list_locations(conn, act).await?.into_iter().map(|l| (l.code, l.name)).collect(),
        location_groups: list_location_groups(conn, act).await?,
        channels: list_channels(conn, act).await?,
        customer_groups: list_customer_groups(conn, act).await?,
    })
}

/// Where a SKU may be sent from and collected at, location by location.
pub async fn allowed_of_sku(conn: &mut PgConnection, act: &Act, sku: &str) -> Result<Vec<AllowedRow>> {
    act.require(Permission::ReadStock)?;
    let rows = sqlx::query_as!(
        AllowedRow,
        r#"select l.location_id as "location_id: LocationId", l.code, v.name as location, coalesce(f.ship, true) as "ship!",
            coalesce(f.pickup, true) as "pickup!"
        from locations l
        join location_versions v on v.location_id = l.location_id and v.valid @> $2::timestamptz
        left join allow_flags f on f.location_id = l.location_id and f.valid @> $2::timestamptz
            and f.sku_id = (select sku_id from skus where code = $1)
        order by v.name"#,
        sku,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// One rule as it is now.
pub(super) async fn find_rule(conn: &mut PgConnection, act: &Act, id: StockRuleId) -> Result<Option<RuleRow>> {
    Ok(list_rules(conn, act).await?.into_iter().find(|rule| rule.id == id))
}
