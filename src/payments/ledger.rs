//! The double-entry ledger. One writer, which refuses a journal that does not sum to zero.

use crate::identity::Act;
use crate::ids::{OrderId, new_uuid};
use crate::money::Currency;
use crate::refusal::Result;
use sqlx::PgConnection;

/// Writes one journal: (account, amount) pairs that sum to zero; debits are positive. Zero amounts are left out.
///
/// # Errors
/// Postgres rolls the transaction back if the sum is not zero: that is a fault in the caller, never a business case.
pub async fn post_journal(conn: &mut PgConnection, act: &Act, order_id: OrderId, currency: Currency, entries: &[(&str, i64)]) -> Result<()> {
    let sum: i64 = entries.iter().map(|e| e.1).sum();
    if sum != 0 {
        return Err(sqlx::Error::Protocol(format!("a journal of order {order_id} sums to {sum}, not to zero")).into());
    }
    let (accounts, amounts): (Vec<String>, Vec<i64>) = entries.iter().filter(|e| e.1 != 0).map(|e| (e.0.to_owned(), e.1)).unzip();
    sqlx::query!(
        "insert into ledger_entries (order_id, journal_id, account, amount_minor, currency, occurred_at)
        select $1, $2, account, amount, $5, $6 from unnest($3::text[], $4::bigint[]) as e (account, amount)",
        order_id.0,
        new_uuid(act.now),
        &accounts,
        &amounts,
        currency.code(),
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the customer owes for goods that have left: the receivable against sales, the tax in them, and delivery. Returns the whole.
pub async fn invoice_goods(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    currency: Currency,
    gross_minor: i64,
    tax_minor: i64,
    shipping_minor: i64,
) -> Result<i64> {
    let total = gross_minor + shipping_minor;
    let entries = [("receivable", total), ("goods_sales", tax_minor - gross_minor), ("tax", -tax_minor), ("shipping_sales", -shipping_minor)];
    post_journal(conn, act, order_id, currency, &entries).await?;
    Ok(total)
}
