//! What is sent in the place of what is missing, where the customer agrees: at the same price, so that an order comes to what it came to.

use super::views::{LineView, Missing};
use crate::fulfilment::views::FulfilmentView;
use crate::ids::{OrderId, SkuId};
use crate::money::share;
use crate::refusal::Result;
use crate::routing::Queue;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What can be sent in the place of units of a line.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub line_no: i32,
    pub units: i32,
    pub own_name: String,
    /// The line's units in all, and what they come to with the tax in it.
    quantity: i32,
    amount_minor: i64,
    tax_minor: i64,
    sku: SkuId,
    code: String,
    pub name: String,
}

/// What can be sent in the place of units of some lines: (line, units). A line that is a part of a kit, has a text of its own or has left in part keeps what it
/// is; nothing that is cheaper by itself is offered at the price of what was ordered.
pub(super) async fn offered(conn: &mut PgConnection, at: DateTime<Utc>, order_id: OrderId, asked: &[(i32, i32)]) -> Result<Vec<Offered>> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let (lines, units): (Vec<i32>, Vec<i32>) = asked.iter().copied().unzip();
    let rows = sqlx::query_file!("src/orders/sql/substitutes.sql", order_id.0, &lines, &units, at).fetch_all(conn).await?;
    let offered = rows.into_iter().map(|r| Offered {
        line_no: r.line_no,
        units: r.units,
        own_name: r.own_name,
        quantity: r.quantity,
        amount_minor: r.amount_minor,
        tax_minor: r.tax_minor,
        sku: r.sku,
        code: r.code,
        name: r.name,
    });
    Ok(offered.collect())
}

/// Puts a line of what was offered in the place of the units that are missing, with their share of the price and of what was promised. Returns the new lines
/// with their units. The caller holds the order's lock, and routes them.
pub(super) async fn put_in_place(conn: &mut PgConnection, at: DateTime<Utc>, order_id: OrderId, offered: &[Offered]) -> Result<Vec<(i32, i32)>> {
    // What is left of a line are the first of its units.
    let part = |total: i64, o: &Offered| total - share(total, o.quantity - o.units, o.quantity);
    let line_nos: Vec<i32> = offered.iter().map(|o| o.line_no).collect();
    let units: Vec<i32> = offered.iter().map(|o| o.units).collect();
    let amounts: Vec<i64> = offered.iter().map(|o| part(o.amount_minor, o)).collect();
    let taxes: Vec<i64> = offered.iter().map(|o| part(o.tax_minor, o)).collect();
    let added = sqlx::query!(
        "insert into order_lines (order_id, line_no, sku_id, sku_code, name, quantity, open, unit_price_micros, amount_minor, tax_minor, queue,
            gift_wrap_micros, promised_from, promised_by, first_promised_by, instead_of, added_at)
        select l.order_id, (select max(line_no) from order_lines where order_id = $1) + (row_number() over (order by n.line_no))::integer, n.sku_id,
            n.code, n.name, n.units, n.units, l.unit_price_micros, n.amount_minor, n.tax_minor, $9, l.gift_wrap_micros, l.promised_from, l.promised_by,
            l.first_promised_by, l.line_no, $10
        from unnest($2::integer[], $3::integer[], $4::bigint[], $5::bigint[], $6::uuid[], $7::text[], $8::text[])
            as n (line_no, units, amount_minor, tax_minor, sku_id, code, name)
        join order_lines l on l.order_id = $1 and l.line_no = n.line_no
        returning line_no, quantity",
        order_id.0,
        &line_nos,
        &units,
        &amounts,
        &taxes,
        &offered.iter().map(|o| o.sku.0).collect::<Vec<_>>(),
        &offered.iter().map(|o| o.code.clone()).collect::<Vec<_>>(),
        &offered.iter().map(|o| o.name.clone()).collect::<Vec<_>>(),
        Queue::Unrouted.as_str(),
        at
    )
    .fetch_all(&mut *conn)
    .await?;
    // A line of which nothing is left was ordered all the same.
    sqlx::query!(
        "update order_lines l
        set quantity = case when l.quantity > n.units then l.quantity - n.units else l.quantity end,
            cancelled = case when l.quantity > n.units then l.cancelled else l.cancelled + n.units end,
            open = l.open - n.units, amount_minor = l.amount_minor - n.amount_minor, tax_minor = l.tax_minor - n.tax_minor, queue = null
        from unnest($2::integer[], $3::integer[], $4::bigint[], $5::bigint[]) as n (line_no, units, amount_minor, tax_minor)
        where l.order_id = $1 and l.line_no = n.line_no",
        order_id.0,
        &line_nos,
        &units,
        &amounts,
        &taxes
    )
    .execute(conn)
    .await?;
    Ok(added.into_iter().map(|l| (l.line_no, l.quantity)).collect())
}

/// What the customer is asked about, with what can be sent in its place.
pub(super) async fn missing_of(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    order_id: OrderId,
    lines: &[LineView],
    parcels: &[FulfilmentView],
) -> Result<Vec<Missing>> {
    // What is worked on is not missing.
    let worked_on = |line_no: i32| -> i32 {
        let running = parcels.iter().filter(|p| !p.state.is_given_up() && !p.state.is_out());
        running.flat_map(|p| &p.lines).filter(|l| l.line_no == line_no).map(|l| l.quantity).sum()
    };
    let asked = lines.iter().filter(|l| l.queue == Some(Queue::Asked)).map(|l| (l, l.open - worked_on(l.line_no))).filter(|(_, units)| *units > 0);
    let asked: Vec<(&LineView, i32)> = asked.collect();
    let offered = offered(conn, at, order_id, &asked.iter().map(|(l, units)| (l.line_no, *units)).collect::<Vec<_>>()).await?;
    let missing = asked.into_iter().map(|(line, units)| Missing {
        line_no: line.line_no,
        name: line.name.clone(),
        units,
        instead: offered.iter().find(|o| o.line_no == line.line_no).map(|o| (o.code.clone(), o.name.clone())),
    });
    Ok(missing.collect())
}
