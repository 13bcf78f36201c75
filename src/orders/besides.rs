//! What rules want done besides deciding where an order goes.

use crate::events::{EventDetails, EventKind, NewEvent};
use crate::ids::OrderId;
use crate::refusal::Result;
use crate::routing::Plan;
use crate::routing::actions::Besides;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// Does it, in the transaction of the plans. The caller holds the orders' locks.
pub(super) async fn carry_out(conn: &mut PgConnection, at: DateTime<Utc>, plans: &[(OrderId, &Plan)]) -> Result<()> {
    let tags: Vec<(OrderId, &String)> = plans
        .iter()
        .flat_map(|(order, plan)| plan.besides.iter().map(move |besides| (*order, besides)))
        .filter_map(|(order, besides)| match besides {
            Besides::Tag(tag) => Some((order, tag)),
            _ => None,
        })
        .collect();
    if !tags.is_empty() {
        sqlx::query!(
            "update orders o
            set tags = array(select distinct tag from unnest(o.tags || t.tags) as tag order by tag)
            from (
                select order_id, array_agg(tag) as tags from unnest($1::uuid[], $2::text[]) as t (order_id, tag) group by order_id
            ) t
            where t.order_id = o.order_id",
            &tags.iter().map(|(order, _)| order.0).collect::<Vec<_>>(),
            &tags.iter().map(|(_, tag)| (*tag).clone()).collect::<Vec<_>>()
        )
        .execute(&mut *conn)
        .await?;
    }
    let ends: Vec<(OrderId, DateTime<Utc>)> = plans
        .iter()
        .filter_map(|(order, plan)| {
            let days = plan.besides.iter().find_map(|b| match b {
                Besides::CancelAfterDays(days) => Some(*days),
                _ => None,
            });
            Some((*order, at + TimeDelta::days(days?.into())))
        })
        .collect();
    if !ends.is_empty() {
        // What waits already is not given more time by being looked at again.
        sqlx::query!(
            "update orders o
            set cancel_waiting_at = least(o.cancel_waiting_at, e.at)
            from unnest($1::uuid[], $2::timestamptz[]) as e (order_id, at)
            where e.order_id = o.order_id",
            &ends.iter().map(|(order, _)| order.0).collect::<Vec<_>>(),
            &ends.iter().map(|(_, at)| *at).collect::<Vec<_>>()
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// The same for an order that was planned before: what was wanted then and is not any more is called off.
pub(super) async fn carry_out_anew(conn: &mut PgConnection, at: DateTime<Utc>, order: OrderId, plan: &Plan) -> Result<()> {
    if !plan.besides.iter().any(|b| matches!(b, Besides::CancelAfterDays(_))) {
        sqlx::query!("update orders set cancel_waiting_at = null where order_id = $1 and cancel_waiting_at is not null", order.0)
            .execute(&mut *conn)
            .await?;
    }
    carry_out(conn, at, &[(order, plan)]).await
}

/// What is told to other systems and to people of the company, as events of the order.
pub(super) fn announced(plan: &Plan) -> impl Iterator<Item = NewEvent> {
    plan.besides.iter().filter_map(|besides| match besides {
        Besides::Announce(word) => {
            Some(NewEvent { kind: EventKind::OrderAnnounced, details: EventDetails { reason: Some(word.clone()), ..EventDetails::default() } })
        }
        Besides::Notify { to, words } => {
            let details = EventDetails { to: Some(to.clone()), reason: Some(words.clone()), ..EventDetails::default() };
            Some(NewEvent { kind: EventKind::StaffTold, details })
        }
        _ => None,
    })
}
