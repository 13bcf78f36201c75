//! What is sent in the place of what is missing, where the customer agrees: at the same price, so that an order comes to what it came to.

use super::assign::Claiming;
use super::planning::{Planning, PlanningCache};
use super::project_order::{lock_order, project_order};
use super::reroute_order::{Decides, Waiting, best_plan, route_waiting, stock_for, waiting_part};
use super::views::{LineView, Missing};
use crate::catalog::Size;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::Act;
use crate::ids::{OrderId, SkuId};
use crate::inventory::Snapshot;
use crate::inventory::backorders::open_backorders;
use crate::money::share;
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use crate::routing::{PlanLine, PlanOrder, Queue};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::sync::Arc;

/// What can be sent in the place of units of a line.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub line_no: i32,
    pub units: i32,
    pub own_name: String,
    /// The line's units in all, and what they come to with the tax in it.
    quantity: i32,
    amount_minor: i64,
    tax_minor: i64,
    sku: SkuId,
    size: Size,
    pub code: String,
    pub name: String,
}

impl Offered {
    /// What its units come to of a total of the line: what is left of a line are the first of its units.
    fn part(&self, total: i64) -> i64 {
        total - share(total, self.quantity - self.units, self.quantity)
    }

    /// The line that it becomes, promised as the one in whose place it is.
    fn as_line(&self, line_no: i32, of: &PlanLine) -> PlanLine {
        PlanLine {
            line_no,
            sku: self.sku,
            quantity: self.units,
            size: self.size,
            promised_by: of.promised_by,
            amount_minor: self.part(self.amount_minor),
            queue: Some(Queue::Unrouted),
            traits: Arc::default(),
        }
    }
}

/// What waits of an order for one reason: (line, units). What is promised from what is expected does not.
pub(super) async fn waiting_for(conn: &mut PgConnection, order_id: OrderId, queue: Queue) -> Result<Vec<(i32, i32)>> {
    let owed = open_backorders(conn, order_id).await?;
    let owed_of = |line_no: i32| owed.iter().filter(|o| o.line_no == line_no).map(|o| o.quantity).sum::<i32>();
    let waiting = sqlx::query_file!("src/orders/sql/waiting_lines.sql", order_id.0).fetch_all(&mut *conn).await?;
    let asked = waiting.iter().filter(|l| l.queue == Some(queue)).map(|l| (l.line_no, l.waiting - owed_of(l.line_no)));
    Ok(asked.filter(|(_, units)| *units > 0).collect())
}

/// What can be sent in the place of units of some lines, (line, units): of each the best that the rules find somewhere, beside what is offered for the lines
/// before it. A line that is a part of a kit, has a text of its own or has left in part keeps what it is; nothing that is cheaper by itself is offered at the
/// price of what was ordered.
pub(super) async fn offered(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    planning: &Planning,
    order_id: OrderId,
    asked: &[(i32, i32)],
) -> Result<Vec<Offered>> {
    let (lines, units): (Vec<i32>, Vec<i32>) = asked.iter().copied().unzip();
    let rows = sqlx::query_file!("src/orders/sql/substitutes.sql", order_id.0, &lines, &units, at).fetch_all(&mut *conn).await?;
    let may_be = rows.into_iter().map(|r| Offered {
        line_no: r.line_no,
        units: r.units,
        own_name: r.own_name,
        quantity: r.quantity,
        amount_minor: r.amount_minor,
        tax_minor: r.tax_minor,
        sku: r.sku,
        size: Size::of(r.weight_grams, r.length_mm, r.width_mm, r.height_mm),
        code: r.code,
        name: r.name,
    });
    let may_be: Vec<Offered> = may_be.collect();
    if may_be.is_empty() {
        return Ok(may_be);
    }
    let owed = open_backorders(conn, order_id).await?;
    let Some(Waiting { plan_order, placed_at, .. }) = waiting_part(conn, planning, order_id, at, &owed).await? else { return Ok(Vec::new()) };
    let skus: Vec<SkuId> = plan_order.lines.iter().map(|l| l.sku).chain(may_be.iter().map(|o| o.sku)).collect();
    let stock = stock_for(conn, planning, &skus, at, (placed_at, order_id)).await?;
    let snapshot = Snapshot { at, network: &planning.network, stock: &stock };
    let mut with_all =
        PlanOrder { lines: may_be.iter().filter_map(|o| Some(o.as_line(0, line_of(&plan_order, o)?))).collect(), ..plan_order.clone() };
    planning.look_up(conn, &mut [&mut with_all], at).await?;
    let traits_of = |sku: SkuId| with_all.lines.iter().find(|l| l.sku == sku).map(|l| Arc::clone(&l.traits)).unwrap_or_default();
    // True where what is offered is sent, all of it.
    let is_sent = |offered: &[Offered]| {
        let mut order = plan_order.clone();
        for (n, one) in offered.iter().enumerate() {
            let Some(line) = line_of(&order, one) else { return false };
            let instead = PlanLine { traits: traits_of(one.sku), ..one.as_line(i32::MAX - i32::try_from(n).unwrap_or(0), line) };
            order.lines.iter_mut().filter(|l| l.line_no == one.line_no).for_each(|l| *l = l.of_units(l.quantity - one.units));
            order.lines.push(instead);
        }
        order.lines.retain(|l| l.quantity > 0);
        let (order, plan, _) = best_plan(order, planning, &snapshot);
        // Those that are put in place are the last.
        let mut instead = order.lines.iter().rev().take(offered.len());
        instead.all(|line| plan.waiting.iter().all(|w| w.line_no != line.line_no))
    };
    let mut found: Vec<Offered> = Vec::new();
    for candidate in &may_be {
        if found.iter().all(|o| o.line_no != candidate.line_no) {
            found.push(candidate.clone());
            if !is_sent(&found) {
                found.pop();
            }
        }
    }
    if found.is_empty() {
        // A rule may send nothing unless it sends everything.
        let mut best: Vec<Offered> = may_be;
        best.dedup_by_key(|o| o.line_no);
        if best.len() > 1 && is_sent(&best) {
            found = best;
        }
    }
    Ok(found)
}

fn line_of<'o>(order: &'o PlanOrder, offered: &Offered) -> Option<&'o PlanLine> {
    order.lines.iter().find(|l| l.line_no == offered.line_no)
}

/// Puts a line of what was offered in the place of the units that are missing, with their share of the price and of what was promised. Returns the new lines
/// with their units. The caller holds the order's lock, and routes them.
pub(super) async fn put_in_place(conn: &mut PgConnection, at: DateTime<Utc>, order_id: OrderId, offered: &[Offered]) -> Result<Vec<(i32, i32)>> {
    let line_nos: Vec<i32> = offered.iter().map(|o| o.line_no).collect();
    let units: Vec<i32> = offered.iter().map(|o| o.units).collect();
    let amounts: Vec<i64> = offered.iter().map(|o| o.part(o.amount_minor)).collect();
    let taxes: Vec<i64> = offered.iter().map(|o| o.part(o.tax_minor)).collect();
    let added = sqlx::query!(
        "insert into order_lines (order_id, line_no, sku_id, sku_code, name, quantity, open, unit_price_micros, amount_minor, tax_minor, queue,
            gift_wrap_micros, promised_from, promised_by, first_promised_by, instead_of, added_at)
        select l.order_id, (select max(line_no) from order_lines where order_id = $1) + (row_number() over (order by n.line_no))::integer, n.sku_id,
            n.code, n.name, n.units, n.units, l.unit_price_micros, n.amount_minor, n.tax_minor, $9, l.gift_wrap_micros, l.promised_from, l.promised_by,
            l.first_promised_by, l.line_no, $10
        from unnest($2::integer[], $3::integer[], $4::bigint[], $5::bigint[], $6::uuid[], $7::text[], $8::text[])
            as n (line_no, units, amount_minor, tax_minor, sku_id, code, name)
        join order_lines l on l.order_id = $1 and l.line_no = n.line_no
        returning line_no, quantity",
        order_id.0,
        &line_nos,
        &units,
        &amounts,
        &taxes,
        &offered.iter().map(|o| o.sku.0).collect::<Vec<_>>(),
        &offered.iter().map(|o| o.code.clone()).collect::<Vec<_>>(),
        &offered.iter().map(|o| o.name.clone()).collect::<Vec<_>>(),
        Queue::Unrouted.as_str(),
        at
    )
    .fetch_all(&mut *conn)
    .await?;
    // A line of which nothing is left was ordered all the same.
    sqlx::query!(
        "update order_lines l
        set quantity = case when l.quantity > n.units then l.quantity - n.units else l.quantity end,
            cancelled = case when l.quantity > n.units then l.cancelled else l.cancelled + n.units end,
            open = l.open - n.units, amount_minor = l.amount_minor - n.amount_minor, tax_minor = l.tax_minor - n.tax_minor, queue = null
        from unnest($2::integer[], $3::integer[], $4::bigint[], $5::bigint[]) as n (line_no, units, amount_minor, tax_minor)
        where l.order_id = $1 and l.line_no = n.line_no",
        order_id.0,
        &line_nos,
        &units,
        &amounts,
        &taxes
    )
    .execute(conn)
    .await?;
    Ok(added.into_iter().map(|l| (l.line_no, l.quantity)).collect())
}

/// Sends something else in the place of what waits for that, where it can be had: the customer is told. Nothing happens where nothing waits so, or where nothing
/// that is named as a substitute is there.
pub async fn send_substitutes(conn: &mut PgConnection, act: &Act, planning: &Planning, order_id: OrderId, claiming: Claiming) -> Result<()> {
    lock_order(conn, order_id).await?;
    let missing = waiting_for(conn, order_id, Queue::Substitute).await?;
    let instead = if missing.is_empty() { Vec::new() } else { offered(conn, act.now, planning, order_id, &missing).await? };
    if instead.is_empty() {
        return Ok(());
    }
    let added = put_in_place(conn, act.now, order_id, &instead).await?;
    let details = EventDetails { reason: Some(in_words(&instead)), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::LineSubstituted, details }]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    if route_waiting(conn, act, planning, order_id, Decides::Rules, claiming).await?.takes(&added) {
        return Ok(());
    }
    Err(Error::Contended(Refusal::new(RefusalCode::OutOfStock, "What could be sent in its place has just gone.")))
}

/// Such as `2 × Oak jug instead of Brass jug`.
pub(super) fn in_words(instead: &[Offered]) -> String {
    let each = |o: &Offered| format!("{} × {} instead of {}", o.units, o.name, o.own_name);
    instead.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// What the customer is asked about, with what can be sent in its place.
pub(super) async fn missing_of(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    planning: &PlanningCache,
    order_id: OrderId,
    lines: &[LineView],
) -> Result<Vec<Missing>> {
    if lines.iter().all(|l| l.queue != Some(Queue::Asked)) {
        return Ok(Vec::new());
    }
    let asked = waiting_for(conn, order_id, Queue::Asked).await?;
    let planning = planning.get(conn, at).await?;
    let offered = offered(conn, at, &planning, order_id, &asked).await?;
    let missing = asked.into_iter().filter_map(|(line_no, units)| {
        let line = lines.iter().find(|l| l.line_no == line_no)?;
        let instead = offered.iter().find(|o| o.line_no == line_no).map(|o| (o.code.clone(), o.name.clone()));
        Some(Missing { line_no, name: line.name.clone(), units, instead })
    });
    Ok(missing.collect())
}
