//! Buying, where it goes beyond one transaction.

use super::Services;
use crate::fulfilment::{Method, RejectReason, StepInput};
use crate::identity::Act;
use crate::purchasing;
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

    /// The supplier has sent the goods of a purchase order to our customer. Run again where it was cut off, it goes on from there.
    pub async fn supplier_ships(&self, act: &Act, number: &str, tracking_number: &str, carrier: &str) -> Result<()> {
        let (order, no, mut state) = purchasing::supplier_work(&mut *self.pool.acquire().await?, act, number).await?;
        if state.is_given_up() {
            return Err(
                Refusal::new(RefusalCode::IllegalTransition, "This was called off: please do not send it. Ask us if it has left already.").into()
            );
        }
        let said = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let input = StepInput { tracking_number: said(tracking_number), carrier: said(carrier), ..StepInput::default() };
        while let Some((command, _)) = state.next_step(Method::Ship) {
            let Some(done) = self.advance_fulfilment(act, order, no, command, &input, None).await? else { break };
            state = done.state;
        }
        Ok(())
    }

    /// The supplier cannot send the goods of a purchase order to our customer: the books learn why, and the order is routed anew.
    pub async fn supplier_declines(&self, act: &Act, number: &str, reason: RejectReason) -> Result<()> {
        let (order, no, _) = purchasing::supplier_work(&mut *self.pool.acquire().await?, act, number).await?;
        let input = StepInput { reason: Some(reason), ..StepInput::default() };
        self.advance_fulfilment(act, order, no, crate::fulfilment::Command::Reject, &input, None).await?;
        Ok(())
    }
}
