//! Buying, where it goes beyond one transaction.

use super::{Services, spare};
use crate::fulfilment::{Command, RejectReason, StepInput, Way};
use crate::identity::Act;
use crate::orders;
use crate::purchasing::{self, SupplierWork};
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::transact;

impl Services {
    /// Looks at the levels that are watched. Returns how many alerts were raised.
    pub async fn watch_levels(&self) -> Result<usize> {
        let act = Act::system(self.clock.now());
        let raised = transact!(self.pool, conn => purchasing::watch_levels(conn, &act).await)?;
        if raised > 0 {
            self.changed.notify_waiters();
        }
        Ok(raised)
    }

    /// The supplier has sent the goods of a purchase order to our customer: picked, packed and sent in one go, or not at all. Said again, it changes
    /// nothing.
    pub async fn supplier_ships(&self, act: &Act, number: &str, tracking_number: &str, carrier: &str) -> Result<()> {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let input = StepInput { tracking_number: said(tracking_number), carrier: said(carrier), ..StepInput::default() };
        let shipped = transact!(self.pool, conn, tries => {
            let SupplierWork { order, no, mut state, .. } = purchasing::supplier_work(conn, act, number).await?;
            if state.is_given_up() {
                let message = "This was called off: please do not send it. Ask us if it has left already.";
                return Err(Refusal::new(RefusalCode::IllegalTransition, message).into());
            }
            let mut capture = None;
            while let Some((command, _)) = state.next_step(Way::Ship) {
                let (done, owed) = orders::advance_fulfilment(conn, act, order, no, command, &input, spare(tries)).await?;
                capture = owed.or(capture);
                state = done.state;
            }
            Ok(capture)
        });
        let capture = match shipped {
            // Somebody else has said so at the same moment.
            Err(error) if error.refusal().is_some_and(|r| r.code == RefusalCode::IllegalTransition) && self.is_shipped(act, number).await? => None,
            shipped => shipped?,
        };
        self.changed.notify_waiters();
        if let Some(operation) = capture {
            self.settle_soon(operation).await;
        }
        Ok(())
    }

    async fn is_shipped(&self, act: &Act, number: &str) -> Result<bool> {
        Ok(purchasing::supplier_work(&mut *self.pool.acquire().await?, act, number).await?.state.is_out())
    }

    /// The supplier cannot send the goods of a purchase order to our customer: the books learn why, and the order is routed anew.
    pub async fn supplier_declines(&self, act: &Act, number: &str, reason: RejectReason) -> Result<()> {
        let SupplierWork { order, no, .. } = purchasing::supplier_work(&mut *self.pool.acquire().await?, act, number).await?;
        let input = StepInput { reason: Some(reason), ..StepInput::default() };
        self.advance_fulfilment(act, order, no, Command::Reject, &input, None).await?;
        Ok(())
    }
}
