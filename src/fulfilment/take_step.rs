//! One step of a fulfilment order: pick, pack, ship, make ready, hand over, deliver.

use super::{Command, FulfilmentState, StepInput, Way, s10_tracking_number};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::inventory::{self, Held, MovementReason};
use crate::refusal::{Refusal, Result};
use crate::secret::{constant_time_eq, random_bytes};
use sqlx::PgConnection;

/// What a step did, for the caller to account for.
#[derive(Clone, Debug)]
pub struct Stepped {
    pub state: FulfilmentState,
    pub event: NewEvent,
    /// Units that left the building in this step, by line.
    pub left: Vec<(i32, i32)>,
}

/// The carrier that works with nothing configured.
const BUILT_IN_CARRIER: &str = "Waybill Parcel";

/// Takes one step. The caller holds the order's lock.
pub async fn take_step(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    fulfilment_no: i32,
    command: Command,
    input: &StepInput,
) -> Result<Stepped> {
    let fulfilment = sqlx::query!(
        r#"select f.state as "state: FulfilmentState", f.method as "way: Way", f.location_id as "location: LocationId", f.pickup_code,
            f.to_location_id as "store: LocationId", v.name, v.country, s.name as "store_name?"
        from fulfilment_orders f
        join location_versions v on v.location_id = f.location_id and v.valid @> $3::timestamptz
        left join location_versions s on s.location_id = f.to_location_id and s.valid @> $3::timestamptz
        where f.order_id = $1 and f.fulfilment_no = $2"#,
        order_id.0,
        fulfilment_no,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such fulfilment order"))?;
    // What has been sent to a store is the store's.
    let at_store = fulfilment.store.filter(|_| fulfilment.state.is_out());
    act.require_location(at_store.unwrap_or(fulfilment.location), Permission::WorkFulfilment)?;
    // Releasing, cancelling and returning follow the payment, the order and the return; nobody at a location does them by hand.
    if matches!(command, Command::Release | Command::Cancel | Command::Return | Command::Reject) {
        return Err(Refusal::field("/command", "Use pick, pack, ship, ready, collect, deliver or reject.").into());
    }
    let state = fulfilment.state.apply(command, fulfilment.way)?;
    let name = fulfilment.store_name.clone().filter(|_| at_store.is_some()).unwrap_or(fulfilment.name);
    let mut details = EventDetails { fulfilment_no: Some(fulfilment_no), location: Some(name), ..EventDetails::default() };
    let mut left = Vec::new();
    match command {
        Command::Collect => {
            let shown = input.pickup_code.as_deref().unwrap_or("").trim();
            if !fulfilment.pickup_code.as_deref().is_some_and(|code| constant_time_eq(code, shown)) {
                return Err(Refusal::field(
                    "/pickup_code",
                    "This is not the pickup code of this order. Ask for the six digits on the customer's tracking page.",
                )
                .into());
            }
            // What came to the store from elsewhere has left where it came from before.
            if fulfilment.way == Way::Pickup {
                left = leave(conn, act, order_id, fulfilment_no, MovementReason::Collection).await?;
            }
        }
        Command::Ship => {
            let (carrier, number) = claim_label(conn, order_id, fulfilment_no, input, &fulfilment.country).await?;
            sqlx::query!(
                "update fulfilment_orders set carrier = $3, tracking_number = $4 where order_id = $1 and fulfilment_no = $2",
                order_id.0,
                fulfilment_no,
                carrier,
                number
            )
            .execute(&mut *conn)
            .await?;
            details.tracking_number = Some(number);
            details.to = fulfilment.store_name;
            left = leave(conn, act, order_id, fulfilment_no, MovementReason::Shipment).await?;
        }
        Command::MarkReady => {
            let code = format!("{:06}", u32::from_be_bytes(random_bytes::<4>()) % 1_000_000);
            // Whoever collects two bags shows one code.
            sqlx::query!(
                "update fulfilment_orders
                set pickup_code = coalesce((select min(pickup_code) from fulfilment_orders where order_id = $1 and state in ('ready', 'arrived')), $3)
                where order_id = $1 and fulfilment_no = $2",
                order_id.0,
                fulfilment_no,
                code
            )
            .execute(&mut *conn)
            .await?;
        }
        Command::StartPicking | Command::Pack | Command::Deliver | Command::Release | Command::Return | Command::Cancel | Command::Reject => {}
    }
    sqlx::query_file!("src/fulfilment/sql/set_state.sql", order_id.0, fulfilment_no, state.as_str(), act.now).execute(conn).await?;
    Ok(Stepped { state, event: NewEvent { kind: event_of(command, fulfilment.way), details }, left })
}

const fn event_of(command: Command, way: Way) -> EventKind {
    match command {
        Command::Release => EventKind::FulfilmentReleased,
        Command::StartPicking => EventKind::PickingStarted,
        Command::Pack => EventKind::Packed,
        Command::Ship if matches!(way, Way::ToStore) => EventKind::SentToStore,
        Command::Ship => EventKind::Shipped,
        Command::MarkReady => EventKind::ReadyForPickup,
        Command::Collect => EventKind::Collected,
        Command::Deliver => EventKind::Delivered,
        Command::Return => EventKind::ParcelReturned,
        Command::Cancel => EventKind::FulfilmentCancelled,
        Command::Reject => EventKind::FulfilmentRejected,
    }
}

/// Takes the number on the label for this parcel. The built-in carrier's numbers are drawn again where one is taken.
async fn claim_label(conn: &mut PgConnection, order_id: OrderId, fulfilment_no: i32, input: &StepInput, country: &str) -> Result<(String, String)> {
    loop {
        let (carrier, number) = label(input, country)?;
        let claimed = sqlx::query!(
            "insert into tracking_numbers (tracking_number, order_id, fulfilment_no) values ($1, $2, $3) on conflict do nothing",
            number,
            order_id.0,
            fulfilment_no
        )
        .execute(&mut *conn)
        .await?;
        if claimed.rows_affected() == 1 {
            return Ok((carrier, number));
        }
        if input.tracking_number.as_deref().is_some_and(|n| !n.trim().is_empty()) {
            return Err(Refusal::field("/tracking_number", format!("The tracking number {number} is on another parcel. Check the label.")).into());
        }
    }
}

/// The carrier and number on the label: those given, or the built-in carrier's.
fn label(input: &StepInput, country: &str) -> Result<(String, String), Refusal> {
    let given = input.tracking_number.as_deref().map(str::trim).filter(|n| !n.is_empty());
    match given {
        None => Ok((BUILT_IN_CARRIER.to_owned(), s10_tracking_number(u32::from_be_bytes(random_bytes::<4>()), country))),
        Some(number) => {
            if number.len() > 40 || !number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(Refusal::field(
                    "/tracking_number",
                    "A tracking number has at most 40 letters, digits and hyphens. Scan the label again.",
                ));
            }
            let carrier = input.carrier.as_deref().map(str::trim).filter(|c| !c.is_empty()).unwrap_or(BUILT_IN_CARRIER);
            Ok((carrier.to_owned(), number.to_ascii_uppercase()))
        }
    }
}

/// The goods leave the building: off the shelf, the reservation and the ledger.
async fn leave(conn: &mut PgConnection, act: &Act, order_id: OrderId, fulfilment_no: i32, reason: MovementReason) -> Result<Vec<(i32, i32)>> {
    let lines = sqlx::query!(
        r#"select line_no, quantity, sku_id as "sku: SkuId", reservation_id as "reservation: ReservationId"
        from fulfilment_lines
        where order_id = $1 and fulfilment_no = $2
        order by line_no"#,
        order_id.0,
        fulfilment_no
    )
    .fetch_all(&mut *conn)
    .await?;
    let held: Vec<Held> = lines.iter().map(|l| Held { sku: l.sku, reservation: l.reservation }).collect();
    inventory::consume_reservations(conn, act, order_id, &held, reason).await?;
    Ok(lines.into_iter().map(|l| (l.line_no, l.quantity)).collect())
}
