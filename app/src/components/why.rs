use leptos::prelude::*;
use waybill::routing::views::Explanation;

/// A decision about an order in plain words, with every location that was looked at.
#[component]
pub fn Why(title: &'static str, explanation: Explanation) -> impl IntoView {
    let mut sentences = explanation.summary.into_iter();
    let first = sentences.next();
    let rest = sentences.map(|s| view! { <li>{s}</li> }).collect_view();
    let columns =
        explanation.ranked_by.iter().map(|name| view! { <th scope="col" class="num first-letter:uppercase">{name.clone()}</th> }).collect_view();
    let count = explanation.ranked_by.len();
    let rows = explanation
        .candidates
        .into_iter()
        .map(|c| {
            let scores = (0..count).map(|n| view! { <td class="num">{c.scores.get(n).cloned().unwrap_or_default()}</td> }).collect_view();
            view! {
                <tr>
                    <th scope="row">{c.location}</th><td class="num">{format!("{:.0} km", c.distance_km)}</td><td class="num">{c.units}</td>{scores}
                    <td>{if c.chosen { "chosen".to_owned() } else { c.reason.unwrap_or_default() }}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">{title}</h2>
            <p class="mt-2">{first}</p>
            <ul class="mt-1 grid gap-1 text-sm text-ink-soft">{rest}</ul>
            {(!explanation.otherwise.is_empty()).then(|| view! {
                <h3 class="mt-4 font-semibold text-sm">"What would have changed it"</h3>
                <ul class="mt-1 grid gap-1 text-sm">{explanation.otherwise.iter().map(|s| view! { <li>{s.clone()}</li> }).collect_view()}</ul>
            })}
            <details class="mt-3">
                <summary class="link w-fit text-sm">"Every location that was looked at"</summary>
                <div class="table-wrap mt-2" tabindex="0"><table class="table table-dense">
                    <thead><tr><th scope="col">"Location"</th><th scope="col" class="num">"Distance"</th><th scope="col" class="num">"Units it had"</th>{columns}<th scope="col">"Outcome"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </details>
            <p class="mt-3 text-xs text-ink-soft">"Rules: "{explanation.ruleset}</p>
        </section>
    }
}
