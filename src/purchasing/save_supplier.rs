//! Suppliers, and what each sells us.

use super::{Supplier, SupplierSku};
use crate::catalog;
use crate::identity::{Act, Permission};
use crate::ids::{SkuId, SupplierId};
use crate::inventory::{LocationKind, MOST_UNITS};
use crate::money::{Currency, UnitPrice};
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const LONGEST_CODE: usize = 40;
const LONGEST_NAME: usize = 120;
const LONGEST_ADDRESS: usize = 500;
/// Two years: longer is a mistake.
const LONGEST_LEAD: i32 = 730;

/// Makes a supplier known by its code, or changes what is known of it. Its currency stays while it sells us something: the prices are in it.
pub async fn save_supplier(conn: &mut PgConnection, act: &Act, supplier: &Supplier) -> Result<()> {
    act.require(Permission::ManagePurchasing)?;
    let (code, name, email) = (supplier.code.trim(), supplier.name.trim(), supplier.email.trim());
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    let fits = code.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-');
    if !fits || code.len() > LONGEST_CODE {
        wrong("/code", "Use capital letters, digits and dashes, at most 40 of them, such as BRASS-CO.".to_owned());
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        wrong("/name", "Give the supplier a name of at most 120 characters.".to_owned());
    }
    if !email.contains('@') || email.chars().count() > LONGEST_NAME {
        wrong("/email", "Write the e-mail address that orders go to, such as orders@example.com.".to_owned());
    }
    if supplier.address.chars().count() > LONGEST_ADDRESS {
        wrong("/address", "Shorten the address to 500 characters.".to_owned());
    }
    let currency = Currency::from_code(&supplier.currency.trim().to_ascii_uppercase());
    if currency.is_none() {
        wrong("/currency", format!("“{}” is no currency. Write its three letters, such as GBP.", supplier.currency));
    }
    if !(0..=LONGEST_LEAD).contains(&supplier.lead_days) {
        wrong("/lead_days", "Write how many days it takes from the order to the goods, 0 to 730.".to_owned());
    }
    let location = match supplier.location.trim() {
        "" => None,
        code => {
            let found = sqlx::query!(
                r#"select l.location_id, v.kind as "kind: LocationKind"
                from locations l
                join location_versions v on v.location_id = l.location_id and v.valid @> $2::timestamptz
                where l.code = $1"#,
                code,
                act.now
            );
            let found = found.fetch_optional(&mut *conn).await?.filter(|l| l.kind == LocationKind::Vendor);
            if found.is_none() {
                wrong("/location", format!("“{code}” is no location of a vendor. Leave it empty where the supplier sends nothing to customers."));
            }
            found.map(|l| l.location_id)
        }
    };
    let (Some(currency), true) = (currency, problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    let saved = sqlx::query_scalar!(
        r#"insert into suppliers (supplier_id, code, name, email, address, currency, lead_days, location_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (code) do update set
            name = excluded.name, email = excluded.email, address = excluded.address, currency = excluded.currency,
            lead_days = excluded.lead_days, location_id = excluded.location_id
        where suppliers.currency = excluded.currency or not exists (select from supplier_skus k where k.supplier_id = suppliers.supplier_id)
        returning supplier_id"#,
        SupplierId::new(act.now).0,
        code,
        name,
        email,
        supplier.address.trim(),
        currency.code(),
        supplier.lead_days,
        location
    )
    .fetch_optional(conn)
    .await
    .map_err(|error| match &error {
        sqlx::Error::Database(e) if e.constraint() == Some("suppliers_location_id_key") => {
            Refusal::field("/location", "Another supplier sends from this location. Choose another one.").into()
        }
        _ => crate::refusal::Error::from(error),
    })?;
    match saved {
        Some(_) => Ok(()),
        None => {
            Err(Refusal::field("/currency", "What it sells us is priced in its currency. Take these off its list first, or make a new supplier.")
                .into())
        }
    }
}

/// Says that a supplier sells us a SKU, and on which terms; or changes them. Orders that have been drafted keep theirs.
pub async fn save_supplier_sku(conn: &mut PgConnection, act: &Act, supplier: &str, terms: &SupplierSku) -> Result<()> {
    act.require(Permission::ManagePurchasing)?;
    let id = supplier_id(conn, supplier).await?;
    let known = catalog::skus_by_codes(conn, &[terms.sku.trim().to_owned()]).await?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    let sku = known.get(terms.sku.trim()).copied();
    if sku.is_none() {
        wrong("/sku", format!("There is no SKU or GTIN “{}”. Check the code.", terms.sku));
    }
    if terms.supplier_code.chars().count() > LONGEST_NAME {
        wrong("/supplier_code", "Shorten their code to 120 characters.".to_owned());
    }
    let cost = terms.cost.trim().parse::<UnitPrice>().map_err(|error| wrong("/cost", format!("“{}” is not a price: {error}.", terms.cost))).ok();
    if !(1..=MOST_UNITS).contains(&terms.min_quantity) {
        wrong("/min_quantity", "The fewest that can be ordered are at least 1.".to_owned());
    }
    if !(1..=MOST_UNITS).contains(&terms.pack_quantity) {
        wrong("/pack_quantity", "A pack has at least 1.".to_owned());
    }
    if terms.lead_days.is_some_and(|days| !(0..=LONGEST_LEAD).contains(&days)) {
        wrong("/lead_days", "Write how many days it takes from the order to the goods, 0 to 730, or nothing.".to_owned());
    }
    let (Some(sku), Some(cost), true) = (sku, cost, problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    catalog::require_shelved(conn, sku, act.now).await?;
    sqlx::query!(
        "insert into supplier_skus (supplier_id, sku_id, supplier_code, cost_micros, min_quantity, pack_quantity, lead_days)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (supplier_id, sku_id) do update set
            supplier_code = excluded.supplier_code, cost_micros = excluded.cost_micros, min_quantity = excluded.min_quantity,
            pack_quantity = excluded.pack_quantity, lead_days = excluded.lead_days",
        id.0,
        sku.0,
        terms.supplier_code.trim(),
        cost.micros(),
        terms.min_quantity,
        terms.pack_quantity,
        terms.lead_days
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The supplier sells it to us no more. What has been ordered stays ordered.
pub async fn remove_supplier_sku(conn: &mut PgConnection, act: &Act, supplier: &str, sku: &str) -> Result<()> {
    act.require(Permission::ManagePurchasing)?;
    let id = supplier_id(conn, supplier).await?;
    let removed =
        sqlx::query!("delete from supplier_skus k using skus s where s.sku_id = k.sku_id and k.supplier_id = $1 and s.code = $2", id.0, sku.trim())
            .execute(conn)
            .await?;
    if removed.rows_affected() == 0 {
        return Err(Refusal::not_found(format_args!("SKU {sku} on the list of {supplier}")).into());
    }
    Ok(())
}

/// A supplier by its code.
pub(super) async fn supplier_id(conn: &mut PgConnection, code: &str) -> Result<SupplierId> {
    sqlx::query_scalar!(r#"select supplier_id as "id: SupplierId" from suppliers where code = $1"#, code.trim())
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("supplier {code}")).into())
}

/// What a supplier charges for some SKUs, and on which terms. SKUs that it does not sell are left out.
pub(super) async fn terms_of(conn: &mut PgConnection, supplier: SupplierId, skus: &[SkuId]) -> Result<BTreeMap<SkuId, Terms>> {
    let ids: Vec<_> = skus.iter().map(|s| s.0).collect();
    let rows = sqlx::query!(
        r#"select sku_id as "sku: SkuId", supplier_code, cost_micros, min_quantity, pack_quantity
        from supplier_skus
        where supplier_id = $1 and sku_id = any ($2)"#,
        supplier.0,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let terms = rows.into_iter().map(|r| {
        (r.sku, Terms { supplier_code: r.supplier_code, cost_micros: r.cost_micros, min_quantity: r.min_quantity, pack_quantity: r.pack_quantity })
    });
    Ok(terms.collect())
}

/// On which terms a supplier sells a SKU.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub supplier_code: String,
    pub cost_micros: i64,
    pub min_quantity: i32,
    pub pack_quantity: i32,
}
