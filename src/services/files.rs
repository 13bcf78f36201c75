//! Imports, where they go beyond one transaction.

use super::Services;
use crate::integrations::files::{self, Step};
use crate::refusal::{Error, Result};
use crate::transact;

impl Services {
    /// Works on the next rows of an import. Run again, it does nothing: readings of stock are taken in once, and everything else is one transaction with
    /// the note that it is done.
    pub async fn run_file_import(&self, step: Step) -> Result<()> {
        let now = self.clock.now();
        let stock = transact!(self.pool, conn => {
            let Some(mut chunk) = files::next_chunk(conn, now, step).await? else { return Ok(None) };
            let problems = files::run_chunk(conn, &chunk).await?;
            if chunk.takes_in_stock() {
                chunk.leave_out(&problems);
                return Ok(Some((chunk, problems)));
            }
            files::finish_chunk(conn, &chunk, &problems).await?;
            Ok(None)
        })?;
        if let Some((chunk, mut problems)) = stock {
            for (readings, rows) in files::readings(&chunk).0.into_values() {
                let row_of = |code: &str| readings.lines.iter().position(|l| l.0 == code).map_or(rows[0], |at| rows[at]);
                match self.apply_readings(&chunk.act, &readings).await {
                    Ok(taken) => {
                        problems.extend(taken.not_taken.iter().map(|code| {
                            (row_of(code), format!("{code}: these units are packed and about to leave. Bring the row again once they have left."))
                        }));
                        problems.extend(
                            taken
                                .stale
                                .iter()
                                .map(|code| (row_of(code), format!("{code}: the shelf was counted or reported after this file was brought."))),
                        );
                    }
                    Err(Error::Refused(refusal)) => problems.extend(rows.iter().map(|row| (*row, refusal.message.clone()))),
                    Err(error) => return Err(error),
                }
            }
            transact!(self.pool, conn => files::finish_chunk(conn, &chunk, &problems).await)?;
        }
        self.changed.notify_waiters();
        Ok(())
    }
}
