//! Agreeing to a return.

use super::views::Returnable;
use super::{NewReturn, ReturnReason};
use crate::catalog;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{OrderId, ReturnId, SkuId};
use crate::inventory::{self, MOST_UNITS};
use crate::orders;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const LONGEST_NOTE: usize = 500;

/// What an order still has out of a SKU: sent or collected, and neither back nor on its way back. `kits` says how many units one kit of a code has of it.
#[derive(Debug, Default)]
struct Out {
    units: i32,
    kits: BTreeMap<String, i32>,
}

/// Agrees to take things of an order back. No more than was sent, and has not come back and is not on its way, can be announced. The caller chooses the
/// id; returns the number. No money moves.
pub async fn open_return(conn: &mut PgConnection, act: &Act, id: ReturnId, new: &NewReturn) -> Result<String> {
    act.require(Permission::ManageReturns)?;
    let order = orders::find_order_id(conn, &Act::system(act.now), &new.order).await.map_err(|error| match error.refusal() {
        Some(_) => {
            Refusal::field("/order", format!("There is no order “{}”. Its number is on the parcel and in the confirmation.", new.order)).into()
        }
        None => error,
    })?;
    orders::lock_order(conn, order).await?;
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: String| problems.push(FieldProblem { field, message });
    let location = inventory::location_by_code(conn, &new.location).await.ok();
    match location {
        None => wrong("/location".to_owned(), "Choose where it comes to.".to_owned()),
        Some(location) => act.require_location(location, Permission::ManageReturns)?,
    }
    let reason = new.reason.parse::<ReturnReason>().ok();
    if reason.is_none() {
        let reasons: Vec<&str> = ReturnReason::ALL.iter().map(|reason| reason.as_str()).collect();
        wrong("/reason".to_owned(), format!("Say why it comes back: {}.", reasons.join(", ")));
    }
    if new.note.chars().count() > LONGEST_NOTE {
        wrong("/note".to_owned(), "Shorten the note to 500 characters.".to_owned());
    }
    if new.lines.is_empty() {
        wrong("/lines".to_owned(), "Say what comes back.".to_owned());
    }
    let out = out_of(conn, order).await?;
    let announced = announced(conn, &out, &new.lines, &mut problems).await?;
    let (Some(location), Some(reason), true) = (location, reason, problems.is_empty()) else { return Err(Refusal::invalid(problems).into()) };
    let number = sqlx::query_scalar!(
        "insert into returns (return_id, number, order_id, location_id, state, reason, note, approved_at)
        values ($1, 'R-' || nextval('return_numbers'), $2, $3, 'approved', $4, $5, $6)
        returning number",
        id.0,
        order.0,
        location.0,
        reason.as_str(),
        new.note.trim(),
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into return_lines (return_id, sku_id, announced) select $1, * from unnest($2::uuid[], $3::integer[])",
        id.0,
        &announced.keys().map(|s| s.0).collect::<Vec<_>>(),
        &announced.values().copied().collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    // Where they come to they have a place before they come: what is on its way is seen there.
    inventory::make_rows(conn, &announced.keys().map(|sku| (*sku, location)).collect::<Vec<_>>()).await?;
    let details = EventDetails { reason: Some(format!("{number}: {}", reason.label())), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order.0, vec![NewEvent { kind: EventKind::ReturnApproved, details }]).await?;
    Ok(number)
}

/// What comes back, by SKU, each with the line that first named it. What is wrong is added to the problems.
async fn announced(
    conn: &mut PgConnection,
    out: &BTreeMap<SkuId, Out>,
    lines: &[(String, i32)],
    problems: &mut Vec<FieldProblem>,
) -> Result<BTreeMap<SkuId, i32>> {
    let known = catalog::skus_by_codes(conn, &lines.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
    let codes = sqlx::query!(
        r#"select sku_id as "sku: SkuId", upper(code) as "code!" from skus where sku_id = any ($1)"#,
        &known.values().map(|s| s.0).collect::<Vec<_>>()
    )
    .fetch_all(conn)
    .await?;
    let mut left: BTreeMap<SkuId, i64> = out.iter().map(|(sku, o)| (*sku, i64::from(o.units))).collect();
    let mut announced: BTreeMap<SkuId, i64> = BTreeMap::new();
    for (index, (code, quantity)) in lines.iter().enumerate() {
        let mut wrong = |message: String| problems.push(FieldProblem { field: format!("/lines/{index}"), message });
        if !(1..=MOST_UNITS).contains(quantity) {
            wrong(format!("{code}: at least one unit comes back."));
            continue;
        }
        let sku = known.get(code).copied();
        let name = codes.iter().find(|c| Some(c.sku) == sku).map_or_else(|| code.to_ascii_uppercase(), |c| c.code.clone());
        // A kit is sold as one thing and sent as its parts.
        let parts: Vec<(SkuId, i64)> = out.iter().filter_map(|(sku, o)| Some((*sku, i64::from((*o.kits.get(&name)?).max(1))))).collect();
        let things = match sku {
            _ if !parts.is_empty() => parts,
            Some(sku) if out.contains_key(&sku) => vec![(sku, 1)],
            _ => {
                wrong(format!("{code} is not in this order. Check the label."));
                continue;
            }
        };
        let quantity = i64::from(*quantity);
        // Of what a kit has several of, so many whole kits are out.
        let whole = things.iter().map(|(sku, each)| left.get(sku).copied().unwrap_or(0) / each).min().unwrap_or(0);
        if quantity > whole {
            wrong(match whole {
                ..=0 => format!("{code}: nothing of it is with the customer; it has come back, or is on its way."),
                whole => format!("{code}: at most {whole} can come back. The others have not been sent, or have come back."),
            });
            continue;
        }
        for (sku, each) in things {
            *left.entry(sku).or_insert(0) -= each * quantity;
            *announced.entry(sku).or_insert(0) += each * quantity;
        }
    }
    // No more than is out, which is a number of units.
    Ok(announced.into_iter().map(|(sku, units)| (sku, i32::try_from(units).unwrap_or(i32::MAX))).collect())
}

/// What an order whose row is locked still has out, by SKU.
async fn out_of(conn: &mut PgConnection, order: OrderId) -> Result<BTreeMap<SkuId, Out>> {
    let rows = sqlx::query!(
        r#"select l.sku_id as "sku: SkuId", l.quantity, l.shipped + l.collected - l.returned as "out!", l.kit_code, l.kit_quantity
        from order_lines l
        where l.order_id = $1"#,
        order.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut out: BTreeMap<SkuId, Out> = BTreeMap::new();
    for row in rows {
        let of_sku = out.entry(row.sku).or_default();
        of_sku.units += row.out;
        if let (Some(code), Some(kits)) = (row.kit_code, row.kit_quantity) {
            of_sku.kits.insert(code.to_ascii_uppercase(), row.quantity / kits.max(1));
        }
    }
    let coming = sqlx::query!(
        r#"select l.sku_id as "sku: SkuId", sum(l.announced - l.received)::integer as "units!"
        from returns r
        join return_lines l using (return_id)
        where r.order_id = $1 and r.state = 'approved' and l.received < l.announced
        group by l.sku_id"#,
        order.0
    )
    .fetch_all(conn)
    .await?;
    for row in coming {
        out.entry(row.sku).or_default().units -= row.units;
    }
    Ok(out)
}

/// What of an order can come back, by its number: things, and kits as a whole, each with how many. A kit can come back as long as all of its parts can.
pub async fn returnable(conn: &mut PgConnection, act: &Act, number: &str) -> Result<Vec<Returnable>> {
    act.require(Permission::ManageReturns)?;
    let order = orders::find_order_id(conn, &Act::system(act.now), number).await?;
    let out = out_of(conn, order).await?;
    let ids: Vec<_> = out.keys().map(|sku| sku.0).collect();
    let names = sqlx::query!(r#"select sku_id as "sku: SkuId", code, name from skus where sku_id = any ($1) order by code"#, &ids)
        .fetch_all(&mut *conn)
        .await?;
    let kits = sqlx::query!(
        r#"select distinct kit_code as "code!", kit_name as "name!" from order_lines where order_id = $1 and kit_code is not null order by 1"#,
        order.0
    )
    .fetch_all(conn)
    .await?;
    let whole = |code: &str| {
        let parts = out.values().filter_map(|o| Some(o.units / (*o.kits.get(&code.to_ascii_uppercase())?).max(1)));
        parts.min().unwrap_or(0)
    };
    let kits = kits.into_iter().map(|k| Returnable { units: whole(&k.code), code: k.code, name: k.name });
    let things = names.into_iter().map(|s| Returnable { units: out.get(&s.sku).map_or(0, |o| o.units), code: s.code, name: s.name });
    Ok(kits.chain(things).filter(|r| r.units > 0).collect())
}
