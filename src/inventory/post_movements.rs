//! Units that come or go without an order's reservation: opening stock, receipts, adjustments.

use super::release_stock::look_for_waiting;
use super::{Condition, MOST_UNITS, MovementReason};
use crate::identity::{Act, Permission};
use crate::ids::{CountId, LocationId, PurchaseOrderId, ReturnId, SkuId, TransferId};
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
    pub condition: Condition,
    /// The transfer that it is a part of.
    pub transfer: Option<TransferId>,
    /// The count that found it.
    pub count: Option<CountId>,
    /// What it was bought with.
    pub purchase_order: Option<PurchaseOrderId>,
    /// The return that it came with.
    pub customer_return: Option<ReturnId>,
}

impl NewMovement {
    /// Of units that can be sold, and part of nothing.
    pub const fn new(sku: SkuId, location: LocationId, quantity: i32, reason: MovementReason) -> Self {
        Self {
            sku,
            location,
            quantity,
            reason,
            condition: Condition::Sellable,
            transfer: None,
            count: None,
            purchase_order: None,
            customer_return: None,
        }
    }
}

/// What is added to a stock row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StockChange {
    pub sku: SkuId,
    pub location: LocationId,
    pub on_hand: i32,
    pub reserved: i32,
    pub quarantined: i32,
    pub damaged: i32,
}

impl From<&NewMovement> for StockChange {
    fn from(m: &NewMovement) -> Self {
        let of = |condition| if m.condition == condition { m.quantity } else { 0 };
        Self {
            sku: m.sku,
            location: m.location,
            on_hand: of(Condition::Sellable),
            reserved: 0,
            quarantined: of(Condition::Quarantined),
            damaged: of(Condition::Damaged),
        }
    }
}

/// Posts movements to the ledger and to the stock rows, locked in (SKU, location) order. Refused where less would be left than is
/// reserved. The caller has seen to it that the actor may.
pub async fn post_movements(conn: &mut PgConnection, act: &Act, movements: &[NewMovement]) -> Result<()> {
    let shelfless = sqlx::query!(
        r#"select s.code, s.skill is not null as "is_service!" from skus s where s.sku_id = any ($1)
            and (s.skill is not null or exists (select from kit_components k where k.kit_sku_id = s.sku_id and k.valid @> $2::timestamptz))
        limit 1"#,
        &movements.iter().filter(|m| m.quantity > 0).map(|m| m.sku.0).collect::<Vec<_>>(),
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(sku) = shelfless {
        let why = if sku.is_service { "is a service: it stands on no shelf" } else { "is a kit: it has no stock of its own. Book its parts" };
        return Err(Refusal::field("/sku", format!("{} {why}.", sku.code)).into());
    }
    macro_rules! column {
        ($m:ident => $value:expr) => {
            &movements.iter().map(|$m| $value).collect::<Vec<_>>()
        };
    }
    sqlx::query!(
        "insert into stock_movements
            (sku_id, location_id, quantity, reason, condition, transfer_id, count_id, purchase_order_id, return_id, actor_kind, actor_id, occurred_at)
        select sku_id, location_id, quantity, reason, condition, transfer_id, count_id, purchase_order_id, return_id, $10, $11, $12
        from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[])
            as m (sku_id, location_id, quantity, reason, condition, transfer_id, count_id, purchase_order_id, return_id)",
        column!(m => m.sku.0),
        column!(m => m.location.0),
        column!(m => m.quantity),
        column!(m => m.reason.to_string()),
        column!(m => m.condition.in_ledger()) as _,
        column!(m => m.transfer.map(|t| t.0)) as _,
        column!(m => m.count.map(|c| c.0)) as _,
        column!(m => m.purchase_order.map(|p| p.0)) as _,
        column!(m => m.customer_return.map(|r| r.0)) as _,
        act.actor.kind(),
        act.actor.id(),
        act.now
    )
    .execute(&mut *conn)
    .await?;
    add_to_stock(conn, &movements.iter().map(StockChange::from).collect::<Vec<_>>()).await?;
    let came = movements.iter().filter(|m| m.quantity > 0 && m.condition == Condition::Sellable);
    look_for_waiting(conn, act, came.map(|m| m.sku)).await
}

/// Adds to stock rows, which are made where they are missing and locked in (SKU, location) order. The ledgers are the caller's to write.
/// Refused where less would be left than is reserved, or than there is.
pub(crate) async fn add_to_stock(conn: &mut PgConnection, changes: &[StockChange]) -> Result<()> {
    // Made empty first: the checks of an insert are asked before its conflict, and a change may be negative.
    make_rows(conn, &changes.iter().map(|c| (c.sku, c.location)).collect::<Vec<_>>()).await?;
    macro_rules! column {
        ($c:ident => $value:expr) => {
            &changes.iter().map(|$c| $value).collect::<Vec<_>>()
        };
    }
    sqlx::query_file!(
        "src/inventory/sql/add_to_stock.sql",
        column!(c => c.sku.0),
        column!(c => c.location.0),
        column!(c => c.on_hand),
        column!(c => c.reserved),
        column!(c => c.quarantined),
        column!(c => c.damaged)
    )
    .execute(conn)
    .await
    .map_err(|error| match &error {
        sqlx::Error::Database(e) if e.constraint() == Some("stock_no_oversell") => {
            Refusal::new(RefusalCode::OutOfStock, "Fewer units would be left than are reserved for orders. Take off fewer.").into()
        }
        sqlx::Error::Database(e) if e.constraint() == Some("stock_conditions") => Refusal {
            code: RefusalCode::OutOfStock,
            ..Refusal::field("/quantity", "There are not so many in that condition. Look at the stock again.")
        }
        .into(),
        _ => crate::refusal::Error::from(error),
    })?;
    Ok(())
}

/// Makes the stock rows that are missing, empty.
pub(crate) async fn make_rows(conn: &mut PgConnection, places: &[(SkuId, LocationId)]) -> Result<()> {
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

/// What somebody may book without more being known. The others have a process of their own.
const BY_HAND: [MovementReason; 7] = [
    MovementReason::Opening,
    MovementReason::Receipt,
    MovementReason::Adjustment,
    MovementReason::Damage,
    MovementReason::Return,
    MovementReason::Count,
    MovementReason::Transfer,
];

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
    if !BY_HAND.contains(&reason) {
        let words = BY_HAND.map(MovementReason::as_str).join(", ");
        problem("/reason", format!("This is not booked by hand. Choose one of {words}."));
    }
    let (Some(sku), Some(location), true) = (found.sku, found.location, problems.is_empty()) else {
        return Err(Refusal::invalid(problems).into());
    };
    Ok(NewMovement::new(sku, location, quantity, reason))
}
