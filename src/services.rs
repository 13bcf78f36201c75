//! What a running node works with, and the few things that go beyond one transaction: they commit, then call the outside, then record its
//! answer. The browser and the REST interface both go through here.

use crate::batch::Batcher;
use crate::catalog;
use crate::clock::Clock;
use crate::events;
use crate::fulfilment::views::StepDone;
use crate::fulfilment::{Command, StepInput};
use crate::idempotency::{self, Key, Seen};
use crate::identity::{self, Act, Actor};
use crate::ids::{HoldId, OperationId, OrderId, SkuId};
use crate::inventory::{self, MovementReason, Network};
use crate::jobs;
use crate::orders::{self, Claiming, ConditionChange, Intake, Kept, NewHold, NewOrder, Outcome, PlanningCache, Readings, ReadingsTaken};
use crate::payments::{self, GatewayAnswer, GatewayRequest, RecordedOperation};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use crate::transact;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The gateway did not answer in time, or not sensibly. The operation stays recorded and is sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment gateway did not answer: {0}")]
pub struct GatewayUnreachable(pub String);

/// What a call to the gateway comes to.
pub type GatewayCall<'a> = Pin<Box<dyn Future<Output = Result<GatewayAnswer, GatewayUnreachable>> + Send + 'a>>;

/// The port to whoever moves money. The same request, by its key, always has the same answer.
pub trait Gateway: Send + Sync {
    fn send(&self, request: GatewayRequest) -> GatewayCall<'_>;
}

/// At most so many orders, or answers, are worked on in one transaction.
const MOST_TOGETHER: usize = 64;
/// So many such transactions at once: while one waits for the disk, the other works.
const LANES: usize = 2;
/// So many orders that wait for a SKU are looked at when some of it comes.
const MOST_WAITING: i64 = 500;
/// More of them are looked at after so long.
const AFTER_A_BREATH: chrono::TimeDelta = chrono::TimeDelta::seconds(30);
/// Whoever was outrun so often locks what it wants.
const HOPEFUL_TRIES: u32 = 2;

/// How a transaction that is run for the so-manieth time claims its stock.
const fn claiming(tries: u32) -> Claiming {
    if tries > HOPEFUL_TRIES { Claiming::Certain } else { Claiming::Hopeful }
}

/// So many units are freed beyond what is needed by a transaction that is run for the so-manieth time: whoever was outrun looks further ahead.
const fn spare(tries: u32) -> i32 {
    if tries > HOPEFUL_TRIES { 8 << (tries - HOPEFUL_TRIES) } else { 0 }
}

/// The work came to a bad end that its log tells of: whoever waited for it may ask again.
fn interrupted() -> Error {
    Refusal::new(RefusalCode::Conflict, "The request was interrupted. Send it again with the same key.").into()
}

/// True where one of a batch may be what is wrong; a database that is gone is wrong for all of them.
fn is_of_one(error: &Error) -> bool {
    let of_one = matches!(error, Error::Contended(_) | Error::Refused(_) | Error::Database(sqlx::Error::Database(_)));
    if !of_one {
        tracing::error!(%error, "a batch could not be worked on");
    }
    of_one
}

/// The operation that an answer calls for, if any.
type FollowUp = Result<Option<RecordedOperation>>;

/// A node's shared parts. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub pool: PgPool,
    pub clock: Clock,
    pub planning: Arc<PlanningCache>,
    /// Signs tracking links.
    pub link_key: Arc<[u8]>,
    pub gateway: Arc<dyn Gateway>,
    /// Rung after every commit, so that live pages look for news.
    pub changed: Arc<Notify>,
    intakes: Arc<Batcher<Intake, Result<Outcome>>>,
    answers: Arc<Batcher<(OrderId, GatewayAnswer), FollowUp>>,
}

/// A customer waits this long for the bank; then the order is answered as pending and settles by itself.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// How a request that may have been sent before turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub order_id: OrderId,
    /// The same key had placed it already.
    pub replayed: bool,
}

impl Services {
    /// `link_key` signs tracking links.
    pub fn new(pool: PgPool, clock: Clock, link_key: Arc<[u8]>, gateway: Arc<dyn Gateway>) -> Self {
        Self {
            pool,
            clock,
            planning: Arc::default(),
            link_key,
            gateway,
            changed: Arc::default(),
            intakes: Batcher::new(LANES, MOST_TOGETHER),
            answers: Batcher::new(LANES, MOST_TOGETHER),
        }
    }

    pub fn act(&self, actor: Actor) -> Act {
        Act::new(actor, self.clock.now())
    }

    /// Takes an order in and asks the gateway for its money. Returns once the answer is there, or after [`PATIENCE`].
    pub async fn place_order(&self, act: &Act, new: &NewOrder, key: Option<&Key>) -> Result<Placed> {
        let intake = Intake { act: act.clone(), order_id: OrderId::new(act.now), new: new.clone(), key: key.cloned() };
        let services = self.clone();
        let take_in = move |batch| {
            let services = services.clone();
            async move { services.take_in(batch).await }
        };
        let captured = match self.intakes.submit(intake, take_in).await.ok_or_else(interrupted)?? {
            Outcome::Captured(captured) => captured,
            Outcome::Replayed(order_id) => return Ok(Placed { order_id, replayed: true }),
            Outcome::Refused(refusal) => return Err(refusal.into()),
        };
        let (operation, request) = captured.authorisation;
        self.patiently(operation, |services| async move { services.send(operation, request).await }).await;
        Ok(Placed { order_id: captured.order_id, replayed: false })
    }

    /// Captures the orders that have come together. Where the database will not have them, each is tried by itself: one that it cannot hold
    /// takes no other with it.
    async fn take_in(&self, batch: Vec<Intake>) -> Vec<Result<Outcome>> {
        match self.capture(&batch).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) if batch.len() == 1 => vec![Err(error)],
            Err(error) if !is_of_one(&error) => batch.iter().map(|_| Err(interrupted())).collect(),
            Err(_) => {
                let mut outcomes = Vec::with_capacity(batch.len());
                for intake in batch {
                    let alone = self.capture(&[intake]).await;
                    outcomes.push(alone.and_then(|outcomes| outcomes.into_iter().next().ok_or_else(interrupted)));
                }
                outcomes
            }
        }
    }

    async fn capture(&self, batch: &[Intake]) -> Result<Vec<Outcome>> {
        let mut tries = 0;
        let outcomes = transact!(self.pool, conn => {
            tries += 1;
            let planning = self.planning.get(conn, self.clock.now()).await?;
            orders::capture_orders(conn, &planning, batch, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(outcomes)
    }

    /// Keeps a basket's units for a while, in place of those that `before` kept. A key that has been seen is answered with what it did.
    pub async fn hold_basket(&self, act: &Act, new: &NewHold, before: Option<HoldId>, key: Option<&Key>) -> Result<Option<Kept>> {
        let mut tries = 0;
        let kept = transact!(self.pool, conn => {
            tries += 1;
            let planning = self.planning.get(conn, act.now).await?;
            let id = HoldId::new(act.now);
            if let Seen::Before(id) = idempotency::remember(conn, key, id.0, act.now).await? {
                return orders::replay_hold(conn, act, &planning, HoldId(id)).await;
            }
            orders::hold_basket(conn, act, &planning, id, before, new, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(kept)
    }

    /// Keeps a basket longer.
    pub async fn extend_hold(&self, act: &Act, hold: HoldId) -> Result<Kept> {
        transact!(self.pool, conn => {
            let planning = self.planning.get(conn, act.now).await?;
            orders::extend_hold(conn, act, &planning, hold).await
        })
    }

    /// Frees what a basket kept.
    pub async fn release_hold(&self, act: &Act, hold: HoldId) -> Result<()> {
        transact!(self.pool, conn => orders::release_hold(conn, act, hold).await)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Frees what a basket kept whose time is over.
    pub async fn expire_hold(&self, hold: HoldId) -> Result<()> {
        let act = Act::system(self.clock.now());
        transact!(self.pool, conn => orders::expire_hold(conn, &act, hold).await)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Cancels an order and gives the customer's money free. A key that has been seen changes nothing again.
    pub async fn cancel_order(&self, act: &Act, order_id: OrderId, reason: &str, key: Option<&Key>) -> Result<()> {
        let void = transact!(self.pool, conn => {
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(None);
            }
            orders::cancel_order(conn, act, order_id, reason).await
        })?;
        self.changed.notify_waiters();
        if let Some(operation) = void {
            self.settle_soon(operation).await;
        }
        Ok(())
    }

    /// Takes one step of a fulfilment order. A key that has been seen changes nothing again.
    pub async fn advance_fulfilment(
        &self,
        act: &Act,
        order_id: OrderId,
        fulfilment_no: i32,
        command: Command,
        input: &StepInput,
        key: Option<&Key>,
    ) -> Result<Option<StepDone>> {
        let mut tries = 0;
        let stepped = transact!(self.pool, conn => {
            tries += 1;
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(None);
            }
            orders::advance_fulfilment(conn, act, order_id, fulfilment_no, command, input, spare(tries)).await.map(Some)
        })?;
        let Some((done, capture)) = stepped else { return Ok(None) };
        self.changed.notify_waiters();
        if let Some(operation) = capture {
            self.settle_soon(operation).await;
        }
        Ok(Some(done))
    }

    /// Books units of a SKU in (positive) or out (negative) at a location. Returns how many orders lose units by it: they are routed anew.
    /// A key that has been seen changes nothing again.
    pub async fn adjust_stock(
        &self,
        act: &Act,
        sku: &str,
        location: &str,
        quantity: i32,
        reason: MovementReason,
        key: Option<&Key>,
    ) -> Result<usize> {
        let mut tries = 0;
        let losers = transact!(self.pool, conn => {
            tries += 1;
            if let Seen::Before(_) = idempotency::remember(conn, key, uuid::Uuid::nil(), act.now).await? {
                return Ok(Vec::new());
            }
            orders::correct_stock(conn, act, sku, location, quantity, reason, spare(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(losers.len())
    }

    /// Sets units aside, makes them fit to be sold again, or writes them off. Returns how many orders lose units by it. A key that has been seen
    /// changes nothing again.
    pub async fn change_condition(&self, act: &Act, change: &ConditionChange, key: Option<&Key>) -> Result<usize> {
        let mut tries = 0;
        let losers = transact!(self.pool, conn => {
            tries += 1;
            if let Seen::Before(_) = idempotency::remember(conn, key, uuid::Uuid::nil(), act.now).await? {
                return Ok(Vec::new());
            }
            orders::change_condition(conn, act, change, spare(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(losers.len())
    }

    /// Books what a count has found: of one SKU, by code, or all that is left. Each difference is its own transaction: one that cannot be booked
    /// keeps none of the others, and the first trouble is told in the end. Returns how many orders lose units by it.
    pub async fn approve_count(&self, act: &Act, number: &str, sku: Option<&str>) -> Result<usize> {
        let number = number.trim().to_ascii_uppercase();
        let skus = match sku {
            Some(sku) => vec![sku.to_owned()],
            None => orders::open_differences(&mut *self.pool.acquire().await?, act, &number).await?,
        };
        let (mut trouble, mut losers) = (Ok(()), 0);
        for sku in skus {
            let mut tries = 0;
            let booked = transact!(self.pool, conn => {
                tries += 1;
                orders::approve_difference(conn, act, &number, &sku, spare(tries)).await
            });
            match booked {
                Ok(orders) => losers += orders.len(),
                Err(error) => trouble = trouble.and(Err(error)),
            }
        }
        self.changed.notify_waiters();
        trouble.map(|()| losers)
    }

    /// Brings the books of a location in line with what another system reports. The same report again changes nothing again.
    pub async fn apply_readings(&self, act: &Act, readings: &Readings) -> Result<ReadingsTaken> {
        let as_of = readings.as_of;
        let (location, lines) = orders::check_readings(&mut *self.pool.acquire().await?, act, readings).await?;
        let (mut taken, shrinking) = transact!(self.pool, conn => orders::apply_harmless(conn, act, location, as_of, &lines).await)?;
        for reading in shrinking {
            let mut tries = 0;
            let applied = transact!(self.pool, conn => {
                tries += 1;
                orders::apply_shrinking(conn, act, location, as_of, reading, spare(tries)).await
            });
            match applied {
                Ok(one) => {
                    taken.corrected += one.corrected;
                    taken.stale += one.stale;
                    taken.rerouted += one.rerouted;
                }
                Err(Error::Refused(_)) => {
                    let code = catalog::code_of(&mut *self.pool.acquire().await?, reading.sku).await?;
                    taken.not_taken.push(code);
                }
                Err(error) => return Err(error),
            }
        }
        self.changed.notify_waiters();
        Ok(taken)
    }

    /// Plans again what waits of an order. True where something was found.
    pub async fn reroute_order(&self, order_id: OrderId) -> Result<bool> {
        let mut tries = 0;
        let found = transact!(self.pool, conn => {
            tries += 1;
            let act = Act::system(self.clock.now());
            let planning = self.planning.get(conn, act.now).await?;
            orders::reroute_order(conn, &act, &planning, order_id, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(found)
    }

    /// Plans again the orders that wait for a SKU, those placed first before the others, as long as any of it is free. What else has been asked for
    /// of the same SKU meanwhile is done by that, too.
    pub async fn reroute_waiting(&self, sku: SkuId) -> Result<()> {
        let mut conn = self.pool.acquire().await?;
        let now = self.clock.now();
        jobs::absorb_waiting(&mut conn, sku, now).await?;
        let (mut trouble, mut served) = (Ok(()), false);
        let waiting = orders::orders_waiting_for(&mut conn, sku, MOST_WAITING).await?;
        let all = i64::try_from(waiting.len()).is_ok_and(|n| n < MOST_WAITING);
        for order in waiting {
            if !inventory::is_free_anywhere(&mut conn, sku).await? {
                return trouble;
            }
            match self.reroute_order(order).await {
                Ok(found) => served |= found,
                Err(error) => trouble = trouble.and(Err(error)),
            }
        }
        // Those who were served wait no more: it is the turn of the next.
        if !all && served {
            jobs::enqueue(&mut conn, &[(jobs::Job::RerouteWaiting { sku_id: sku, since: now }, now + AFTER_A_BREATH)]).await?;
        }
        trouble
    }

    /// Plans again all that waits: a day begins anew, a place opens again, and nothing else would tell.
    pub async fn look_at_waiting(&self) -> Result<()> {
        // One order that cannot be planned keeps none of the others; the first trouble is told in the end.
        let mut trouble = Ok(());
        for order in orders::waiting_orders(&mut *self.pool.acquire().await?, MOST_WAITING).await? {
            trouble = trouble.and(self.reroute_order(order).await.map(|_| ()));
        }
        trouble
    }

    /// Settles an operation without making the caller wait longer than [`PATIENCE`].
    async fn settle_soon(&self, operation: RecordedOperation) {
        self.patiently(operation, move |services| async move { services.settle(operation).await }).await;
    }

    /// Works on an operation without making the caller wait longer than [`PATIENCE`]. What is not done by then goes on, and a worker has the
    /// job besides.
    async fn patiently<F>(&self, operation: RecordedOperation, work: impl FnOnce(Self) -> F)
    where
        F: Future<Output = Result<(), SettleError>> + Send + 'static,
    {
        let work = work(self.clone());
        let working = tokio::spawn(async move {
            if let Err(error) = work.await {
                tracing::warn!(%error, order = %operation.order_id, "a payment operation is not settled yet; a worker will try again");
            }
        });
        let _finished_or_not = tokio::time::timeout(PATIENCE, working).await;
    }

    /// Sends an operation, or sends it again, and records the answer; and so on for what the answer calls for. Safe to run any number of
    /// times, on any node.
    pub async fn settle(&self, operation: RecordedOperation) -> Result<(), SettleError> {
        let request = {
            let mut conn = self.pool.acquire().await.map_err(Error::from)?;
            payments::operation_request(&mut conn, operation).await?
        };
        match request {
            Some(request) => self.send(operation, request).await,
            None => Ok(()),
        }
    }

    async fn send(&self, operation: RecordedOperation, request: GatewayRequest) -> Result<(), SettleError> {
        let answer = self.gateway.send(request).await?;
        if answer.verdict == payments::Verdict::Pending {
            return Err(SettleError::Undecided);
        }
        match self.settle_answer(operation.order_id, answer).await? {
            Some(next) => Box::pin(self.settle(next)).await,
            None => Ok(()),
        }
    }

    /// Records an answer, whether it came back to a call or by itself, together with those that come at the same time.
    pub async fn settle_answer(&self, order_id: OrderId, answer: GatewayAnswer) -> FollowUp {
        let services = self.clone();
        let record = move |batch| {
            let services = services.clone();
            async move { services.record(batch).await }
        };
        self.answers.submit((order_id, answer), record).await.ok_or_else(interrupted)?
    }

    async fn record(&self, batch: Vec<(OrderId, GatewayAnswer)>) -> Vec<FollowUp> {
        match self.settle_all(&batch).await {
            Ok(next) => next.into_iter().map(Ok).collect(),
            Err(error) if batch.len() == 1 => vec![Err(error)],
            Err(error) if !is_of_one(&error) => batch.iter().map(|_| Err(interrupted())).collect(),
            Err(_) => {
                let mut all = Vec::with_capacity(batch.len());
                for answer in batch {
                    all.push(self.settle_all(&[answer]).await.map(|next| next.into_iter().next().flatten()));
                }
                all
            }
        }
    }

    async fn settle_all(&self, batch: &[(OrderId, GatewayAnswer)]) -> Result<Vec<Option<RecordedOperation>>> {
        let act = Act::system(self.clock.now());
        let next = transact!(self.pool, conn => orders::settle_payments(conn, &act, batch).await)?;
        self.changed.notify_waiters();
        Ok(next)
    }

    /// The order an operation belongs to, for the gateway's call-backs.
    pub async fn order_of_operation(&self, operation: OperationId) -> Result<Option<OrderId>> {
        payments::order_of_operation(&mut *self.pool.acquire().await?, operation).await
    }

    /// Frees the stock of an order that was not paid.
    pub async fn expire_unpaid_order(&self, order_id: OrderId) -> Result<()> {
        let act = Act::system(self.clock.now());
        transact!(self.pool, conn => orders::expire_unpaid_order(conn, &act, order_id).await)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Tells the gateway of the authorisations that a made-up past says it gave, so that its orders can be charged.
    pub async fn introduce_authorisations(&self) -> Result<(), SettleError> {
        let requests = {
            let mut conn = self.pool.acquire().await.map_err(Error::from)?;
            payments::relied_on_authorisations(&mut conn).await?
        };
        for request in requests {
            self.gateway.send(request).await?;
        }
        Ok(())
    }

    /// The network as it is, or as it was at a moment of the past.
    pub async fn network_of(&self, at: Option<DateTime<Utc>>) -> Result<Arc<Network>> {
        let mut conn = self.pool.acquire().await?;
        match at {
            None => Ok(self.planning.get(&mut conn, self.clock.now()).await?.network),
            Some(at) => Ok(Arc::new(inventory::network_at(&mut conn, at).await?)),
        }
    }

    /// Measures what is sold in a day, once a day.
    pub async fn measure_demand(&self) -> Result<()> {
        let now = self.clock.now();
        transact!(self.pool, conn => inventory::measure_demand(conn, now).await)
    }

    /// Closes the months that are over.
    pub async fn close_months(&self) -> Result<()> {
        let now = self.clock.now();
        while transact!(self.pool, conn => inventory::close_month(conn, now).await)? {}
        Ok(())
    }

    /// Drops what no longer counts: ended sessions and old wrong tries.
    pub async fn forget_old(&self) -> Result<()> {
        identity::forget_old_sessions(&mut *self.pool.acquire().await?, self.clock.now()).await
    }

    /// The next events of all streams behind a cursor.
    pub async fn events_after(&self, after: events::Cursor, limit: i64) -> Result<Vec<(events::Cursor, events::Event)>> {
        events::read_after(&mut *self.pool.acquire().await?, None, after, limit).await
    }
}

/// Why an operation is not settled yet.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    #[error(transparent)]
    Domain(#[from] Error),
    #[error(transparent)]
    Gateway(#[from] GatewayUnreachable),
    #[error("the bank has not decided yet")]
    Undecided,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Handlers run on any thread: this does not compile where a future cannot move between them.
    #[test]
    fn futures_can_move_between_threads() {
        fn sendable<T: Send>(_: impl FnOnce(Services, Act, NewOrder) -> T) {}
        sendable(|services, act, new| async move { services.place_order(&act, &new, None).await });
        sendable(|services, act, _| async move { services.cancel_order(&act, OrderId(uuid::Uuid::nil()), "", None).await });
    }
}
