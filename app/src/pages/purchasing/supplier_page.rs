use super::api::{RemoveSupplierSku, SaveSupplier, SaveSupplierSku, SupplierView, read_supplier};
use crate::components::{emptied_after, times_done};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, EmptyState, ErrorNote, SelectField, TextArea, TextField, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::inventory::views::LocationChoice;
use waybill::purchasing::{Supplier, SupplierSku};

/// `/stock/suppliers/:code`: a supplier, and what it sells us.
#[derive(Debug)]
pub struct SupplierRecordPage;

/// `/stock/suppliers/new`
#[derive(Debug)]
pub struct NewSupplierPage;

impl NewSupplierPage {
    pub(super) fn view() -> AnyView {
        let save = ServerAction::<SaveSupplier>::new();
        let view = load(|| (), |()| read_supplier(String::new()));
        view! {
            <Title text="New supplier"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/suppliers">"Suppliers"</a></nav>
            <h1 class="page-title pt-1 pb-6">"New supplier"</h1>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || view.get().map(|answer| match answer {
                    Ok(view) => view! { <Settings supplier=view.detail.supplier locations=view.locations save open=true/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

impl SupplierRecordPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let (save, sell, remove) =
            (ServerAction::<SaveSupplier>::new(), ServerAction::<SaveSupplierSku>::new(), ServerAction::<RemoveSupplierSku>::new());
        let sold = times_done(sell);
        let view = load(
            move || (params.read().get("code").unwrap_or_default(), save.version().get(), sold.get(), remove.version().get()),
            |(code, ..)| read_supplier(code),
        );
        view! {
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || view.get().map(|answer| match answer {
                    Ok(page) => view! { <Whole page save sell remove sold/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Whole(
    page: SupplierView,
    save: ServerAction<SaveSupplier>,
    sell: ServerAction<SaveSupplierSku>,
    remove: ServerAction<RemoveSupplierSku>,
    sold: Memo<u32>,
) -> impl IntoView {
    let SupplierView { detail, locations, may_buy, sees_costs } = page;
    let supplier = detail.supplier.clone();
    let (code, name) = (supplier.code.clone(), supplier.name.clone());
    let facts = format!("{} · {} · takes {} days", supplier.email, supplier.currency, supplier.lead_days);
    view! {
        <Title text=name.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/suppliers">"Suppliers"</a></nav>
        <header class="pt-1 pb-6"><h1 class="page-title">{name}</h1><p class="text-ink-soft"><span class="code">{code.clone()}</span>" · "{facts}</p></header>
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <Sold code=code.clone() skus=detail.skus may_buy sees_costs remove/>
            {may_buy.then(|| view! {
                <div class="grid gap-6">
                    <Sell code=code.clone() sell sold/>
                    <section class="card"><h2 class="font-semibold pb-4">"The supplier"</h2><Settings supplier=supplier.clone() locations=locations.clone() save open=false/></section>
                </div>
            })}
        </div>
    }
}

#[component]
fn Sold(code: String, skus: Vec<(SupplierSku, String)>, may_buy: bool, sees_costs: bool, remove: ServerAction<RemoveSupplierSku>) -> impl IntoView {
    if skus.is_empty() {
        return view! { <EmptyState icon="tag" title="It sells us nothing yet"><p>"Say what it sells, at what price and in which quantities."</p></EmptyState> }.into_any();
    }
    let rows = skus
        .into_iter()
        .map(|(k, name)| {
            let days = k.lead_days.map(|days| format!("{days} days"));
            let stop = may_buy.then(|| {
                let label = format!("Take off {}", k.sku);
                let (supplier, sku) = (code.clone(), k.sku.clone());
                view! {
                    <td><ActionForm action=remove>
                        <input type="hidden" name="supplier" value=supplier/><input type="hidden" name="sku" value=sku/>
                        <button class="button-quiet" aria-label=label>"Take off"</button>
                    </ActionForm></td>
                }
            });
            view! {
                <tr>
                    <th scope="row"><a class="link code" href=format!("/stock/{}", encode(&k.sku))>{k.sku.clone()}</a><span class="block font-normal">{name}</span></th>
                    <td class="code">{k.supplier_code}</td>{sees_costs.then(|| view! { <td class="num">{k.cost}</td> })}
                    <td class="num">{k.min_quantity}</td><td class="num">{k.pack_quantity}</td><td class="num whitespace-nowrap">{days}</td>{stop}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr>
                <th scope="col">"What it sells"</th><th scope="col">"Its code"</th>{sees_costs.then(|| view! { <th scope="col" class="num">"Each"</th> })}
                <th scope="col" class="num">"At least"</th><th scope="col" class="num">"Packs of"</th><th scope="col" class="num">"Takes"</th>
                {may_buy.then(|| view! { <th scope="col"><span class="sr-only">"Take off"</span></th> })}
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

#[component]
fn Sell(code: String, sell: ServerAction<SaveSupplierSku>, sold: Memo<u32>) -> impl IntoView {
    let form = emptied_after(sold);
    let error = Signal::derive(move || sell.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let done = move || sell.value().get().is_some_and(|answer| answer.is_ok()).then_some("It is on the list.");
    view! {
        <section class="card">
            <h2 class="font-semibold">"It sells us"</h2>
            <ActionForm action=sell node_ref=form attr:class="mt-4 grid gap-4" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <p role="status" class="text-sm text-good">{done}</p>
                <input type="hidden" name="form[supplier]" value=code/>
                <TextField name="form[sku]" label="SKU" required=true error=of("/sku")/>
                <TextField name="form[cost]" label="Each" required=true hint="In its currency, without tax, such as 4.25." error=of("/cost")/>
                <TextField name="form[supplier_code]" label="Its code for it" error=of("/supplier_code")/>
                <div class="grid grid-cols-2 gap-4">
                    <TextField name="form[min_quantity]" label="At least" kind="number" error=of("/min_quantity")/>
                    <TextField name="form[pack_quantity]" label="In packs of" kind="number" error=of("/pack_quantity")/>
                </div>
                <TextField name="form[lead_days]" label="Takes days" kind="number" hint="Empty: as long as the supplier takes." error=of("/lead_days")/>
                <Button pending=sell.pending()>"Put it on the list"</Button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Settings(supplier: Supplier, locations: Vec<LocationChoice>, save: ServerAction<SaveSupplier>, open: bool) -> impl IntoView {
    let error = Signal::derive(move || save.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let done = move || save.value().get().is_some_and(|answer| answer.is_ok()).then_some("Saved.");
    let locations: Vec<_> =
        std::iter::once((String::new(), "Sends nothing to customers".to_owned())).chain(locations.into_iter().map(|p| (p.code, p.name))).collect();
    let code = if open {
        view! { <TextField name="form[code]" label="Code" required=true hint="Capital letters, digits and dashes, such as BRASS-CO. It stays." error=of("/code")/> }.into_any()
    } else {
        view! { <input type="hidden" name="form[code]" value=supplier.code.clone()/> }.into_any()
    };
    view! {
        <ActionForm action=save attr:class="grid gap-4 max-w-xl" attr:novalidate="">
            {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
            <p role="status" class="text-sm text-good">{done}</p>
            {open.then(|| view! { <input type="hidden" name="open" value="true"/> })}
            {code}
            <TextField name="form[name]" label="Name" value=supplier.name required=true error=of("/name")/>
            <TextField name="form[email]" label="E-mail" kind="email" value=supplier.email required=true hint="Where orders go to." error=of("/email")/>
            <TextArea name="form[address]" label="Address" rows=3 value=supplier.address/>
            <div class="grid grid-cols-2 gap-4">
                <TextField name="form[currency]" label="Currency" value=supplier.currency required=true error=of("/currency")/>
                <TextField name="form[lead_days]" scope="supplier" label="Takes days" kind="number" value=supplier.lead_days.to_string() required=true error=of("/lead_days")/>
            </div>
            <SelectField name="form[location]" label="Sends to customers from" options=locations selected=supplier.location error=of("/location")/>
            <Button pending=save.pending()>"Save the supplier"</Button>
        </ActionForm>
    }
}
