//! What a thing costs, channel by channel.

use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::SkuId;
use crate::money::UnitPrice;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;

/// What a SKU costs in a channel, for everybody or for a group of customers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPrice {
    pub sku: String,
    pub channel: String,
    /// Empty is everybody.
    pub customer_group: String,
    /// A decimal in the channel's currency, such as `12.50`; empty takes it off sale there.
    pub price: String,
}

/// Sets a price from now on. What was ordered before keeps its own. Nothing happens where it is so already.
pub async fn set_price(conn: &mut PgConnection, act: &Act, new: &NewPrice) -> Result<()> {
    act.require(Permission::ManageCatalog)?;
    let group = Some(new.customer_group.trim()).filter(|g| !g.is_empty());
    let found = sqlx::query!(
        r#"select (select sku_id from skus where code = $1) as "sku: SkuId", (select currency from channels where channel = $2) as currency,
            $3::text is null or exists (select from customer_groups where customer_group = $3) as "group!""#,
        new.sku.trim(),
        new.channel.trim(),
        group
    )
    .fetch_one(&mut *conn)
    .await?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    if found.sku.is_none() {
        wrong("/sku", format!("There is no SKU “{}”. Check the code.", new.sku));
    }
    if found.currency.is_none() {
        wrong("/channel", format!("There is no channel “{}”. Choose one that there is.", new.channel));
    }
    if !found.group {
        wrong("/customer_group", format!("There is no customer group “{}”. Leave it empty for everybody.", new.customer_group));
    }
    let price = match new.price.trim() {
        "" => None,
        text => match text.parse::<UnitPrice>() {
            Ok(price) => Some(price),
            Err(error) => {
                wrong("/price", format!("“{text}” is not a price: {error}."));
                None
            }
        },
    };
    let (Some(sku), Some(currency), true) = (found.sku, found.currency, problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    let before = sqlx::query_scalar!(
        "select unit_price_micros from prices
        where sku_id = $1 and channel = $2 and currency = $3 and customer_group is not distinct from $4 and valid @> $5::timestamptz
        for update",
        sku.0,
        new.channel.trim(),
        currency,
        group,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?;
    if before == price.map(UnitPrice::micros) {
        return Ok(());
    }
    sqlx::query!(
        "update prices set valid = tstzrange(lower(valid), $5)
        where sku_id = $1 and channel = $2 and currency = $3 and customer_group is not distinct from $4 and valid @> $5::timestamptz",
        sku.0,
        new.channel.trim(),
        currency,
        group,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    if let Some(price) = price {
        sqlx::query!(
            "insert into prices (sku_id, channel, currency, customer_group, unit_price_micros, valid) values ($1, $2, $3, $4, $5, tstzrange($6, null))",
            sku.0,
            new.channel.trim(),
            currency,
            group,
            price.micros(),
            act.now
        )
        .execute(&mut *conn)
        .await?;
    }
    let words = |micros: Option<i64>| micros.and_then(|m| UnitPrice::from_micros(m).ok()).map_or_else(|| "not on sale".to_owned(), |p| p.to_string());
    let field = format!("{}, {}{}", new.sku.trim(), new.channel.trim(), group.map(|g| format!(", {g}")).unwrap_or_default());
    let change = Change { field, before: words(before), after: words(price.map(UnitPrice::micros)) };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Product, sku.0, vec![NewEvent { kind: EventKind::PriceSet, details }]).await
}
