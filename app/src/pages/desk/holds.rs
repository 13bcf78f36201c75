//! What an order is held for, and the way to hold and to release it.

use super::api::{HoldBack, LetGoOn};
use crate::error::ApiError;
use crate::layout::IfAllowed;
use crate::ui::{Button, ErrorNote, SelectField, TextField, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use waybill::identity::Permission;
use waybill::ids::OrderId;
use waybill::orders::HoldKind;
use waybill::orders::views::OrderHold;

/// Nothing of the order moves on while it is held for anything.
#[component]
pub fn Holds(
    order_id: OrderId,
    holds: Vec<OrderHold>,
    can_hold: bool,
    hold: ServerAction<HoldBack>,
    release: ServerAction<LetGoOn>,
) -> impl IntoView {
    let is_held = !holds.is_empty();
    let others: Vec<HoldKind> = HoldKind::ALL.iter().copied().filter(|kind| holds.iter().all(|held| held.kind != *kind)).collect();
    let others = StoredValue::new(others);
    let rows = holds.into_iter().map(|held| view! { <Held order_id held release/> }).collect_view();
    let refused = move || release.value().get().and_then(Result::err).map(|e| view! { <ErrorNote text=e.to_string()/> });
    let (title, words) = if is_held {
        ("On hold", "Nothing of it is picked, packed, sent or handed out until all of this is released.")
    } else {
        ("Hold the order", "Nothing of it is picked, packed, sent or handed out until you release it. Its stock is kept.")
    };
    (is_held || can_hold).then(|| {
        view! {
            <section class="card" aria-label=title>
                <h2 class="font-semibold">{title}</h2>
                <p class="mt-1 text-sm text-ink-soft">{words}</p>
                {refused}
                <ul class="mt-2 divide-y divide-line empty:hidden">{rows}</ul>
                {can_hold.then(|| view! { <IfAllowed permission=Permission::CancelOrders><HoldFor order_id others=others.get_value() hold/></IfAllowed> })}
            </section>
        }
    })
}

#[component]
fn Held(order_id: OrderId, held: OrderHold, release: ServerAction<LetGoOn>) -> impl IntoView {
    let kind = held.kind;
    view! {
        <li class="flex flex-wrap items-center justify-between gap-3 py-2">
            <div><p class="font-medium">{kind.label()}</p><p class="text-sm text-ink-soft">{held.reason}", since "<When at=held.placed_at/></p></div>
            <IfAllowed permission=Permission::CancelOrders>
                <ActionForm action=release>
                    <input type="hidden" name="order_id" value=order_id.to_string()/><input type="hidden" name="kind" value=kind.as_str()/>
                    <button class="button-quiet" aria-label=format!("Release: {}", kind.label())>"Release"</button>
                </ActionForm>
            </IfAllowed>
        </li>
    }
}

#[component]
fn HoldFor(order_id: OrderId, others: Vec<HoldKind>, hold: ServerAction<HoldBack>) -> impl IntoView {
    let error = Signal::derive(move || hold.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e: ApiError| e.of_field(pointer)));
    let rest = move || error.get().filter(|e| e.of_part("").is_none()).map(|e| view! { <ErrorNote text=e.to_string()/> });
    let kinds = others.into_iter().map(|kind| (kind.to_string(), kind.label().to_owned()));
    let options: Vec<(String, String)> = std::iter::once((String::new(), "Choose".to_owned())).chain(kinds).collect();
    view! {
        <ActionForm action=hold attr:class="mt-4 grid gap-4" attr:novalidate="">
            {rest}
            <input type="hidden" name="order_id" value=order_id.to_string()/>
            <SelectField name="kind" label="What for" options error=of("/kind") scope="hold"/>
            <TextField name="reason" label="Why" required=true error=of("/reason") scope="hold"/>
            <Button pending=hold.pending()>"Hold it"</Button>
        </ActionForm>
    }
}
