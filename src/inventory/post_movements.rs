//! Units that come or go without an order's reservation: opening stock, receipts, adjustments.

use super::MovementReason;
use super::release_stock::look_for_waiting;
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, SkuId, TransferId};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use uuid::Uuid;

/// One movement to be posted. Negative quantities leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMovement {
    pub sku: SkuId,
    pub location: LocationId,
    pub quantity: i32,
    pub reason: MovementReason,
    /// The transfer that it is a part of.
    pub transfer: Option<TransferId>,
}

/// Posts movements to the ledger and to the stock rows, locked in (SKU, location) order. Refused where less would be left than is
/// reserved. The caller has seen to it that the actor may.
pub async fn post_movements(conn: &mut PgConnection, act: &Act, movements: &[NewMovement]) -> Result<()> {
    let skus: Vec<Uuid> = movements.iter().map(|m| m.sku.0).collect();
    let locations: Vec<Uuid> = movements.iter().map(|m| m.location.0).collect();
    let quantities: Vec<i32> = movements.iter().map(|m| m.quantity).collect();
    let reasons: Vec<String> = movements.iter().map(|m| m.reason.to_string()).collect();
    sqlx::query!(
        "insert into stock_movements (sku_id, location_id, quantity, reason, transfer_id, actor_kind, actor_id, occurred_at)
        select sku_id, location_id, quantity, reason, transfer_id, $6, $7, $8
        from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::uuid[]) as m (sku_id, location_id, quantity, reason, transfer_id)",
        &skus,
        &locations,
        &quantities,
        &reasons,
        &movements.iter().map(|m| m.transfer.map(|t| t.0)).collect::<Vec<_>>() as _,
        act.actor.kind(),
        act.actor.id(),
        act.now
    )
    .execute(&mut *conn)
    .await?;
    let changes: Vec<_> = movements.iter().map(|m| (m.sku, m.location, m.quantity, 0)).collect();
    add_to_stock(conn, &changes).await?;
    look_for_waiting(conn, act, movements.iter().filter(|m| m.quantity > 0).map(|m| m.sku)).await
}

/// Adds to (on hand, reserved) of stock rows, which are made where they are missing and locked in (SKU, location) order. The ledgers are the
/// caller's to write. Refused where less would be left than is reserved.
pub(crate) async fn add_to_stock(conn: &mut PgConnection, changes: &[(SkuId, LocationId, i32, i32)]) -> Result<()> {
    // Made empty first: the checks of an insert are asked before its conflict, and a change may be negative.
    make_rows(conn, &changes.iter().map(|c| (c.0, c.1)).collect::<Vec<_>>()).await?;
    let skus: Vec<Uuid> = changes.iter().map(|c| c.0.0).collect();
    let locations: Vec<Uuid> = changes.iter().map(|c| c.1.0).collect();
    let on_hand: Vec<i32> = changes.iter().map(|c| c.2).collect();
    let reserved: Vec<i32> = changes.iter().map(|c| c.3).collect();
    sqlx::query_file!("src/inventory/sql/add_to_stock.sql", &skus, &locations, &on_hand, &reserved).execute(conn).await.map_err(
        |error| match &error {
            sqlx::Error::Database(e) if e.constraint() == Some("stock_no_oversell") => {
                Refusal::new(RefusalCode::OutOfStock, "Fewer units would be left than are reserved for orders. Take off fewer.").into()
            }
            _ => crate::refusal::Error::from(error),
        },
    )?;
    Ok(())
}

/// Makes the stock rows that are missing, empty.
pub(super) async fn make_rows(conn: &mut PgConnection, places: &[(SkuId, LocationId)]) -> Result<()> {
    let (skus, locations): (Vec<Uuid>, Vec<Uuid>) = places.iter().map(|(sku, location)| (sku.0, location.0)).unzip();
    sqlx::query!(
        "insert into stock (sku_id, location_id)
        select distinct * from unnest($1::uuid[], $2::uuid[]) as c (sku_id, location_id) order by 1, 2
        on conflict do nothing",
        &skus,
        &locations
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// More than anybody books at once.
const MOST_UNITS: i32 = 1_000_000;

/// A correction of one SKU at one location as somebody asks for it, by code: everything wrong with it, or the movement that it is.
pub async fn check_adjustment(
    conn: &mut PgConnection,
    act: &Act,
    sku: &str,
    location: &str,
    quantity: i32,
    reason: MovementReason,
) -> Result<NewMovement> {
    act.require(Permission::AdjustStock)?;
    let found = sqlx::query!(
        r#"select (select sku_id from skus where code = $1) as "sku: SkuId", (select location_id from locations where code = $2) as "location: LocationId""#,
        sku,
        location
    )
    .fetch_one(&mut *conn)
    .await?;
    let mut problems = Vec::new();
    let mut problem = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    if found.sku.is_none() {
        problem("/sku", format!("There is no SKU {sku}. Check the code."));
    }
    if found.location.is_none() {
        problem("/location", format!("There is no location {location}. Check the code."));
    }
    if quantity == 0 || !(-MOST_UNITS..=MOST_UNITS).contains(&quantity) {
        problem("/quantity", "Say how many units come (positive) or go (negative), at most 1,000,000 at a time.".to_owned());
    }
    if quantity < 0 && matches!(reason, MovementReason::Opening | MovementReason::Receipt | MovementReason::Return) {
        problem("/quantity", "What is received or comes back is more than zero. To take units off, choose adjustment, damage or count.".to_owned());
    }
    if quantity > 0 && reason == MovementReason::Damage {
        problem("/quantity", "What is damaged comes off the shelf: enter it with a minus.".to_owned());
    }
    if matches!(reason, MovementReason::Shipment | MovementReason::Collection) {
        problem(
            "/reason",
            "Shipments and collections are posted by fulfilment. Choose receipt, adjustment, damage, count, return or transfer.".to_owned(),
        );
    }
    let (Some(sku), Some(location), true) = (found.sku, found.location, problems.is_empty()) else {
        return Err(Refusal::invalid(problems).into());
    };
    Ok(NewMovement { sku, location, quantity, reason, transfer: None })
}
