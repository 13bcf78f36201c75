use super::api::{DraftSuggested, RemoveReorderPoint, ReorderView, SetReorderPoint, list_reorder_points};
use crate::components::{emptied_after, times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, Chip, Chips, EmptyState, ErrorNote, NextPage, SelectField, TextField, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::tachys::view::keyed::keyed;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::inventory::views::LocationChoice;
use waybill::money::grouped;
use waybill::purchasing::views::{ReorderRow, SupplierRow};

/// `/stock/reorder`: what is at or below its reorder point, and what to order of it.
#[derive(Debug)]
pub struct ReorderPage;

impl ReorderPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let (draft, set, remove) =
            (ServerAction::<DraftSuggested>::new(), ServerAction::<SetReorderPoint>::new(), ServerAction::<RemoveReorderPoint>::new());
        let done = times_done(set);
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let points = load(
            move || (part("show") == "all", part("after"), live.get(), set.version().get(), remove.version().get(), draft.version().get()),
            |(all, after, ..)| list_reorder_points(all, after),
        );
        let error = move || draft.value().get().and_then(Result::err).or_else(|| remove.value().get().and_then(Result::err));
        view! {
            <Title text="Reorder"/>
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
                <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-2">
                    <div>
                        <h1 class="page-title">"Reorder"</h1>
                        <p class="text-ink-soft max-w-prose">"What is free and on its way has come down to its reorder point. Each is raised once, and ends by itself as soon as enough is ordered."</p>
                    </div>
                    <p class="flex flex-wrap gap-2"><a class="button-quiet" href="/stock/purchase-orders">"Purchase orders"</a><a class="button-quiet" href="/stock/suppliers">"Suppliers"</a></p>
                </header>
                {move || error().map(|e| view! { <ErrorNote text=e.everything()/> })}
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || points.get().map(|answer| match answer {
                        Ok(points) => view! { <Whole points all=part("show") == "all" first=part("after").is_empty() draft set remove done/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(
    points: ReorderView,
    all: bool,
    first: bool,
    draft: ServerAction<DraftSuggested>,
    set: ServerAction<SetReorderPoint>,
    remove: ServerAction<RemoveReorderPoint>,
    done: Memo<u32>,
) -> impl IntoView {
    let ReorderView { page, may_buy, locations, suppliers } = points;
    let start = if all { "/stock/reorder?show=all" } else { "/stock/reorder?show=low" };
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    let chip = |words: &str, href: &str, shown| Chip { href: href.to_owned(), words: words.to_owned(), count: None, shown };
    let chips = vec![chip("To order", "/stock/reorder", !all), chip("All that is watched", "/stock/reorder?show=all", all)];
    let any = page.rows.iter().any(|r| r.suggested > 0);
    let empty = page.rows.is_empty();
    // By key: what is ticked stays with its row when others come or go.
    let key = |r: &ReorderRow| (r.sku.clone(), r.location_code.clone(), [r.suggested, r.free, r.incoming, r.drafted, r.point, r.up_to], r.since);
    let rows = keyed(page.rows, key, move |_, row| (|_: usize| (), view! { <Row row may_buy all remove/> }));
    view! {
        <Chips label="Which" chips/>
        <div class="grid gap-6 lg:grid-cols-[1fr_20rem] items-start">
            <div>
                {if empty {
                    let words = if all { "Say when a thing is to be ordered, and it is watched from then on." } else { "Everything that is watched is above its reorder point, or enough of it is on its way." };
                    view! { <EmptyState icon="circle-check" title="Nothing to order"><p>{words}</p></EmptyState> }.into_any()
                } else {
                    view! {
                        <ActionForm action=draft attr:id="suggested">
                            {(may_buy && any).then(|| view! { <p class="pb-3"><Button pending=draft.pending()>"Draft purchase orders for what is ticked"</Button></p> })}
                        </ActionForm>
                        <div class="table-wrap" tabindex="0"><table class="table table-dense">
                            <thead><tr>
                                {may_buy.then(|| view! { <th scope="col"><span class="sr-only">"Order it"</span></th> })}
                                <th scope="col">"What and where"</th><th scope="col" class="num">"To order"</th><th scope="col">"From"</th>
                                <th scope="col" class="num">"Free"</th><th scope="col" class="num">"On its way"</th>
                                <th scope="col" class="num">"At → up to"</th><th scope="col">"Since"</th>
                                {(may_buy && all).then(|| view! { <th scope="col"><span class="sr-only">"Stop"</span></th> })}
                            </tr></thead>
                            <tbody>{rows}</tbody>
                        </table></div>
                        <NextPage href=next first first_href=start.to_owned()/>
                    }.into_any()
                }}
            </div>
            {may_buy.then(|| view! {
                <SetPoint locations suppliers set done/>
            })}
        </div>
    }
}

#[component]
fn Row(row: ReorderRow, may_buy: bool, all: bool, remove: ServerAction<RemoveReorderPoint>) -> impl IntoView {
    let href = format!("/stock/{}", encode(&row.sku));
    let suggested = row.suggested > 0;
    let tick = may_buy.then(|| {
        let label = format!("Order {} for {}", row.sku, row.location);
        let value = format!("{}~{}", row.sku, row.location_code);
        let tick =
            suggested.then(|| view! { <input type="checkbox" class="size-6" name="lines[]" form="suggested" value=value checked aria-label=label/> });
        view! { <td>{tick}</td> }
    });
    let to_order = if suggested {
        let cost = row.cost.map(|cost| view! { <span class="block text-ink-soft">{cost.to_string()}</span> });
        view! { <span class="font-semibold">{grouped(row.suggested.into())}</span>{cost} }.into_any()
    } else if let Some(number) = row.draft.clone() {
        view! { <a class="link whitespace-nowrap" href=format!("/stock/purchase-orders/{number}")>{format!("{} in {number}", grouped(row.drafted.into()))}</a> }.into_any()
    } else if row.supplier.is_none() {
        view! { <Badge tone=Tone::Warn text="Nobody sells it"/> }.into_any()
    } else {
        view! { "–" }.into_any()
    };
    let from = row.supplier.map(|(code, name)| {
        let days = row.lead_days.map(|days| format!("{days} days"));
        view! { <a class="link" href=format!("/stock/suppliers/{code}")>{name}</a><span class="block text-ink-soft">{days}</span> }
    });
    let stop = (may_buy && all).then(|| {
        let label = format!("Stop watching {} at {}", row.sku, row.location);
        let (sku, location) = (row.sku.clone(), row.location_code.clone());
        view! {
            <td><ActionForm action=remove>
                <input type="hidden" name="sku" value=sku/><input type="hidden" name="location" value=location/>
                <button class="button-quiet" aria-label=label>"Stop"</button>
            </ActionForm></td>
        }
    });
    view! {
        <tr>
            {tick}
            <th scope="row" class="min-w-40"><a class="link code" href=href>{row.sku.clone()}</a><span class="block font-normal">{row.name}</span><span class="block font-normal text-ink-soft">{row.location}</span></th>
            <td class="num">{to_order}</td><td class="min-w-36">{from}</td>
            <td class="num">{grouped(row.free.into())}</td><td class="num">{grouped(row.incoming.into())}</td>
            <td class="num whitespace-nowrap">{grouped(row.point.into())}" → "{grouped(row.up_to.into())}</td>
            <td class="whitespace-nowrap">{row.since.map(|at| view! { <When at/> })}</td>
            {stop}
        </tr>
    }
}

#[component]
fn SetPoint(locations: Vec<LocationChoice>, suppliers: Vec<SupplierRow>, set: ServerAction<SetReorderPoint>, done: Memo<u32>) -> impl IntoView {
    let form = emptied_after(done);
    let error = Signal::derive(move || set.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let said = move || set.value().get().is_some_and(|answer| answer.is_ok()).then_some("It is watched.");
    let locations = locations.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
    let suppliers: Vec<_> =
        std::iter::once((String::new(), "The cheapest".to_owned())).chain(suppliers.into_iter().map(|s| (s.code, s.name))).collect();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Set a reorder point"</h2>
            <ActionForm action=set node_ref=form attr:class="mt-4 grid gap-4" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <p role="status" class="text-sm text-good">{said}</p>
                <TextField name="sku" label="SKU" required=true error=of("/sku")/>
                <SelectField name="location" label="Where" options=locations error=of("/location")/>
                <TextField name="point" label="Order at" kind="number" required=true hint="When so many are left, or fewer." error=of("/point")/>
                <TextField name="up_to" label="Up to" kind="number" required=true error=of("/up_to")/>
                <SelectField name="supplier" label="From" options=suppliers error=of("/supplier")/>
                <Button pending=set.pending()>"Watch it"</Button>
            </ActionForm>
        </section>
    }
}
