//! Checks every invariant on a live database and names each row that breaks one.

use crate::refusal::Result;
use sqlx::PgConnection;

/// One broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant's name, as in the documentation.
    pub invariant: &'static str,
    pub detail: String,
}

/// At most this many rows are named per check.
const MOST_NAMED: i64 = 100;

/// Runs all checks on one snapshot of the database.
pub async fn examine(conn: &mut PgConnection) -> Result<Vec<Violation>> {
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(&mut *conn).await?;
    checks(conn).await
}

/// The checks themselves, on whatever the caller's transaction sees.
pub async fn checks(conn: &mut PgConnection) -> Result<Vec<Violation>> {
    let mut found = Vec::new();
    macro_rules! check {
        ($invariant:literal, $file:literal) => {
            let rows = sqlx::query_file_scalar!($file, MOST_NAMED).fetch_all(&mut *conn).await?;
            found.extend(rows.into_iter().map(|detail| Violation { invariant: $invariant, detail }));
        };
    }
    check!("no-oversell", "src/sql/doctor/no_oversell.sql");
    check!("stock-ledger", "src/sql/doctor/stock_ledger.sql");
    check!("no-oversell", "src/sql/doctor/capacity.sql");
    check!("no-oversell", "src/sql/doctor/slots.sql");
    check!("stock-ledger", "src/sql/doctor/transfers.sql");
    check!("stock-ledger", "src/sql/doctor/purchase_orders.sql");
    check!("stock-ledger", "src/sql/doctor/returns.sql");
    check!("no-oversell", "src/sql/doctor/backorders.sql");
    check!("stock-ledger", "src/sql/doctor/closings.sql");
    check!("stock-ledger", "src/sql/doctor/holds.sql");
    check!("stock-ledger", "src/sql/doctor/counts.sql");
    check!("quantities", "src/sql/doctor/quantities.sql");
    check!("quantities", "src/sql/doctor/drop_shipped.sql");
    check!("quantities", "src/sql/doctor/projection.sql");
    check!("quantities", "src/sql/doctor/open_units.sql");
    check!("quantities", "src/sql/doctor/appointments.sql");
    check!("money", "src/sql/doctor/money.sql");
    check!("money", "src/sql/doctor/ledger.sql");
    check!("exactly once", "src/sql/doctor/exactly_once.sql");
    check!("nothing lost", "src/sql/doctor/webhooks.sql");
    Ok(found)
}
