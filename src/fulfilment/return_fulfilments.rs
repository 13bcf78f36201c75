//! Ends the parcels of an order whose goods have all come back.

use super::{Command, FulfilmentState, Way};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::{OrderId, SkuId};
use crate::refusal::Result;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Nobody collected it: it waited in a store.
const NOT_COLLECTED: &str = "not_collected";
/// It could not be delivered: it was under way.
const UNDELIVERED: &str = "undelivered";
/// Its customer sent it back, and nobody had noted that they had it.
const SENT_BACK: &str = "sent_back";

/// A parcel that has left.
struct Sent {
    no: i32,
    state: FulfilmentState,
    way: Way,
    /// What ended it, where it has come back.
    reason: Option<String>,
    units: BTreeMap<SkuId, i64>,
}

/// Ends what waits in the store that it was sent to, where all of it came back because nobody collected it, and what is on its way, where all of it came
/// back because it could not be delivered, or because its customer sent it back, as far as they had not as much from parcels that are noted as theirs.
/// Parcels are gone through in the order of their numbers. Returns what is to be written of it. The caller holds the order's lock.
pub async fn return_fulfilments(conn: &mut PgConnection, act: &Act, order: OrderId) -> Result<Vec<NewEvent>> {
    let mut parcels: Vec<Sent> = Vec::new();
    for row in sqlx::query_file!("src/fulfilment/sql/sent_back.sql", order.0).fetch_all(&mut *conn).await? {
        if parcels.last().is_none_or(|last| last.no != row.fulfilment_no) {
            parcels.push(Sent { no: row.fulfilment_no, state: row.state, way: row.way, reason: row.reason, units: BTreeMap::new() });
        }
        if let Some(parcel) = parcels.last_mut() {
            parcel.units.insert(row.sku, row.units);
        }
    }
    let mut loose = come_back(conn, order).await?;
    // What ended others, and what was in those that the customer has, ends nothing more.
    for parcel in &parcels {
        let why = match parcel.state {
            FulfilmentState::Returned => parcel.reason.as_deref().unwrap_or(SENT_BACK),
            FulfilmentState::Delivered | FulfilmentState::Collected => SENT_BACK,
            _ => continue,
        };
        for (sku, units) in &parcel.units {
            if let Some(left) = loose.get_mut(&(reason_of(why), *sku)) {
                *left = (*left - units).max(0);
            }
        }
    }
    let mut told = Vec::new();
    for parcel in parcels {
        let reasons: &[&'static str] = match parcel.state {
            FulfilmentState::Arrived => &[NOT_COLLECTED],
            FulfilmentState::Shipped => &[UNDELIVERED, SENT_BACK],
            _ => continue,
        };
        let is_back = |why: &&&'static str| parcel.units.iter().all(|(sku, units)| loose.get(&(**why, *sku)).is_some_and(|left| left >= units));
        let Some(why) = reasons.iter().find(is_back) else { continue };
        for (sku, units) in &parcel.units {
            if let Some(left) = loose.get_mut(&(*why, *sku)) {
                *left -= units;
            }
        }
        let state = parcel.state.apply(Command::Return, parcel.way)?;
        sqlx::query_file!("src/fulfilment/sql/set_state.sql", order.0, parcel.no, state.as_str(), act.now).execute(&mut *conn).await?;
        sqlx::query!("update fulfilment_orders set reason = $3 where order_id = $1 and fulfilment_no = $2", order.0, parcel.no, why)
            .execute(&mut *conn)
            .await?;
        let details = EventDetails { fulfilment_no: Some(parcel.no), ..EventDetails::default() };
        told.push(NewEvent { kind: EventKind::ParcelReturned, details });
    }
    Ok(told)
}

/// Units of an order that came back, by why and SKU.
async fn come_back(conn: &mut PgConnection, order: OrderId) -> Result<BTreeMap<(&'static str, SkuId), i64>> {
    let rows = sqlx::query!(
        r#"select r.reason, l.sku_id as "sku: SkuId", sum(l.matched) as "units!"
        from returns r
        join return_lines l using (return_id)
        where r.order_id = $1
        group by r.reason, l.sku_id"#,
        order.0
    )
    .fetch_all(conn)
    .await?;
    let mut units = BTreeMap::new();
    for row in rows {
        *units.entry((reason_of(&row.reason), row.sku)).or_insert(0) += row.units;
    }
    Ok(units)
}

fn reason_of(why: &str) -> &'static str {
    [NOT_COLLECTED, UNDELIVERED].into_iter().find(|known| *known == why).unwrap_or(SENT_BACK)
}
