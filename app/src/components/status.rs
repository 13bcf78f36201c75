use crate::ui::{Badge, Tone};
use leptos::prelude::*;
use waybill::fulfilment::FulfilmentState;
use waybill::orders::OrderStatus;
use waybill::payments::PaymentState;

#[component]
pub fn OrderBadge(status: OrderStatus) -> impl IntoView {
    use OrderStatus as S;
    let tone = match status {
        S::Received | S::Cancelled => Tone::Neutral,
        S::PendingPayment | S::OnHold | S::Waiting => Tone::Warn,
        S::PaymentFailed => Tone::Bad,
        S::Released | S::InProgress | S::PartlyFulfilled | S::Scheduled => Tone::Progress,
        S::ReadyForPickup | S::Completed => Tone::Good,
    };
    view! { <Badge tone text=status.label()/> }
}

/// `plain` says it in customers' words.
#[component]
pub fn FulfilmentBadge(state: FulfilmentState, #[prop(optional)] plain: bool) -> impl IntoView {
    use FulfilmentState as S;
    let tone = match state {
        S::Planned | S::Cancelled | S::Returned => Tone::Neutral,
        S::Rejected => Tone::Bad,
        S::Released => Tone::Warn,
        S::Picking | S::Packed | S::Shipped => Tone::Progress,
        S::Ready | S::Delivered | S::Arrived | S::Collected => Tone::Good,
    };
    let (tone, text) = if plain && state == S::Released {
        (Tone::Neutral, state.customer_label())
    } else if plain {
        (tone, state.customer_label())
    } else {
        (tone, state.label())
    };
    view! { <Badge tone text/> }
}

#[component]
pub fn PaymentBadge(state: PaymentState) -> impl IntoView {
    use PaymentState as S;
    let tone = match state {
        S::Pending => Tone::Warn,
        S::Authorised | S::PartlyCaptured => Tone::Progress,
        S::Captured => Tone::Good,
        S::Failed | S::Expired => Tone::Bad,
        S::Voided | S::Refunded | S::PartlyRefunded => Tone::Neutral,
    };
    view! { <Badge tone text=state.label()/> }
}
