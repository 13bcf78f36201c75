//! Which locations, which of them first, and how an order may be spread over them.

use super::asks::{Choice, TestEditor, WordList};
use super::known;
use super::lens::Lens;
use super::number::NumberBox;
use leptos::prelude::*;
use std::sync::Arc;
use waybill::routing::rules::{Allocate, CostPart, Filter, Prefer, Preference, Test};
use waybill::routing::views::FactKind;

/// A demand on locations.
#[component]
pub fn FilterEditor(filter: Lens<Filter>, label: String, remove: Callback<()>) -> impl IntoView {
    let test = filter.zoom(|f| f.test.clone(), |f, test| f.test = test);
    let hard = filter.zoom(|f| if f.hard { "hard" } else { "soft" }.to_owned(), |f, how| f.hard = how == "hard");
    let strengths = vec![("hard".to_owned(), "must be".to_owned()), ("soft".to_owned(), "is, if possible".to_owned())];
    view! {
        <div class="flex flex-wrap gap-2 items-start">
            <Choice label=format!("{label}: strength") options=strengths chosen=hard/>
            <TestEditor facts=Arc::new(known().place.clone()) test label=label.clone()/>
            <button type="button" class="link min-h-6 text-sm self-center" aria-label=format!("{label}: remove") on:click=move |_| remove.run(())>"Remove"</button>
        </div>
    }
}

/// An order of preference, or the least cost.
#[component]
pub fn PreferEditor(prefer: Lens<Prefer>) -> impl IntoView {
    let kind = prefer.zoom(
        |p| if matches!(p, Prefer::Ranked(_)) { "ranked" } else { "cheapest" }.to_owned(),
        |p, kind| {
            *p = match kind.as_str() {
                "cheapest" => Prefer::Cheapest(["shipping", "handling"].map(|by| CostPart { by: by.to_owned(), weight: 100.0 }).to_vec()),
                _ => Prefer::Ranked(vec![Preference::by("distance")]),
            };
        },
    );
    let kinds = vec![("ranked".to_owned(), "in this order".to_owned()), ("cheapest".to_owned(), "whatever costs least".to_owned())];
    let inner = move || match kind.get().as_str() {
        "cheapest" => {
            let parts = prefer.zoom(|p| if let Prefer::Cheapest(all) = p { all.clone() } else { Vec::new() }, |p, all| *p = Prefer::Cheapest(all));
            view! { <Costs parts/> }.into_any()
        }
        _ => {
            let ranked = prefer.zoom(|p| if let Prefer::Ranked(all) = p { all.clone() } else { Vec::new() }, |p, all| *p = Prefer::Ranked(all));
            view! { <Ranked ranked/> }.into_any()
        }
    };
    view! { <p><Choice label="Preference: how".to_owned() options=kinds chosen=kind/></p> {inner} }
}

#[component]
fn Ranked(ranked: Lens<Vec<Preference>>) -> impl IntoView {
    let count = ranked.len();
    let each = move || (0..count.get()).collect::<Vec<_>>();
    let add = move |_| ranked.push(Preference::by("distance"));
    view! {
        <ol class="grid grid-cols-1 gap-3">
            <For each=each key=|n| *n let:n>
                <li class="flex flex-wrap gap-2 items-start">
                    <PreferenceEditor preference=ranked.at(n) label=format!("Preference {}", n + 1)/>
                    {(n > 0).then(|| view! { <button type="button" class="link min-h-6 text-sm self-center" aria-label=format!("Preference {}: move up", n + 1) on:click=move |_| ranked.raise(n)>"Up"</button> })}
                    <button type="button" class="link min-h-6 text-sm self-center" aria-label=format!("Preference {}: remove", n + 1) on:click=move |_| ranked.remove(n)>"Remove"</button>
                </li>
            </For>
        </ol>
        <p><button type="button" class="button-quiet" on:click=add>"Add a preference"</button></p>
    }
}

#[component]
fn PreferenceEditor(preference: Lens<Preference>, label: String) -> impl IntoView {
    let facts: Vec<_> = known().place.iter().filter(|f| !f.first.is_empty() || f.kind == FactKind::Words).cloned().collect();
    let words = |f: &waybill::routing::views::FactView| if f.first.is_empty() { format!("by {}", f.name) } else { f.first.clone() };
    let options = facts.iter().map(|f| (f.code.clone(), words(f))).collect::<Vec<_>>();
    let by = preference.zoom(|p| p.by.clone(), |p, by| *p = Preference::by(&by));
    let first = preference.zoom(|p| p.first.clone(), |p, first| p.first = first);
    let band = preference.zoom(|p| p.band, |p, band| p.band = band);
    let of_label = label.clone();
    let rest = move || {
        let fact = facts.iter().find(|f| f.code == by.get()).cloned()?;
        let label = of_label.clone();
        Some(if fact.kind == FactKind::Words {
            view! { <WordList words=first fact label/> }.into_any()
        } else {
            view! {
                <span class="self-center text-ink-soft">"in steps of"</span>
                <NumberBox number=band scale=fact.scale label=format!("{label}: steps") may_be_empty=true/>
                <span class="self-center text-ink-soft">{fact.unit}</span>
            }
            .into_any()
        })
    };
    view! { <Choice label=format!("{label}: by") options chosen=by/> {rest} }
}

#[component]
fn Costs(parts: Lens<Vec<CostPart>>) -> impl IntoView {
    let count = parts.len();
    let each = move || (0..count.get()).collect::<Vec<_>>();
    let add = move |_| parts.push(CostPart { by: "split".to_owned(), weight: 100.0 });
    view! {
        <ul class="grid grid-cols-1 gap-3">
            <For each=each key=|n| *n let:n>
                <li class="flex flex-wrap gap-2 items-start">
                    <CostEditor part=parts.at(n) label=format!("Cost {}", n + 1)/>
                    <button type="button" class="link min-h-6 text-sm self-center" aria-label=format!("Cost {}: remove", n + 1) on:click=move |_| parts.remove(n)>"Remove"</button>
                </li>
            </For>
        </ul>
        <p><button type="button" class="button-quiet" on:click=add>"Add a cost"</button></p>
    }
}

#[component]
fn CostEditor(part: Lens<CostPart>, label: String) -> impl IntoView {
    let by = part.zoom(|p| p.by.clone(), |p, by| p.by = by);
    let weight = part.zoom(|p| Some(p.weight), |p, weight| p.weight = weight.unwrap_or(p.weight));
    let options = known().costs.iter().map(|c| (c.code.clone(), c.name.clone())).collect::<Vec<_>>();
    let which = format!("{label}: which");
    let all = StoredValue::new(known());
    let cost = move || all.with_value(|all| all.costs.iter().find(|c| c.code == by.get()).cloned());
    let number = move || {
        let each = cost().map(|c| c.each).unwrap_or_default();
        let (scale, unit) = if each.is_empty() { (1.0, "%".to_owned()) } else { (100.0, format!("£ for each {each}")) };
        view! { <NumberBox number=weight scale label=format!("{label}: weight")/><span class="self-center text-ink-soft">{unit}</span> }
    };
    view! {
        <Choice label=which options chosen=by/>
        {number}
        <span class="text-sm text-ink-soft basis-full">{move || cost().map(|c| c.help)}</span>
    }
}

/// So many parcels, or locations for a line, are offered to be chosen.
const MOST_OFFERED: u8 = 10;

/// How an order may be spread.
#[component]
pub fn AllocateEditor(allocate: Lens<Allocate>) -> impl IntoView {
    let parcels = allocate.zoom(|a| a.parcels.map(|n| n.to_string()).unwrap_or_default(), |a, n| a.parcels = n.parse().ok());
    let per_line = allocate.zoom(|a| a.per_line.map(|n| n.to_string()).unwrap_or_default(), |a, n| a.per_line = n.parse().ok());
    // More than is offered can be asked for by another system: it is shown all the same.
    let up_to = |none: &str, one: &str, many: &str, asked: Option<u8>| -> Vec<(String, String)> {
        let beyond = asked.filter(|n| *n > MOST_OFFERED);
        let more = (2..=MOST_OFFERED).chain(beyond).map(|n| (n.to_string(), format!("at most {n} {many}")));
        [(String::new(), none.to_owned()), ("1".to_owned(), one.to_owned())].into_iter().chain(more).collect()
    };
    let most = up_to("as few parcels as it takes", "one parcel only", "parcels", untrack(|| allocate.with(|a| a.parcels)));
    let most_per_line =
        up_to("each line from any number of locations", "no line is split", "locations for a line", untrack(|| allocate.with(|a| a.per_line)));
    let least = allocate.zoom(|a| a.least_part_minor.map(|minor| minor as f64), |a, minor| a.least_part_minor = minor.map(|minor| minor as i64));
    let together = allocate.zoom(|a| a.keep_together.clone(), |a, all| a.keep_together = all);
    let boxes = known()
        .line
        .iter()
        .filter(|f| f.kind == FactKind::Words && f.code != "queue")
        .map(|f| {
            let (code, name) = (f.code.clone(), f.name.clone());
            let own = code.clone();
            let toggle = move |_| {
                together.update(|all| match all.iter().position(|c| *c == own) {
                    Some(at) => drop(all.remove(at)),
                    None => all.push(own.clone()),
                });
            };
            view! { <label class="flex items-center gap-2 min-h-6"><input type="checkbox" prop:checked=move || together.with(|all| all.contains(&code)) on:change=toggle/>{format!("the same {name}")}</label> }
        })
        .collect_view();
    let soft = allocate.zoom(|a| a.soft, |a, soft| a.soft = soft);
    let never = allocate.zoom(|a| a.never_split.clone(), |a, all| a.never_split = all);
    let count = never.len();
    let each = move || (0..count.get()).collect::<Vec<_>>();
    let line_facts = Arc::new(known().line.clone());
    let add = move |_| never.push(Test::one_of("sku", &[]));
    view! {
        <div class="flex flex-wrap gap-x-5 gap-y-3 items-center">
            <Choice label="Parcels".to_owned() options=most chosen=parcels/>
            <Choice label="Locations for a line".to_owned() options=most_per_line chosen=per_line/>
            <span class="flex items-center gap-2"><span>"Each part is worth at least"</span><NumberBox number=least scale=100.0 label="Each part is worth at least".to_owned() may_be_empty=true/></span>
        </div>
        <div class="flex flex-wrap gap-x-5 gap-y-2"><span class="text-ink-soft">"Kept together: lines of"</span>{boxes}</div>
        <For each=each key=|n| *n let:n>
            <div class="flex flex-wrap gap-2 items-start"><span class="self-center text-ink-soft">"Never split: lines whose"</span>
                <TestEditor facts=Arc::clone(&line_facts) test=never.at(n) label=format!("Never split {}", n + 1)/>
                <button type="button" class="link min-h-6 text-sm self-center" aria-label=format!("Never split {}: remove", n + 1) on:click=move |_| never.remove(n)>"Remove"</button>
            </div>
        </For>
        <p><button type="button" class="button-quiet" on:click=add>"Add lines that are never split"</button></p>
        <label class="flex items-center gap-2 min-h-6"><input type="checkbox" prop:checked=move || soft.get() on:change=move |_| soft.update(|soft| *soft = !*soft)/>"These limits give way where more is sent without them"</label>
    }
}
