//! Drafting purchase orders: by hand, and of what is short.

use super::list::{WantedPoint, reorder_rows};
use super::save_supplier::{Terms, supplier_id, terms_of};
use super::take_step::{lock_order, record};
use super::{NewPurchaseOrder, PurchaseState};
use crate::catalog;
use crate::events::{Change, EventKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, PurchaseOrderId, SkuId, SupplierId};
use crate::inventory::{MOST_UNITS, location_by_code};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const LONGEST_NOTE: usize = 500;

/// Drafts a purchase order, at what the supplier charges today. The caller chooses the id; returns the number.
pub async fn draft_order(conn: &mut PgConnection, act: &Act, id: PurchaseOrderId, new: &NewPurchaseOrder) -> Result<String> {
    act.require(Permission::ManagePurchasing)?;
    let supplier = supplier_id(conn, &new.supplier).await.map_err(|error| of_field(error, "/supplier", "Choose whom it is bought from."))?;
    let location = location_by_code(conn, &new.location).await.map_err(|error| of_field(error, "/location", "Choose where it is delivered."))?;
    act.require_location(location, Permission::ManagePurchasing)?;
    let lines = read_lines(conn, supplier, &new.supplier, &new.lines).await?;
    check_note(&new.note)?;
    open(conn, act, Opened { id, supplier, location, note: new.note.trim(), of: None }, &lines).await
}

/// Changes the lines and the note of a draft; both as they shall be.
pub async fn change_draft(conn: &mut PgConnection, act: &Act, number: &str, note: &str, lines: &[(String, i32)]) -> Result<()> {
    act.require(Permission::ManagePurchasing)?;
    let order = lock_order(conn, number).await?;
    if order.state != PurchaseState::Draft {
        let message = format!(
            "Purchase order {} is {}: only drafts can be changed. Cancel it and draft another.",
            order.number,
            order.state.label().to_lowercase()
        );
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
    }
    check_note(note)?;
    let wanted = read_lines(conn, order.supplier, &order.supplier_code, lines).await?;
    // At what the supplier charges today, in its currency of today.
    sqlx::query!(
        "update purchase_orders p set note = $2, currency = s.currency from suppliers s where s.supplier_id = p.supplier_id and p.purchase_order_id = $1",
        order.id.0,
        note.trim()
    )
    .execute(&mut *conn)
    .await?;
    let before: i64 = sqlx::query_scalar!(
        r#"with gone as (delete from purchase_order_lines where purchase_order_id = $1 returning ordered)
        select coalesce(sum(ordered), 0) as "units!" from gone"#,
        order.id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    put_lines(conn, order.id, &wanted).await?;
    let after: i64 = wanted.values().map(|l| i64::from(l.units)).sum();
    let change = Change { field: "Units".to_owned(), before: before.to_string(), after: after.to_string() };
    record(conn, act, order.id, EventKind::PurchaseChanged, None, vec![change]).await
}

/// Drafts what is short of (SKU code, code of the location): one purchase order for each supplier and location. What is in a draft already is not
/// drafted again. The caller chooses the id of the first. Returns their numbers.
pub async fn draft_suggested(conn: &mut PgConnection, act: &Act, first: PurchaseOrderId, wanted: &[(String, String)]) -> Result<Vec<String>> {
    act.require(Permission::ManagePurchasing)?;
    // Whoever drafts the same at the same time waits, and then sees what was drafted.
    sqlx::query!(
        "select from reorder_points r
        join skus s using (sku_id)
        join locations l using (location_id)
        join unnest($1::text[], $2::text[]) as w (sku, location) on w.sku = s.code and w.location = l.code
        order by r.sku_id, r.location_id
        for update of r",
        &wanted.iter().map(|w| w.0.clone()).collect::<Vec<_>>(),
        &wanted.iter().map(|w| w.1.clone()).collect::<Vec<_>>()
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = reorder_rows(conn, act.now, WantedPoint::These(wanted)).await?;
    let mut orders: BTreeMap<(String, String), Vec<(String, i32)>> = BTreeMap::new();
    for row in rows {
        if let (Some((supplier, _)), 1..) = (row.supplier, row.suggested) {
            orders.entry((supplier, row.location_code)).or_default().push((row.sku, row.suggested));
        }
    }
    if orders.is_empty() {
        let message = "Nothing of this is to be ordered: it is on its way or in a draft already, or nobody sells it to us.";
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    let mut numbers = Vec::new();
    let ids = std::iter::once(first).chain(std::iter::repeat_with(|| PurchaseOrderId::new(act.now)));
    for (((supplier, location), lines), id) in orders.into_iter().zip(ids) {
        let new = NewPurchaseOrder { supplier, location, note: String::new(), lines };
        numbers.push(draft_order(conn, act, id, &new).await?);
    }
    Ok(numbers)
}

/// The numbers of what was drafted together with a purchase order, and its own.
pub async fn drafted_with(conn: &mut PgConnection, first: PurchaseOrderId) -> Result<Vec<String>> {
    let numbers = sqlx::query_scalar!(
        "select number from purchase_orders where drafted_at = (select drafted_at from purchase_orders where purchase_order_id = $1) order by number",
        first.0
    );
    Ok(numbers.fetch_all(conn).await?)
}

/// "There is none" said of a field; anything else stays what it is.
fn of_field(error: crate::refusal::Error, field: &str, message: &str) -> crate::refusal::Error {
    match error.refusal() {
        Some(refusal) if refusal.code == RefusalCode::NotFound => Refusal::field(field, message).into(),
        _ => error,
    }
}

fn check_note(note: &str) -> Result<(), Refusal> {
    if note.chars().count() > LONGEST_NOTE { Err(Refusal::field("/note", "Shorten the note to 500 characters.")) } else { Ok(()) }
}

/// Units about to be bought, and what is known of their price.
#[derive(Clone, Debug)]
pub(super) struct Bought {
    units: i32,
    supplier_code: String,
    cost_micros: Option<i64>,
}

impl Bought {
    /// `terms` are none where the supplier does not list it.
    pub(super) fn new(units: i32, terms: Option<&Terms>) -> Self {
        Self { units, supplier_code: terms.map(|t| t.supplier_code.clone()).unwrap_or_default(), cost_micros: terms.map(|t| t.cost_micros) }
    }
}

type Lines = BTreeMap<SkuId, Bought>;

/// Reads what is to be bought: only what the supplier sells, in quantities that it sells.
async fn read_lines(conn: &mut PgConnection, supplier: SupplierId, name: &str, lines: &[(String, i32)]) -> Result<Lines> {
    let known = catalog::skus_by_codes(conn, &lines.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
    let terms = terms_of(conn, supplier, &known.values().copied().collect::<Vec<_>>()).await?;
    let mut problems = Vec::new();
    // The same thing by its SKU and by its GTIN is one thing.
    let mut wanted: BTreeMap<SkuId, (usize, i32)> = BTreeMap::new();
    for (index, (code, quantity)) in lines.iter().enumerate() {
        let message = match known.get(code) {
            None => format!("There is no SKU or GTIN “{code}”. Check the code."),
            Some(_) if *quantity < 1 => format!("{code}: order at least one, or leave it out."),
            Some(sku) if !terms.contains_key(sku) => format!("{code} is not on the list of {name}. Add it to what they sell, or leave it out."),
            Some(sku) => {
                let line = wanted.entry(*sku).or_insert((index, 0));
                line.1 = line.1.saturating_add(*quantity);
                continue;
            }
        };
        problems.push(FieldProblem { field: format!("/lines/{index}"), message });
    }
    let mut read = Lines::new();
    for (sku, (index, quantity)) in wanted {
        let Some(terms) = terms.get(&sku) else { continue };
        let code = &lines[index].0;
        let message = if quantity > MOST_UNITS {
            format!("{code}: order {MOST_UNITS} at most.")
        } else if quantity < terms.min_quantity {
            format!("{code}: {name} sells {} or more of it.", terms.min_quantity)
        } else if quantity % terms.pack_quantity != 0 {
            let fits = super::order_quantity(quantity, terms.min_quantity, terms.pack_quantity);
            format!("{code}: {name} sells it in packs of {}. Order {fits}, say.", terms.pack_quantity)
        } else {
            read.insert(sku, Bought::new(quantity, Some(terms)));
            continue;
        };
        problems.push(FieldProblem { field: format!("/lines/{index}"), message });
    }
    if lines.is_empty() {
        problems.push(FieldProblem { field: "/lines".to_owned(), message: "Write at least one thing to buy.".to_owned() });
    }
    if problems.is_empty() { Ok(read) } else { Err(Refusal::invalid(problems).into()) }
}

/// A purchase order about to be opened.
pub(super) struct Opened<'a> {
    pub id: PurchaseOrderId,
    pub supplier: SupplierId,
    pub location: LocationId,
    pub note: &'a str,
    /// The order and fulfilment order whose goods the supplier sends itself.
    pub of: Option<(OrderId, i32)>,
}

/// Opens a draft. Returns its number.
pub(super) async fn open(conn: &mut PgConnection, act: &Act, order: Opened<'_>, lines: &Lines) -> Result<String> {
    let number = sqlx::query_scalar!(
        "insert into purchase_orders
            (purchase_order_id, number, supplier_id, location_id, state, currency, note, order_id, fulfilment_no, drafted_at)
        select $1, 'PO-' || nextval('purchase_order_numbers'), supplier_id, $3, $4, currency, $5, $6, $7, $8
        from suppliers
        where supplier_id = $2
        returning number",
        order.id.0,
        order.supplier.0,
        order.location.0,
        PurchaseState::Draft.as_str(),
        order.note,
        order.of.map(|o| o.0.0),
        order.of.map(|o| o.1),
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    put_lines(conn, order.id, lines).await?;
    record(conn, act, order.id, EventKind::PurchaseDrafted, Some(number.clone()), Vec::new()).await?;
    Ok(number)
}

async fn put_lines(conn: &mut PgConnection, id: PurchaseOrderId, lines: &Lines) -> Result<()> {
    sqlx::query!(
        "insert into purchase_order_lines (purchase_order_id, sku_id, supplier_code, ordered, cost_micros)
        select $1, * from unnest($2::uuid[], $3::text[], $4::integer[], $5::bigint[])",
        id.0,
        &lines.keys().map(|s| s.0).collect::<Vec<_>>(),
        &lines.values().map(|l| l.supplier_code.clone()).collect::<Vec<_>>(),
        &lines.values().map(|l| l.units).collect::<Vec<_>>(),
        &lines.values().map(|l| l.cost_micros).collect::<Vec<_>>() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}
