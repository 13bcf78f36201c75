//! What a customer asked for and what became of it.
//!
//! **quantities**: per line, `ordered = cancelled + open + shipped + collected + performed`. The lines are the truth; the header's status, counters and
//! search text are a projection, written by `project_order` alone. The order's row is the lock of everything that belongs to it.

use crate::customers::RawContact;
pub use crate::fulfilment::Method;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// The header's status, derived from lines, fulfilments and payments.
    pub enum OrderStatus {
        Received = "received",
        PendingPayment = "pending_payment",
        PaymentFailed = "payment_failed",
        OnHold = "on_hold",
        Waiting = "waiting",
        /// Nothing is open but appointments.
        Scheduled = "scheduled",
        Released = "released",
        InProgress = "in_progress",
        ReadyForPickup = "ready_for_pickup",
        PartlyFulfilled = "partly_fulfilled",
        Completed = "completed",
        Cancelled = "cancelled",
    }
}

impl OrderStatus {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::PendingPayment => "Awaiting payment",
            Self::PaymentFailed => "Payment failed",
            Self::OnHold => "On hold",
            Self::Waiting => "Waiting for stock",
            Self::Scheduled => "Appointment booked",
            Self::Released => "To be picked",
            Self::InProgress => "In progress",
            Self::ReadyForPickup => "Ready for pickup",
            Self::PartlyFulfilled => "Partly sent",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
        }
    }
}

text_enum! {
    /// What a customer says about units that nobody has, when asked.
    pub enum WaitingAnswer {
        /// They are sent when somebody has them.
        Wait = "wait",
        /// They are called off, and not charged.
        Without = "without",
        /// What was offered is sent in their place, at the same price.
        Instead = "instead",
    }
}

text_enum! {
    /// What an order is held for.
    pub enum HoldKind {
        Payment = "payment",
        Address = "address",
        Fraud = "fraud",
        CustomerService = "customer_service",
        Stock = "stock",
    }
}

impl HoldKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Payment => "Payment",
            Self::Address => "Address",
            Self::Fraud => "Fraud",
            Self::CustomerService => "Customer service",
            Self::Stock => "Stock",
        }
    }
}

/// An order as a channel, a customer or a colleague hands it in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewOrder {
    pub channel: String,
    /// The group of customers that it is from, where the channel knows one.
    #[serde(default)]
    pub customer_group: Option<String>,
    /// The channel's own number, once per channel.
    pub external_id: Option<String>,
    pub contact: RawContact,
    pub method: Method,
    /// Code of the store to collect from.
    pub pickup_location: Option<String>,
    /// Code of the way of delivery; the channel's first where left out.
    #[serde(default)]
    pub delivery_method: Option<String>,
    /// When it is there at the latest, as the customer was told; refused where it would be later by now.
    #[serde(default)]
    pub promised_by: Option<DateTime<Utc>>,
    /// The booking of the slot that the customer chose, where one is to be chosen.
    #[serde(default)]
    pub slot: Option<String>,
    /// ISO 4217; the channel's own where left out.
    pub currency: Option<String>,
    pub lines: Vec<NewLine>,
    /// What the customer was charged for delivery, where the channel decided it.
    pub shipping_minor: Option<i64>,
    /// What the sender believes it all comes to; refused where it does not add up.
    pub total_minor: Option<i64>,
    /// The card, as the payment gateway knows it.
    pub payment_token: String,
    /// The hold of the basket that it was: its units go over to the order. One that has ended counts for nothing.
    #[serde(default)]
    pub hold: Option<String>,
    /// What is written on the card that goes with a gift.
    #[serde(default)]
    pub gift_message: Option<String>,
    #[serde(default)]
    pub marks: Marks,
}

/// One line of a [`NewOrder`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLine {
    pub sku: String,
    pub quantity: i32,
    /// A decimal such as `12.50`, where the channel decided it; the price list's otherwise.
    pub unit_price: Option<String>,
    /// Text to be put on each unit, where the SKU takes one.
    #[serde(default)]
    pub personalisation: Option<String>,
    /// Each unit is wrapped as a gift, for what the channel takes for it.
    #[serde(default)]
    pub gift_wrap: bool,
    /// What wrapping a unit costs, a decimal, where the channel decided it.
    #[serde(default)]
    pub gift_wrap_price: Option<String>,
    /// Of a service: the booking of its appointment.
    #[serde(default)]
    pub slot: Option<String>,
}

/// Unpaid stock is kept this long, then freed.
pub const UNPAID_HOLD_MINUTES: i64 = 30;

/// More lines than any real basket: the largest invoice known to us has 1,114.
pub const MOST_LINES: usize = 2_000;

/// Characters on the card that goes with a gift.
pub const LONGEST_MESSAGE: usize = 500;

/// More units of one line than anybody keeps.
pub const MOST_UNITS: i32 = 1_000_000;

mod marks;
pub use marks::Marks;

#[cfg(feature = "postgres")]
mod advance_fulfilment;
#[cfg(feature = "postgres")]
mod answer_customer;
#[cfg(feature = "postgres")]
mod answer_offer;
#[cfg(feature = "postgres")]
mod apply_readings;
#[cfg(feature = "postgres")]
mod appointments;
#[cfg(feature = "postgres")]
mod approve_count;
#[cfg(feature = "postgres")]
mod assign;
#[cfg(feature = "postgres")]
mod besides;
#[cfg(feature = "postgres")]
mod bring_back;
#[cfg(feature = "postgres")]
mod cancel_order;
#[cfg(feature = "postgres")]
mod capture_orders;
#[cfg(feature = "postgres")]
mod change_condition;
#[cfg(feature = "postgres")]
mod correct_stock;
#[cfg(feature = "postgres")]
mod delivery_options;
#[cfg(feature = "postgres")]
mod disrupted;
#[cfg(feature = "postgres")]
mod hold_order;
#[cfg(feature = "postgres")]
mod holds;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod list_alerts;
#[cfg(feature = "postgres")]
mod list_appointments;
#[cfg(feature = "postgres")]
mod move_appointment;
#[cfg(feature = "postgres")]
mod number;
#[cfg(feature = "postgres")]
mod perform_appointment;
#[cfg(feature = "postgres")]
mod planning;
#[cfg(feature = "postgres")]
mod project_order;
#[cfg(feature = "postgres")]
mod promises;
#[cfg(feature = "postgres")]
mod quote_basket;
#[cfg(feature = "postgres")]
mod release_order;
#[cfg(feature = "postgres")]
mod reroute_order;
#[cfg(feature = "postgres")]
mod send_by_hand;
#[cfg(feature = "postgres")]
mod settle_payments;
#[cfg(feature = "postgres")]
mod shortage;
#[cfg(feature = "postgres")]
mod substitutes;
#[cfg(feature = "postgres")]
mod terms;
#[cfg(feature = "postgres")]
mod track_order;
#[cfg(feature = "postgres")]
mod try_order;
#[cfg(feature = "postgres")]
mod validate;
#[cfg(feature = "postgres")]
mod watch_promises;
#[cfg(feature = "postgres")]
mod wishes;
#[cfg(feature = "postgres")]
pub use {
    advance_fulfilment::advance_fulfilment,
    answer_customer::answer_waiting,
    answer_offer::{OfferAnswer, answer_offer, end_offer, overdue_offers},
    apply_readings::{Readings, apply_harmless, apply_shrinking, check_readings},
    approve_count::{approve_difference, open_differences},
    assign::Claiming,
    bring_back::bring_back,
    cancel_order::{cancel_order, cancel_waiting, expire_unpaid_order, overdue_orders},
    capture_orders::{Captured, Intake, Outcome, capture_orders},
    change_condition::{ConditionChange, change_condition},
    correct_stock::correct_stock,
    disrupted::{
        DisruptedWork, Disruption, disrupted_work, lock_disrupted, note_disrupted, read_disrupting, read_disruption, replan_disrupted, waiting_work,
    },
    hold_order::{hold_order, release_order_hold},
    holds::{Kept, NewHold, expire_hold, extend_hold, hold_basket, kept_until, release_hold, replay_hold},
    list::{OrderFilter, find_order_id, list_orders, newest_order, order_detail, order_history},
    list_alerts::list_alerts,
    list_appointments::list_appointments,
    move_appointment::{appointment_choice, move_appointment},
    number::new_number,
    perform_appointment::perform_appointment,
    planning::{Planning, PlanningCache},
    project_order::{lock_order, project_order},
    quote_basket::{BasketRequest, quote_basket},
    release_order::{release_order, unreleased_orders},
    reroute_order::{orders_waiting_for, reroute_order, waiting_orders},
    send_by_hand::{send_by_hand, senders_by_hand},
    settle_payments::settle_payments,
    substitutes::send_substitutes,
    terms::Terms,
    track_order::{look_up_order, open_tracking_link, track_order, tracking_link},
    try_order::try_order,
    watch_promises::{clear_alerts, late_promises, look_at_promise, refresh_milestones},
    wishes::check_wishes,
};
