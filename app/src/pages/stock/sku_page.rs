use super::api::{AdjustStock, ChangeCondition, SkuStock, read_stock};
use crate::components::{booked_words, emptied_after, times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, EmptyState, ErrorNote, NextPage, SelectField, TextField, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::inventory::views::{LocationChoice, MovementRow, StockRow};
use waybill::inventory::{Condition, MovementReason};
use waybill::money::grouped;
use waybill::page::Page;

/// `/stock/:sku`: one SKU everywhere, now or at any moment, and all that came and went.
#[derive(Debug)]
pub struct SkuPage;

impl SkuPage {
    pub(super) fn view() -> AnyView {
        let (params, query) = (use_params_map(), use_query_map());
        let live = use_live();
        let adjust = ServerAction::<AdjustStock>::new();
        let condition = ServerAction::<ChangeCondition>::new();
        let done = (times_done(adjust), times_done(condition));
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let stock = load(
            move || {
                (
                    params.read().get("sku").unwrap_or_default(),
                    part("at"),
                    part("after"),
                    live.get(),
                    adjust.version().get(),
                    condition.version().get(),
                )
            },
            |(sku, at, after, ..)| read_stock(sku, at, after),
        );
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || stock.get().map(|answer| match answer {
                        Ok(stock) => view! { <Whole stock first=part("after").is_empty() adjust condition done/> }.into_any(),
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
    stock: SkuStock,
    first: bool,
    adjust: ServerAction<AdjustStock>,
    condition: ServerAction<ChangeCondition>,
    done: (Memo<u32>, Memo<u32>),
) -> impl IntoView {
    let here = format!("/stock/{}", encode(&stock.code));
    // What a date-and-time field takes: to the minute, without a zone.
    let moment = stock.at.map(|at| format!("{:?}", at.naive_utc()).chars().take(16).collect::<String>()).unwrap_or_default();
    let now = here.clone();
    view! {
        <Title text=stock.code.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
        <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-6">
            <div><h1 class="page-title code">{stock.code.clone()}</h1><p class="text-ink-soft">{stock.name.clone()}</p></div>
            <form method="get" action=here.clone() class="flex flex-wrap items-end gap-2">
                <div class="grid gap-1.5"><label class="text-sm font-medium" for="at">"As it was at (UTC)"</label><input class="field" id="at" name="at" type="datetime-local" value=moment/></div>
                <button class="button-quiet">"Show"</button>
                {stock.at.is_some().then(|| view! { <a class="button-quiet" href=now>"Now"</a> })}
            </form>
        </header>
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <div class="grid gap-6">
                <Places rows=stock.rows here=here.clone()/>
                <History code=stock.code.clone() movements=stock.movements here first/>
            </div>
            <div class="grid gap-6">
                {(!stock.may_adjust_at.is_empty()).then(|| {
                    let (code, places) = (stock.code.clone(), stock.may_adjust_at.clone());
                    view! { <Adjust code places adjust done=done.0/> }
                })}
                {(!stock.may_set_aside_at.is_empty()).then(|| {
                    let (code, places, all) = (stock.code.clone(), stock.may_set_aside_at, !stock.may_adjust_at.is_empty());
                    view! { <SetAside code places all condition done=done.1/> }
                })}
            </div>
        </div>
    }
}

#[component]
fn Places(rows: Vec<StockRow>, here: String) -> impl IntoView {
    if rows.is_empty() {
        return view! { <section class="card"><h2 class="font-semibold">"By location"</h2><p class="mt-2 text-ink-soft">"Nowhere: no unit had come by then."</p></section> }
            .into_any();
    }
    let sum = |of: fn(&StockRow) -> i32| grouped(rows.iter().map(|row| i64::from(of(row))).sum());
    let aside = rows.iter().any(|r| r.quarantined + r.damaged > 0);
    let mut total =
        vec![sum(|r| r.available), sum(|r| r.on_hand), sum(|r| r.reserved), sum(|r| r.backordered), sum(|r| r.safety), sum(|r| r.incoming)];
    if aside {
        total.extend([sum(|r| r.quarantined), sum(|r| r.damaged)]);
    }
    let lines = rows
        .iter()
        .map(|r| {
            view! {
                <tr>
                    <th scope="row">{r.location.clone()}</th><td class="num font-semibold">{r.available}</td><td class="num">{r.on_hand}</td>
                    <td class="num">{r.reserved}</td><td class="num">{r.backordered}</td><td class="num">{r.safety}</td><td class="num">{r.incoming}</td>
                    {aside.then(|| view! { <td class="num">{r.quarantined}</td><td class="num">{r.damaged}</td> })}
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"By location"</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr>
                    <th scope="col">"Location"</th><th scope="col" class="num">"Available"</th><th scope="col" class="num">"On hand"</th>
                    <th scope="col" class="num">"Reserved"</th><th scope="col" class="num">"Backordered"</th><th scope="col" class="num">"Safety"</th><th scope="col" class="num">"On its way"</th>
                    {aside.then(|| view! { <th scope="col" class="num">"Quarantined"</th><th scope="col" class="num">"Damaged"</th> })}
                </tr></thead>
                <tbody>{lines}</tbody>
                <tfoot><tr><th scope="row">"Everywhere"</th>{total.into_iter().map(|t| view! { <td class="num font-semibold">{t}</td> }).collect_view()}</tr></tfoot>
            </table></div>
            <p class="mt-3 text-sm text-ink-soft">"Available is on hand, less what is reserved for orders and baskets, less what is owed to orders that wait, less safety stock. "<a class="link" href=format!("{here}/offered")>"What a channel sees"</a></p>
        </section>
    }
    .into_any()
}

#[component]
fn History(code: String, movements: Page<MovementRow>, here: String, first: bool) -> impl IntoView {
    if movements.rows.is_empty() {
        return view! { <EmptyState icon="package" title="Nothing has come or gone yet"><p>{format!("The first receipt of {code} will stand here.")}</p></EmptyState> }
            .into_any();
    }
    let next = movements.next.as_deref().map(|after| format!("{here}?after={}", encode(after)));
    let rows = movements
        .rows
        .into_iter()
        .map(|m| {
            let link = |place: &str, number: String| view! { <a class="link code whitespace-nowrap" href=format!("{place}/{number}")>{number.clone()}</a> };
            let order = m.order_number.map(|number| link("/desk/orders", number));
            let transfer = m.transfer_number.map(|number| link("/stock/transfers", number));
            let count = m.count_number.map(|number| link("/stock/counts", number));
            let purchase = m.purchase_number.map(|number| link("/stock/purchase-orders", number));
            let came_back = m.return_number.map(|number| link("/stock/returns", number));
            let condition = (m.condition != Condition::Sellable).then(|| format!("({}) ", m.condition.label().to_lowercase()));
            let quantity = if m.quantity > 0 { format!("+{}", grouped(m.quantity.into())) } else { grouped(m.quantity.into()) };
            view! {
                <tr>
                    <td class="whitespace-nowrap"><When at=m.occurred_at/></td><td class="num font-semibold">{quantity}</td><td>{m.reason.label()}" "{condition}{order}{transfer}{count}{purchase}{came_back}</td>
                    <td>{m.location}</td><td>{m.who}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"What came and went"</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"When"</th><th scope="col" class="num">"Units"</th><th scope="col">"Why"</th><th scope="col">"Where"</th><th scope="col">"By"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <NextPage href=next first first_href=here/>
        </section>
    }
    .into_any()
}

#[component]
fn Adjust(code: String, places: Vec<LocationChoice>, adjust: ServerAction<AdjustStock>, done: Memo<u32>) -> impl IntoView {
    let error = Signal::derive(move || adjust.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let said = move || Some(booked_words(adjust.value().get()?.ok()?));
    let form = emptied_after(done);
    let locations = places.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
    let reasons = [MovementReason::Receipt, MovementReason::Adjustment, MovementReason::Damage, MovementReason::Return]
        .map(|r| (r.as_str().to_owned(), r.label().to_owned()))
        .to_vec();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Book units in or out"</h2>
            <ActionForm action=adjust node_ref=form attr:class="mt-4 grid gap-4">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <p role="status" class="text-sm text-good">{said}</p>
                <input type="hidden" name="sku" value=code/>
                <SelectField name="location" label="Location" options=locations error=of("/location")/>
                <TextField name="quantity" label="Units" kind="number" required=true hint="Minus takes them off the shelf." error=of("/quantity")/>
                <SelectField name="reason" label="Why" options=reasons error=of("/reason")/>
                <Button pending=adjust.pending()>"Book"</Button>
            </ActionForm>
        </section>
    }
}

/// What can become of units: its value, its words, and whether only those who may correct stock may.
const CHANGES: [(&str, &str, bool); 7] = [
    ("sellable quarantined", "Set aside to be looked at", false),
    ("sellable damaged", "Set aside as damaged", false),
    ("quarantined sellable", "Looked at: can be sold", true),
    ("quarantined damaged", "Looked at: damaged", true),
    ("damaged sellable", "Mended: can be sold", true),
    ("quarantined written_off", "Write off what was set aside", true),
    ("damaged written_off", "Write off what is damaged", true),
];

#[component]
fn SetAside(code: String, places: Vec<LocationChoice>, all: bool, condition: ServerAction<ChangeCondition>, done: Memo<u32>) -> impl IntoView {
    let error = Signal::derive(move || condition.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let said = move || Some(booked_words(condition.value().get()?.ok()?));
    let form = emptied_after(done);
    let locations = places.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
    let changes = CHANGES.iter().filter(|c| all || !c.2).map(|c| (c.0.to_owned(), c.1.to_owned())).collect::<Vec<_>>();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Set units aside"</h2>
            <ActionForm action=condition node_ref=form attr:class="mt-4 grid gap-4">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <p role="status" class="text-sm text-good">{said}</p>
                <input type="hidden" name="sku" value=code/>
                <SelectField name="location" scope="aside" label="Where they stand" options=locations error=of("/location")/>
                <TextField name="quantity" scope="aside" label="How many" kind="number" required=true error=of("/quantity")/>
                <SelectField name="change" label="What becomes of them" options=changes error=of("/to")/>
                <Button pending=condition.pending()>"Book it"</Button>
            </ActionForm>
        </section>
    }
}
