use super::api::list_stock;
use crate::components::use_live;
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{EmptyState, Icon, NextPage, encode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::identity::Permission;
use waybill::inventory::views::StockSummary;
use waybill::money::grouped;
use waybill::page::Page;

/// `/stock`: every SKU over all locations.
#[derive(Debug)]
pub struct StockPage;

impl StockPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let stock = load(move || (part("search"), part("after"), live.get()), |(search, after, _)| list_stock(search, after));
        view! {
            <Title text="Stock"/>
            <div data-live="desk">
                <header class="flex flex-wrap items-end justify-between gap-4 pt-6">
                    <h1 class="page-title">"Stock"</h1>
                    <p class="flex flex-wrap gap-2">
                        <a class="button-quiet" href="/stock/transfers">"Transfers"</a><a class="button-quiet" href="/stock/returns">"Returns"</a><a class="button-quiet" href="/stock/counts">"Counts"</a>
                        <IfAllowed permission=Permission::ReadPurchasing>
                            <a class="button-quiet" href="/stock/reorder">"Reorder"</a><a class="button-quiet" href="/stock/purchase-orders">"Purchase orders"</a>
                        </IfAllowed>
                        <IfAllowed permission=Permission::AdjustStock><a class="button-quiet" href="/stock/readings">"Report stock"</a></IfAllowed>
                    </p>
                </header>
                <form method="get" action="/stock" class="flex flex-wrap items-end gap-3 py-5" role="search">
                    <div class="grid gap-1.5 grow min-w-56 max-w-md">
                        <label class="text-sm font-medium" for="search">"Find"</label>
                        <input class="field" id="search" name="search" type="search" placeholder="SKU or name" value=move || part("search")/>
                    </div>
                    <button class="button"><Icon name="search"/><span>"Find"</span></button>
                </form>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || stock.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page search=part("search") first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Rows(page: Page<StockSummary>, search: String, first: bool) -> impl IntoView {
    let start = format!("/stock?search={}", encode(&search));
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    if page.rows.is_empty() {
        return view! {
            <EmptyState icon="search" title="No SKU matches"><p>"Look for less of the word, or "<a class="link" href="/stock">"show all stock"</a>"."</p></EmptyState>
        }
        .into_any();
    }
    let rows = page
        .rows
        .into_iter()
        .map(|row| {
            let href = format!("/stock/{}", encode(&row.code));
            view! {
                <tr>
                    <th scope="row"><a class="link code whitespace-nowrap" href=href>{row.code}</a><span class="block font-normal">{row.name}</span></th>
                    <td class="num font-semibold">{grouped(row.available)}</td><td class="num">{grouped(row.on_hand)}</td>
                    <td class="num">{grouped(row.reserved)}</td><td class="num">{grouped(row.backordered)}</td><td class="num">{row.locations}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr>
                <th scope="col">"SKU"</th><th scope="col" class="num">"Available"</th><th scope="col" class="num">"On hand"</th>
                <th scope="col" class="num">"Reserved"</th><th scope="col" class="num">"Backordered"</th><th scope="col" class="num">"Locations"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        <NextPage href=next first first_href=start/>
    }
    .into_any()
}
