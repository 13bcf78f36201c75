//! Routing anew what waits: units that a location turned down, that a count took away, or that nobody had when the order came.

use super::assign::{Assigned, Claiming, claim, fulfilments_of, lock_if_certain, owed_of, routed};
use super::besides;
use super::holds::Freed;
use super::planning::Planning;
use super::project_order::{lock_order, project_order};
use super::promises::promise_anew;
use crate::catalog::Size;
use crate::events::{self, EventKind, NewEvent, StreamKind};
use crate::fulfilment::{Method, plan_fulfilments, release_fulfilments};
use crate::geo::GeoPoint;
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, SkuId};
use crate::inventory::backorders::{LaterKind, Owed, open_backorders, owed_at};
use crate::inventory::{self, Claims, Snapshot, StockView};
use crate::jobs::{self, Job};
use crate::payments::PaymentState;
use crate::purchasing;
use crate::refusal::Result;
use crate::routing::{self, Decided, DecisionRecord, OrderTraits, Plan, PlanLine, PlanOrder, Promise, Queue, TurnedDown};
use crate::slots;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::sync::Arc;

/// Why a fulfilment order was given up that nobody turned down: the books were wrong.
pub(super) const SHORTFALL: &str = "shortfall";

/// Why a fulfilment order was given up that another location can still have there in time.
pub(super) const LATE: &str = "late";

/// Plans the waiting units of an order on the stock as it is. What is found is claimed and released; what is not waits on. Who has turned
/// it down is not asked again ([`PlanOrder::leave_out`]). Nothing happens where nothing waits. True where something was found.
pub async fn reroute_order(conn: &mut PgConnection, act: &Act, planning: &Planning, order_id: OrderId, claiming: Claiming) -> Result<bool> {
    lock_order(conn, order_id).await?;
    Ok(route_waiting(conn, act, planning, order_id, Decides::Rules, claiming).await?.found)
}

/// Why a fulfilment order was given up that counted on what is out of order, or that goes back when it is over.
pub(super) const DISRUPTION: &str = "disruption";

/// Why a fulfilment order was given up that another location has taken.
pub(super) const OFFER: &str = "offer";

/// Why a fulfilment order was given up that all who were asked have declined.
pub(super) const DECLINED: &str = "declined";

/// What became of the waiting units of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rerouted {
    /// Some of them are assigned.
    pub found: bool,
    /// Lines that are not all sent, or come later than they were promised.
    pub late: Vec<i32>,
    /// When the last of each line that something is promised of is there, and whether that is later than it was promised.
    by: Vec<(i32, DateTime<Utc>, bool)>,
    pub assigned: Vec<Whither>,
}

impl Rerouted {
    /// True where all of some work is assigned: (line, units). Other units that waited play no part.
    pub fn takes(&self, work: &[(i32, i32)]) -> bool {
        let given =
            |line_no: i32| -> i32 { self.assigned.iter().flat_map(|to| &to.lines).filter(|(no, _)| *no == line_no).map(|(_, units)| units).sum() };
        work.iter().all(|(line_no, units)| given(*line_no) >= *units)
    }

    /// True where something of some work comes later than it was promised.
    pub fn is_later(&self, work: &[(i32, i32)]) -> bool {
        self.by.iter().any(|(line_no, _, is_later)| *is_later && work.iter().any(|(no, _)| no == line_no))
    }

    /// When the last of some work is there; none where nothing is promised of it.
    pub fn there_by(&self, work: &[(i32, i32)]) -> Option<DateTime<Utc>> {
        self.by.iter().filter(|(line_no, ..)| work.iter().any(|(no, _)| no == line_no)).map(|(_, by, _)| *by).max()
    }
}

/// Where units are sent from, and by which carrier service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whither {
    pub location: LocationId,
    pub service: Option<String>,
    /// (line, units)
    pub lines: Vec<(i32, i32)>,
}

/// Who decides where what waits is sent from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decides {
    Rules,
    /// The rules; a location has taken it, and it is planned for that one alone.
    Taker(LocationId),
    /// Somebody has chosen a location, whatever the rules say.
    Somebody(LocationId),
}

/// See [`reroute_order`]. The caller holds the order's lock.
pub(super) async fn route_waiting(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order_id: OrderId,
    decides: Decides,
    claiming: Claiming,
) -> Result<Rerouted> {
    let owed = open_backorders(conn, order_id).await?;
    let Some(Waiting { mut plan_order, paid, may_be_released, placed_at, waited_for }) =
        waiting_part(conn, planning, order_id, act.now, &owed).await?
    else {
        return Ok(Rerouted::default());
    };
    (plan_order.taken_by, plan_order.by_hand) = match decides {
        Decides::Rules => (None, false),
        Decides::Taker(location) => (Some(location), false),
        Decides::Somebody(location) => (Some(location), true),
    };
    if let Decides::Somebody(location) = decides {
        // Whoever chooses it knows better than what it said before.
        plan_order.excluded.retain(|out| *out != location);
        plan_order.not_before.retain(|out| out.location != location);
    }
    let skus: Vec<SkuId> = plan_order.lines.iter().map(|l| l.sku).collect();
    lock_if_certain(conn, planning, &skus, act.now, claiming).await?;
    let stock = stock_for(conn, planning, &skus, act.now, (placed_at, order_id)).await?;
    let snapshot = Snapshot { at: act.now, network: &planning.network, stock: &stock };
    let (plan_order, mut plan, promise) = best_plan(plan_order, planning, &snapshot);
    let mut happened: Vec<NewEvent> = Vec::new();
    // Whoever has said that they wait is not asked again, and gets nothing else.
    plan.waiting
        .iter_mut()
        .filter(|w| matches!(w.queue, Queue::Asked | Queue::Substitute) && waited_for.contains(&w.line_no))
        .for_each(|w| w.queue = Queue::Unfillable);
    let changed = write_queues(conn, order_id, &plan_order, &plan).await?;
    let waits_for_another_reason = !changed.is_empty();
    // Who has not paid yet is asked when they have.
    let is_asked = paid && plan.waiting.iter().any(|w| w.queue == Queue::Asked && changed.contains(&w.line_no));
    if waits_for_another_reason && !plan.waiting.is_empty() {
        happened.push(if is_asked { EventKind::CustomerAsked } else { EventKind::OrderWaiting }.into());
    }
    let mut fulfilments = Vec::new();
    if waits_for_another_reason || !plan.assignments.is_empty() {
        let decided = Decided { order: order_id, at: act.now, record: DecisionRecord::new(&plan_order, &plan) };
        routing::record_decisions(conn, &planning.ruleset, &[decided]).await?;
        happened.extend(besides::announced(&plan));
    }
    if paid && plan.waiting.iter().any(|w| w.queue == Queue::Substitute) {
        jobs::enqueue(conn, &[(Job::SendSubstitutes { order_id, since: act.now }, act.now)]).await?;
    }
    besides::carry_out_anew(conn, act.now, order_id, &plan).await?;
    if !plan.assignments.is_empty() {
        let earlier = sqlx::query_scalar!(r#"select coalesce(max(fulfilment_no), 0) as "n!" from fulfilment_orders where order_id = $1"#, order_id.0)
            .fetch_one(&mut *conn)
            .await?;
        let assigned = Assigned {
            order: order_id,
            plan_order: &plan_order,
            plan: &plan,
            promise: &promise,
            earlier,
            again: true,
            freed: &Freed::new(),
            planned_at: act.now,
        };
        fulfilments = fulfilments_of(&snapshot, &assigned);
        plan_fulfilments(conn, &fulfilments).await?;
        happened.push(routed(planning, &plan));
        happened.extend(promise_anew(conn, act, order_id, &plan_order, &promise).await?);
        if may_be_released {
            happened.extend(release_fulfilments(conn, act, &[order_id]).await?.into_iter().map(|r| r.event));
            purchasing::follow_orders(conn, act, &[order_id]).await?;
        }
    }
    events::append(conn, act, StreamKind::Order, order_id.0, happened).await?;
    project_order(conn, act.now, &[order_id]).await?;
    let owed_seen = stock.owed_on_terms(&planning.network);
    let mut claims = Claims { owed: owed_of(order_id, &plan_order, &plan), no_longer_owed: owed, owed_seen, ..Claims::default() };
    claims.owed.sort();
    if claims.owed == claims.no_longer_owed {
        claims = Claims::default();
    }
    claim(conn, act, planning, &fulfilments, claims).await?;
    Ok(Rerouted {
        found: !fulfilments.is_empty(),
        late: late_lines(&plan_order, &plan, &promise),
        by: plan_order.lines.iter().filter_map(|l| Some((l.line_no, promise.of_line(l.line_no)?.by, is_later(l, &promise)))).collect(),
        assigned: fulfilments
            .into_iter()
            .map(|f| Whither {
                location: f.location,
                lines: f.lines.iter().map(|l| (l.line_no, l.quantity)).collect(),
                service: f.promised.and_then(|p| p.service),
            })
            .collect(),
    })
}

/// The stock as an order that was placed at a moment sees it: what is owed to later ones is not before it.
pub(super) async fn stock_for(
    conn: &mut PgConnection,
    planning: &Planning,
    skus: &[SkuId],
    now: DateTime<Utc>,
    placed: (DateTime<Utc>, OrderId),
) -> Result<StockView> {
    let mut stock = inventory::stock_now(conn, &planning.network, skus, now, planning.ruleset.needs.demand).await?;
    if stock.levels.iter().any(|(.., level)| level.backordered > 0) {
        stock.set_owed(&owed_at(conn, skus, now, Some(placed)).await?);
    }
    Ok(stock)
}

/// The plan of what waits, by faster services than the customer has paid for where that keeps what they were promised, or sends more. Returned with the order
/// as it was planned.
pub(super) fn best_plan(order: PlanOrder, planning: &Planning, snapshot: &Snapshot<'_>) -> (PlanOrder, Plan, Promise) {
    let (plan, promise) = planned(&order, planning, snapshot);
    if late_lines(&order, &plan, &promise).is_empty() || order.lines.iter().all(|l| l.promised_by.is_none()) {
        return (order, plan, promise);
    }
    // What was promised is worth a faster service.
    let services = planning.network.delivery.services.keys().cloned().collect();
    let faster = PlanOrder { services: Some(services), ..order.clone() };
    let (its_plan, its_promise) = planned(&faster, planning, snapshot);
    // Or where no service that they have paid for takes it at all.
    let units = |plan: &Plan| plan.assignments.iter().map(|a| i64::from(a.quantity)).sum::<i64>();
    if late_lines(&faster, &its_plan, &its_promise).is_empty() || units(&its_plan) > units(&plan) {
        return (faster, its_plan, its_promise);
    }
    (order, plan, promise)
}

fn planned(order: &PlanOrder, planning: &Planning, snapshot: &Snapshot<'_>) -> (Plan, Promise) {
    let plan = routing::plan(order, snapshot, &planning.ruleset);
    let promise = routing::promise(order, &plan, snapshot);
    (plan, promise)
}

/// The lines of a plan that are not all sent, or come later than they were promised.
fn late_lines(order: &PlanOrder, plan: &Plan, promise: &Promise) -> Vec<i32> {
    let waits = |line: &PlanLine| plan.waiting.iter().any(|w| w.line_no == line.line_no);
    let is_late = |line: &PlanLine| promise.of_line(line.line_no).is_none() || is_later(line, promise);
    order.lines.iter().filter(|line| waits(line) || is_late(line)).map(|line| line.line_no).collect()
}

fn is_later(line: &PlanLine, promise: &Promise) -> bool {
    promise.of_line(line.line_no).is_some_and(|window| line.promised_by.is_some_and(|by| window.by > by))
}

/// The part of an order that waits.
pub(super) struct Waiting {
    pub plan_order: PlanOrder,
    /// Its money is certain.
    paid: bool,
    /// Its money is certain, and its time to wait is over.
    may_be_released: bool,
    pub placed_at: DateTime<Utc>,
    /// Lines that the customer has said they wait for.
    waited_for: Vec<i32>,
}

/// The part of an order that waits, as planning wants it; none where nothing waits.
pub(super) async fn waiting_part(
    conn: &mut PgConnection,
    planning: &Planning,
    order_id: OrderId,
    now: DateTime<Utc>,
    owed: &[Owed],
) -> Result<Option<Waiting>> {
    let lines = sqlx::query_file!("src/orders/sql/waiting_lines.sql", order_id.0).fetch_all(&mut *conn).await?;
    if lines.is_empty() {
        return Ok(None);
    }
    let header = sqlx::query!(
        r#"select o.channel, o.customer_group, o.method as "method: Method", o.pickup_location_id as "pickup: LocationId", o.goods_minor, o.placed_at,
            o.delivery_method, o.release_at, o.origin, o.currency, o.priority, o.tags, o.customer_tags, o.attributes, o.order_type, o.ship_by as asked_by,
            exists (select from order_lines w where w.order_id = o.order_id and w.gift_wrap_micros is not null) as "is_gift!",
            (select count(*)::integer from order_decisions d where d.order_id = o.order_id) as "attempts!",
            (select min(f.hand_over_by) from fulfilment_orders f where f.order_id = o.order_id and f.state = 'rejected') as ship_by,
            array(select h.kind from order_holds h where h.order_id = o.order_id and h.released_at is null order by h.kind) as "holds!",
            c.country, c.postcode, c.latitude, c.longitude,
            p.state as "payment?: PaymentState"
        from orders o
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        left join payments p on p.order_id = o.order_id
        where o.order_id = $1"#,
        order_id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let refusals = sqlx::query!(
        r#"select location_id as "location!: LocationId", refused_at as "at!", lacking as "lacking: Vec<SkuId>"
        from order_refusals
        where order_id = $1
        order by fulfilment_no, refused_at"#,
        order_id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let refusals: Vec<TurnedDown> = refusals.into_iter().map(|r| TurnedDown { location: r.location, at: r.at, lacking: r.lacking }).collect();
    let waited_for = lines.iter().filter(|l| l.customer_waits).map(|l| l.line_no).collect();
    let mut order = PlanOrder {
        channel: header.channel,
        customer_group: header.customer_group,
        method: header.method,
        pickup_location: header.pickup,
        country: header.country,
        destination: GeoPoint { latitude: header.latitude, longitude: header.longitude },
        postcode: header.postcode,
        services: header.delivery_method.as_deref().and_then(|code| planning.network.delivery.method(code)).map(|m| m.services.clone()),
        release_at: header.release_at,
        slot: slots::slot_of_order(conn, order_id).await?,
        value_minor: header.goods_minor,
        lines: lines
            .into_iter()
            .map(|l| {
                let size = Size::of(l.weight_grams, l.length_mm, l.width_mm, l.height_mm);
                PlanLine {
                    line_no: l.line_no,
                    sku: l.sku,
                    quantity: l.waiting,
                    size,
                    promised_by: l.promised_by,
                    amount_minor: l.amount_minor,
                    queue: l.queue,
                    traits: Arc::default(),
                }
            })
            .collect(),
        excluded: Vec::new(),
        not_before: Vec::new(),
        taken_by: None,
        by_hand: false,
        promised: owed.iter().map(promise).collect(),
        traits: OrderTraits {
            origin: header.origin,
            currency: header.currency,
            delivery_method: header.delivery_method,
            priority: header.priority.into(),
            order_type: header.order_type,
            gift: header.is_gift,
            tags: header.tags,
            customer_tags: header.customer_tags,
            attributes: header.attributes,
            placed_at: Some(header.placed_at),
            ship_by: header.asked_by.into_iter().chain(header.ship_by).min(),
            attempts: header.attempts,
            rejections: refusals.iter().map(|no| (no.location, no.at)).collect(),
            payment: header.payment.map_or_else(String::new, |payment| payment.to_string()),
            holds: header.holds,
        },
    };
    order.leave_out(&refusals, planning.ruleset.not_again_days, &planning.network, now);
    planning.look_up(conn, &mut [&mut order], now).await?;
    let paid = header.payment.is_some_and(PaymentState::is_certain);
    let may_be_released = paid && header.release_at.is_none_or(|at| at <= now);
    Ok(Some(Waiting { plan_order: order, paid, may_be_released, placed_at: header.placed_at, waited_for }))
}

/// What is owed, as planning knows it.
fn promise(owed: &Owed) -> routing::Waiting {
    let queue = match owed.kind {
        LaterKind::Backorder => Queue::Backorder,
        LaterKind::Preorder => Queue::Preorder,
    };
    routing::Waiting { line_no: owed.line_no, quantity: owed.quantity, queue, location: Some(owed.location), expected_at: Some(owed.expected_at) }
}

/// Says of each line that was planned why it waits on, or that it does not. The lines of which that is another reason than before.
async fn write_queues(conn: &mut PgConnection, order_id: OrderId, order: &PlanOrder, plan: &Plan) -> Result<Vec<i32>> {
    let queue_of = |line_no: i32| plan.waiting.iter().find(|w| w.line_no == line_no).map(|w| w.queue.to_string());
    Ok(sqlx::query_scalar!(
        "update order_lines l
        set queue = w.queue
        from unnest($2::integer[], $3::text[]) as w (line_no, queue)
        where l.order_id = $1 and l.line_no = w.line_no and l.queue is distinct from w.queue
        returning l.line_no",
        order_id.0,
        &order.lines.iter().map(|l| l.line_no).collect::<Vec<_>>(),
        &order.lines.iter().map(|l| queue_of(l.line_no)).collect::<Vec<_>>() as _
    )
    .fetch_all(conn)
    .await?)
}

/// All orders that wait, those placed first before the others, at most so many.
pub async fn waiting_orders(conn: &mut PgConnection, most: i64) -> Result<Vec<OrderId>> {
    let rows = sqlx::query_scalar!(
        r#"select o.order_id as "id: OrderId"
        from orders o
        where exists (select from order_lines l where l.order_id = o.order_id and l.queue is not null)
        order by o.placed_at, o.order_id
        limit $1"#,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Orders with units of a SKU that wait, those placed first before the others, at most so many.
pub async fn orders_waiting_for(conn: &mut PgConnection, sku: SkuId, most: i64) -> Result<Vec<OrderId>> {
    let rows = sqlx::query_scalar!(
        r#"select o.order_id as "id: OrderId"
        from order_lines l
        join orders o using (order_id)
        where l.sku_id = $1 and l.queue is not null
        group by o.order_id, o.placed_at
        order by o.placed_at, o.order_id
        limit $2"#,
        sku.0,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
