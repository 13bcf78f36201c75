//! Reading what is bought, from whom, and when it is time to.

use super::views::{PurchaseDetail, PurchaseLineView, PurchaseRow, ReorderRow, SupplierDetail, SupplierRow, WishLine};
use super::{PurchaseState, Supplier, SupplierSku, order_quantity};
use crate::events;
use crate::fulfilment::views::WishView;
use crate::identity::{Act, Actor, Permission};
use crate::ids::{LocationId, OrderId, PurchaseOrderId};
use crate::money::{Currency, Money, UnitPrice};
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

const PAGE: usize = 50;
/// The history of a purchase order is short: it has no more steps than this.
const HISTORY: i64 = 200;

/// All suppliers, by name.
pub async fn list_suppliers(conn: &mut PgConnection, act: &Act) -> Result<Vec<SupplierRow>> {
    act.require(Permission::ReadPurchasing)?;
    let rows = sqlx::query_as!(
        SupplierRow,
        r#"select s.code, s.name, s.lead_days,
            (select count(*) from supplier_skus k where k.supplier_id = s.supplier_id) as "skus!",
            (select count(*) from purchase_orders p where p.supplier_id = s.supplier_id and p.ended_at is null) as "open_orders!"
        from suppliers s
        order by s.name, s.code"#
    );
    Ok(rows.fetch_all(conn).await?)
}

/// A supplier by its code, and what it sells us.
pub async fn read_supplier(conn: &mut PgConnection, act: &Act, code: &str) -> Result<SupplierDetail> {
    act.require(Permission::ReadPurchasing)?;
    let s = sqlx::query!(
        r#"select s.supplier_id, s.code, s.name, s.email, s.address, s.currency, s.lead_days, coalesce(l.code, '') as "location!"
        from suppliers s
        left join locations l using (location_id)
        where s.code = $1"#,
        code.trim()
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("supplier {code}")))?;
    let rows = sqlx::query!(
        "select s.code, s.name, k.supplier_code, k.cost_micros, k.min_quantity, k.pack_quantity, k.lead_days
        from supplier_skus k
        join skus s using (sku_id)
        where k.supplier_id = $1
        order by s.code",
        s.supplier_id
    )
    .fetch_all(conn)
    .await?;
    let costs = act.actor.may(Permission::ReadCosts);
    let skus = rows.into_iter().map(|r| {
        let terms = SupplierSku {
            sku: r.code,
            supplier_code: r.supplier_code,
            min_quantity: r.min_quantity,
            pack_quantity: r.pack_quantity,
            lead_days: r.lead_days,
            cost: if costs { cost_words(r.cost_micros) } else { String::new() },
        };
        (terms, r.name)
    });
    let supplier = Supplier {
        code: s.code,
        name: s.name,
        email: s.email,
        address: s.address,
        currency: s.currency,
        lead_days: s.lead_days,
        location: s.location,
    };
    Ok(SupplierDetail { supplier, skus: skus.collect() })
}

fn cost_words(micros: i64) -> String {
    UnitPrice::from_micros(micros).map(|cost| cost.to_string()).unwrap_or_default()
}

/// Which reorder points are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) enum WantedPoint<'a> {
    /// A page of them, by location and SKU, after (code of the location, SKU code); only those at or below their point where `low`.
    Page { low: bool, after: Option<(&'a str, &'a str)> },
    /// These: (SKU code, code of the location).
    These(&'a [(String, String)]),
}

/// SKUs with their reorder points, by location and code, a page at a time; `low` are those only that are at or below their point.
pub async fn list_reorder_points(conn: &mut PgConnection, act: &Act, low: bool, after: Option<&str>) -> Result<Page<ReorderRow>> {
    act.require(Permission::ReadPurchasing)?;
    let after = match after {
        None => None,
        Some(key) => Some(key.split_once('~').ok_or_else(|| Refusal::field("/after", "This page link is damaged. Start from the first page."))?),
    };
    let mut rows = reorder_rows(conn, act.now, WantedPoint::Page { low, after }).await?;
    if !act.actor.may(Permission::ReadCosts) {
        rows.iter_mut().for_each(|row| row.cost = None);
    }
    // A location's code has no such sign; a SKU's might.
    Ok(Page::cut(rows, PAGE, |r| format!("{}~{}", r.location_code, r.sku)))
}

pub(super) async fn reorder_rows(conn: &mut PgConnection, now: DateTime<Utc>, wanted: WantedPoint<'_>) -> Result<Vec<ReorderRow>> {
    let (low, after, these) = match wanted {
        WantedPoint::Page { low, after } => (low, after, None),
        WantedPoint::These(these) => (false, None, Some(these)),
    };
    let (skus, locations): (Option<Vec<String>>, Option<Vec<String>>) = these.map(|t| t.iter().cloned().unzip()).unzip();
    let rows = sqlx::query_file!(
        "src/purchasing/sql/reorder_points.sql",
        now,
        low,
        skus.as_deref(),
        locations.as_deref(),
        after.map(|a| a.0),
        after.map(|a| a.1),
        these.is_none().then_some(PAGE as i64 + 1)
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|r| {
        let level = r.free + r.incoming;
        // What is not sold any more is not bought.
        let need = if level <= r.point && !r.retired { r.up_to - level - r.drafted } else { 0 };
        let suggested = match (r.min_quantity, r.pack_quantity) {
            (Some(min), Some(pack)) => order_quantity(need, min, pack),
            _ => 0,
        };
        let currency = r.currency.as_deref().and_then(Currency::from_code);
        let cost = r.cost_micros.and_then(|m| UnitPrice::from_micros(m).ok()).zip(currency).and_then(|(c, currency)| c.amount(suggested, currency));
        ReorderRow {
            sku: r.sku,
            name: r.name,
            location_code: r.location_code,
            location: r.location,
            point: r.point,
            up_to: r.up_to,
            free: r.free,
            incoming: r.incoming,
            drafted: r.drafted,
            draft: r.draft,
            since: r.since,
            suggested,
            supplier: r.supplier_code.zip(r.supplier_name),
            cost,
            lead_days: r.lead_days,
        }
    });
    Ok(rows.collect())
}

/// Purchase orders, newest first, a page at a time; `state`, `supplier` and `location` (codes) narrow them. Whoever works at one location sees what
/// comes there.
pub async fn list_purchase_orders(
    conn: &mut PgConnection,
    act: &Act,
    state: Option<PurchaseState>,
    supplier: Option<&str>,
    location: Option<&str>,
    after: Option<&str>,
) -> Result<Page<PurchaseRow>> {
    act.require(Permission::ReadPurchasing)?;
    let (at, id) = read_time_key::<Uuid>(after)?;
    let rows = sqlx::query_file!(
        "src/purchasing/sql/list_purchase_orders.sql",
        state.map(PurchaseState::as_str),
        supplier,
        location,
        at,
        id,
        PAGE as i64 + 1,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let page = Page::cut(rows, PAGE, |r| time_key(r.drafted_at, r.purchase_order_id));
    let rows = page.rows.into_iter().map(|r| PurchaseRow {
        number: r.number,
        supplier: r.supplier,
        location: r.location,
        state: r.state,
        ordered: r.ordered,
        received: r.received,
        expected_on: r.expected_on,
        late: r.late,
        order_number: r.order_number,
        drafted_at: r.drafted_at,
    });
    Ok(Page { rows: rows.collect(), next: page.next })
}

/// One purchase order by its number.
pub async fn read_purchase_order(conn: &mut PgConnection, act: &Act, number: &str) -> Result<PurchaseDetail> {
    let p = sqlx::query_file!("src/purchasing/sql/read_purchase_order.sql", number.trim().to_ascii_uppercase(), act.now)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("purchase order {number}")))?;
    act.require_purchase_order(p.id, Permission::ReadPurchasing)?;
    let is_supplier = matches!(act.actor, Actor::Supplier { .. });
    if !is_supplier {
        act.require_location(p.location_id, Permission::ReadPurchasing)?;
    }
    // Where a customer lives, and what it wants, is for whoever sends it there, and for those who see orders.
    let customer_seen = is_supplier || act.actor.may(Permission::ReadOrders);
    let deliver_to = if p.order_number.is_none() || customer_seen { p.deliver_to } else { Vec::new() };
    // The supplier knows its own prices.
    let costs = act.require_purchase_order(p.id, Permission::ReadCosts).is_ok();
    let currency = Currency::from_code(&p.currency).unwrap_or(Currency::GBP);
    let rows = sqlx::query!(
        "select s.code, s.name, l.supplier_code, l.ordered, l.confirmed, l.received, l.cost_micros
        from purchase_order_lines l
        join skus s using (sku_id)
        where l.purchase_order_id = $1
        order by s.code",
        p.id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let lines: Vec<PurchaseLineView> = rows
        .into_iter()
        .map(|r| {
            let cost = r.cost_micros.filter(|_| costs).and_then(|m| UnitPrice::from_micros(m).ok());
            PurchaseLineView {
                sku: r.code,
                name: r.name,
                supplier_code: r.supplier_code,
                ordered: r.ordered,
                confirmed: r.confirmed,
                received: r.received,
                cost: cost.map(|c| c.to_string()),
                amount: cost.and_then(|c| c.amount(r.ordered, currency)),
            }
        })
        .collect();
    let wishes = match (p.order, p.fulfilment_no) {
        (Some(order), Some(no)) if customer_seen => wishes_of(conn, order, no).await?,
        _ => Vec::new(),
    };
    // Who did what with us is not the supplier's business.
    let told = if is_supplier { Vec::new() } else { events::tell(conn, p.id.0, HISTORY).await? };
    let history = told.into_iter().rev().map(|t| {
        let changes = t.changes.iter().map(|c| if c.before.is_empty() { c.after.clone() } else { format!("{} → {}", c.before, c.after) });
        let words = std::iter::once(t.kind.label().to_owned()).chain(changes).collect::<Vec<_>>().join(": ");
        (words, t.at, t.who)
    });
    Ok(PurchaseDetail {
        number: p.number,
        buyer: p.buyer,
        supplier: Supplier {
            code: p.supplier_code,
            name: p.supplier_name,
            email: p.email,
            address: p.address,
            currency: p.currency,
            lead_days: p.lead_days,
            location: String::new(),
        },
        location_id: p.location_id,
        location_code: p.location_code,
        location: p.location,
        deliver_to,
        state: p.state,
        note: p.note,
        expected_on: p.expected_on,
        late: p.late,
        order_number: p.order_number,
        total: costs.then(|| Money::new(lines.iter().filter_map(|l| l.amount).map(|m| m.minor).sum(), currency)),
        lines,
        wishes,
        gift_message: p.gift_message.filter(|_| customer_seen),
        history: history.collect(),
    })
}

/// What a customer wants done to what is sent with a fulfilment order, line by line.
async fn wishes_of(conn: &mut PgConnection, order: OrderId, no: i32) -> Result<Vec<WishLine>> {
    let rows = sqlx::query!(
        r#"select l.sku_code, f.quantity, l.personalisation, l.gift_wrap_micros is not null as "gift_wrap!",
            l.kit_quantity || ' × ' || l.kit_name as kit
        from fulfilment_lines f
        join order_lines l using (order_id, line_no)
        where f.order_id = $1 and f.fulfilment_no = $2 and (l.personalisation is not null or l.gift_wrap_micros is not null or l.kit_no is not null)
        order by f.line_no"#,
        order.0,
        no
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| WishLine {
            sku: r.sku_code,
            quantity: r.quantity,
            wish: WishView { personalisation: r.personalisation, gift_wrap: r.gift_wrap, kit: r.kit },
        })
        .collect())
}

/// The number of a purchase order.
pub async fn number_of(conn: &mut PgConnection, id: PurchaseOrderId) -> Result<String> {
    sqlx::query_scalar!("select number from purchase_orders where purchase_order_id = $1", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found("such purchase order").into())
}
