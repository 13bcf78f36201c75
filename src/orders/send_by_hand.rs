//! Somebody decides where what waits of an order is sent from.

use super::assign::Claiming;
use super::planning::Planning;
use super::project_order::lock_order;
use super::reroute_order::{Decides, route_waiting};
use super::views::OrderDetail;
use crate::fulfilment::Method;
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::inventory::{Location, location_by_code};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// Where what waits of an order could be sent from by hand: code and name. What is collected comes from the store that the customer chose; none where nothing
/// waits.
pub fn senders_by_hand(planning: &Planning, order: &OrderDetail) -> Vec<(String, String)> {
    if order.lines.iter().all(|line| line.queue.is_none()) {
        return Vec::new();
    }
    let could = |place: &&Location| match order.method {
        Method::Ship => place.ships,
        Method::Pickup => place.offers_pickup && order.pickup_location.as_ref() == Some(&place.name),
    };
    let open = planning.network.locations.iter().filter(|place| place.closed.is_none());
    open.filter(could).map(|place| (place.code.clone(), place.name.clone())).collect()
}

/// Sends what waits of an order from the location of a code, whatever the rules say and be it later than was promised. What it does not have waits on, for
/// somebody to look at again. Refused where nothing waits, and where the location can send nothing of it.
pub async fn send_by_hand(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order_id: OrderId,
    location: &str,
    claiming: Claiming,
) -> Result<()> {
    act.require(Permission::CancelOrders)?;
    lock_order(conn, order_id).await?;
    let waits = sqlx::query_scalar!(r#"select exists (select from order_lines where order_id = $1 and queue is not null) as "waits!""#, order_id.0)
        .fetch_one(&mut *conn)
        .await?;
    if !waits {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "Nothing of this order waits: all of it is on its way, or called off.").into());
    }
    if location.trim().is_empty() {
        return Err(Refusal::field("/location", "Choose the location that sends it.").into());
    }
    let chosen = location_by_code(conn, location.trim()).await?;
    if route_waiting(conn, act, planning, order_id, Decides::Somebody(chosen), claiming).await?.found {
        return Ok(());
    }
    let name = planning.network.location(chosen).map_or(location, |place| place.name.as_str());
    let message =
        format!("{name} can send nothing of it now: it has none of it free, is closed or full for today, or cannot send it there. Choose another.");
    let problem = FieldProblem { field: "/location".to_owned(), message };
    Err(Refusal { code: RefusalCode::OutOfStock, ..Refusal::invalid(vec![problem]) }.into())
}
