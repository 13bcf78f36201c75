//! Reading stock and places.

use super::views::{AvailabilityRow, LocationChoice, MovementRow, StockRow, StockSummary};
use super::{Condition, LocationKind, MovementReason};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, ProductId, SkuId};
use crate::page::{Page, containing, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How many of each SKU of a product every location could give a customer now; places with none are left out.
pub async fn availability_of_product(conn: &mut PgConnection, act: &Act, product: ProductId) -> Result<Vec<AvailabilityRow>> {
    act.require(Permission::ReadCatalog)?;
    let rows = sqlx::query_file_as!(AvailabilityRow, "src/inventory/sql/availability.sql", product.0, act.now).fetch_all(conn).await?;
    Ok(rows)
}

const SUMMARIES: usize = 50;
const MOVEMENTS: usize = 50;

/// SKUs by code, each over all locations. `search` is a part of the code or the name.
pub async fn list_stock(conn: &mut PgConnection, act: &Act, search: Option<&str>, after: Option<&str>) -> Result<Page<StockSummary>> {
    act.require(Permission::ReadStock)?;
    let pattern = search.map(containing);
    let rows =
        sqlx::query_file_as!(StockSummary, "src/inventory/sql/list_stock.sql", pattern, after, SUMMARIES as i64 + 1, act.now).fetch_all(conn).await?;
    Ok(Page::cut(rows, SUMMARIES, |row| row.code.clone()))
}

/// One SKU everywhere, with every number behind what can be promised: as it is, or as it was at a moment of the past.
pub async fn stock_of_sku(conn: &mut PgConnection, act: &Act, sku: &str, at: Option<DateTime<Utc>>) -> Result<Vec<StockRow>> {
    act.require(Permission::ReadStock)?;
    let rows = match at {
        None => sqlx::query_file_as!(StockRow, "src/inventory/sql/stock_of_sku.sql", sku, act.now).fetch_all(conn).await?,
        Some(at) => sqlx::query_file_as!(StockRow, "src/inventory/sql/stock_of_sku_as_of.sql", sku, at).fetch_all(conn).await?,
    };
    Ok(rows)
}

/// Everything that came and went of a SKU, newest first, a page at a time.
pub async fn movements_of_sku(conn: &mut PgConnection, act: &Act, sku: &str, after: Option<&str>) -> Result<Page<MovementRow>> {
    act.require(Permission::ReadStock)?;
    let (at, id) = read_time_key::<i64>(after)?;
    let rows = sqlx::query_file_as!(MovementRow, "src/inventory/sql/movements_of_sku.sql", sku, at, id, MOVEMENTS as i64 + 1, act.now)
        .fetch_all(conn)
        .await?;
    Ok(Page::cut(rows, MOVEMENTS, |row| time_key(row.occurred_at, row.movement_id)))
}

/// True where some location has units of a SKU that nobody has reserved.
pub async fn is_free_anywhere(conn: &mut PgConnection, sku: SkuId) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select from stock where sku_id = $1 and on_hand > reserved) as "free!""#, sku.0).fetch_one(conn).await?)
}

/// The name of a SKU.
pub async fn sku_name(conn: &mut PgConnection, act: &Act, sku: &str) -> Result<String> {
    act.require(Permission::ReadStock)?;
    sqlx::query_scalar!("select name from skus where code = $1", sku)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("SKU {sku}")).into())
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
        r#"select l.location_id as "location_id: LocationId", l.code, v.name, v.city, v.kind as "kind: LocationKind", v.offers_pickup,
            (select c.reason
                from location_closures c
                where c.location_id = l.location_id and c.valid @> $1::timestamptz and c.closed @> $1::timestamptz
                limit 1) as closed
        from locations l
        join location_versions v on v.location_id = l.location_id and v.valid @> $1::timestamptz
        order by v.kind desc, v.name"#,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
