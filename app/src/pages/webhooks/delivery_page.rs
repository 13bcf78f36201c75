use super::api::{DeliverAgain, read_delivery};
use super::webhook_page::{DeliveryBadge, kind_words};
use crate::components::{times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{ErrorNote, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::webhooks::DeliveryState;
use waybill::webhooks::views::{Attempt, DeliveryDetail};

/// `/admin/webhooks/deliveries/:id`: one delivery, with what is sent and every attempt.
#[derive(Debug)]
pub struct DeliveryPage;

impl DeliveryPage {
    pub(super) fn view() -> AnyView {
        let (params, live) = (use_params_map(), use_live());
        let again = ServerAction::<DeliverAgain>::new();
        let done = times_done(again);
        let delivery = load(move || (params.read().get("id").unwrap_or_default(), done.get(), live.get()), |(id, ..)| read_delivery(id));
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || delivery.get().map(|answer| match answer {
                        Ok(detail) => view! { <Whole detail again/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(detail: DeliveryDetail, again: ServerAction<DeliverAgain>) -> impl IntoView {
    let DeliveryDetail { webhook, webhook_name, row, body, attempts } = detail;
    let words = kind_words(&row);
    let id = row.id.to_string();
    let error = move || again.value().get().and_then(Result::err);
    let order = row.order_number.clone().map(|number| view! { <a class="link code" href=format!("/desk/orders/{number}")>{number.clone()}</a> });
    // Before the first attempt is noted it is in hand.
    let has_come_to_something = !attempts.is_empty();
    let is_tried_again = row.state == DeliveryState::Queued && has_come_to_something;
    let next = is_tried_again.then(|| view! { <span class="text-ink-soft">"It is tried again "<When at=row.due_at/></span> });
    view! {
        <Title text=words/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/webhooks">"Other systems"</a>" / "<a class="link" href=format!("/admin/webhooks/{webhook}")>{webhook_name}</a></nav>
        <h1 class="page-title pt-1 pb-2">{words}</h1>
        <p class="pb-6 flex flex-wrap items-center gap-3"><DeliveryBadge state=row.state/>{order}<span class="text-ink-soft"><When at=row.created_at/></span>{next}</p>
        {move || error().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
        <div class="grid gap-6 lg:grid-cols-2 items-start">
            <section class="card"><h2 class="font-semibold">"What is sent"</h2>
                <p class="mt-2 text-sm text-ink-soft">"webhook-id: "<span class="code break-all">{id.clone()}</span></p>
                <pre class="mt-3 code text-sm whitespace-pre-wrap break-words" data-testid="body" tabindex="0">{body}</pre>
            </section>
            <section class="card"><h2 class="font-semibold">"Attempts"</h2><Attempts attempts/>
                {has_come_to_something.then(|| view! {
                    <ActionForm action=again attr:class="mt-4"><input type="hidden" name="id" value=id/><button class="button-quiet" disabled=move || again.pending().get()>"Send it again"</button></ActionForm>
                })}
            </section>
        </div>
    }
}

#[component]
fn Attempts(attempts: Vec<Attempt>) -> impl IntoView {
    if attempts.is_empty() {
        return view! { <p class="mt-2 text-ink-soft">"None yet."</p> }.into_any();
    }
    let rows = attempts
        .into_iter()
        .map(|attempt| {
            let answer = attempt.status.map_or_else(|| "No answer".to_owned(), |status| status.to_string());
            view! {
                <li class="py-2">
                    <p class="flex flex-wrap items-baseline gap-3"><strong>{answer}</strong><span class="text-sm text-ink-soft"><When at=attempt.at/>", "{attempt.milliseconds}" ms"</span></p>
                    {(!attempt.words.is_empty()).then(|| view! { <p class="text-sm whitespace-pre-wrap break-words">{attempt.words}</p> })}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="mt-2 divide-y divide-line">{rows}</ol> }.into_any()
}
