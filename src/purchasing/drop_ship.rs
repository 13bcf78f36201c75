//! What a supplier sends to our customers itself: a purchase order for each fulfilment order at its location, made and ended with it.

use super::draft_order::{Opened, open};
use super::save_supplier::terms_of;
use super::take_step::{lock_by_id, move_on, record};
use super::{PurchaseState, draft_order::Bought};
use crate::events::EventKind;
use crate::fulfilment::FulfilmentState;
use crate::identity::{Act, Actor, Permission};
use crate::ids::{LocationId, OrderId, PurchaseOrderId, SkuId, SupplierId};
use crate::refusal::{Refusal, Result};
use crate::secret::{sign, signature_is_valid};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Brings the purchase orders of drop-shipped orders in line with their fulfilment orders: released work is sent to the supplier, given-up work is
/// cancelled, and what has left is closed. Nothing happens where they agree. The caller holds the orders' locks.
pub async fn follow_orders(conn: &mut PgConnection, act: &Act, orders: &[OrderId]) -> Result<()> {
    let apart = sqlx::query_file!("src/purchasing/sql/apart_from_fulfilments.sql", &orders.iter().map(|o| o.0).collect::<Vec<_>>())
        .fetch_all(&mut *conn)
        .await?;
    for f in apart {
        match f.purchase_order {
            Some(id) => {
                let (state, kind) = match f.state {
                    FulfilmentState::Cancelled | FulfilmentState::Rejected => (PurchaseState::Cancelled, EventKind::PurchaseCancelled),
                    _ => (PurchaseState::Closed, EventKind::PurchaseClosed),
                };
                let order = lock_by_id(conn, id).await?;
                move_on(conn, act, &order, state).await?;
                record(conn, act, id, kind, None, Vec::new()).await?;
            }
            None => send(conn, act, f.supplier, f.location, (f.order, f.fulfilment_no)).await?,
        }
    }
    Ok(())
}

/// The path of the page on which a supplier sees one purchase order. Whoever has it may confirm it, send it or turn it down.
pub fn supplier_link(key: &[u8], order: PurchaseOrderId) -> String {
    format!("/supplier/o/{}.{}", order.0.simple(), sign(key, &signed(order)))
}

/// The link of a purchase order that was sent; none before.
pub async fn link_of(conn: &mut PgConnection, key: &[u8], number: &str) -> Result<Option<String>> {
    let id = sqlx::query_scalar!(
        r#"select purchase_order_id as "id: PurchaseOrderId" from purchase_orders where number = $1 and sent_at is not null"#,
        number
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(|id| supplier_link(key, id)))
}

/// What is signed: not the bare id, so that no link of another kind opens a purchase order.
fn signed(order: PurchaseOrderId) -> Vec<u8> {
    [b"purchase order ", order.0.as_bytes().as_slice()].concat()
}

/// Whoever comes with a supplier's link, and the number of the purchase order; none where the signature is wrong. A draft, and what was never sent, is
/// not the supplier's to see.
pub async fn open_supplier_link(conn: &mut PgConnection, key: &[u8], token: &str) -> Result<Option<(Actor, String)>> {
    let parsed = token.split_once('.').and_then(|(id, signature)| Some((id.parse::<PurchaseOrderId>().ok()?, signature)));
    let Some((id, _)) = parsed.filter(|(id, signature)| signature_is_valid(key, &signed(*id), signature)) else { return Ok(None) };
    let found = sqlx::query!(
        r#"select number, order_id, location_id as "location: LocationId" from purchase_orders where purchase_order_id = $1 and sent_at is not null"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(|p| (Actor::Supplier { order: id, sends_from: p.order_id.map(|_| p.location) }, p.number)))
}

/// Work that a supplier has with a purchase order whose goods it sends to the customer itself.
#[derive(Clone, Copy, Debug)]
pub struct SupplierWork {
    pub order: OrderId,
    pub no: i32,
    pub state: FulfilmentState,
    /// The order is held: nothing of it is sent.
    pub is_held: bool,
}

/// The work of a purchase order.
pub async fn supplier_work(conn: &mut PgConnection, act: &Act, number: &str) -> Result<SupplierWork> {
    let work = sqlx::query!(
        r#"select p.purchase_order_id as "id: PurchaseOrderId", f.order_id as "order: OrderId", f.fulfilment_no, f.state as "state: FulfilmentState",
            exists (select from order_holds h where h.order_id = f.order_id and h.released_at is null) as "is_held!"
        from purchase_orders p
        join fulfilment_orders f on f.order_id = p.order_id and f.fulfilment_no = p.fulfilment_no
        where p.number = $1"#,
        number
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("purchase order {number} that is sent to a customer")))?;
    act.require_purchase_order(work.id, Permission::ManagePurchasing)?;
    Ok(SupplierWork { order: work.order, no: work.fulfilment_no, state: work.state, is_held: work.is_held })
}

/// The supplier's work for one fulfilment order: approved by the rule that chose the supplier, and sent at once.
async fn send(conn: &mut PgConnection, act: &Act, supplier: SupplierId, location: LocationId, of: (OrderId, i32)) -> Result<()> {
    let rows = sqlx::query!(
        r#"select sku_id as "sku: SkuId", sum(quantity)::integer as "units!"
        from fulfilment_lines
        where order_id = $1 and fulfilment_no = $2
        group by sku_id"#,
        of.0.0,
        of.1
    )
    .fetch_all(&mut *conn)
    .await?;
    let terms = terms_of(conn, supplier, &rows.iter().map(|r| r.sku).collect::<Vec<_>>()).await?;
    let lines: BTreeMap<SkuId, Bought> = rows.iter().map(|r| (r.sku, Bought::new(r.units, terms.get(&r.sku)))).collect();
    let id = PurchaseOrderId::new(act.now);
    open(conn, act, Opened { id, supplier, location, note: "", of: Some(of) }, &lines).await?;
    let order = lock_by_id(conn, id).await?;
    move_on(conn, act, &order, PurchaseState::Approved).await?;
    move_on(conn, act, &order, PurchaseState::Sent).await?;
    record(conn, act, id, EventKind::PurchaseSent, None, Vec::new()).await
}
