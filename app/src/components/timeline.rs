use crate::ui::When;
use leptos::prelude::*;
use waybill::events::{Event, EventKind};
use waybill::fulfilment::RejectReason;

/// What happened, newest first.
#[component]
pub fn Timeline(events: Vec<Event>) -> impl IntoView {
    let items = events
        .into_iter()
        .rev()
        .map(|event| {
            view! {
                <li class="timeline-item">
                    <p>{event_words(&event)}</p>
                    <p class="text-sm text-ink-soft"><When at=event.occurred_at/></p>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{items}</ol> }
}

/// An event as a sentence.
pub fn event_words(event: &Event) -> String {
    let details = &event.details;
    let at = details.location.as_deref().map(|place| format!(" in {place}")).unwrap_or_default();
    match event.kind {
        EventKind::OrderCaptured => "We have received the order.".to_owned(),
        EventKind::OrderImported => "Taken over from the system before.".to_owned(),
        EventKind::OrderPlanned => "It is decided where it comes from.".to_owned(),
        EventKind::OrderWaiting => "A part of it waits: no place has it at the moment.".to_owned(),
        EventKind::CustomerAsked => "A part of it is not there: wait for it, or do without it?".to_owned(),
        EventKind::CustomerAnswered => format!("About what is missing: {}.", details.reason.as_deref().unwrap_or_default()),
        EventKind::PromiseMoved if details.comes_sooner() => "It comes sooner than we said last. The new date is on this page.".to_owned(),
        EventKind::PromiseMoved => "It comes later than we said. The new date is on this page.".to_owned(),
        EventKind::PromiseAtRisk => format!("It may come late{at}."),
        EventKind::PromiseSafe => "It is on time again.".to_owned(),
        EventKind::OrderCancelled => format!("Cancelled. {}", details.reason.as_deref().unwrap_or("")),
        EventKind::OrderHeld => format!("Held. {}", details.reason.as_deref().unwrap_or_default()),
        EventKind::HoldReleased => format!("No longer held for {}.", details.reason.as_deref().map(str::to_lowercase).unwrap_or_default()),
        EventKind::LineSubstituted => format!("Not there, so that something else is sent: {}.", details.reason.as_deref().unwrap_or_default()),
        EventKind::PaymentAuthorised => "The payment is authorised.".to_owned(),
        EventKind::PaymentFailed => format!("The payment failed. {}", details.reason.as_deref().unwrap_or("")),
        EventKind::PaymentExpired => "The payment was never confirmed.".to_owned(),
        EventKind::PaymentCaptured => "The card was charged for what was sent.".to_owned(),
        EventKind::PaymentVoided => "The reserved amount was released.".to_owned(),
        EventKind::PaymentRefunded => "Money was given back.".to_owned(),
        EventKind::FulfilmentReleased => format!("Waiting to be picked{at}."),
        EventKind::PickingStarted => format!("Being picked{at}."),
        EventKind::Packed => format!("Packed{at}."),
        EventKind::ReadyForPickup => format!("Ready to be collected{at}."),
        EventKind::Shipped => format!(
            "Sent{}{}.",
            details.location.as_deref().map(|p| format!(" from {p}")).unwrap_or_default(),
            number(details.tracking_number.as_deref())
        ),
        EventKind::SentToStore => format!(
            "On its way{} to {}{}.",
            details.location.as_deref().map(|p| format!(" from {p}")).unwrap_or_default(),
            details.to.as_deref().unwrap_or("the store"),
            number(details.tracking_number.as_deref())
        ),
        EventKind::Delivered => "Delivered.".to_owned(),
        EventKind::AppointmentPerformed => format!("Done: {}.", details.reason.as_deref().unwrap_or("the service")),
        EventKind::AppointmentMoved => format!("Another time for {}: it is on this page.", details.reason.as_deref().unwrap_or("the service")),
        EventKind::Collected => format!("Collected{at}."),
        EventKind::ParcelReturned => "All of it has come back.".to_owned(),
        EventKind::FulfilmentOffered => format!("Asked who sends it: {}.", details.location.as_deref().unwrap_or_default()),
        EventKind::OfferTaken => format!("Taken{at}."),
        EventKind::OfferDeclined => format!("Declined{at}."),
        EventKind::FulfilmentRejected => match details.reason.as_deref().and_then(|r| r.parse::<RejectReason>().ok()) {
            Some(reason) => format!("Turned down{at} ({}); another place is looked for.", reason.label().to_lowercase()),
            None if details.reason.as_deref() == Some("late") => format!("Taken over{at}: another place can have it there in time."),
            None if details.reason.as_deref() == Some("offer") => format!("Given up{at}: another place has taken it."),
            None if details.reason.as_deref() == Some("declined") => format!("Declined{at} and by all who were asked; another place is looked for."),
            None if details.reason.as_deref() == Some("disruption") => {
                format!("Planned anew{at}, because something was out of order or works again.")
            }
            None => format!("It turned out not to be there{at}; another place is looked for."),
        },
        EventKind::FulfilmentCancelled => format!("Called off{at}."),
        EventKind::SignedIn => "Signed in.".to_owned(),
        EventKind::SignedOutEverywhere => "Signed out on all devices.".to_owned(),
        EventKind::ReturnApproved | EventKind::ReturnReceived | EventKind::ReturnClosed | EventKind::ReturnCancelled => {
            format!("{} ({}).", event.kind.label(), details.reason.as_deref().unwrap_or(""))
        }
        EventKind::StaffTold => {
            format!("Written to {}: {}", details.to.as_deref().unwrap_or("staff"), details.reason.as_deref().unwrap_or_default())
        }
        EventKind::OrderAnnounced => format!("Other systems were told: {}.", details.reason.as_deref().unwrap_or("")),
        EventKind::RulesetPublished => format!("Routing rules published: {}.", details.reason.as_deref().unwrap_or("")),
        EventKind::RulesetApproved => format!("Routing rules approved: {}.", details.reason.as_deref().unwrap_or("")),
        EventKind::RulesetWithdrawn => format!("Routing rules taken back: {}.", details.reason.as_deref().unwrap_or("")),
        EventKind::RoutingSettingsChanged => "Settings of routing were changed.".to_owned(),
        EventKind::RoutingStopped => format!("Routing was stopped: {}.", details.reason.as_deref().unwrap_or("")),
        EventKind::RoutingResumed => "Routing goes on.".to_owned(),
        EventKind::RulesetActivated => format!("New routing rules: {}.", details.reason.as_deref().unwrap_or("")),
        EventKind::LocationOpened
        | EventKind::LocationChanged
        | EventKind::LocationChangeUndone
        | EventKind::LocationClosed
        | EventKind::LocationReopened
        | EventKind::DisruptionStarted
        | EventKind::DisruptionEnded
        | EventKind::TransferSent
        | EventKind::TransferReceived
        | EventKind::TransferClosed
        | EventKind::CountOpened
        | EventKind::CountHandedIn
        | EventKind::CountReopened
        | EventKind::CountBooked
        | EventKind::CountClosed
        | EventKind::CountCancelled
        | EventKind::StockLow
        | EventKind::PurchaseDrafted
        | EventKind::PurchaseChanged
        | EventKind::PurchaseApproved
        | EventKind::PurchaseSent
        | EventKind::PurchaseConfirmed
        | EventKind::PurchaseReceived
        | EventKind::PurchaseClosed
        | EventKind::PurchaseCancelled
        | EventKind::ImportMoved
        | EventKind::SimulationMoved
        | EventKind::WebhookAdded
        | EventKind::WebhookChanged
        | EventKind::WebhookSecretRenewed
        | EventKind::WebhookRemoved
        | EventKind::WebhookTried
        | EventKind::WebhookFailed
        | EventKind::WebhookPaused
        | EventKind::UserRegistered
        | EventKind::UserChanged
        | EventKind::UserChangeUndone
        | EventKind::PasswordSet
        | EventKind::StockRuleSet
        | EventKind::StockRuleEnded
        | EventKind::AllowedChanged
        | EventKind::LocationGroupSet
        | EventKind::LocationGroupUndone
        | EventKind::BackorderTermsSet
        | EventKind::ChannelSet
        | EventKind::DeliverySet
        | EventKind::DeliveryEnded
        | EventKind::DeliveryChangeUndone
        | EventKind::ProductSaved
        | EventKind::PriceSet
        | EventKind::KitSet => format!("{}{at}.", event.kind.label()),
    }
}

fn number(tracking: Option<&str>) -> String {
    tracking.map(|n| format!(", parcel {n}")).unwrap_or_default()
}
