use super::api::kpis;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{BarChart, ChartPoint, Stat, day_words};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::money::{Money, grouped};
use waybill::reports::{KpiReport, KpiTotals};

/// `/board`: how the business is doing.
#[derive(Debug)]
pub struct BoardPage;

impl BoardPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let report = load(move || (part("from"), part("until")), |(from, until)| kpis(from, until));
        view! {
            <Title text="Board"/>
            <Suspense fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || report.get().map(|answer| match answer {
                    Ok(report) => view! { <Wall report/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

/// "12 % more than in the 30 days before".
fn change(now: f64, before: f64, days: i64) -> Option<String> {
    if before <= 0.0 {
        return None;
    }
    let percent = (now - before) / before * 100.0;
    let word = if percent >= 0.0 { "more" } else { "less" };
    Some(format!("{:.0} % {word} than in the {days} days before", percent.abs()))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |s| format!("{:.1} %", s * 100.0))
}

fn hours(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |h| if h < 48.0 { format!("{h:.1} h") } else { format!("{:.1} days", h / 24.0) })
}

#[component]
fn Wall(report: KpiReport) -> impl IntoView {
    let days = (report.until - report.from).num_days() + 1;
    let KpiTotals { orders, revenue, units, cancelled_orders, fill_rate, hours_to_ship } = report.totals.clone();
    let before = report.before.clone();
    let money = |minor: i64| Money::new(minor, revenue.currency).to_string();
    let orders_by_day = report
        .days
        .iter()
        .map(|d| ChartPoint { label: day_words(d.day), value: d.orders as f64, words: format!("{} orders", grouped(d.orders)), before: None })
        .collect::<Vec<_>>();
    let revenue_by_day = report
        .days
        .iter()
        .map(|d| ChartPoint { label: day_words(d.day), value: d.revenue_minor as f64, words: money(d.revenue_minor), before: None })
        .collect::<Vec<_>>();
    let most = report.channels.iter().map(|c| c.revenue_minor).max().unwrap_or(1).max(1);
    let channels = report
        .channels
        .iter()
        .map(|c| view! {
            <tr><th scope="row">{c.name.clone()}</th><td class="num">{grouped(c.orders)}</td><td class="num">{money(c.revenue_minor)}</td>
                <td class="w-1/3"><meter class="meter" min="0" max=most.to_string() value=c.revenue_minor.to_string() aria-label=format!("Share of {}", c.name)></meter></td></tr>
        })
        .collect_view();
    let locations = report
        .locations
        .iter()
        .map(|l| view! { <tr><th scope="row">{l.name.clone()}</th><td class="num">{grouped(l.parcels)}</td><td class="num">{grouped(l.units)}</td><td class="num">{hours(l.hours_to_ship)}</td></tr> })
        .collect_view();
    view! {
        <header class="flex flex-wrap items-end justify-between gap-4 py-6">
            <div><p class="text-ink-soft">"Board"</p><h1 class="page-title">{format!("{} to {}", day_words(report.from), day_words(report.until))}</h1></div>
            <form method="get" action="/board" class="flex flex-wrap items-end gap-2">
                <div class="grid gap-1.5"><label class="text-sm font-medium" for="from">"From"</label><input class="field" id="from" name="from" type="date" value=report.from.to_string()/></div>
                <div class="grid gap-1.5"><label class="text-sm font-medium" for="until">"Until"</label><input class="field" id="until" name="until" type="date" value=report.until.to_string()/></div>
                <button class="button-quiet">"Show"</button>
            </form>
        </header>
        <div class="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
            <Stat label="Orders" value=grouped(orders) change=change(orders as f64, before.orders as f64, days).unwrap_or_default()/>
            <Stat label="Revenue" value=revenue.to_string() change=change(revenue.minor as f64, before.revenue.minor as f64, days).unwrap_or_default()/>
            <Stat label="Fill rate" value=percent(fill_rate) change=format!("{} units ordered, {} orders cancelled", grouped(units), grouped(cancelled_orders))/>
            <Stat label="Time to ship, median" value=hours(hours_to_ship) change=format!("{} in the {days} days before", hours(before.hours_to_ship))/>
        </div>
        {(!report.other_currencies.is_empty()).then(|| view! {
            <p class="mt-3 text-sm text-ink-soft">"Beside it, in other currencies: "{report.other_currencies.iter().map(Money::to_string).collect::<Vec<_>>().join(", ")}</p>
        })}
        <div class="mt-6 grid gap-6 lg:grid-cols-2">
            <BarChart title="Orders a day" points=orders_by_day/>
            <BarChart title="Revenue a day" points=revenue_by_day/>
            <section class="card">
                <h2 class="font-semibold">"By channel"</h2>
                <div class="table-wrap mt-3" tabindex="0"><table class="table"><thead><tr><th scope="col">"Channel"</th><th scope="col" class="num">"Orders"</th><th scope="col" class="num">"Revenue"</th><th scope="col"><span class="sr-only">"Share"</span></th></tr></thead><tbody>{channels}</tbody></table></div>
            </section>
            <section class="card">
                <h2 class="font-semibold">"By location"</h2>
                <div class="table-wrap mt-3" tabindex="0"><table class="table"><thead><tr><th scope="col">"Location"</th><th scope="col" class="num">"Sent or handed over"</th><th scope="col" class="num">"Units"</th><th scope="col" class="num">"Hours to ship"</th></tr></thead><tbody>{locations}</tbody></table></div>
            </section>
        </div>
    }
}
