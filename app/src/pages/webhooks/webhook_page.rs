use super::api::{ChangeWebhook, DeliverAllAgain, RemoveWebhook, RenewSecret, TryWebhook, list_deliveries, read_webhook};
use super::webhooks_page::{badge, counted};
use crate::components::{ChangeLog, times_done, use_live};
use crate::error::ApiError;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, Chip, Chips, EmptyState, ErrorNote, NextPage, TextField, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::page::Page;
use waybill::webhooks::views::{DeliveryRow, WebhookDetail, WebhookRow};
use waybill::webhooks::{self, DeliveryState};

/// `/admin/webhooks/:id`: one of them, and what was sent to it.
#[derive(Debug)]
pub struct WebhookPage;

#[derive(Clone, Copy)]
struct Actions {
    change: ServerAction<ChangeWebhook>,
    renew: ServerAction<RenewSecret>,
    remove: ServerAction<RemoveWebhook>,
    attempt: ServerAction<TryWebhook>,
    again: ServerAction<DeliverAllAgain>,
}

impl WebhookPage {
    pub(super) fn view() -> AnyView {
        let (params, query, live) = (use_params_map(), use_query_map(), use_live());
        let actions = Actions {
            change: ServerAction::new(),
            renew: ServerAction::new(),
            remove: ServerAction::new(),
            attempt: ServerAction::new(),
            again: ServerAction::new(),
        };
        let id = move || params.read().get("id").unwrap_or_default();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let (changed, renewed) = (times_done(actions.change), times_done(actions.renew));
        let sent = (times_done(actions.attempt), times_done(actions.again));
        let webhook = load(move || (id(), changed.get(), renewed.get(), sent.1.get(), live.get()), |(id, ..)| read_webhook(id));
        let deliveries = load(
            move || (id(), part("state"), part("order"), part("after"), (sent.0.get(), sent.1.get(), live.get())),
            |(id, state, order, after, _)| list_deliveries(id, state, order, after),
        );
        let chips = move || {
            std::iter::once(("", "All"))
                .chain(DeliveryState::ALL.iter().map(|s| (s.as_str(), s.label())))
                .map(|(value, words)| Chip {
                    href: format!("/admin/webhooks/{}?state={value}", id()),
                    words: words.to_owned(),
                    count: None,
                    shown: part("state") == value,
                })
                .collect::<Vec<_>>()
        };
        view! {
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/webhooks">"Other systems"</a></nav>
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || webhook.get().map(|answer| match answer {
                        Ok(detail) => view! { <One detail actions/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
                <section class="pt-10"><h2 class="text-xl font-semibold">"What was sent"</h2>
                    {move || view! { <Chips label="State" chips=chips()/> }}
                    <form method="get" class="flex flex-wrap items-end gap-3 pb-5" role="search">
                        <div class="grid gap-1.5"><label class="text-sm font-medium" for="order">"Order number"</label>
                            <input class="field" id="order" name="order" type="search" value=move || part("order")/></div>
                        <button class="button-quiet">"Find"</button>
                    </form>
                    <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                        {move || deliveries.get().map(|answer| match answer {
                            Ok(page) => view! { <Deliveries page id=id() state=part("state") order=part("order") first=part("after").is_empty()/> }.into_any(),
                            Err(error) => view! { <PageError error/> }.into_any(),
                        })}
                    </Transition>
                </section>
            </div>
        }
        .into_any()
    }
}

/// What calls are signed with, told once.
#[component]
pub(super) fn Secret(secret: String) -> impl IntoView {
    view! {
        <p>"Calls are signed with "<strong class="code select-all break-all">{secret}</strong>". Give it to the other system now: it is not shown again."</p>
    }
}

/// The fields of a webhook: a new one's, or one's that is there.
#[component]
pub(super) fn WebhookFields(webhook: Option<WebhookRow>, error: Signal<Option<ApiError>>) -> impl IntoView {
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_part(pointer)));
    let (name, url) = webhook.as_ref().map(|w| (w.name.clone(), w.url.clone())).unwrap_or_default();
    let paused = webhook.as_ref().map(|w| w.paused);
    let kinds = webhook.map(|w| w.kinds).unwrap_or_default();
    let some_only = !kinds.is_empty();
    let boxes = webhooks::offered()
        .map(|kind| {
            let checked = kinds.contains(&kind);
            view! { <label class="flex items-center gap-2 min-h-6 text-sm"><input type="checkbox" name="form[kinds][]" value=kind.as_str() checked=checked/>{kind.label()}</label> }
        })
        .collect_view();
    view! {
        <TextField name="form[name]" label="Name" value=name required=true error=of("/name")/>
        <TextField name="form[url]" label="Address that is called" kind="url" value=url required=true hint="Such as https://erp.example.com/waybill." error=of("/url")/>
        <details open=some_only><summary class="link w-fit text-sm min-h-6">"Tell it of some things only"</summary>
            <fieldset class="grid gap-2 pt-3"><legend class="sr-only">"Told of"</legend>
                <p class="text-sm text-ink-soft">"Where nothing is ticked, it is told of everything that happens to orders."</p>
                <div class="grid gap-1 sm:grid-cols-2">{boxes}</div>
            </fieldset>
        </details>
        {move || of("/kinds").get().map(|text| view! { <p class="text-sm text-bad font-medium">{text}</p> })}
        {paused.map(|paused| view! {
            <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="form[paused]" value="true" checked=paused/>"Paused: nothing is sent, and everything kept"</label>
        })}
    }
}

#[component]
fn One(detail: WebhookDetail, actions: Actions) -> impl IntoView {
    let WebhookDetail { webhook, history } = detail;
    let (tone, text) = badge(&webhook);
    let (id, version, open) = (StoredValue::new(webhook.id.to_string()), webhook.version, webhook.failed + webhook.waiting);
    let error = Signal::derive(move || actions.change.value().get().and_then(Result::err));
    let saved = move || matches!(actions.change.value().get(), Some(Ok(()))).then_some("Saved.");
    let trouble = move || {
        let answers = [actions.remove.value().get(), actions.attempt.value().get(), actions.again.value().get()];
        answers.into_iter().flatten().find_map(Result::err)
    };
    let tried = move || matches!(actions.attempt.value().get(), Some(Ok(()))).then_some("A trial is on its way: see what was sent.");
    let secret = move || actions.renew.value().get().and_then(Result::ok).map(|secret| view! { <div class="mt-2"><Secret secret/></div> });
    let not_renewed = move || actions.renew.value().get().and_then(Result::err);
    view! {
        <Title text=webhook.name.clone()/>
        <header class="pt-1 pb-6"><h1 class="page-title">{webhook.name.clone()}</h1>
            <p class="flex flex-wrap items-center gap-3 pt-1"><Badge tone text/><span class="text-ink-soft break-all">{webhook.url.clone()}</span></p>
            {webhook.paused_why.clone().map(|why| view! { <p class="pt-2 text-ink-soft">{why}" Let it go on below, once the other system takes calls again."</p> })}
        </header>
        {move || trouble().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
        <div class="grid gap-6 lg:grid-cols-2 items-start">
            <section class="card"><h2 class="font-semibold">"Settings"</h2>
                <ActionForm action=actions.change attr:class="mt-4 grid gap-4" attr:novalidate="">
                    {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                    <p role="status" class="text-sm text-good empty:hidden">{saved}</p>
                    <input type="hidden" name="id" value=id.get_value()/>
                    <input type="hidden" name="version" value=version.to_string()/>
                    <WebhookFields webhook=Some(webhook) error/>
                    <Button pending=actions.change.pending()>"Save"</Button>
                </ActionForm>
            </section>
            <div class="grid gap-6">
                <section class="card"><h2 class="font-semibold">"Does it arrive?"</h2>
                    <p class="mt-2 text-sm text-ink-soft">"A trial is a call of type “trial” that is about no order."</p>
                    <p role="status" class="mt-2 text-sm text-good empty:hidden">{tried}</p>
                    <div class="mt-4 flex flex-wrap gap-3">
                        <ActionForm action=actions.attempt><input type="hidden" name="id" value=id.get_value()/><button class="button-quiet" disabled=move || actions.attempt.pending().get()>"Send a trial"</button></ActionForm>
                        {(open > 0).then(|| view! {
                            <ActionForm action=actions.again><input type="hidden" name="id" value=id.get_value()/><button class="button-quiet" disabled=move || actions.again.pending().get()>{format!("Send what has not arrived now ({})", counted(open))}</button></ActionForm>
                        })}
                    </div>
                </section>
                <section class="card"><h2 class="font-semibold">"Secret"</h2>
                    <p class="mt-2 text-sm text-ink-soft">"Each call is signed, so that the other system knows that it is from here. Make another when this one may be known: for a day, calls are signed with both."</p>
                    <div role="status" class="empty:hidden">{secret}</div>
                    {move || not_renewed().map(|e| view! { <div class="mt-3"><ErrorNote text=e.everything()/></div> })}
                    <ActionForm action=actions.renew attr:class="mt-4"><input type="hidden" name="id" value=id.get_value()/><button class="button-quiet" disabled=move || actions.renew.pending().get()>"Make another secret"</button></ActionForm>
                </section>
                <section class="card"><h2 class="font-semibold">"What was changed"</h2>
                    <ChangeLog history nothing="Nothing yet."/>
                </section>
                <details class="card"><summary class="font-semibold cursor-pointer">"Remove it"</summary>
                    <p class="mt-2 text-sm text-ink-soft">"It is told nothing more. What was to be sent to it, and what was given up, is dropped. Pause it instead to keep it."</p>
                    <ActionForm action=actions.remove attr:class="mt-4"><input type="hidden" name="id" value=id.get_value()/><button class="button-quiet" disabled=move || actions.remove.pending().get()>"Remove this webhook"</button></ActionForm>
                </details>
            </div>
        </div>
    }
}

/// The state of a delivery.
#[component]
pub(super) fn DeliveryBadge(state: DeliveryState) -> impl IntoView {
    let tone = match state {
        DeliveryState::Queued => Tone::Progress,
        DeliveryState::Delivered => Tone::Good,
        DeliveryState::Failed => Tone::Bad,
    };
    view! { <Badge tone text=state.label()/> }
}

/// What a delivery is of.
pub(super) fn kind_words(row: &DeliveryRow) -> &'static str {
    row.kind.map_or("Trial", |kind| kind.label())
}

/// What the last attempt came to, in few words.
fn outcome(row: &DeliveryRow) -> Option<String> {
    (row.attempts > 0).then(|| match row.status {
        Some(status) => format!("Answered {status}"),
        None => row.words.clone().unwrap_or_else(|| "Being sent".to_owned()),
    })
}

#[component]
fn Deliveries(page: Page<DeliveryRow>, id: String, state: String, order: String, first: bool) -> impl IntoView {
    if page.rows.is_empty() {
        return view! {
            <EmptyState icon="inbox" title="Nothing is here"><p>"What happens to orders from now on is sent, and listed here for 30 days after it was delivered."</p></EmptyState>
        }
        .into_any();
    }
    let start = format!("/admin/webhooks/{id}?state={}&order={}", encode(&state), encode(&order));
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    let rows = page
        .rows
        .into_iter()
        .map(|row| {
            let (words, outcome) = (kind_words(&row), outcome(&row));
            let order = row
                .order_number
                .map(|number| view! { <a class="link code whitespace-nowrap" href=format!("/desk/orders/{number}")>{number.clone()}</a> });
            view! {
                <tr>
                    <th scope="row"><a class="link" href=format!("/admin/webhooks/deliveries/{}", row.id)>{words}</a></th>
                    <td>{order}</td>
                    <td><DeliveryBadge state=row.state/></td>
                    <td class="text-sm text-ink-soft">{outcome}</td>
                    <td class="text-right tabular-nums">{row.attempts}</td>
                    <td class="whitespace-nowrap"><When at=row.created_at/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr><th scope="col">"What happened"</th><th scope="col">"Order"</th><th scope="col">"State"</th><th scope="col">"Last attempt"</th><th scope="col" class="text-right">"Attempts"</th><th scope="col">"When"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        <NextPage href=next first first_href=start/>
    }
    .into_any()
}
