//! Money from customers: authorised when the order is placed, captured when goods leave, given back when they return.
//!
//! **money**: never captured more than authorised, never refunded more than captured; the double-entry ledger sums to zero per order and in
//! total. A call to the gateway is: record the operation, commit, call with its id as key, record the answer. Whoever finds an unanswered
//! operation may send it again: the gateway answers the same key with the same answer.

use crate::ids::{OperationId, OrderId};
use serde::{Deserialize, Serialize};

text_enum! {
    /// Where a payment is; follows from its operations.
    pub enum PaymentState {
        Pending = "pending",
        Authorised = "authorised",
        PartlyCaptured = "partly_captured",
        Captured = "captured",
        PartlyRefunded = "partly_refunded",
        Refunded = "refunded",
        Failed = "failed",
        Voided = "voided",
        Expired = "expired",
    }
}

impl PaymentState {
    /// True while the money is certain: what was paid for can be sent.
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::Authorised | Self::PartlyCaptured | Self::Captured)
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "Awaiting the bank",
            Self::Authorised => "Authorised",
            Self::PartlyCaptured => "Partly charged",
            Self::Captured => "Charged",
            Self::PartlyRefunded => "Partly refunded",
            Self::Refunded => "Refunded",
            Self::Failed => "Declined",
            Self::Voided => "Released",
            Self::Expired => "Expired",
        }
    }
}

text_enum! {
    /// What is asked of the gateway.
    pub enum OperationKind {
        Authorise = "authorise",
        Capture = "capture",
        Void = "void",
        Refund = "refund",
    }
}

/// One call to the gateway. The same `key` always means the same call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayRequest {
    pub key: OperationId,
    pub kind: OperationKind,
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The customer's card; for authorisations.
    pub token: Option<String>,
    /// The authorisation; for captures and voids.
    pub reference: Option<String>,
}

text_enum! {
    /// What the gateway makes of a call.
    pub enum Verdict {
        Succeeded = "succeeded",
        Declined = "declined",
        /// The bank has not decided; the gateway calls back, and may be asked again.
        Pending = "pending",
    }
}

/// The gateway's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayAnswer {
    pub key: OperationId,
    pub verdict: Verdict,
    /// The gateway's own name for the authorisation.
    pub reference: Option<String>,
    /// Why it was declined, for people.
    pub reason: Option<String>,
}

/// An operation that has just been recorded, to be sent once the transaction is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedOperation {
    pub order_id: OrderId,
    pub operation_id: OperationId,
}

/// What an answer means for the order it belongs to, where it means anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    Authorised,
    Declined,
    Captured { amount_minor: i64 },
    Voided,
}

#[cfg(feature = "postgres")]
mod ledger;
#[cfg(feature = "postgres")]
mod record_answers;
#[cfg(feature = "postgres")]
mod request_operation;
#[cfg(feature = "postgres")]
pub use {
    ledger::{Journal, invoice_goods, post_journals},
    record_answers::{expire_payment, record_answers},
    request_operation::{
        NewPayment, open_payments, operation_request, order_of_operation, payment_of_order, relied_on_authorisations, request_capture, request_void,
    },
};
