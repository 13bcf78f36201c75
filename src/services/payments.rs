//! Whoever moves the money, outside: asked after the commit, and its answer recorded.

use super::{Services, interrupted, is_of_one};
use crate::identity::Act;
use crate::ids::{OperationId, OrderId};
use crate::orders;
use crate::payments::{self, GatewayAnswer, GatewayRequest, RecordedOperation};
use crate::refusal::{Error, Result};
use crate::transact;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

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

/// A customer waits this long for the bank; then the order is answered as pending and settles by itself.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// The operation that an answer calls for, if any.
pub(super) type FollowUp = Result<Option<RecordedOperation>>;

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

impl Services {
    /// Settles an operation without making the caller wait longer than [`PATIENCE`].
    pub(super) async fn settle_soon(&self, operation: RecordedOperation) {
        self.patiently(operation, move |services| async move { services.settle(operation).await }).await;
    }

    /// Works on an operation without making the caller wait longer than [`PATIENCE`]. What is not done by then goes on, and a worker has the
    /// job besides.
    pub(super) async fn patiently<F>(&self, operation: RecordedOperation, work: impl FnOnce(Self) -> F)
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

    pub(super) async fn send(&self, operation: RecordedOperation, request: GatewayRequest) -> Result<(), SettleError> {
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
}
