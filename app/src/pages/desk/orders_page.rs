use super::api::list_orders;
use crate::components::{OrderBadge, use_live};
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{EmptyState, Icon, NextPage, When, encode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::identity::Permission;
use waybill::orders::views::OrderRow;
use waybill::orders::{Method, OrderStatus};
use waybill::page::Page;
use waybill::routing::Queue;

/// `/desk/orders`: every order, with search and filters in the address.
#[derive(Debug)]
pub struct OrdersPage;

impl OrdersPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let orders = load(
            move || (part("search"), part("status"), part("channel"), part("queue"), part("after"), live.get()),
            |(search, status, channel, queue, after, _)| list_orders(search, status, channel, queue, after),
        );
        let statuses = OrderStatus::ALL
            .iter()
            .map(|s| view! { <option value=s.as_str() selected=move || part("status") == s.as_str()>{s.label()}</option> })
            .collect_view();
        let channels = [("web", "Web shop"), ("store", "Store"), ("phone", "Phone"), ("marketplace", "Marketplace")]
            .map(|(value, words)| view! { <option value=value selected=move || part("channel") == value>{words}</option> })
            .collect_view();
        let queues = Queue::ALL
            .iter()
            .map(|q| view! { <option value=q.as_str() selected=move || part("queue") == q.as_str()>{sentence(q.label())}</option> })
            .collect_view();
        view! {
            <Title text="Orders"/>
            <div data-live="desk">
                <header class="flex flex-wrap items-end justify-between gap-4 pt-6">
                    <h1 class="page-title">"Orders"</h1>
                    <p class="flex flex-wrap gap-3">
                        <a class="button-quiet" href="/desk/promises">"Promises"</a>
                        <a class="button-quiet" href="/desk/messages">"Messages"</a>
                        <IfAllowed permission=Permission::CancelOrders><a class="button-quiet" href="/desk/orders/new">"Take an order"</a></IfAllowed>
                    </p>
                </header>
                <form method="get" action="/desk/orders" class="flex flex-wrap items-end gap-3 py-5" role="search">
                    <div class="grid gap-1.5 grow min-w-56 max-w-md">
                        <label class="text-sm font-medium" for="search">"Find"</label>
                        <input class="field" id="search" name="search" type="search" placeholder="Number, name, e-mail, SKU or tracking number" value=move || part("search")/>
                    </div>
                    <div class="grid gap-1.5">
                        <label class="text-sm font-medium" for="status">"Status"</label>
                        <select class="field" id="status" name="status"><option value="">"Any"</option>{statuses}</select>
                    </div>
                    <div class="grid gap-1.5">
                        <label class="text-sm font-medium" for="channel">"Channel"</label>
                        <select class="field" id="channel" name="channel"><option value="">"Any"</option>{channels}</select>
                    </div>
                    <div class="grid gap-1.5">
                        <label class="text-sm font-medium" for="queue">"Waits because"</label>
                        <select class="field" id="queue" name="queue"><option value="">"Any reason or none"</option>{queues}</select>
                    </div>
                    <button class="button"><Icon name="search"/><span>"Find"</span></button>
                </form>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || orders.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page search=part("search") status=part("status") channel=part("channel") queue=part("queue") first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

/// Words with a capital in front.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[component]
fn Rows(page: Page<OrderRow>, search: String, status: String, channel: String, queue: String, first: bool) -> impl IntoView {
    let start = format!("/desk/orders?search={}&status={}&channel={}&queue={}", encode(&search), encode(&status), encode(&channel), encode(&queue));
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    if page.rows.is_empty() {
        return view! {
            <EmptyState icon="inbox" title="No order matches"><p>"Look for less of the word, or "<a class="link" href="/desk/orders">"show all orders"</a>"."</p></EmptyState>
        }
        .into_any();
    }
    let rows = page.rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr>
                <th scope="col">"Order"</th><th scope="col">"Customer"</th><th scope="col">"Status"</th><th scope="col">"Channel"</th>
                <th scope="col" class="num">"Units"</th><th scope="col" class="num">"Total"</th><th scope="col">"Placed"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        <NextPage href=next first first_href=start/>
    }
    .into_any()
}

#[component]
fn Row(row: OrderRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row"><a class="link code whitespace-nowrap" href=format!("/desk/orders/{}", row.number)>{row.number.clone()}</a></th>
            <td>{row.customer}<span class="block text-ink-soft">{row.city}</span></td>
            <td><OrderBadge status=row.status/></td>
            <td>{row.channel}{(row.method == Method::Pickup).then(|| view! { <span class="block text-ink-soft">"collect"</span> })}</td>
            <td class="num">{row.units}</td>
            <td class="num">{row.total.to_string()}</td>
            <td class="whitespace-nowrap"><When at=row.placed_at/></td>
        </tr>
    }
}
