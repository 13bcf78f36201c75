//! Whether a SKU may be sent from a location, and collected there.

use crate::catalog;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::inventory::{location_by_code, touch_network};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Sets from now on whether a SKU may be sent from a location, and collected there. What is there already for orders stays.
pub async fn set_allowed(conn: &mut PgConnection, act: &Act, sku: &str, location: &str, ship: bool, pickup: bool) -> Result<()> {
    act.require(Permission::ManageStockRules)?;
    let code = sku.trim().to_owned();
    let id = *catalog::skus_by_codes(conn, std::slice::from_ref(&code))
        .await?
        .get(&code)
        .ok_or_else(|| Refusal::field("/sku", format!("There is no SKU “{code}”. Check the code.")))?;
    catalog::require_shelved(conn, id, act.now).await?;
    let place = location_by_code(conn, location).await?;
    let before = sqlx::query!(
        "update allow_flags set valid = tstzrange(lower(valid), $3) where sku_id = $1 and location_id = $2 and valid @> $3::timestamptz
        returning ship, pickup",
        id.0,
        place.0,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .map_or((true, true), |r| (r.ship, r.pickup));
    if !(ship && pickup) {
        sqlx::query!(
            "insert into allow_flags (valid, sku_id, location_id, ship, pickup) values (tstzrange($1, null), $2, $3, $4, $5)",
            act.now,
            id.0,
            place.0,
            ship,
            pickup
        )
        .execute(&mut *conn)
        .await?;
    }
    if before == (ship, pickup) {
        return Ok(());
    }
    touch_network(conn).await?;
    let words = |(ship, pickup)| match (ship, pickup) {
        (true, true) => "sent and collected",
        (true, false) => "sent only",
        (false, true) => "collected only",
        (false, false) => "neither",
    };
    let change = Change { field: code, before: words(before).to_owned(), after: words((ship, pickup)).to_owned() };
    let details = EventDetails { location: Some(location.to_owned()), changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::AllowedChanged, details }]).await
}
