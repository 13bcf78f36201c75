//! How a channel sells: how long it keeps baskets, and what it takes for wrapping a gift.

use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::LegalEntityId;
use crate::inventory::touch_network;
use crate::money::UnitPrice;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;

/// Sets for how many minutes a channel keeps what is in a basket, zero being not at all, and what wrapping a unit as a gift costs, a decimal in its
/// currency, empty where it is not offered. Baskets that are kept already keep their time, and orders their prices.
pub async fn set_channel(conn: &mut PgConnection, act: &Act, channel: &str, hold_minutes: i32, gift_wrap: &str) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    if !(0..=24 * 60).contains(&hold_minutes) {
        wrong("/hold_minutes", "Keep baskets for 0 to 1,440 minutes.".to_owned());
    }
    let price = match gift_wrap.trim() {
        "" => None,
        text => match text.parse::<UnitPrice>() {
            Ok(price) => Some(price),
            Err(error) => {
                wrong("/gift_wrap_price", format!("“{text}” is not a price: {error}."));
                None
            }
        },
    };
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let before = sqlx::query!(
        r#"select legal_entity_id as "company: LegalEntityId", hold_seconds, gift_wrap_micros from channels where channel = $1 for update"#,
        channel
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::field("/channel", format!("There is no channel “{channel}”.")))?;
    sqlx::query!(
        "update channels set hold_seconds = $2, gift_wrap_micros = $3 where channel = $1",
        channel,
        hold_minutes * 60,
        price.map(UnitPrice::micros)
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let words = |minutes: i32, price: Option<UnitPrice>| {
        let price = price.map_or_else(|| "no gift wrap".to_owned(), |p| format!("gift wrap at {p}"));
        format!("baskets kept for {minutes} minutes, {price}")
    };
    let earlier = before.gift_wrap_micros.and_then(|micros| UnitPrice::from_micros(micros).ok());
    let change = Change { field: channel.to_owned(), before: words(before.hold_seconds / 60, earlier), after: words(hold_minutes, price) };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, before.company.0, vec![NewEvent { kind: EventKind::ChannelSet, details }]).await
}
