//! Baskets whose units are kept for a while, before there is an order: found by `plan()`, like an order's, so that what is kept is what will be
//! sent. A hold is released once: by whoever made it, by its time, by the order that it becomes, or by stock that shrinks.

use super::assign::lock_if_certain;
use super::marks::origin_of;
use super::planning::Planning;
use super::shortage::{Asked, PartOf, is_accepted, named, shortage};
use super::terms::named_group;
use super::{Claiming, MOST_LINES, MOST_UNITS, Method};
use crate::catalog::{self, Wanted};
use crate::geo;
use crate::identity::{Act, Permission};
use crate::ids::{HoldId, LocationId, OrderId, ReservationId, SkuId};
use crate::inventory::{self, Claim, Claims, Held, Holder, ReservationOutcome, Returned, Snapshot, StockView};
use crate::jobs::{self, Job};
use crate::refusal::{FieldProblem, Refusal, Result};
use crate::routing::{self, OrderTraits, PlanOrder};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a basket wants kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHold {
    pub channel: String,
    pub method: Method,
    /// The group of customers that it is from, where the channel knows one.
    pub customer_group: Option<String>,
    /// Code of the store to collect from.
    pub pickup_location: Option<String>,
    /// Where it is likely to go; the channel's own country where left out.
    pub country: Option<String>,
    pub postcode: Option<String>,
    /// (SKU code, units)
    pub lines: Vec<(String, i32)>,
}

/// A basket that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub hold: HoldId,
    pub until: DateTime<Utc>,
}

/// However often it is extended, a basket is kept no longer than so many times as long.
const LONGEST: i32 = 4;

/// Units that a hold keeps somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeldUnits {
    pub hold: HoldId,
    pub sku: SkuId,
    pub location: LocationId,
    pub quantity: i32,
    pub reservation: ReservationId,
}

impl HeldUnits {
    pub const fn key(&self) -> Held {
        Held { sku: self.sku, reservation: self.reservation }
    }

    /// As a claim takes them back.
    pub const fn returned(&self) -> Returned {
        Returned { held: self.key(), location: self.location, quantity: self.quantity }
    }
}

/// Keeps a basket's units for as long as its channel does, in place of those that `before` kept. Refused where not all of it can be had; then
/// `before` stays as it was. None where nothing needs keeping: all of it is yet to come. The caller chooses the id.
pub async fn hold_basket(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    id: HoldId,
    before: Option<HoldId>,
    new: &NewHold,
    claiming: Claiming,
) -> Result<Option<Kept>> {
    act.require(Permission::CaptureOrders)?;
    let (order, asked) = check(conn, act, planning, new).await?;
    let seconds = planning.terms.hold_seconds(&new.channel);
    if seconds == 0 {
        return Err(Refusal::field("/channel", "This channel keeps nothing for baskets. Order at once, or have it switched on.").into());
    }
    let earlier = lock_holds(conn, before.as_slice()).await?;
    let skus: Vec<SkuId> = order.lines.iter().map(|l| l.sku).chain(earlier.iter().map(|h| h.sku)).collect();
    lock_if_certain(conn, planning, &skus, act.now, claiming).await?;
    let mut stock = inventory::stock_now(conn, &planning.network, &skus, act.now, planning.ruleset.needs.demand).await?;
    let freed = free(&mut stock, &earlier);
    let snapshot = Snapshot { at: act.now, network: &planning.network, stock: &stock };
    let plan = routing::plan(&order, &snapshot, &planning.ruleset);
    // What is not there yet needs no keeping, nor what somebody looks at first.
    if !is_accepted(&order, &plan, &snapshot, &planning.ruleset) {
        return Err(shortage(&order, &asked, &snapshot, &planning.ruleset).into());
    }
    if plan.assignments.is_empty() {
        end_holds(conn, act, &ids_of(&earlier), "released").await?;
        let freed: Vec<Held> = earlier.iter().map(HeldUnits::key).collect();
        inventory::release_reservations(conn, act, &freed, ReservationOutcome::Released).await?;
        return Ok(None);
    }
    let until = act.now + TimeDelta::seconds(seconds.into());
    sqlx::query!(
        "insert into holds (hold_id, channel, state, opened_at, expires_at) values ($1, $2, 'open', $3, $4)",
        id.0,
        new.channel,
        act.now,
        until
    )
    .execute(&mut *conn)
    .await?;
    end_holds(conn, act, &ids_of(&earlier), "released").await?;
    jobs::enqueue(conn, &[(Job::ExpireHold { hold_id: id, at: until }, until)]).await?;
    let stock = plan
        .assignments
        .iter()
        .filter_map(|a| {
            let line = order.lines.iter().find(|l| l.line_no == a.line_no)?;
            Some(Claim {
                holder: Holder::Basket { hold: id, until },
                reservation_id: ReservationId::new(act.now),
                sku: line.sku,
                location: a.location,
                quantity: a.quantity,
                kept_back: snapshot.kept_back(order.buyer(), line.sku, a.location),
                ahead: ahead_of(&freed, line.sku, a.location),
                claimed_at: act.now,
            })
        })
        .collect();
    let given_up = earlier.iter().map(HeldUnits::returned).collect();
    inventory::claim_stock(conn, act, &Claims { stock, given_up, ..Claims::default() }).await?;
    Ok(Some(Kept { hold: id, until }))
}

/// Keeps a basket longer: from now as long as its channel does, and never longer in all than that four times.
pub async fn extend_hold(conn: &mut PgConnection, act: &Act, planning: &Planning, id: HoldId) -> Result<Kept> {
    act.require(Permission::CaptureOrders)?;
    let hold = sqlx::query!("select channel, opened_at, expires_at from holds where hold_id = $1 and state = 'open' for update", id.0)
        .fetch_optional(&mut *conn)
        .await?
        .filter(|h| h.expires_at > act.now)
        .ok_or_else(|| Refusal::not_found("such hold any more"))?;
    let seconds = planning.terms.hold_seconds(&hold.channel);
    let latest = hold.opened_at + TimeDelta::seconds((seconds * LONGEST).into());
    let until = (act.now + TimeDelta::seconds(seconds.into())).min(latest).max(hold.expires_at);
    sqlx::query!("update holds set expires_at = $2 where hold_id = $1", id.0, until).execute(&mut *conn).await?;
    sqlx::query!("update reservations set expires_at = $2 where hold_id = $1 and closed_at is null", id.0, until).execute(&mut *conn).await?;
    jobs::enqueue(conn, &[(Job::ExpireHold { hold_id: id, at: until }, until)]).await?;
    Ok(Kept { hold: id, until })
}

/// Frees what a basket kept. Nothing happens where that was done before.
pub async fn release_hold(conn: &mut PgConnection, act: &Act, id: HoldId) -> Result<()> {
    act.require(Permission::CaptureOrders)?;
    give_up(conn, act, id, "released", ReservationOutcome::Released).await
}

/// Frees what a basket kept whose time is over. Nothing happens where it was extended, or has ended.
pub async fn expire_hold(conn: &mut PgConnection, act: &Act, id: HoldId) -> Result<()> {
    let over = sqlx::query_scalar!(
        r#"select exists (select from holds where hold_id = $1 and state = 'open' and expires_at <= $2 for update) as "over!""#,
        id.0,
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    if over { give_up(conn, act, id, "expired", ReservationOutcome::Expired).await } else { Ok(()) }
}

async fn give_up(conn: &mut PgConnection, act: &Act, id: HoldId, state: &str, outcome: ReservationOutcome) -> Result<()> {
    let units = lock_holds(conn, &[id]).await?;
    end_holds(conn, act, &[id], state).await?;
    let held: Vec<Held> = units.iter().map(HeldUnits::key).collect();
    inventory::release_reservations(conn, act, &held, outcome).await
}

/// The baskets that keep units of a SKU at a location, newest first, with how many. Stock that shrinks takes them before any order's.
pub(super) async fn holds_of(conn: &mut PgConnection, sku: SkuId, location: LocationId) -> Result<Vec<(HoldId, i32)>> {
    let rows = sqlx::query!(
        r#"select hold_id as "hold!: HoldId", sum(quantity)::integer as "units!"
        from reservations
        where sku_id = $1 and location_id = $2 and closed_at is null and hold_id is not null
        group by hold_id
        order by min(opened_at) desc, hold_id"#,
        sku.0,
        location.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.hold, r.units)).collect())
}

/// Locks those of some holds that are open, in the order of their ids, and says what they keep.
pub(super) async fn lock_holds(conn: &mut PgConnection, ids: &[HoldId]) -> Result<Vec<HeldUnits>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let open = sqlx::query_scalar!("select hold_id from holds where hold_id = any ($1) and state = 'open' order by hold_id for update", &ids)
        .fetch_all(&mut *conn)
        .await?;
    units_of(conn, &open).await
}

/// What holds keep.
pub(super) async fn units_of(conn: &mut PgConnection, holds: &[Uuid]) -> Result<Vec<HeldUnits>> {
    Ok(sqlx::query_as!(
        HeldUnits,
        r#"select hold_id as "hold!: HoldId", sku_id as "sku: SkuId", location_id as "location: LocationId", quantity,
            reservation_id as "reservation: ReservationId"
        from reservations
        where hold_id = any ($1) and closed_at is null"#,
        holds
    )
    .fetch_all(conn)
    .await?)
}

/// Says of holds whose rows are locked how they ended. Their reservations are the caller's to end.
pub(super) async fn end_holds(conn: &mut PgConnection, act: &Act, ids: &[HoldId], state: &str) -> Result<()> {
    end(conn, act, &ids.iter().map(|id| (*id, None)).collect::<Vec<_>>(), state).await
}

/// Says of holds whose rows are locked which orders they have become.
pub(super) async fn become_orders(conn: &mut PgConnection, act: &Act, holds: &[(HoldId, OrderId)]) -> Result<()> {
    end(conn, act, &holds.iter().map(|(hold, order)| (*hold, Some(*order))).collect::<Vec<_>>(), "ordered").await
}

async fn end(conn: &mut PgConnection, act: &Act, holds: &[(HoldId, Option<OrderId>)], state: &str) -> Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let ended = sqlx::query!(
        r#"update holds
        set state = $3, ended_at = $4, order_id = w.order_id
        from unnest($1::uuid[], $2::uuid[]) as w (hold_id, order_id)
        where holds.hold_id = w.hold_id and holds.state = 'open'
        returning holds.hold_id as "id: HoldId", holds.expires_at"#,
        &holds.iter().map(|h| h.0.0).collect::<Vec<_>>(),
        &holds.iter().map(|h| h.1.map(|o| o.0)).collect::<Vec<_>>() as _,
        state,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let pointless: Vec<Job> = ended.into_iter().map(|h| Job::ExpireHold { hold_id: h.id, at: h.expires_at }).collect();
    jobs::forget(conn, &pointless).await
}

/// The holds that keep some units, each once.
pub(super) fn ids_of(units: &[HeldUnits]) -> Vec<HoldId> {
    let ids: BTreeSet<HoldId> = units.iter().map(|h| h.hold).collect();
    ids.into_iter().collect()
}

/// Until when a basket is kept; none where it is not any more.
pub async fn kept_until(conn: &mut PgConnection, id: HoldId) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!("select expires_at from holds where hold_id = $1 and state = 'open'", id.0).fetch_optional(conn).await?)
}

/// The answer to a hold that was asked for before with the same key: none where nothing needed keeping.
pub async fn replay_hold(conn: &mut PgConnection, act: &Act, planning: &Planning, id: HoldId) -> Result<Option<Kept>> {
    let made = sqlx::query_scalar!(r#"select exists (select from holds where hold_id = $1) as "made!""#, id.0).fetch_one(&mut *conn).await?;
    if made { extend_hold(conn, act, planning, id).await.map(Some) } else { Ok(None) }
}

/// What a basket frees at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct FreedAt {
    place: (SkuId, LocationId),
    units: i32,
    /// How many units of those that are owed it goes before.
    passed: i32,
    /// How many are owed to those who come first even so.
    ahead: i32,
}

pub(super) type Freed = Vec<FreedAt>;

/// Stock as it is for whoever gives these units up: what a basket kept is its own, whoever is owed some.
pub(super) fn free(stock: &mut StockView, units: &[HeldUnits]) -> Freed {
    let mut bring = |held: &HeldUnits| {
        let passed = stock.bring(held.sku, held.location, held.quantity);
        let ahead = stock.levels.get(held.sku, held.location).ahead;
        FreedAt { place: (held.sku, held.location), units: held.quantity, passed, ahead }
    };
    units.iter().map(&mut bring).collect()
}

/// How many units are owed, at a place, to those who come before whoever brings some of its own there; none where it brings nothing.
pub(super) fn ahead_of(freed: &Freed, sku: SkuId, location: LocationId) -> Option<i32> {
    freed.iter().rev().find(|f| f.place == (sku, location)).map(|f| f.ahead)
}

/// Stock as it is for those who come after: what a basket freed and did not take is kept again where it was not given up.
pub(super) fn settle(stock: &mut StockView, freed: &Freed, given_up: bool) {
    for at in freed {
        if let Some(level) = stock.levels.get_mut(at.place.0, at.place.1) {
            level.ahead += at.passed;
            level.reserved += if given_up { 0 } else { at.units };
        }
    }
}

/// Everything wrong with a basket, or what to plan, and as what each line was asked for.
async fn check(conn: &mut PgConnection, act: &Act, planning: &Planning, new: &NewHold) -> Result<(PlanOrder, Vec<Asked>)> {
    let terms =
        planning.terms.channels.get(&new.channel).ok_or_else(|| Refusal::field("/channel", format!("There is no channel “{}”.", new.channel)))?;
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: String| problems.push(FieldProblem { field, message });
    let customer_group = named_group(new.customer_group.as_deref());
    if let Some(message) = planning.terms.wrong_group(customer_group) {
        wrong("/customer_group".to_owned(), message);
    }
    let pickup_location = match (new.method, new.pickup_location.as_deref()) {
        (Method::Ship, _) => None,
        (Method::Pickup, code) => {
            let found = planning.network.locations.iter().find(|l| Some(l.code.as_str()) == code && l.offers_pickup);
            if found.is_none() {
                wrong("/pickup_location".to_owned(), "Choose a store to collect from.".to_owned());
            }
            found.map(|l| l.id)
        }
    };
    let country = new.country.clone().unwrap_or_else(|| terms.country.clone());
    let destination = geo::locate(&country, new.postcode.as_deref().unwrap_or_default());
    if destination.is_none() {
        wrong("/country".to_owned(), format!("There is no country “{country}”. Send its two letters (ISO 3166-1)."));
    }
    if !(1..=MOST_LINES).contains(&new.lines.len()) {
        wrong("/lines".to_owned(), format!("A basket has 1 to {MOST_LINES} lines."));
    }
    let wanted: Vec<Wanted<'_>> =
        new.lines.iter().map(|(code, _)| Wanted { channel: &new.channel, currency: terms.currency, code, customer_group }).collect();
    let known = catalog::price_skus(conn, act.now, &wanted).await?;
    let mut lines = Vec::new();
    let mut asked = Vec::new();
    for (index, (code, quantity)) in new.lines.iter().enumerate() {
        match known.sku(&new.channel, code, customer_group) {
            None => wrong(format!("/lines/{index}/sku"), format!("There is no SKU “{code}”. Check the code.")),
            Some(sku) if sku.retired => {
                wrong(format!("/lines/{index}/sku"), format!("{} ({}) is not sold any more. Take it out.", sku.name, sku.code));
            }
            Some(_) if !(1..=MOST_UNITS).contains(quantity) => {
                wrong(format!("/lines/{index}/quantity"), "Keep at least 1 and at most 1,000,000 units.".to_owned());
            }
            Some(sku) => {
                if lines.len() > MOST_LINES {
                    wrong("/lines".to_owned(), format!("A basket has at most {MOST_LINES} things, the parts of kits among them."));
                    break;
                }
                let amount = sku.unit_price.and_then(|price| price.amount(*quantity, terms.currency)).map_or(0, |money| money.minor);
                let its = planning.lines_of(sku, lines.len(), *quantity, amount);
                for (thing, line) in planning.things_of(sku).iter().zip(its) {
                    lines.push(line);
                    let kit = thing.part.map(|part| PartOf { part: named(&part.name, &part.code), kit: sku.name.clone() });
                    asked.push(Asked { index, name: named(&sku.name, &sku.code), quantity: *quantity, kit });
                }
            }
        }
    }
    let Some(destination) = destination.filter(|_| problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    let mut order = PlanOrder {
        channel: new.channel.clone(),
        customer_group: customer_group.map(str::to_owned),
        method: new.method,
        pickup_location,
        country,
        destination,
        postcode: new.postcode.clone().unwrap_or_default(),
        services: None,
        release_at: None,
        slot: None,
        value_minor: lines.iter().map(|l| l.amount_minor).sum(),
        lines,
        excluded: Vec::new(),
        not_before: Vec::new(),
        taken_by: None,
        by_hand: false,
        promised: Vec::new(),
        traits: OrderTraits { origin: origin_of(&act.actor).to_owned(), currency: terms.currency.code().to_owned(), ..OrderTraits::new_at(act.now) },
    };
    planning.look_up(conn, &mut [&mut order], act.now).await?;
    Ok((order, asked))
}
