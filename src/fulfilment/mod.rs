//! Getting the goods out of the building: one fulfilment order per order and location.
//!
//! planned → released → picking → packed → shipped → delivered, or → ready → collected; cancelled from planned or released; rejected by its
//! location until it is packed.

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
    /// Where a fulfilment order is.
    pub enum FulfilmentState {
        /// Decided, but not yet the location's work: the payment is not certain.
        Planned = "planned",
        Released = "released",
        Picking = "picking",
        Packed = "packed",
        Ready = "ready",
        Shipped = "shipped",
        Delivered = "delivered",
        Collected = "collected",
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
        Cancel = "cancel",
        Reject = "reject",
    }
}

impl FulfilmentState {
    /// The state after a command, or a refusal that says what could be done instead.
    pub fn apply(self, command: Command, method: Method) -> Result<Self, Refusal> {
        self.next(command, method).ok_or_else(|| {
            let legal: Vec<&str> = Command::ALL.iter().filter(|c| self.next(**c, method).is_some()).map(|c| c.as_str()).collect();
            let instead = if legal.is_empty() { "nothing more can be done with it".to_owned() } else { format!("it can: {}", legal.join(", ")) };
            Refusal::new(RefusalCode::IllegalTransition, format!("“{command}” is not possible: this is {}; {instead}.", self.label().to_lowercase()))
        })
    }

    const fn next(self, command: Command, method: Method) -> Option<Self> {
        use Command as C;
        use FulfilmentState as S;
        match (self, command, method) {
            (S::Planned, C::Release, _) => Some(S::Released),
            (S::Released, C::StartPicking, _) => Some(S::Picking),
            (S::Picking, C::Pack, _) => Some(S::Packed),
            (S::Packed, C::Ship, Method::Ship) => Some(S::Shipped),
            (S::Shipped, C::Deliver, Method::Ship) => Some(S::Delivered),
            (S::Packed, C::MarkReady, Method::Pickup) => Some(S::Ready),
            (S::Ready, C::Collect, Method::Pickup) => Some(S::Collected),
            (S::Planned | S::Released, C::Cancel, _) => Some(S::Cancelled),
            (S::Planned | S::Released | S::Picking, C::Reject, _) => Some(S::Rejected),
            _ => None,
        }
    }

    /// True once the goods have left the location.
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Shipped | Self::Delivered | Self::Collected)
    }

    /// The step a person at the location does next, as the label of its button.
    pub const fn next_step(self, method: Method) -> Option<(Command, &'static str)> {
        match (self, method) {
            (Self::Released, _) => Some((Command::StartPicking, "Start picking")),
            (Self::Picking, _) => Some((Command::Pack, "Picked and packed")),
            (Self::Packed, Method::Ship) => Some((Command::Ship, "Ship")),
            (Self::Packed, Method::Pickup) => Some((Command::MarkReady, "Ready for pickup")),
            (Self::Ready, Method::Pickup) => Some((Command::Collect, "Hand over")),
            _ => None,
        }
    }

    /// For customers, who need not know how a warehouse works.
    pub const fn customer_label(self) -> &'static str {
        match self {
            Self::Planned | Self::Released => "Ordered",
            Self::Picking | Self::Packed => "Being packed",
            Self::Ready | Self::Shipped | Self::Delivered | Self::Collected | Self::Cancelled | Self::Rejected => self.label(),
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Released => "To pick",
            Self::Picking => "Being picked",
            Self::Packed => "Packed",
            Self::Ready => "Ready for pickup",
            Self::Shipped => "On its way",
            Self::Delivered => "Delivered",
            Self::Collected => "Collected",
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
mod take_step;
#[cfg(feature = "postgres")]
pub use {
    cancel_fulfilments::{GivenUp, cancel_fulfilments},
    keep_promise::{Refreshed, Watched, change_service, forget_promise, promise_fulfilments, refresh_fulfilments, watched},
    list::{fulfilments_of_orders, lines_of, list_offers, list_work, work_counts},
    plan_fulfilments::{PlannedFulfilment, PlannedLine, Promised, Released, plan_fulfilments, release_fulfilments},
    reject_fulfilments::{Rejected, reject_fulfilments},
    take_step::{Stepped, take_step},
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let mut table = Vec::new();
        for method in Method::ALL {
            for state in FulfilmentState::ALL {
                for command in Command::ALL {
                    if let Ok(next) = state.apply(*command, *method) {
                        table.push(format!("{method}: {state} --{command}--> {next}"));
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
            ]
        );
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let refusal = FulfilmentState::Packed.apply(Command::Collect, Method::Ship).unwrap_err();
        assert_eq!(refusal.message, "“collect” is not possible: this is packed; it can: ship.");
    }

    #[test]
    fn the_check_digit_of_the_standard() {
        // UPU S10's own example: RR 473124829 GB... the serial 47312482 has the check digit 9.
        assert_eq!(s10_tracking_number(47_312_482, "GB"), "WB473124829GB");
    }
}
