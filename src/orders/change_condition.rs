//! Setting units aside, making them fit to be sold again, and writing them off.

use super::correct_stock::take_off;
use crate::catalog;
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::inventory::{Condition, MOST_UNITS, MovementReason, NewMovement, location_by_code};
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;

/// Units that change their condition where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionChange {
    /// A SKU's code, or its GTIN.
    pub sku: String,
    /// Code of the location.
    pub location: String,
    pub quantity: i32,
    pub from: Condition,
    /// None: they are written off.
    pub to: Option<Condition>,
}

/// Moves units from one condition to another, or writes them off. Whoever works at a place may set units aside there; making them fit again
/// and writing them off is for those who may correct stock. Returns the orders that lose units by it: they are routed anew.
pub async fn change_condition(conn: &mut PgConnection, act: &Act, change: &ConditionChange, spare: i32) -> Result<Vec<OrderId>> {
    let sets_aside = change.from == Condition::Sellable && change.to.is_some();
    let needed = if sets_aside { Permission::MoveStock } else { Permission::AdjustStock };
    act.require(needed)?;
    let location = location_by_code(conn, &change.location).await?;
    act.require_location(location, needed)?;
    let known = catalog::skus_by_codes(conn, std::slice::from_ref(&change.sku)).await?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    if !known.contains_key(&change.sku) {
        wrong("/sku", format!("There is no SKU or GTIN “{}”. Check the label.", change.sku));
    }
    if !(1..=MOST_UNITS).contains(&change.quantity) {
        wrong("/quantity", "Say how many units: at least one, at most 1,000,000.".to_owned());
    }
    if change.to == Some(change.from) {
        wrong("/to", "Choose another condition than the one they are in.".to_owned());
    }
    if change.from == Condition::Sellable && change.to.is_none() {
        wrong("/to", "Only what was set aside can be written off. Set it aside first.".to_owned());
    }
    let Some(sku) = known.get(&change.sku).filter(|_| problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    let reason = match change.to {
        None => MovementReason::WriteOff,
        Some(Condition::Damaged) => MovementReason::Damage,
        Some(_) => MovementReason::Condition,
    };
    let mut movements = vec![NewMovement { condition: change.from, ..NewMovement::new(*sku, location, -change.quantity, reason) }];
    movements.extend(change.to.map(|to| NewMovement { condition: to, ..NewMovement::new(*sku, location, change.quantity, reason) }));
    take_off(conn, act, &movements, spare).await
}
