//! The steps of a purchase order but receiving.

use super::{Confirmation, PurchaseState, PurchaseStep};
use crate::catalog;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, PurchaseOrderId, SkuId, SupplierId};
use crate::inventory::backorders::follow_receipts;
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::PgConnection;

/// A purchase order that is being changed: its row is locked.
#[derive(Clone, Debug)]
pub(super) struct Locked {
    pub id: PurchaseOrderId,
    pub number: String,
    pub state: PurchaseState,
    pub supplier: SupplierId,
    pub supplier_code: String,
    pub location: LocationId,
    /// The order whose goods the supplier sends itself.
    pub order: Option<OrderId>,
    pub sent_at: Option<DateTime<Utc>>,
}

/// Locks a purchase order by its number.
pub(super) async fn lock_order(conn: &mut PgConnection, number: &str) -> Result<Locked> {
    let id = sqlx::query_scalar!(
        r#"select purchase_order_id as "id: PurchaseOrderId" from purchase_orders where number = $1"#,
        number.trim().to_ascii_uppercase()
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("purchase order {number}")))?;
    lock_by_id(conn, id).await
}

pub(super) async fn lock_by_id(conn: &mut PgConnection, id: PurchaseOrderId) -> Result<Locked> {
    let locked = sqlx::query_as!(
        Locked,
        r#"select p.purchase_order_id as "id: PurchaseOrderId", p.number, p.state as "state: PurchaseState", p.supplier_id as "supplier: SupplierId",
            s.code as supplier_code, p.location_id as "location: LocationId", p.order_id as "order: OrderId", p.sent_at
        from purchase_orders p
        join suppliers s using (supplier_id)
        where p.purchase_order_id = $1
        for update of p"#,
        id.0
    );
    Ok(locked.fetch_one(conn).await?)
}

/// Says what happened to a purchase order, whose row is locked.
pub(super) async fn record(
    conn: &mut PgConnection,
    act: &Act,
    id: PurchaseOrderId,
    kind: EventKind,
    reason: Option<String>,
    changes: Vec<Change>,
) -> Result<()> {
    let details = EventDetails { reason, changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::PurchaseOrder, id.0, vec![NewEvent { kind, details }]).await
}

/// Approves, sends, closes or cancels a purchase order. What is sent is expected as long after as the slowest of its lines takes.
pub async fn take_step(conn: &mut PgConnection, act: &Act, number: &str, step: PurchaseStep) -> Result<PurchaseState> {
    act.require(Permission::ManagePurchasing)?;
    let order = lock_order(conn, number).await?;
    let kind = match step {
        PurchaseStep::Approve => EventKind::PurchaseApproved,
        PurchaseStep::Send => EventKind::PurchaseSent,
        PurchaseStep::Close => EventKind::PurchaseClosed,
        PurchaseStep::Cancel => EventKind::PurchaseCancelled,
        PurchaseStep::Confirm | PurchaseStep::Receive => {
            return Err(Refusal::field("/step", "Use approve, send, confirm, close or cancel.").into());
        }
    };
    if order.order.is_some() {
        let message = format!("{} begins and ends with the customer's order. Cancel that, or have the supplier turn it down.", order.number);
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
    }
    let state = order.state.apply(step)?;
    move_on(conn, act, &order, state).await?;
    if step == PurchaseStep::Send {
        let expected = expected_after(conn, &order, act.now).await?;
        sqlx::query!("update purchase_orders set expected_on = $2 where purchase_order_id = $1", order.id.0, expected).execute(&mut *conn).await?;
    }
    follow(conn, act, &order).await?;
    record(conn, act, order.id, kind, None, Vec::new()).await?;
    Ok(state)
}

/// What is sold before it is there follows what is on order.
pub(super) async fn follow(conn: &mut PgConnection, act: &Act, order: &Locked) -> Result<()> {
    let skus =
        sqlx::query_scalar!(r#"select sku_id as "sku: SkuId" from purchase_order_lines where purchase_order_id = $1 order by sku_id"#, order.id.0)
            .fetch_all(&mut *conn)
            .await?;
    follow_receipts(conn, act, order.location, &skus).await
}

/// Writes a state with its moment.
pub(super) async fn move_on(conn: &mut PgConnection, act: &Act, order: &Locked, state: PurchaseState) -> Result<()> {
    sqlx::query!(
        "update purchase_orders
        set state = $2,
            approved_at = case when $2 = 'approved' then $3 else approved_at end,
            sent_at = case when $2 = 'sent' then $3 else sent_at end,
            confirmed_at = case when $2 = 'confirmed' then $3 else confirmed_at end,
            ended_at = case when $4 then $3 end
        where purchase_order_id = $1",
        order.id.0,
        state.as_str(),
        act.now,
        state.is_ended()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The day on which everything should have come that is sent for at `at`, as it is then at the location.
async fn expected_after(conn: &mut PgConnection, order: &Locked, at: DateTime<Utc>) -> Result<Option<NaiveDate>> {
    let row = sqlx::query!(
        r#"select ($2::timestamptz at time zone v.time_zone)::date as "day!", max(coalesce(k.lead_days, s.lead_days)) as days
        from purchase_orders p
        join suppliers s using (supplier_id)
        join location_versions v on v.location_id = p.location_id and v.valid @> $2::timestamptz
        join purchase_order_lines l using (purchase_order_id)
        left join supplier_skus k on k.supplier_id = p.supplier_id and k.sku_id = l.sku_id
        where p.purchase_order_id = $1
        group by v.time_zone"#,
        order.id.0,
        at
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|r| r.day.checked_add_signed(TimeDelta::days(r.days?.into()))))
}

/// The supplier, or somebody for it, says what will come and when. Until something has come, it may say so anew.
pub async fn confirm_order(conn: &mut PgConnection, act: &Act, number: &str, confirmation: &Confirmation) -> Result<()> {
    let order = lock_order(conn, number).await?;
    act.require_purchase_order(order.id, Permission::ManagePurchasing)?;
    let state = order.state.apply(PurchaseStep::Confirm)?;
    let known = catalog::skus_by_codes(conn, &confirmation.lines.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
    let lines =
        sqlx::query!("select sku_id, ordered from purchase_order_lines where purchase_order_id = $1", order.id.0).fetch_all(&mut *conn).await?;
    let mut problems = Vec::new();
    let (mut skus, mut units) = (Vec::new(), Vec::new());
    for (index, (code, quantity)) in confirmation.lines.iter().enumerate() {
        let ordered = known.get(code).and_then(|sku| lines.iter().find(|l| l.sku_id == sku.0));
        let message = match ordered {
            None => format!("{code} is not in this purchase order."),
            Some(line) if !(0..=line.ordered).contains(quantity) => format!("{code}: {} were ordered. Confirm 0 to {}.", line.ordered, line.ordered),
            Some(line) if skus.contains(&line.sku_id) => format!("{code} is there twice. Say once how many come."),
            Some(line) => {
                skus.push(line.sku_id);
                units.push(*quantity);
                continue;
            }
        };
        problems.push(FieldProblem { field: format!("/lines/{index}"), message });
    }
    let earliest = order.sent_at.map(|at| at.date_naive() - TimeDelta::days(1));
    if let (Some(day), Some(earliest)) = (confirmation.expected_on, earliest)
        && (day < earliest || day > earliest + TimeDelta::days(800))
    {
        problems
            .push(FieldProblem { field: "/expected_on".to_owned(), message: "Write the day on which it comes, after it was ordered.".to_owned() });
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    sqlx::query!(
        "update purchase_order_lines l
        set confirmed = coalesce((select units from unnest($2::uuid[], $3::integer[]) as c (sku_id, units) where c.sku_id = l.sku_id), l.ordered)
        where purchase_order_id = $1",
        order.id.0,
        &skus,
        &units
    )
    .execute(&mut *conn)
    .await?;
    if let Some(day) = confirmation.expected_on {
        sqlx::query!("update purchase_orders set expected_on = $2 where purchase_order_id = $1", order.id.0, day).execute(&mut *conn).await?;
    }
    move_on(conn, act, &order, state).await?;
    follow(conn, act, &order).await?;
    let total: i64 = lines.iter().map(|l| i64::from(l.ordered)).sum();
    let fewer: i64 = lines.iter().filter_map(|l| skus.iter().position(|s| *s == l.sku_id).map(|i| i64::from(l.ordered - units[i]))).sum();
    let mut changes = Vec::new();
    if fewer > 0 {
        changes.push(Change { field: "Units".to_owned(), before: format!("{total} ordered"), after: format!("{} confirmed", total - fewer) });
    }
    if let Some(day) = confirmation.expected_on {
        changes.push(Change { field: "Expected".to_owned(), before: String::new(), after: day.to_string() });
    }
    record(conn, act, order.id, EventKind::PurchaseConfirmed, None, changes).await
}
