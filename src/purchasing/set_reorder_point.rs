//! When it is time to order a SKU for a location.

use super::ReorderPoint;
use super::save_supplier::supplier_id;
use crate::catalog;
use crate::identity::{Act, Permission};
use crate::inventory::{MOST_UNITS, location_by_code};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// Sets, or changes, when a SKU is ordered for a location and up to how many.
pub async fn set_reorder_point(conn: &mut PgConnection, act: &Act, new: &ReorderPoint) -> Result<()> {
    act.require(Permission::ManagePurchasing)?;
    let known = catalog::skus_by_codes(conn, &[new.sku.trim().to_owned()]).await?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    let sku = known.get(new.sku.trim()).copied();
    if sku.is_none() {
        wrong("/sku", format!("There is no SKU or GTIN “{}”. Check the code.", new.sku));
    }
    let location = location_by_code(conn, &new.location).await.map_err(|_| wrong("/location", "Choose a location.".to_owned())).ok();
    if !(0..MOST_UNITS).contains(&new.point) {
        wrong("/point", "Order when there are so many left or fewer: 0 or more.".to_owned());
    }
    if new.up_to <= new.point || new.up_to > MOST_UNITS {
        wrong("/up_to", "Order up to more than the point at which it is ordered.".to_owned());
    }
    let supplier = match new.supplier.trim() {
        "" => None,
        code => match supplier_id(conn, code).await {
            Ok(id) => Some(id),
            Err(error) => {
                // Anything but "there is none" is not about the form.
                let refusal = error.refusal().filter(|r| r.code == RefusalCode::NotFound).cloned();
                let Some(refusal) = refusal else { return Err(error) };
                wrong("/supplier", refusal.message);
                None
            }
        },
    };
    let (Some(sku), Some(location), true) = (sku, location, problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    catalog::require_shelved(conn, sku, act.now).await?;
    sqlx::query!(
        "insert into reorder_points (sku_id, location_id, point, up_to, supplier_id) values ($1, $2, $3, $4, $5)
        on conflict (sku_id, location_id) do update set point = excluded.point, up_to = excluded.up_to, supplier_id = excluded.supplier_id",
        sku.0,
        location.0,
        new.point,
        new.up_to,
        supplier.map(|s| s.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Nobody watches the SKU at the location any more; an alert that is open ends with the next look.
pub async fn remove_reorder_point(conn: &mut PgConnection, act: &Act, sku: &str, location: &str) -> Result<()> {
    act.require(Permission::ManagePurchasing)?;
    let removed = sqlx::query!(
        "delete from reorder_points r using skus s, locations l
        where s.sku_id = r.sku_id and l.location_id = r.location_id and s.code = $1 and l.code = $2",
        sku.trim(),
        location.trim()
    )
    .execute(conn)
    .await?;
    if removed.rows_affected() == 0 {
        return Err(Refusal::not_found(format_args!("reorder point of {sku} at {location}")).into());
    }
    Ok(())
}
