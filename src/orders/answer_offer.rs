//! Work that several locations are asked for: the first that takes it does it. Meanwhile the best of them keeps the units; it is its work where nobody
//! answers in time, and where it has declined by then, another place is looked for.

use super::assign::Claiming;
use super::correct_stock::give_up;
use super::planning::Planning;
use super::project_order::{lock_order, project_order};
use super::release_order::release_order;
use super::reroute_order::{DECLINED, OFFER, Rerouted};
use super::watch_promises::{Otherwise, send_otherwise};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::fulfilment;
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// What a location says to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferAnswer {
    Takes,
    Declines,
}

/// A location takes work that it was asked for, or declines it. Refused where somebody else was faster or its time is over, and where its units are not
/// free there any more or would come too late from there.
pub async fn answer_offer(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order_id: OrderId,
    fulfilment_no: i32,
    location: LocationId,
    answer: OfferAnswer,
    claiming: Claiming,
) -> Result<()> {
    act.require_location(location, Permission::WorkFulfilment)?;
    lock_order(conn, order_id).await?;
    let offer = sqlx::query!(
        r#"select f.location_id as "keeper: LocationId", v.name,
            o.answer is null and f.state = 'planned' and coalesce(f.offered_until > $4, false) as "is_open!",
            (select count(*) from fulfilment_offers x where x.order_id = $1 and x.fulfilment_no = $2 and x.location_id <> $3 and x.answer is null) as "others!"
        from fulfilment_offers o
        join fulfilment_orders f using (order_id, fulfilment_no)
        join location_versions v on v.location_id = o.location_id and v.valid @> $4::timestamptz
        where o.order_id = $1 and o.fulfilment_no = $2 and o.location_id = $3"#,
        order_id.0,
        fulfilment_no,
        location.0,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such offer"))?;
    if !offer.is_open {
        return Err(Refusal::new(RefusalCode::Conflict, "Another place has taken it, or its time is over. Nothing is to be done here.").into());
    }
    let details = EventDetails { fulfilment_no: Some(fulfilment_no), location: Some(offer.name), ..EventDetails::default() };
    let kind = if answer == OfferAnswer::Takes { EventKind::OfferTaken } else { EventKind::OfferDeclined };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind, details }]).await?;
    if answer == OfferAnswer::Declines {
        answer_as(conn, act, order_id, fulfilment_no, Some(location), "declined").await?;
        if offer.others == 0 {
            give_up(conn, act, &[(order_id, fulfilment_no)], &[], DECLINED).await?;
        }
        return project_order(conn, act.now, &[order_id]).await;
    }
    answer_as(conn, act, order_id, fulfilment_no, Some(location), "taken").await?;
    answer_as(conn, act, order_id, fulfilment_no, None, "lost").await?;
    if location == offer.keeper {
        return give_to_keeper(conn, act, order_id, fulfilment_no).await;
    }
    let otherwise = Otherwise { reason: OFFER, taken_by: Some(location) };
    let work = fulfilment::lines_of(conn, order_id, &[fulfilment_no]).await?;
    let all_of_it = |rerouted: &Rerouted| rerouted.takes(&work) && !rerouted.is_later(&work);
    if send_otherwise(conn, act, planning, order_id, &[fulfilment_no], otherwise, claiming, all_of_it).await? {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::Conflict,
        "Its units are not free here any more, or it would come too late from here. Decline it, so that the others know.",
    )
    .into())
}

/// Ends an offer whose time is over. Nothing happens where it was answered.
pub async fn end_offer(conn: &mut PgConnection, act: &Act, order_id: OrderId, fulfilment_no: i32) -> Result<()> {
    lock_order(conn, order_id).await?;
    let offer = sqlx::query!(
        r#"select exists (
                select from fulfilment_offers o
                where o.order_id = $1 and o.fulfilment_no = $2 and o.location_id = f.location_id and o.answer = 'declined'
            ) as "keeper_declined!"
        from fulfilment_orders f
        where f.order_id = $1 and f.fulfilment_no = $2 and f.state = 'planned' and f.offered_until <= $3"#,
        order_id.0,
        fulfilment_no,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?;
    answer_as(conn, act, order_id, fulfilment_no, None, "expired").await?;
    match offer {
        None => Ok(()),
        Some(offer) if offer.keeper_declined => give_up(conn, act, &[(order_id, fulfilment_no)], &[], DECLINED).await.map(|_| ()),
        Some(_) => give_to_keeper(conn, act, order_id, fulfilment_no).await,
    }
}

/// Offers whose time is over and that nobody has ended, at most so many.
pub async fn overdue_offers(conn: &mut PgConnection, act: &Act, most: i64) -> Result<Vec<(OrderId, i32)>> {
    let rows = sqlx::query!(
        r#"select order_id as "order: OrderId", fulfilment_no
        from fulfilment_orders
        where state = 'planned' and offered_until <= $1
        order by offered_until
        limit $2"#,
        act.now,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.order, r.fulfilment_no)).collect())
}

/// It is the work of the location that keeps its units.
async fn give_to_keeper(conn: &mut PgConnection, act: &Act, order_id: OrderId, fulfilment_no: i32) -> Result<()> {
    sqlx::query!(
        "update fulfilment_orders set offer_minutes = null, offered_until = null where order_id = $1 and fulfilment_no = $2",
        order_id.0,
        fulfilment_no
    )
    .execute(&mut *conn)
    .await?;
    release_order(conn, act, order_id).await
}

/// Notes an answer of one location, or of all that have given none.
async fn answer_as(conn: &mut PgConnection, act: &Act, order_id: OrderId, fulfilment_no: i32, only: Option<LocationId>, answer: &str) -> Result<()> {
    sqlx::query!(
        "update fulfilment_offers
        set answer = $4, answered_at = $5, answered_by = $6
        where order_id = $1 and fulfilment_no = $2 and answer is null and ($3::uuid is null or location_id = $3)",
        order_id.0,
        fulfilment_no,
        only.map(|location| location.0),
        answer,
        act.now,
        only.and(act.actor.user()).map(|user| user.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}
