use super::api::{AddWebhook, list_webhooks};
use super::webhook_page::{Secret, WebhookFields};
use crate::components::{emptied_after, times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, EmptyState, ErrorNote, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::webhooks::views::{MOST_COUNTED, WebhookRow};

/// `/admin/webhooks`: which other systems are told what happens to orders.
#[derive(Debug)]
pub struct WebhooksPage;

impl WebhooksPage {
    pub(super) fn view() -> AnyView {
        let add = ServerAction::<AddWebhook>::new();
        let done = times_done(add);
        let live = use_live();
        let webhooks = load(move || (done.get(), live.get()), |_| list_webhooks());
        view! {
            <Title text="Other systems"/>
            <div data-live="desk">
                <header class="py-6">
                    <h1 class="page-title">"Other systems"</h1>
                    <p class="text-ink-soft mt-1 max-w-prose">"What happens to orders is told to other systems as it happens, by webhooks: signed calls in the form of Standard Webhooks. What cannot be delivered is tried again for three days, and kept here."</p>
                </header>
                <div class="grid gap-6 lg:grid-cols-[1fr_24rem] items-start">
                    <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                        {move || webhooks.get().map(|answer| match answer {
                            Ok(rows) => view! { <Rows rows/> }.into_any(),
                            Err(error) => view! { <PageError error/> }.into_any(),
                        })}
                    </Transition>
                    <Add add done/>
                </div>
            </div>
        }
        .into_any()
    }
}

/// In a word, how a webhook is.
pub(super) fn badge(webhook: &WebhookRow) -> (Tone, &'static str) {
    match (webhook.paused, webhook.failed) {
        (true, _) => (Tone::Warn, "Paused"),
        (false, 0) => (Tone::Good, "On"),
        (false, _) => (Tone::Bad, "Not everything arrived"),
    }
}

/// A number of deliveries.
pub(super) fn counted(number: i64) -> String {
    if number > MOST_COUNTED { format!("more than {MOST_COUNTED}") } else { number.to_string() }
}

/// What a webhook is told of.
pub(super) fn told_of(webhook: &WebhookRow) -> String {
    match webhook.kinds.as_slice() {
        [] => "Everything that happens to orders".to_owned(),
        kinds => kinds.iter().map(|kind| kind.label()).collect::<Vec<_>>().join(", "),
    }
}

#[component]
fn Rows(rows: Vec<WebhookRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState icon="inbox" title="No system is told yet"><p>"Add the address of an ERP, a warehouse or a shop system, and it is called whenever something happens to an order."</p></EmptyState>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let (tone, text) = badge(&row);
            let told = told_of(&row);
            let last = match row.last_delivered_at {
                Some(at) => view! { <When at/> }.into_any(),
                None => view! { <span class="text-ink-soft">"nothing yet"</span> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><a class="link" href=format!("/admin/webhooks/{}", row.id)>{row.name}</a><span class="block font-normal text-ink-soft break-all">{row.url}</span></th>
                    <td><Badge tone text/></td>
                    <td class="text-sm max-w-xs">{told}</td>
                    <td class="text-right tabular-nums">{counted(row.waiting)}</td>
                    <td class="text-right tabular-nums">{counted(row.failed)}</td>
                    <td class="whitespace-nowrap">{last}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr><th scope="col">"System"</th><th scope="col">"State"</th><th scope="col">"Told of"</th><th scope="col" class="text-right">"To be sent"</th><th scope="col" class="text-right">"Given up"</th><th scope="col">"Last delivered"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

#[component]
fn Add(add: ServerAction<AddWebhook>, done: Memo<u32>) -> impl IntoView {
    let form = emptied_after(done);
    let error = Signal::derive(move || add.value().get().and_then(Result::err));
    let told = move || {
        add.value().get().and_then(Result::ok).map(|added| {
            let href = format!("/admin/webhooks/{}", added.id);
            view! { <Secret secret=added.secret/><p class="pt-2"><a class="link" href=href>"Open "{added.name}</a></p> }
        })
    };
    view! {
        <section class="card">
            <h2 class="font-semibold">"Tell another system"</h2>
            <div class="mt-2 empty:hidden" role="status">{told}</div>
            <ActionForm action=add node_ref=form attr:class="mt-4 grid gap-4" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <WebhookFields webhook=None error/>
                <Button pending=add.pending()>"Add it"</Button>
            </ActionForm>
        </section>
    }
}
