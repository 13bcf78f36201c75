//! Orders, from their coming in to their last step.

use super::{Services, claiming, interrupted, is_of_one, spare};
use crate::fulfilment::views::StepDone;
use crate::fulfilment::{Command, StepInput};
use crate::idempotency::{self, Key, Seen};
use crate::identity::{Act, Actor};
use crate::ids::{BookingId, LocationId, OrderId, SkuId};
use crate::inventory;
use crate::jobs;
use crate::orders::{self, HoldKind, Intake, NewOrder, OfferAnswer, Outcome, WaitingAnswer};
use crate::refusal::{Refusal, Result};
use crate::transact;
use chrono::{DateTime, Utc};

/// So many orders that wait for a SKU are looked at when some of it comes.
const MOST_WAITING: i64 = 500;
/// More of them are looked at after so long.
const AFTER_A_BREATH: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

/// How a request that may have been sent before turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub order_id: OrderId,
    /// The same key had placed it already.
    pub replayed: bool,
}

impl Services {
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
        let outcomes = transact!(self.pool, conn, tries => {
            let planning = self.planning.get(conn, self.clock.now()).await?;
            orders::capture_orders(conn, &planning, batch, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(outcomes)
    }

    /// Refuses an order that was placed just now where its card was declined: it is called off, and another card may be tried.
    pub async fn check_card(&self, order_id: OrderId) -> Result<()> {
        let act = self.act(Actor::Customer(order_id));
        let view = orders::track_order(&mut *self.pool.acquire().await?, &act, &self.planning, order_id).await?;
        match view.payment_failure {
            Some(reason) => Err(Refusal::field("/payment_token", format!("{reason} Nothing was charged. Choose another way to pay.")).into()),
            None => Ok(()),
        }
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

    /// Holds an order for something. A key that has been seen changes nothing again.
    pub async fn hold_order(&self, act: &Act, order_id: OrderId, kind: HoldKind, reason: &str, key: Option<&Key>) -> Result<()> {
        transact!(self.pool, conn => {
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(());
            }
            orders::hold_order(conn, act, order_id, kind, reason).await
        })?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Releases what an order is held for. A key that has been seen changes nothing again.
    pub async fn release_order_hold(&self, act: &Act, order_id: OrderId, kind: HoldKind, key: Option<&Key>) -> Result<()> {
        transact!(self.pool, conn => {
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(());
            }
            orders::release_order_hold(conn, act, order_id, kind).await
        })?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Sends something else in the place of what is missing, where a rule wants it so.
    pub async fn send_substitutes(&self, order_id: OrderId) -> Result<()> {
        let act = self.act(Actor::System);
        transact!(self.pool, conn, tries => {
            let planning = self.planning.get(conn, act.now).await?;
            orders::send_substitutes(conn, &act, &planning, order_id, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
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
        let stepped = transact!(self.pool, conn, tries => {
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

    /// Notes what the customer says about what is missing. A key that has been seen changes nothing again.
    pub async fn answer_waiting(&self, act: &Act, order_id: OrderId, answer: WaitingAnswer, seen: &[String], key: Option<&Key>) -> Result<()> {
        let void = transact!(self.pool, conn, tries => {
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(None);
            }
            let planning = self.planning.get(conn, act.now).await?;
            orders::answer_waiting(conn, act, &planning, order_id, (answer, seen), claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        if let Some(operation) = void {
            self.settle_soon(operation).await;
        }
        Ok(())
    }

    /// Somebody decides where what waits of an order is sent from. A key that has been seen changes nothing again.
    pub async fn send_by_hand(&self, act: &Act, order_id: OrderId, location: &str, key: Option<&Key>) -> Result<()> {
        transact!(self.pool, conn, tries => {
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(());
            }
            let planning = self.planning.get(conn, act.now).await?;
            orders::send_by_hand(conn, act, &planning, order_id, location, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// A location takes work that it was asked for, or declines it. A key that has been seen changes nothing again.
    pub async fn answer_offer(
        &self,
        act: &Act,
        order_id: OrderId,
        fulfilment_no: i32,
        location: LocationId,
        answer: OfferAnswer,
        key: Option<&Key>,
    ) -> Result<()> {
        transact!(self.pool, conn, tries => {
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(());
            }
            let planning = self.planning.get(conn, act.now).await?;
            orders::answer_offer(conn, act, &planning, order_id, fulfilment_no, location, answer, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Ends an offer whose time is over.
    pub async fn end_offer(&self, order_id: OrderId, fulfilment_no: i32) -> Result<()> {
        let act = self.act(Actor::System);
        transact!(self.pool, conn => orders::end_offer(conn, &act, order_id, fulfilment_no).await)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Says that a service of an order was done, and charges it. A key that has been seen changes nothing again.
    pub async fn perform_appointment(&self, act: &Act, order_id: OrderId, line_no: i32, key: Option<&Key>) -> Result<()> {
        let capture = transact!(self.pool, conn => {
            if let Seen::Before(_) = idempotency::remember(conn, key, order_id.0, act.now).await? {
                return Ok(None);
            }
            orders::perform_appointment(conn, act, order_id, line_no).await
        })?;
        self.changed.notify_waiters();
        if let Some(operation) = capture {
            self.settle_soon(operation).await;
        }
        Ok(())
    }

    /// Books another time of a plan for a service of an order, in place of the one that it has.
    pub async fn move_appointment(&self, act: &Act, order_id: OrderId, line_no: i32, plan: &str, starts_at: DateTime<Utc>) -> Result<()> {
        let id = BookingId::new(act.now);
        transact!(self.pool, conn => {
            let planning = self.planning.get(conn, act.now).await?;
            orders::move_appointment(conn, act, &planning, (order_id, line_no), id, (plan, starts_at)).await
        })?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Frees the stock of an order that was not paid.
    pub async fn expire_unpaid_order(&self, order_id: OrderId) -> Result<()> {
        let act = Act::system(self.clock.now());
        transact!(self.pool, conn => orders::expire_unpaid_order(conn, &act, order_id).await)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Hands an order to its locations whose time to wait is over.
    pub async fn release_order(&self, order_id: OrderId) -> Result<()> {
        let act = Act::system(self.clock.now());
        transact!(self.pool, conn => orders::release_order(conn, &act, order_id).await)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Plans again what waits of an order. True where something was found.
    pub async fn reroute_order(&self, order_id: OrderId) -> Result<bool> {
        let found = transact!(self.pool, conn, tries => {
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
        let act = Act::system(self.clock.now());
        for order in orders::unreleased_orders(&mut *self.pool.acquire().await?, &act, MOST_WAITING).await? {
            trouble = trouble.and(self.release_order(order).await);
        }
        for (order, no) in orders::overdue_offers(&mut *self.pool.acquire().await?, &act, MOST_WAITING).await? {
            trouble = trouble.and(self.end_offer(order, no).await);
        }
        trouble.and(self.cancel_overdue().await)
    }

    /// Calls off what has waited for as long as a rule gave it.
    async fn cancel_overdue(&self) -> Result<()> {
        let act = Act::system(self.clock.now());
        for order in orders::overdue_orders(&mut *self.pool.acquire().await?, &act, MOST_WAITING).await? {
            let void = transact!(self.pool, conn => orders::cancel_waiting(conn, &act, order).await)?;
            self.changed.notify_waiters();
            if let Some(operation) = void {
                self.settle_soon(operation).await;
            }
        }
        Ok(())
    }
}
