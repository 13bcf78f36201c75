use super::api::list_suppliers;
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::EmptyState;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::identity::Permission;
use waybill::money::grouped;
use waybill::purchasing::views::SupplierRow;

/// `/stock/suppliers`: whom we buy from.
#[derive(Debug)]
pub struct SuppliersPage;

impl SuppliersPage {
    pub(super) fn view() -> AnyView {
        let suppliers = load(|| (), |()| list_suppliers());
        view! {
            <Title text="Suppliers"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
            <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-6">
                <h1 class="page-title">"Suppliers"</h1>
                <p class="flex flex-wrap gap-2">
                    <a class="button-quiet" href="/stock/reorder">"Reorder"</a><a class="button-quiet" href="/stock/purchase-orders">"Purchase orders"</a>
                    <IfAllowed permission=Permission::ManagePurchasing><a class="button" href="/stock/suppliers/new">"New supplier"</a></IfAllowed>
                </p>
            </header>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || suppliers.get().map(|answer| match answer {
                    Ok(rows) => view! { <Rows rows/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

#[component]
fn Rows(rows: Vec<SupplierRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! { <EmptyState icon="truck" title="No suppliers yet"><p>"Add whom you buy from, and what each sells you."</p></EmptyState> }
            .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|s| {
            view! {
                <tr>
                    <th scope="row"><a class="link" href=format!("/stock/suppliers/{}", s.code)>{s.name}</a><span class="block font-normal text-ink-soft code">{s.code.clone()}</span></th>
                    <td class="num">{grouped(s.skus)}</td><td class="num">{s.lead_days}" days"</td><td class="num">{grouped(s.open_orders)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr>
                <th scope="col">"Supplier"</th><th scope="col" class="num">"Things it sells"</th><th scope="col" class="num">"Takes"</th>
                <th scope="col" class="num">"Open orders"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}
