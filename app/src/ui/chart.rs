use leptos::prelude::*;

/// One bar: where it stands, how high it is, and what it says to a reader.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartPoint {
    pub label: String,
    pub value: f64,
    /// The value in words, such as `£1,234.50`.
    pub words: String,
    /// What it is compared with, drawn as a line across the bar: its value, and in words.
    pub before: Option<(f64, String)>,
}

const HEIGHT: f64 = 160.0;
const WIDTH: f64 = 720.0;

/// Bars over time, drawn on the server as SVG, with the same numbers as a table for those who do not see it.
#[component]
pub fn BarChart(title: &'static str, points: Vec<ChartPoint>) -> impl IntoView {
    let most = points.iter().map(|p| p.before.as_ref().map_or(p.value, |b| p.value.max(b.0))).fold(0.0, f64::max);
    let scale = if most > 0.0 { (HEIGHT - 8.0) / most } else { 0.0 };
    let step = WIDTH / points.len().max(1) as f64;
    let bars = points
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let height = (p.value * scale).max(if p.value > 0.0 { 1.0 } else { 0.0 });
            let x = format!("{:.2}", i as f64 * step + step * 0.12);
            let y = format!("{:.2}", HEIGHT - height);
            let before = p.before.as_ref().map(|(value, _)| {
                let y = format!("{:.2}", (HEIGHT - value * scale).min(HEIGHT - 1.0));
                let (from, to) = (format!("{:.2}", i as f64 * step), format!("{:.2}", (i + 1) as f64 * step));
                view! { <line x1=from x2=to y1=y.clone() y2=y class="chart-before"></line> }
            });
            let told = p.before.as_ref().map(|(_, words)| format!(", before {words}")).unwrap_or_default();
            view! {
                <rect x=x y=y width=format!("{:.2}", step * 0.76) height=format!("{height:.2}") rx="1.5" class="chart-bar">
                    <title>{format!("{}: {}{told}", p.label, p.words)}</title>
                </rect>
                {before}
            }
        })
        .collect_view();
    let compared = points.iter().any(|p| p.before.is_some());
    let rows = points
        .iter()
        .map(|p| {
            let before = compared.then(|| view! { <td>{p.before.as_ref().map(|(_, words)| words.clone())}</td> });
            view! { <tr><th scope="row">{p.label.clone()}</th>{before}<td>{p.words.clone()}</td></tr> }
        })
        .collect_view();
    let (first, last) = (points.first().map(|p| p.label.clone()), points.last().map(|p| p.label.clone()));
    let highest = points.iter().max_by(|a, b| a.value.total_cmp(&b.value)).map(|p| format!("highest {} on {}", p.words, p.label));
    view! {
        <figure class="card">
            <figcaption class="flex flex-wrap items-baseline justify-between gap-2">
                <span class="font-semibold">{title}</span>
                <span class="text-sm text-ink-soft">{highest}</span>
            </figcaption>
            <svg class="mt-4 w-full h-40" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=title>
                <line x1="0" y1=HEIGHT.to_string() x2=WIDTH.to_string() y2=HEIGHT.to_string() class="chart-axis"></line>
                {bars}
            </svg>
            <div class="mt-1 flex justify-between text-xs text-ink-soft" aria-hidden="true"><span>{first}</span><span>{last}</span></div>
            <details class="mt-3 text-sm">
                <summary class="link w-fit">"Show as a table"</summary>
                <table class="table mt-2"><thead><tr><th scope="col">"Day"</th>{compared.then(|| view! { <th scope="col">"Before"</th> })}<th scope="col">{title}</th></tr></thead><tbody>{rows}</tbody></table>
            </details>
        </figure>
    }
}
