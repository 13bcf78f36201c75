//! How a channel sells: how long it keeps baskets, what it takes for wrapping a gift, and how long its orders wait before they are worked on.

use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::LegalEntityId;
use crate::inventory::touch_network;
use crate::money::UnitPrice;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;

/// What can be set of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSettings {
    /// For so many minutes it keeps what is in a basket, 0 to 1,440; zero is not at all.
    pub hold_minutes: i32,
    /// What wrapping a unit as a gift costs, a decimal in its currency; empty where it is not offered.
    pub gift_wrap: String,
    /// So many minutes an order waits after it was placed before it becomes a location's work, 0 to 10,080.
    pub release_delay_minutes: i32,
}

/// Sets how a channel sells. Baskets that are kept already keep their time, and orders their prices and their time to wait.
pub async fn set_channel(conn: &mut PgConnection, act: &Act, channel: &str, new: &ChannelSettings) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    if !(0..=24 * 60).contains(&new.hold_minutes) {
        wrong("/hold_minutes", "Keep baskets for 0 to 1,440 minutes.".to_owned());
    }
    let price = match new.gift_wrap.trim() {
        "" => None,
        text => match text.parse::<UnitPrice>() {
            Ok(price) => Some(price),
            Err(error) => {
                wrong("/gift_wrap_price", format!("“{text}” is not a price: {error}."));
                None
            }
        },
    };
    if !(0..=7 * 24 * 60).contains(&new.release_delay_minutes) {
        wrong("/release_delay_minutes", "Orders wait for 0 minutes to a week, which is 10,080.".to_owned());
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let before = sqlx::query!(
        r#"select legal_entity_id as "company: LegalEntityId", hold_seconds, gift_wrap_micros, release_delay_minutes
        from channels where channel = $1 for update"#,
        channel
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::field("/channel", format!("There is no channel “{channel}”.")))?;
    sqlx::query!(
        "update channels set hold_seconds = $2, gift_wrap_micros = $3, release_delay_minutes = $4 where channel = $1",
        channel,
        new.hold_minutes * 60,
        price.map(UnitPrice::micros),
        new.release_delay_minutes
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let words = |minutes: i32, price: Option<UnitPrice>, delay: i32| {
        let price = price.map_or_else(|| "no gift wrap".to_owned(), |p| format!("gift wrap at {p}"));
        format!("baskets kept for {minutes} minutes, {price}, orders released after {delay} minutes")
    };
    let earlier = before.gift_wrap_micros.and_then(|micros| UnitPrice::from_micros(micros).ok());
    let change = Change {
        field: channel.to_owned(),
        before: words(before.hold_seconds / 60, earlier, before.release_delay_minutes),
        after: words(new.hold_minutes, price, new.release_delay_minutes),
    };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, before.company.0, vec![NewEvent { kind: EventKind::ChannelSet, details }]).await
}
