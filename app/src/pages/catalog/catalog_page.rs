use super::api::list_catalog;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, EmptyState, Icon, NextPage, Tone, encode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::catalog::views::ProductRow;
use waybill::page::Page;

/// `/catalog`: every product, on sale or not.
#[derive(Debug)]
pub struct CatalogPage;

impl CatalogPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let products = load(move || (part("search"), part("after")), |(search, after)| list_catalog(search, after));
        view! {
            <Title text="Catalogue"/>
            <header class="flex flex-wrap items-end justify-between gap-4 pt-6">
                <h1 class="page-title">"Catalogue"</h1>
                <p class="flex flex-wrap gap-2"><a class="button-quiet" href="/admin/files">"Import and export"</a><a class="button" href="/catalog/new">"New product"</a></p>
            </header>
            <form method="get" action="/catalog" class="flex flex-wrap items-end gap-3 py-5" role="search">
                <div class="grid gap-1.5 grow min-w-56 max-w-md">
                    <label class="text-sm font-medium" for="search">"Find"</label>
                    <input class="field" id="search" name="search" type="search" placeholder="Name or SKU" value=move || part("search")/>
                </div>
                <button class="button-quiet"><Icon name="search"/><span>"Find"</span></button>
            </form>
            <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || products.get().map(|answer| match answer {
                    Ok(page) => view! { <Rows page search=part("search") first=part("after").is_empty()/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Rows(page: Page<ProductRow>, search: String, first: bool) -> impl IntoView {
    let start = format!("/catalog?search={}", encode(&search));
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    if page.rows.is_empty() {
        return view! { <EmptyState icon="search" title="No product matches"><p>"Look for less of the word, or "<a class="link" href="/catalog">"show all products"</a>"."</p></EmptyState> }
            .into_any();
    }
    let rows = page
        .rows
        .into_iter()
        .map(|p| {
            let state = match (p.kit, p.channels) {
                _ if p.retired => view! { <Badge tone=Tone::Neutral text="Not sold any more"/> }.into_any(),
                (_, 0) => view! { <Badge tone=Tone::Neutral text="Not on sale"/> }.into_any(),
                (true, _) => view! { <Badge tone=Tone::Progress text="Kit"/> }.into_any(),
                (false, _) => view! { <Badge tone=Tone::Good text="On sale"/> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><a class="link" href=format!("/catalog/{}", p.handle)>{p.name}</a><span class="block code font-normal text-ink-soft">{p.codes.join(", ")}</span></th>
                    <td>{state}</td><td>{p.category}</td><td class="num">{p.skus}</td><td class="num">{p.channels}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr><th scope="col">"Product"</th><th scope="col">"State"</th><th scope="col">"Category"</th><th scope="col" class="num">"SKUs"</th><th scope="col" class="num">"Channels"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        <NextPage href=next first first_href=start/>
    }
    .into_any()
}
