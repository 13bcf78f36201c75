use super::api::{SendAgain, list_messages, read_message};
use crate::components::use_live;
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{Badge, Chip, Chips, EmptyState, ErrorNote, NextPage, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::identity::Permission;
use waybill::notifications::NotificationState;
use waybill::notifications::views::{NotificationRow, NotificationView};
use waybill::page::Page;

/// `/desk/messages`: what customers were told, or would have been.
#[derive(Debug)]
pub struct MessagesPage;

/// `/desk/messages/:id`.
#[derive(Debug)]
pub struct MessagePage;

#[component]
fn StateBadge(state: NotificationState) -> impl IntoView {
    let tone = match state {
        NotificationState::Queued => Tone::Progress,
        NotificationState::Sent => Tone::Good,
        NotificationState::Kept => Tone::Neutral,
        NotificationState::Failed => Tone::Bad,
    };
    view! { <Badge tone text=state.label()/> }
}

impl MessagesPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let messages =
            load(move || (part("state"), part("order"), part("after"), live.get()), |(state, order, after, _)| list_messages(state, order, after));
        let chips = move || {
            std::iter::once(("", "All"))
                .chain(NotificationState::ALL.iter().map(|s| (s.as_str(), s.label())))
                .map(|(value, words)| Chip {
                    href: format!("/desk/messages?state={value}"),
                    words: words.to_owned(),
                    count: None,
                    shown: part("state") == value,
                })
                .collect::<Vec<_>>()
        };
        view! {
            <Title text="Messages"/>
            <div data-live="desk">
                <h1 class="page-title pt-6">"Messages to customers"</h1>
                {move || view! { <Chips label="State" chips=chips()/> }}
                <form method="get" action="/desk/messages" class="flex flex-wrap items-end gap-3 pb-5" role="search">
                    <div class="grid gap-1.5"><label class="text-sm font-medium" for="order">"Order number"</label>
                        <input class="field" id="order" name="order" type="search" value=move || part("order")/></div>
                    <button class="button-quiet">"Find"</button>
                </form>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || messages.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page state=part("state") order=part("order") first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Rows(page: Page<NotificationRow>, state: String, order: String, first: bool) -> impl IntoView {
    if page.rows.is_empty() {
        return view! {
            <EmptyState icon="inbox" title="No message is here"><p>"Customers are written to when their order is confirmed, sent, ready, delivered, or later than they were told."</p></EmptyState>
        }
        .into_any();
    }
    let start = format!("/desk/messages?state={}&order={}", encode(&state), encode(&order));
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    let rows = page
        .rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row"><a class="link" href=format!("/desk/messages/{}", row.id)>{row.subject}</a><span class="block font-normal text-ink-soft">{row.to}</span></th>
                    <td><StateBadge state=row.state/>{row.last_error.map(|e| view! { <span class="block text-sm text-ink-soft">{e}</span> })}</td>
                    <td>{row.kind.label()}</td>
                    <td><a class="link code whitespace-nowrap" href=format!("/desk/orders/{}", row.order_number)>{row.order_number.clone()}</a></td>
                    <td class="whitespace-nowrap"><When at=row.created_at/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr><th scope="col">"Message"</th><th scope="col">"State"</th><th scope="col">"About"</th><th scope="col">"Order"</th><th scope="col">"Written"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        <NextPage href=next first first_href=start/>
    }
    .into_any()
}

impl MessagePage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let again = ServerAction::<SendAgain>::new();
        let message = load(move || (params.read().get("id").unwrap_or_default(), again.version().get()), |(id, _)| read_message(id));
        view! {
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || message.get().map(|answer| match answer {
                    Ok(message) => view! { <Whole message again/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Whole(message: NotificationView, again: ServerAction<SendAgain>) -> impl IntoView {
    let NotificationView { row, body } = message;
    let id = row.id.to_string();
    let can_send = matches!(row.state, NotificationState::Failed | NotificationState::Kept);
    let error = move || again.value().get().and_then(Result::err);
    let kept = row.state == NotificationState::Kept;
    view! {
        <Title text=row.subject.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/desk/messages">"Messages"</a></nav>
        <h1 class="page-title pt-1 pb-2">{row.subject.clone()}</h1>
        <p class="pb-6 flex flex-wrap items-center gap-3"><StateBadge state=row.state/><span>"To "{row.to}</span><span class="text-ink-soft"><When at=row.created_at/></span>
            <a class="link code" href=format!("/desk/orders/{}", row.order_number)>{row.order_number.clone()}</a></p>
        {kept.then(|| view! { <p class="pb-4 max-w-prose text-ink-soft">"No mail server is set up, so it was kept here: this is what would have been sent. Set WAYBILL_SMTP_URL and WAYBILL_MAIL_FROM, and messages go out."</p> })}
        {row.last_error.map(|e| view! { <div class="pb-4"><ErrorNote text=e/></div> })}
        {move || error().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
        <div class="card max-w-prose whitespace-pre-wrap" data-testid="body">{body}</div>
        {can_send.then(|| view! {
            <IfAllowed permission=Permission::WriteToCustomers><Again id=id.clone() again/></IfAllowed>
        })}
    }
}

#[component]
fn Again(id: String, again: ServerAction<SendAgain>) -> impl IntoView {
    view! {
        <ActionForm action=again attr:class="pt-6">
            <input type="hidden" name="id" value=id/>
            <button class="button-quiet">"Send it again"</button>
        </ActionForm>
    }
}
