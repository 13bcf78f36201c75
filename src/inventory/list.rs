//! Reading stock and places.

use super::LocationKind;
use super::views::{AvailabilityRow, LocationChoice, StockRow};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, ProductId, SkuId};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// How many of each SKU of a product every location could give a customer now; places with none are left out.
pub async fn availability_of_product(conn: &mut PgConnection, act: &Act, product: ProductId) -> Result<Vec<AvailabilityRow>> {
    act.require(Permission::ReadCatalog)?;
    let rows = sqlx::query_file_as!(AvailabilityRow, "src/inventory/sql/availability.sql", product.0, act.now).fetch_all(conn).await?;
    Ok(rows)
}

/// One SKU everywhere, with every number behind what can be promised.
pub async fn stock_of_sku(conn: &mut PgConnection, act: &Act, sku: &str) -> Result<Vec<StockRow>> {
    act.require(Permission::ReadStock)?;
    let rows = sqlx::query_file_as!(StockRow, "src/inventory/sql/stock_of_sku.sql", sku, act.now).fetch_all(conn).await?;
    Ok(rows)
}

/// The location with a code.
pub async fn location_by_code(conn: &mut PgConnection, code: &str) -> Result<LocationId> {
    sqlx::query_scalar!(r#"select location_id as "id: LocationId" from locations where code = $1"#, code)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::field("/location", format!("There is no location {code}. Check the code.")).into())
}

/// Every location in force, by name.
pub async fn list_locations(conn: &mut PgConnection, act: &Act) -> Result<Vec<LocationChoice>> {
    act.require(Permission::ReadCatalog)?;
    let rows = sqlx::query_as!(
        LocationChoice,
        r#"select l.location_id as "location_id: LocationId", l.code, v.name, v.city, v.kind as "kind: LocationKind", v.offers_pickup
        from locations l
        join location_versions v on v.location_id = l.location_id and v.valid @> $1::timestamptz
        order by v.kind desc, v.name"#,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
