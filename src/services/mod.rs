//! What a running node works with, and the few things that go beyond one transaction: they commit, then call the outside, then record its
//! answer. The browser and the REST interface both go through here.

use crate::batch::Batcher;
use crate::clock::Clock;
use crate::events;
use crate::identity::{self, Act, Actor};
use crate::ids::OrderId;
use crate::notifications::Mailer;
use crate::orders::{Claiming, Intake, Outcome, PlanningCache};
use crate::payments::GatewayAnswer;
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use crate::webhooks::Poster;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::Notify;

mod baskets;
mod disruptions;
mod files;
mod notifications;
mod orders;
mod payments;
mod promises;
mod purchasing;
mod simulations;
mod stock;
mod webhooks;

pub use orders::Placed;
use payments::FollowUp;
pub use payments::{Gateway, GatewayCall, GatewayUnreachable, SettleError};

/// At most so many orders, or answers, are worked on in one transaction.
const MOST_TOGETHER: usize = 64;
/// So many such transactions at once: while one waits for the disk, the other works.
const LANES: usize = 2;
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

/// A node's shared parts. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub pool: PgPool,
    pub clock: Clock,
    pub planning: Arc<PlanningCache>,
    /// Signs tracking links.
    pub link_key: Arc<[u8]>,
    pub gateway: Arc<dyn Gateway>,
    /// None where nothing is set up to send mail with.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// None where nothing calls other systems: what they are to be told is kept.
    pub poster: Option<Arc<dyn Poster>>,
    /// The address of the website, for links in mail.
    pub site: Arc<str>,
    /// Rung after every commit, so that live pages look for news.
    pub changed: Arc<Notify>,
    intakes: Arc<Batcher<Intake, Result<Outcome>>>,
    answers: Arc<Batcher<(OrderId, GatewayAnswer), FollowUp>>,
}

impl Services {
    /// The same node at another time.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self { clock, ..self.clone() }
    }

    /// `link_key` signs tracking links.
    pub fn new(pool: PgPool, clock: Clock, link_key: Arc<[u8]>, gateway: Arc<dyn Gateway>) -> Self {
        Self {
            pool,
            clock,
            planning: Arc::default(),
            link_key,
            gateway,
            mailer: None,
            poster: None,
            site: Arc::from("http://localhost:3000"),
            changed: Arc::default(),
            intakes: Batcher::new(LANES, MOST_TOGETHER),
            answers: Batcher::new(LANES, MOST_TOGETHER),
        }
    }

    /// Sends mail with `mailer`, none keeping it to be looked at, with links to the website at `site`.
    pub fn with_mail(self, mailer: Option<Arc<dyn Mailer>>, site: &str) -> Self {
        Self { mailer, site: Arc::from(site), ..self }
    }

    /// Tells other systems with `poster`.
    #[must_use]
    pub fn with_poster(self, poster: Arc<dyn Poster>) -> Self {
        Self { poster: Some(poster), ..self }
    }

    pub fn act(&self, actor: Actor) -> Act {
        Act::new(actor, self.clock.now())
    }

    /// Drops what no longer counts: ended sessions, old wrong tries, what other systems were told long ago.
    pub async fn forget_old(&self) -> Result<()> {
        identity::forget_old_sessions(&mut *self.pool.acquire().await?, self.clock.now()).await?;
        self.forget_deliveries().await
    }

    /// The next events of all streams behind a cursor.
    pub async fn events_after(&self, after: events::Cursor, limit: i64) -> Result<Vec<(events::Cursor, events::Event)>> {
        events::read_after(&mut *self.pool.acquire().await?, None, after, limit).await
    }
}

#[cfg(test)]
mod tests {
    use super::Services;
    use crate::identity::Act;
    use crate::ids::OrderId;
    use crate::orders::NewOrder;

    /// Handlers run on any thread: this does not compile where a future cannot move between them.
    #[test]
    fn futures_can_move_between_threads() {
        fn sendable<T: Send>(_: impl FnOnce(Services, Act, NewOrder) -> T) {}
        sendable(|services, act, new| async move { services.place_order(&act, &new, None).await });
        sendable(|services, act, _| async move { services.cancel_order(&act, OrderId(uuid::Uuid::nil()), "", None).await });
    }
}
