//! What another system says stands on the shelves, at the moment it was true.

use super::{NewMovement, make_rows};
use crate::identity::Act;
use crate::ids::{LocationId, SkuId};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Units of a SKU on a shelf, as another system reported them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub sku: SkuId,
    pub quantity: i32,
}

/// A shelf beside a reading of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelf {
    pub sku: SkuId,
    pub on_hand: i32,
    pub reserved: i32,
    /// A newer reading is known: this one says nothing.
    pub stale: bool,
    /// What brings the books in line: the reading, and all that came and went since, less what the books have.
    pub correction: i32,
}

impl Shelf {
    /// True where the correction leaves all orders their units.
    pub const fn is_harmless(&self) -> bool {
        self.on_hand + self.correction >= self.reserved
    }

    /// The movement that makes the correction.
    pub const fn movement(&self, location: LocationId) -> NewMovement {
        NewMovement::new(self.sku, location, self.correction, super::MovementReason::Reading)
    }
}

/// Makes the rows of shelves and locks them, so that nothing comes or goes between the look at them and their correction.
pub async fn lock_shelves(conn: &mut PgConnection, location: LocationId, readings: &[Reading]) -> Result<()> {
    make_rows(conn, &readings.iter().map(|r| (r.sku, location)).collect::<Vec<_>>()).await?;
    let skus: Vec<_> = readings.iter().map(|r| r.sku.0).collect();
    sqlx::query!("select from stock where sku_id = any ($1) and location_id = $2 order by sku_id for update", &skus, location.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Compares readings of one location with its books, in the order of the SKUs. Corrections, by hand, by counts or by earlier readings, are no goods that came
/// or went: they do not count as having happened since.
pub async fn read_shelves(conn: &mut PgConnection, location: LocationId, as_of: DateTime<Utc>, readings: &[Reading]) -> Result<Vec<Shelf>> {
    let skus: Vec<_> = readings.iter().map(|r| r.sku.0).collect();
    let shelves = sqlx::query_file_as!(
        Shelf,
        "src/inventory/sql/read_shelves.sql",
        &skus,
        &readings.iter().map(|r| r.quantity).collect::<Vec<_>>(),
        location.0,
        as_of
    )
    .fetch_all(conn)
    .await?;
    Ok(shelves)
}

/// Keeps readings as the last of their shelves.
pub async fn keep_readings(conn: &mut PgConnection, act: &Act, location: LocationId, as_of: DateTime<Utc>, readings: &[Reading]) -> Result<()> {
    act.require(crate::identity::Permission::AdjustStock)?;
    sqlx::query!(
        "insert into stock_readings (sku_id, location_id, as_of, quantity)
        select sku_id, $2, $3, quantity from unnest($1::uuid[], $4::integer[]) as r (sku_id, quantity) order by sku_id
        on conflict (sku_id, location_id) do update set as_of = excluded.as_of, quantity = excluded.quantity
        where stock_readings.as_of <= excluded.as_of",
        &readings.iter().map(|r| r.sku.0).collect::<Vec<_>>(),
        location.0,
        as_of,
        &readings.iter().map(|r| r.quantity).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}
