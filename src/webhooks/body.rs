//! What is sent of an event.

use crate::events::{EventDetails, EventKind};
use crate::ids::OrderId;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

/// The type of what is about no order.
const TRIAL: &str = "trial";

/// An event, or a trial, as it is told: what the order's timeline says, which names nobody; of a hold what for, and not what staff have written about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happening<'a> {
    /// The webhook's name.
    pub webhook: &'a str,
    /// None of a trial.
    pub kind: Option<&'a str>,
    pub at: DateTime<Utc>,
    /// The order, its number, and the event's place among the order's events; none of a trial.
    pub order: Option<(OrderId, &'a str, i32)>,
    /// `user`, `token`, `supplier` or `system`.
    pub by: Option<&'a str>,
    pub details: Option<&'a EventDetails>,
}

impl<'a> Happening<'a> {
    pub fn of_order(order: Option<OrderId>, number: Option<&'a str>, version: Option<i32>) -> Option<(OrderId, &'a str, i32)> {
        Some((order?, number?, version?))
    }

    /// JSON: the type, the time and the data that Standard Webhooks asks for.
    pub fn body(&self) -> String {
        let data = match self.order {
            None => json!({ "webhook": self.webhook }),
            Some((order, number, version)) => {
                let mut details = self.details.cloned();
                if let Some(details) = details.as_mut().filter(|_| self.kind == Some(EventKind::OrderHeld.as_str())) {
                    details.reason = details.reason.as_deref().and_then(|said| Some(said.split_once(':')?.0.to_owned()));
                }
                json!({ "order": number, "order_id": order, "version": version, "by": self.by, "details": details })
            }
        };
        json!({ "type": self.kind.unwrap_or(TRIAL), "timestamp": self.at.to_rfc3339_opts(SecondsFormat::Millis, true), "data": data }).to_string()
    }
}
