//! Getting the goods out of the building: one fulfilment order per order and location.
//!
//! planned → released → picking → packed → shipped → delivered, or → ready → collected, or → shipped → arrived → collected where it comes to the store from
//! elsewhere; cancelled from planned or released; rejected by its location until it is packed; returned where all that it sent comes back.

use crate::refusal::{Refusal, RefusalCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// How the goods reach the customer.
    pub enum Method {
        Ship = "ship",
        Pickup = "pickup",
    }
}

text_enum! {
    /// How a fulfilment order's goods reach the customer.
    pub enum Way {
        Ship = "ship",
        Pickup = "pickup",
        /// They are sent to the store in which the customer collects.
        ToStore = "to_store",
    }
}

text_enum! {
    /// Where a fulfilment order is.
    pub enum FulfilmentState {
        /// Decided, but not yet the location's work: the payment is not certain, or the order waits or is held.
        Planned = "planned",
        Released = "released",
        Picking = "picking",
        Packed = "packed",
        /// Its customer can collect it where it was packed.
        Ready = "ready",
        Shipped = "shipped",
        Delivered = "delivered",
        /// It has come to the store in which its customer can collect it.
        Arrived = "arrived",
        Collected = "collected",
        /// Nobody took it, or its customer sent all of it back.
        Returned = "returned",
        Cancelled = "cancelled",
        /// The location would not or could not do it: its units are routed anew.
        Rejected = "rejected",
    }
}

text_enum! {
    /// Why a location turns work down.
    pub enum RejectReason {
        /// There is none left.
        NotInStock = "not_in_stock",
        /// Fewer are there than the books say.
        Mismatch = "mismatch",
        Damaged = "damaged",
        /// The goods are there; nobody can do it in time.
        TooBusy = "too_busy",
    }
}

impl RejectReason {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotInStock => "Not in stock",
            Self::Mismatch => "Fewer than the books say",
            Self::Damaged => "Damaged",
            Self::TooBusy => "Too busy",
        }
    }

    /// What it does to the location's books, for people.
    pub const fn effect(self) -> &'static str {
        match self {
            Self::NotInStock => "sets the stock here to none",
            Self::Mismatch => "takes these units off the stock here",
            Self::Damaged => "takes these units off as damaged",
            Self::TooBusy => "leaves the stock as it is",
        }
    }
}

text_enum! {
    /// What can be done to a fulfilment order.
    pub enum Command {
        Release = "release",
        StartPicking = "pick",
        Pack = "pack",
        Ship = "ship",
        MarkReady = "ready",
        Collect = "collect",
        Deliver = "deliver",
        /// All of it has come back.
        Return = "return",
        Cancel = "cancel",
        Reject = "reject",
    }
}

impl FulfilmentState {
    /// The state after a command, or a refusal that says what could be done instead.
    pub fn apply(self, command: Command, way: Way) -> Result<Self, Refusal> {
        self.next(command, way).ok_or_else(|| {
            let legal: Vec<&str> = Command::ALL.iter().filter(|c| self.next(**c, way).is_some()).map(|c| c.as_str()).collect();
            let instead = if legal.is_empty() { "nothing more can be done with it".to_owned() } else { format!("it can: {}", legal.join(", ")) };
            Refusal::new(RefusalCode::IllegalTransition, format!("“{command}” is not possible: this is {}; {instead}.", self.label().to_lowercase()))
        })
    }

    const fn next(self, command: Command, way: Way) -> Option<Self> {
        use Command as C;
        use FulfilmentState as S;
        match (self, command, way) {
            (S::Planned, C::Release, _) => Some(S::Released),
            (S::Released, C::StartPicking, _) => Some(S::Picking),
            (S::Picking, C::Pack, _) => Some(S::Packed),
            (S::Packed, C::Ship, Way::Ship | Way::ToStore) => Some(S::Shipped),
            (S::Shipped, C::Deliver, Way::Ship) => Some(S::Delivered),
            (S::Packed, C::MarkReady, Way::Pickup) => Some(S::Ready),
            (S::Shipped, C::MarkReady, Way::ToStore) => Some(S::Arrived),
            (S::Ready, C::Collect, Way::Pickup) | (S::Arrived, C::Collect, Way::ToStore) => Some(S::Collected),
            (S::Shipped, C::Return, Way::Ship) | (S::Shipped | S::Arrived, C::Return, Way::ToStore) => Some(S::Returned),
            (S::Planned | S::Released, C::Cancel, _) => Some(S::Cancelled),
            (S::Planned | S::Released | S::Picking, C::Reject, _) => Some(S::Rejected),
            _ => None,
        }
    }

    /// True once the goods have left the location that they come from.
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Shipped | Self::Delivered | Self::Arrived | Self::Collected | Self::Returned)
    }

    /// True where its customer can collect it.
    pub const fn is_to_collect(self) -> bool {
        matches!(self, Self::Ready | Self::Arrived)
    }

    /// The step a person at the location does next, as the label of its button.
    pub const fn next_step(self, way: Way) -> Option<(Command, &'static str)> {
        match (self, way) {
            (Self::Released, _) => Some((Command::StartPicking, "Start picking")),
            (Self::Picking, _) => Some((Command::Pack, "Picked and packed")),
            (Self::Packed, Way::Ship) => Some((Command::Ship, "Ship")),
            (Self::Packed, Way::ToStore) => Some((Command::Ship, "Send to the store")),
            (Self::Packed, Way::Pickup) => Some((Command::MarkReady, "Ready for pickup")),
            (Self::Shipped, Way::ToStore) => Some((Command::MarkReady, "It has come")),
            (Self::Ready, Way::Pickup) | (Self::Arrived, Way::ToStore) => Some((Command::Collect, "Hand over")),
            _ => None,
        }
    }

    /// For customers, who need not know how a warehouse works.
    pub const fn customer_label(self) -> &'static str {
        match self {
            Self::Planned | Self::Released => "Ordered",
            Self::Picking | Self::Packed => "Being packed",
            Self::Ready | Self::Shipped | Self::Delivered | Self::Arrived | Self::Collected | Self::Returned | Self::Cancelled | Self::Rejected => {
                self.label()
            }
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Released => "To pick",
            Self::Picking => "Being picked",
            Self::Packed => "Packed",
            Self::Ready | Self::Arrived => "Ready for pickup",
            Self::Shipped => "On its way",
            Self::Delivered => "Delivered",
            Self::Collected => "Collected",
            Self::Returned => "Sent back",
            Self::Cancelled => "Cancelled",
            Self::Rejected => "Turned down",
        }
    }

    /// True once nothing more comes of it here: its units are elsewhere, or nowhere.
    pub const fn is_given_up(self) -> bool {
        matches!(self, Self::Cancelled | Self::Rejected)
    }
}

/// A tracking number of the Universal Postal Union's form S10: two letters, eight digits, a check digit, the country.
///
/// `serial` is taken modulo 100 million.
pub fn s10_tracking_number(serial: u32, country: &str) -> String {
    let digits = format!("{:08}", serial % 100_000_000);
    let weights = [8, 6, 4, 2, 3, 5, 9, 7];
    let sum: u32 = digits.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        other => other,
    };
    format!("WB{digits}{check}{country}")
}

/// The latest moments at which steps keep a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestones {
    /// The work begins.
    pub release_by: DateTime<Utc>,
    /// Half of the handling time is left: picking has begun.
    pub pick_by: DateTime<Utc>,
    /// It is packed, and the carrier may come.
    pub pack_by: DateTime<Utc>,
    /// It is collected by the carrier, or ready for the customer.
    pub hand_over_by: DateTime<Utc>,
}

/// What moves a fulfilment order on, with what the step needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepInput {
    /// For `ship`: the carrier's number; the built-in carrier gives one where it is left out.
    pub tracking_number: Option<String>,
    pub carrier: Option<String>,
    /// For `collect`: what the customer shows.
    pub pickup_code: Option<String>,
    /// For `reject`.
    pub reason: Option<RejectReason>,
    /// For `reject`: the order's line that is missing; all of them where left out.
    pub line_no: Option<i32>,
}

#[cfg(feature = "postgres")]
mod cancel_fulfilments;
#[cfg(feature = "postgres")]
mod keep_promise;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod plan_fulfilments;
#[cfg(feature = "postgres")]
mod reject_fulfilments;
#[cfg(feature = "postgres")]
mod return_fulfilments;
#[cfg(feature = "postgres")]
mod take_step;
#[cfg(feature = "postgres")]
pub use {
    cancel_fulfilments::{GivenUp, cancel_fulfilments},
    keep_promise::{Refreshed, Watched, change_service, forget_promise, promise_fulfilments, refresh_fulfilments, watched, watched_or_not},
    list::{fulfilments_of_orders, lines_of, list_offers, list_work, work_counts},
    plan_fulfilments::{PlannedFulfilment, PlannedLine, Promised, Released, plan_fulfilments, release_fulfilments},
    reject_fulfilments::{Rejected, note_lacking, reject_fulfilments},
    return_fulfilments::return_fulfilments,
    take_step::{Stepped, take_step},
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let mut table = Vec::new();
        for way in Way::ALL {
            for state in FulfilmentState::ALL {
                for command in Command::ALL {
                    if let Ok(next) = state.apply(*command, *way) {
                        table.push(format!("{way}: {state} --{command}--> {next}"));
                    }
                }
            }
        }
        assert_eq!(
            table,
            [
                "ship: planned --release--> released",
                "ship: planned --cancel--> cancelled",
                "ship: planned --reject--> rejected",
                "ship: released --pick--> picking",
                "ship: released --cancel--> cancelled",
                "ship: released --reject--> rejected",
                "ship: picking --pack--> packed",
                "ship: picking --reject--> rejected",
                "ship: packed --ship--> shipped",
                "ship: shipped --deliver--> delivered",
                "ship: shipped --return--> returned",
                "pickup: planned --release--> released",
                "pickup: planned --cancel--> cancelled",
                "pickup: planned --reject--> rejected",
                "pickup: released --pick--> picking",
                "pickup: released --cancel--> cancelled",
                "pickup: released --reject--> rejected",
                "pickup: picking --pack--> packed",
                "pickup: picking --reject--> rejected",
                "pickup: packed --ready--> ready",
                "pickup: ready --collect--> collected",
                "to_store: planned --release--> released",
                "to_store: planned --cancel--> cancelled",
                "to_store: planned --reject--> rejected",
                "to_store: released --pick--> picking",
                "to_store: released --cancel--> cancelled",
                "to_store: released --reject--> rejected",
                "to_store: picking --pack--> packed",
                "to_store: picking --reject--> rejected",
                "to_store: packed --ship--> shipped",
                "to_store: shipped --ready--> arrived",
                "to_store: shipped --return--> returned",
                "to_store: arrived --collect--> collected",
                "to_store: arrived --return--> returned",
            ]
        );
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let refusal = FulfilmentState::Packed.apply(Command::Collect, Way::Ship).unwrap_err();
        assert_eq!(refusal.message, "“collect” is not possible: this is packed; it can: ship.");
    }

    #[test]
    fn the_check_digit_of_the_standard() {
        // UPU S10's own example: RR 473124829 GB... the serial 47312482 has the check digit 9.
        assert_eq!(s10_tracking_number(47_312_482, "GB"), "WB473124829GB");
    }
}
