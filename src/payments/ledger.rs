//! The double-entry ledger. One writer, which refuses a journal that does not sum to zero.

use crate::identity::Act;
use crate::ids::{OrderId, new_uuid};
use crate::money::Currency;
use crate::refusal::Result;
use sqlx::PgConnection;

/// Entries that belong together: (account, amount) pairs that sum to zero; debits are positive.
#[derive(Clone, Debug)]
pub struct Journal<'a> {
    pub order: OrderId,
    pub currency: Currency,
    pub entries: Vec<(&'a str, i64)>,
}

/// Writes journals. Zero amounts are left out.
///
/// # Errors
/// The caller's transaction rolls back if a sum is not zero: that is a fault in the caller, never a business case.
pub async fn post_journals(conn: &mut PgConnection, act: &Act, journals: &[Journal<'_>]) -> Result<()> {
    let (mut orders, mut ids, mut currencies) = (Vec::new(), Vec::new(), Vec::new());
    let (mut accounts, mut amounts) = (Vec::new(), Vec::new());
    for Journal { order, currency, entries } in journals {
        let sum: i64 = entries.iter().map(|e| e.1).sum();
        if sum != 0 {
            return Err(sqlx::Error::Protocol(format!("a journal of order {order} sums to {sum}, not to zero")).into());
        }
        let id = new_uuid(act.now);
        for (account, amount) in entries.iter().filter(|e| e.1 != 0) {
            orders.push(order.0);
            ids.push(id);
            currencies.push(currency.code().to_owned());
            accounts.push((*account).to_owned());
            amounts.push(*amount);
        }
    }
    if orders.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into ledger_entries (order_id, journal_id, account, amount_minor, currency, occurred_at)
        select order_id, journal_id, account, amount, currency, $6
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[]) as e (order_id, journal_id, currency, account, amount)",
        &orders,
        &ids,
        &currencies,
        &accounts,
        &amounts,
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
    let entries = vec![("receivable", total), ("goods_sales", tax_minor - gross_minor), ("tax", -tax_minor), ("shipping_sales", -shipping_minor)];
    post_journals(conn, act, &[Journal { order: order_id, currency, entries }]).await?;
    Ok(total)
}
