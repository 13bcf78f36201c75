use super::api::{list_alerts, promises_kept};
use crate::components::use_live;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Chip, Chips, EmptyState, Stat, When, day_words};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::money::grouped;
use waybill::orders::Method;
use waybill::orders::views::AlertRow;
use waybill::reports::{NEEDED_PERCENTILES, PromiseReport, PromiseRow};

/// `/desk/promises`: what is in danger now, and why.
#[derive(Debug)]
pub struct PromisesPage;

/// `/desk/promises/kept`: promised against actual.
#[derive(Debug)]
pub struct KeptPage;

fn tabs(kept: bool) -> impl IntoView {
    let chips = vec![
        Chip { href: "/desk/promises".to_owned(), words: "In danger now".to_owned(), count: None, shown: !kept },
        Chip { href: "/desk/promises/kept".to_owned(), words: "Kept and broken".to_owned(), count: None, shown: kept },
    ];
    view! { <Chips label="Promises" chips/> }
}

impl PromisesPage {
    pub(super) fn view() -> AnyView {
        let live = use_live();
        let alerts = load(move || live.get(), |_| list_alerts());
        view! {
            <Title text="Promises in danger"/>
            <div data-live="desk">
                <h1 class="page-title pt-6">"Promises"</h1>
                {tabs(false)}
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || alerts.get().map(|answer| match answer {
                        Ok(rows) => view! { <Alerts rows/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Alerts(rows: Vec<AlertRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState icon="circle-check" title="Nothing is in danger">
                <p>"Everything that customers were promised can still come true. What is late shows up here by itself, before the customer notices."</p>
            </EmptyState>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let reason = row.reason();
            let place = row.location.clone().unwrap_or_else(|| "waits for stock".to_owned());
            view! {
                <tr data-alert=row.order_number.clone()>
                    <th scope="row"><a class="link code whitespace-nowrap" href=format!("/desk/orders/{}", row.order_number)>{row.order_number.clone()}</a></th>
                    <td>{row.customer}{(row.method == Method::Pickup).then(|| view! { <span class="block text-ink-soft">"collects"</span> })}</td>
                    <td>{place}</td>
                    <td>{reason}<span class="block text-ink-soft">"In time until "<When at=row.due_by/></span></td>
                    <td class="whitespace-nowrap"><When at=row.promised_by/></td>
                    <td class="whitespace-nowrap">{row.expected_by.map_or_else(|| view! { "nobody knows" }.into_any(), |at| view! { <When at/> }.into_any())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p class="pb-4 text-ink-soft max-w-prose">"The step that is late can still save it while there is time. Once the last moment to hand it over is past, the customer is told a new date at once."</p>
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr>
                <th scope="col">"Order"</th><th scope="col">"Customer"</th><th scope="col">"Where"</th><th scope="col">"Why"</th>
                <th scope="col">"Promised by"</th><th scope="col">"Expected by"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

impl KeptPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let report = load(move || (part("from"), part("until")), |(from, until)| promises_kept(from, until));
        view! {
            <Title text="Promises kept"/>
            <h1 class="page-title pt-6">"Promises"</h1>
            {tabs(true)}
            <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || report.get().map(|answer| match answer {
                    Ok(report) => view! { <Report report/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |s| format!("{:.1} %", s * 100.0))
}

fn hours(value: f64) -> String {
    if value < 48.0 { format!("{value:.1} h") } else { format!("{:.1} days", value / 24.0) }
}

#[component]
fn Report(report: PromiseReport) -> impl IntoView {
    let all = report.all.clone();
    let padding = all.padding_hours.map_or_else(|| "–".to_owned(), hours);
    let needed = |at: usize| all.needed_hours.as_ref().and_then(|n| n.get(at)).map_or_else(|| "–".to_owned(), |h| hours(*h));
    let tables = [("By location", report.locations), ("By carrier service", report.services), ("By way of delivery", report.methods)]
        .map(|(title, rows)| view! { <Slice title rows/> })
        .collect_view();
    view! {
        <form method="get" action="/desk/promises/kept" class="flex flex-wrap items-end gap-2 pb-6">
            <div class="grid gap-1.5"><label class="text-sm font-medium" for="from">"From"</label><input class="field" id="from" name="from" type="date" value=format!("{:?}", report.from)/></div>
            <div class="grid gap-1.5"><label class="text-sm font-medium" for="until">"Until"</label><input class="field" id="until" name="until" type="date" value=format!("{:?}", report.until)/></div>
            <button class="button-quiet">"Show"</button>
        </form>
        <p class="pb-4 text-ink-soft">{format!("Promised for {} to {}, as it was promised first.", day_words(report.from), day_words(report.until))}</p>
        <div class="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
            <Stat label="Kept" value=percent(all.share()) change=format!("{} of {}", grouped(all.kept), grouped(all.promised))/>
            <Stat label="Not there yet" value=grouped(all.overdue) change="though it should be".to_owned()/>
            <Stat label="Promised on top, mean" value=padding change="of when it was expected".to_owned()/>
            <Stat label="On top would have kept 95 %" value=needed(2) change=format!("90 %: {}, 99 %: {}", needed(1), needed(3))/>
        </div>
        {if all.promised == 0 {
            view! { <div class="mt-6"><EmptyState icon="circle-check" title="Nothing was promised for these days"><p>"What customers were promised, and when it came, is compared here as soon as the first of it is due."</p></EmptyState></div> }.into_any()
        } else {
            view! {
                <div class="mt-6 grid gap-6">{tables}</div>
                <p class="mt-3 text-sm text-ink-soft">"“Keeps 95 %” is how much on top of what was expected would have kept 95 in a hundred."</p>
            }
            .into_any()
        }}
    }
}

#[component]
fn Slice(title: &'static str, rows: Vec<PromiseRow>) -> impl IntoView {
    let heads = NEEDED_PERCENTILES.map(|p| view! { <th scope="col" class="num">{format!("keeps {p} %")}</th> }).collect_view();
    let rows = rows
        .into_iter()
        .map(|row| {
            let needed = (0..NEEDED_PERCENTILES.len())
                .map(|at| view! { <td class="num">{row.needed_hours.as_ref().and_then(|n| n.get(at)).map_or_else(|| "–".to_owned(), |h| hours(*h))}</td> })
                .collect_view();
            view! {
                <tr><th scope="row">{row.name.clone()}</th><td class="num">{grouped(row.promised)}</td><td class="num">{percent(row.share())}</td>
                    <td class="num">{grouped(row.overdue)}</td><td class="num">{row.padding_hours.map_or_else(|| "–".to_owned(), hours)}</td>{needed}</tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">{title}</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"Name"</th><th scope="col" class="num">"Promised"</th><th scope="col" class="num">"Kept"</th><th scope="col" class="num">"Not there yet"</th><th scope="col" class="num">"On top, mean"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
}
