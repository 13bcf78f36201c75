use super::api::{CancelSimulation, DeleteSimulation, SimulationWork, read_simulation};
use super::flow_map::FlowMap;
use crate::components::{times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, BarChart, ChartPoint, ErrorNote, NextPage, Tone, When, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::money::{Currency, Money, grouped};
use waybill::page::Page;
use waybill::simulation::SimulationState;
use waybill::simulation::views::{Findings, MoveRow, Outcome, SimulationRow, SimulationView, Totals};

/// `/routing/simulations/:id`: what other rules would have done with a past period's orders, beside what happened; `?with=` another simulation of the same
/// period, `?place=` one location's days, `?after=` further orders.
#[derive(Debug)]
pub struct SimulationPage;

#[derive(Clone, Copy)]
struct Actions {
    cancel: ServerAction<CancelSimulation>,
    delete: ServerAction<DeleteSimulation>,
}

/// What the address says is shown.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    with: String,
    place: String,
    after: String,
}

impl SimulationPage {
    pub(super) fn view() -> AnyView {
        let (params, query) = (use_params_map(), use_query_map());
        let live = use_live();
        let actions = Actions { cancel: ServerAction::new(), delete: ServerAction::new() };
        let cancelled = times_done(actions.cancel);
        let shown = Memo::new(move |_| {
            let of = |name: &str| query.read().get(name).unwrap_or_default();
            Shown { with: of("with"), place: of("place"), after: of("after") }
        });
        let id = move || params.read().get("id").unwrap_or_default();
        let work = load(
            move || (id(), shown.get().with, shown.get().after, live.get(), cancelled.get()),
            |(id, with, after, ..)| read_simulation(id, with, after),
        );
        let trouble = move || actions.cancel.value().get().and_then(Result::err).or_else(|| actions.delete.value().get().and_then(Result::err));
        view! {
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/routing">"Routing"</a></nav>
                {move || trouble().map(|e| view! { <div class="pt-4"><ErrorNote text=e.everything()/></div> })}
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || work.get().map(|answer| match answer {
                        Ok(work) => view! { <Whole work shown=shown.get() actions/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

/// What was simulated: `Cheapest, version 3`.
pub(super) fn simulated_words(row: &SimulationRow) -> String {
    match (row.ruleset, row.version) {
        (None, _) => "What was in force".to_owned(),
        (Some(_), Some(version)) => format!("{}, version {version}", row.name),
        (Some(_), None) => format!("{}, as a draft", row.name),
    }
}

pub(super) const fn tone_of(state: SimulationState) -> Tone {
    match state {
        SimulationState::Done => Tone::Good,
        SimulationState::Running => Tone::Progress,
        SimulationState::Failed => Tone::Bad,
        SimulationState::Waiting | SimulationState::Cancelled => Tone::Neutral,
    }
}

#[component]
fn Whole(work: SimulationWork, shown: Shown, actions: Actions) -> impl IntoView {
    let SimulationWork { simulation, other, moves } = work;
    let SimulationView { row, findings, rules, others, may_manage } = simulation;
    let title = simulated_words(&row);
    let by = row.asked_by.clone().map(|by| format!(" by {by}")).unwrap_or_default();
    let from_rules = match (row.ruleset, row.version, row.draft) {
        (Some(ruleset), Some(version), _) => Some((format!("/routing/versions/{ruleset}/{version}"), "The version")),
        (_, None, Some(draft)) => Some((format!("/routing/drafts/{draft}"), "The draft")),
        _ => None,
    };
    let rules_link = from_rules.map(|(href, words)| view! { " · "<a class="link" href=href>{words}</a> });
    let progress = (!row.state.is_over()).then(|| {
        let words = format!("{} of {} orders. You may leave this page.", grouped(row.orders_done.into()), grouped(row.orders.into()));
        view! {
            <div class="grid gap-2 max-w-xl pb-6">
                <progress class="w-full" max=row.orders.to_string() value=row.orders_done.to_string() aria-label="Orders"></progress>
                <p class="text-sm text-ink-soft">{words}</p>
                {may_manage.then(|| view! { <ActionForm action=actions.cancel><input type="hidden" name="id" value=row.id.to_string()/><button class="button-quiet">"Call it off"</button></ActionForm> })}
            </div>
        }
    });
    let problem = row.problem.clone().map(|text| view! { <div class="pb-6"><ErrorNote text/></div> });
    let delete = (may_manage && row.state.is_over()).then(|| {
        view! {
            <details class="pb-8"><summary class="link w-fit text-sm">"Throw this simulation away"</summary>
                <ActionForm action=actions.delete attr:class="flex flex-wrap items-center gap-3 pt-3"><input type="hidden" name="id" value=row.id.to_string()/>
                    <span>"What it found is gone then."</span><button class="button-bad">"Yes, throw it away"</button></ActionForm>
            </details>
        }
    });
    let found = findings.map(|findings| view! { <Found row=row.clone() findings rules others other moves shown/> });
    view! {
        <Title text=format!("Simulation: {title}")/>
        <header class="pt-1 pb-6">
            <h1 class="page-title">"What if: "{title}</h1>
            <p class="text-ink-soft mt-2 flex flex-wrap items-center gap-2"><Badge tone=tone_of(row.state) text=row.state.label()/>
                <span>"Orders placed from "<When at=row.from/>" to "<When at=row.until/>". Asked for "<When at=row.asked_at/>{by}{rules_link}</span></p>
        </header>
        {progress}{problem}{found}{delete}
    }
}

#[component]
fn Found(
    row: SimulationRow,
    findings: Findings,
    rules: Vec<String>,
    others: Vec<SimulationRow>,
    other: Option<(SimulationRow, Findings)>,
    moves: Page<MoveRow>,
    shown: Shown,
) -> impl IntoView {
    let this = format!("/routing/simulations/{}", row.id);
    let share = if findings.decisions > 0 { f64::from(findings.alike) * 100.0 / f64::from(findings.decisions) } else { 0.0 };
    let headline = if findings.moved == 0 {
        "Every order would have gone where it went.".to_owned()
    } else {
        format!("{} of {} orders would have gone elsewhere.", grouped(findings.moved.into()), grouped(findings.simulated.orders.into()))
    };
    let alike = format!(
        "{} of {} decisions are as they were made ({share:.1} %). What came, went and was kept by others is repeated as it was; nothing of today’s stock is touched.",
        grouped(findings.alike.into()),
        grouped(findings.decisions.into())
    );
    let with = others
        .iter()
        .map(|o| {
            let href = format!("{this}?with={}", o.id);
            view! { <li><a class="link" href=href aria-current=(o.id.to_string() == shown.with).then_some("true")>{simulated_words(o)}</a>" "<span class="text-ink-soft"><When at=o.asked_at/></span></li> }
        })
        .collect_view();
    let beside = (!others.is_empty()).then(|| view! { <section class="card"><h2 class="font-semibold">"Beside another simulation of this period"</h2><ul class="mt-2 grid gap-1 text-sm">{with}</ul></section> });
    let used = (!rules.is_empty()).then(|| {
        let rows = rules
            .into_iter()
            .zip(&findings.rules)
            .map(|(name, used)| {
                let example = used.example.clone().map(|number| view! { <a class="link code" href=format!("/desk/orders/{number}")>{number.clone()}</a> });
                view! { <tr><th scope="row">{name}</th><td class="num">{grouped(used.taken.into())}</td><td>{example}</td></tr> }
            })
            .collect_view();
        view! {
            <section class="card"><h2 class="font-semibold">"What each rule took"</h2>
                <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense"><thead><tr><th scope="col">"Rule"</th><th scope="col" class="num">"Orders"</th><th scope="col">"One of them"</th></tr></thead><tbody>{rows}</tbody></table></div>
            </section>
        }
    });
    view! {
        <p class="text-lg max-w-prose">{headline}</p>
        <p class="text-sm text-ink-soft max-w-prose pt-1 pb-6">{alike}</p>
        <div class="grid gap-6">
            <Compared findings=findings.clone() other/>
            <FlowMap findings=findings.clone()/>
            <Loads findings=findings.clone() this=this.clone() place=shown.place.clone()/>
            <div class="grid gap-6 lg:grid-cols-2 items-start">{used}{beside}</div>
            <Moves moves this after=shown.after currency=findings.currency/>
        </div>
    }
}

/// One figure of the comparison: what it is called, how it reads, and whether less of it is better; none where neither is.
struct Figure {
    name: &'static str,
    of: fn(&Totals) -> Option<f64>,
    words: fn(f64, Currency) -> String,
    less_is_better: Option<bool>,
}

fn whole(value: f64, _: Currency) -> String {
    grouped(value.round() as i64)
}

fn tenths(value: f64, _: Currency) -> String {
    format!("{value:.1}")
}

fn amount(value: f64, currency: Currency) -> String {
    Money::new(value.round() as i64, currency).to_string()
}

fn percent(value: f64, _: Currency) -> String {
    format!("{:.1} %", value * 100.0)
}

fn each(part: f64, orders: u32) -> Option<f64> {
    (orders > 0).then(|| part / f64::from(orders))
}

const FIGURES: [Figure; 15] = [
    Figure { name: "Orders", of: |t| Some(t.orders.into()), words: whole, less_is_better: None },
    Figure { name: "Parcels", of: |t| Some(t.parcels.into()), words: whole, less_is_better: Some(true) },
    Figure { name: "Parcels an order", of: |t| each(t.parcels.into(), t.orders), words: |v, _| format!("{v:.3}"), less_is_better: Some(true) },
    Figure { name: "Orders in several parcels", of: |t| Some(t.split.into()), words: whole, less_is_better: Some(true) },
    Figure { name: "Cost of carriage and packing", of: |t| Some(t.cost_minor() as f64), words: amount, less_is_better: Some(true) },
    Figure { name: "Cost an order", of: |t| each(t.cost_minor() as f64, t.orders), words: amount, less_is_better: Some(true) },
    Figure { name: "Kilometres a parcel", of: |t| each(t.km(), t.parcels), words: whole, less_is_better: Some(true) },
    Figure { name: "Days until it is there", of: Totals::days, words: |v, _| format!("{v:.2}"), less_is_better: Some(true) },
    Figure { name: "No later than first promised", of: |t| each(t.in_time.into(), t.dated + t.short), words: percent, less_is_better: Some(false) },
    Figure { name: "Fill rate", of: Totals::fill_rate, words: percent, less_is_better: Some(false) },
    Figure { name: "Lines that nobody had", of: |t| Some(t.lines_short.into()), words: whole, less_is_better: Some(true) },
    Figure { name: "Lines called off", of: |t| Some(t.lines_cancelled.into()), words: whole, less_is_better: Some(true) },
    Figure {
        name: "Parcels of unknown cost",
        of: |t| (t.carriage_unknown > 0).then(|| t.carriage_unknown.into()),
        words: whole,
        less_is_better: None,
    },
    Figure { name: "Tonne-kilometres", of: |t| Some(t.gram_km as f64 / 1e6), words: tenths, less_is_better: Some(true) },
    Figure { name: "Kilograms of CO₂ by road", of: |t| Some(t.carbon_kg()), words: whole, less_is_better: Some(true) },
];

#[component]
fn Compared(findings: Findings, other: Option<(SimulationRow, Findings)>) -> impl IntoView {
    let currency = Currency::from_code(&findings.currency).unwrap_or(Currency::GBP);
    let told = move |figure: &Figure, totals: &Totals| (figure.of)(totals).map_or_else(|| "–".to_owned(), |value| (figure.words)(value, currency));
    let rows = FIGURES
        .iter()
        .filter(|figure| (figure.of)(&findings.real).or((figure.of)(&findings.simulated)).is_some())
        .map(|figure| {
            let (before, after) = ((figure.of)(&findings.real).unwrap_or(0.0), (figure.of)(&findings.simulated).unwrap_or(0.0));
            // Of nothing there are no percentages.
            let change = match before {
                0.0 if after > 0.0 => f64::INFINITY,
                0.0 => 0.0,
                before => (after - before) / before * 100.0,
            };
            let told_change = if change.is_finite() { signed(change) } else { "from nothing".to_owned() };
            let (words, class) = match figure.less_is_better {
                _ if change.abs() < 0.05 => ("no change".to_owned(), "num text-ink-soft"),
                None => (told_change, "num"),
                Some(less) if (change < 0.0) == less => (format!("{told_change}, better"), "num text-good"),
                Some(_) => (format!("{told_change}, worse"), "num text-bad"),
            };
            let beside = other.as_ref().map(|(_, found)| view! { <td class="num">{told(figure, &found.simulated)}</td> });
            view! {
                <tr><th scope="row">{figure.name}</th><td class="num">{told(figure, &findings.real)}</td><td class="num font-semibold">{told(figure, &findings.simulated)}</td>
                    <td class=class>{words}</td>{beside}</tr>
            }
        })
        .collect_view();
    let beside = other.as_ref().map(|(row, _)| view! { <th scope="col" class="num">{simulated_words(row)}</th> });
    view! {
        <section class="card"><h2 class="font-semibold">"Before and after"</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col"><span class="sr-only">"Figure"</span></th><th scope="col" class="num">"As it was"</th><th scope="col" class="num">"Simulated"</th><th scope="col" class="num">"Change"</th>{beside}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <p class="mt-3 text-xs text-ink-soft">"Both sides are reckoned in the same way: with the rate cards and schedules of each order’s own moment. Days are of orders that nothing is short of. CO₂ at 0.1 kg for a tonne-kilometre by lorry, as the crow flies."</p>
        </section>
    }
}

fn signed(change: f64) -> String {
    if change < 0.0 { format!("−{:.1} %", -change) } else { format!("+{change:.1} %") }
}

/// What each place has to do, and the days of one of them.
#[component]
fn Loads(findings: Findings, this: String, place: String) -> impl IntoView {
    let busy: Vec<_> = findings.places.iter().filter(|p| p.real.parcels + p.simulated.parcels > 0 || p.real.left != p.simulated.left).collect();
    let chosen = busy
        .iter()
        .find(|p| p.location.is_some_and(|id| id.to_string() == place))
        .or_else(|| busy.iter().max_by_key(|p| p.real.parcels.max(p.simulated.parcels)))
        .copied();
    let rows = busy
        .iter()
        .map(|p| {
            let href = format!("{this}?place={}#days", p.location.map(|id| id.to_string()).unwrap_or_default());
            let current = chosen.is_some_and(|c| c.location == p.location).then_some("true");
            let pair = |of: fn(&waybill::simulation::views::Load) -> i64| {
                view! { <td class="num">{grouped(of(&p.real))}</td><td class="num font-semibold">{grouped(of(&p.simulated))}</td> }
            };
            view! {
                <tr><th scope="row"><a class="link" href=href aria-current=current>{p.name.clone()}</a></th>{pair(|l| l.parcels.into())}{pair(|l| l.busiest().into())}{pair(|l| l.left)}</tr>
            }
        })
        .collect_view();
    let days = chosen.map(|p| {
        let points = findings
            .days
            .iter()
            .enumerate()
            .map(|(n, day)| {
                let of = |days: &[u32]| days.get(n).copied().unwrap_or(0);
                let (before, after) = (of(&p.real.by_day), of(&p.simulated.by_day));
                ChartPoint {
                    label: day_words(*day),
                    value: after.into(),
                    words: grouped(after.into()),
                    before: Some((before.into(), grouped(before.into()))),
                }
            })
            .collect::<Vec<_>>();
        view! {
            <div id="days"><h3 class="font-semibold pb-3">{format!("{}: parcels a day", p.name)}</h3>
                <BarChart title="Parcels a day" points/>
                <p class="pt-2 text-xs text-ink-soft">"Bars: simulated. Lines: as it was."</p></div>
        }
    });
    let two = |words: &'static str| view! { <th scope="colgroup" colspan="2" class="num">{words}</th> };
    let sub = (0..3).map(|_| view! { <th scope="col" class="num">"Was"</th><th scope="col" class="num">"Simulated"</th> }).collect_view();
    view! {
        <section class="card grid gap-6"><div><h2 class="font-semibold">"What each place has to do"</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col" rowspan="2">"Place"</th>{two("Parcels")}{two("Busiest day")}{two("Units left at the end")}</tr><tr>{sub}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div></div>
            {days}
        </section>
    }
}

/// What became of an order, in a line.
pub(super) fn outcome_words(outcome: &Outcome, currency: Currency) -> String {
    let places: Vec<String> = outcome.places.iter().map(|(name, units)| format!("{units} from {name}")).collect();
    let mut words = if places.is_empty() { "nothing".to_owned() } else { places.join(", ") };
    if outcome.units_short > 0 {
        words.push_str(&format!(", {} short", outcome.units_short));
    }
    format!("{words} · {}", Money::new(outcome.cost_minor, currency))
}

#[component]
fn Moves(moves: Page<MoveRow>, this: String, after: String, currency: String) -> impl IntoView {
    if moves.rows.is_empty() {
        return ().into_any();
    }
    let currency = Currency::from_code(&currency).unwrap_or(Currency::GBP);
    let rows = moves
        .rows
        .iter()
        .map(|m| {
            let there = |outcome: &Outcome| outcome.there_by.map(|at| view! { <span class="block text-sm text-ink-soft">"there by "<When at/></span> });
            view! {
                <tr><th scope="row"><a class="link code" href=format!("{this}/moves/{}", m.no)>{m.number.clone()}</a><span class="block text-sm text-ink-soft font-normal"><When at=m.placed_at/></span></th>
                    <td>{outcome_words(&m.real, currency)}{there(&m.real)}</td><td>{outcome_words(&m.simulated, currency)}{there(&m.simulated)}</td></tr>
            }
        })
        .collect_view();
    let next = moves.next.map(|key| format!("{this}?after={}#moves", encode(&key)));
    view! {
        <section class="card" id="moves"><h2 class="font-semibold">"Orders that would have gone elsewhere"</h2>
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"Order"</th><th scope="col">"As it was"</th><th scope="col">"Simulated"</th></tr></thead><tbody>{rows}</tbody>
            </table></div>
            <NextPage href=next first=after.is_empty() first_href=format!("{this}#moves")/>
        </section>
    }
    .into_any()
}
