//! When a rule is for an order: conditions that nest.

use super::asks::{Choice, TestEditor};
use super::known;
use super::lens::Lens;
use leptos::prelude::*;
use std::sync::Arc;
use waybill::routing::rules::{Condition, LinesTest, Scope, Test};

/// Conditions are not nested deeper in the browser than anybody can read.
const DEEPEST: usize = 3;

fn kind_of(condition: &Condition) -> &'static str {
    match condition {
        Condition::Always => "always",
        Condition::All(_) => "all",
        Condition::Any(_) => "any",
        Condition::None(_) => "none",
        Condition::Order(_) => "order",
        Condition::Lines(_) => "lines",
    }
}

/// A condition of another kind, with as much of this one as fits.
fn as_kind(condition: &Condition, kind: &str) -> Condition {
    let parts = || match condition {
        Condition::All(parts) | Condition::Any(parts) | Condition::None(parts) => parts.clone(),
        Condition::Always => vec![Condition::Order(Test::one_of("channel", &[]))],
        one => vec![one.clone()],
    };
    // Of several, the first of its kind.
    let first = |fits: fn(&Condition) -> bool, else_one: Condition| parts().into_iter().find(fits).unwrap_or(else_one);
    match kind {
        "all" => Condition::All(parts()),
        "any" => Condition::Any(parts()),
        "none" => Condition::None(parts()),
        "order" => first(|part| matches!(part, Condition::Order(_)), Condition::Order(Test::one_of("channel", &[]))),
        "lines" => {
            let any = LinesTest { of: Scope::Any, test: Test::one_of("category", &[]) };
            first(|part| matches!(part, Condition::Lines(_)), Condition::Lines(any))
        }
        _ => Condition::Always,
    }
}

/// One condition and those in it.
#[component]
pub fn ConditionEditor(
    condition: Lens<Condition>,
    path: String,
    depth: usize,
    /// Where it is one of several.
    #[prop(optional)]
    remove: Option<Callback<()>>,
) -> AnyView {
    let kind = condition.zoom(|c| kind_of(c).to_owned(), |c, kind| *c = as_kind(c, &kind));
    let kinds: Vec<(String, String)> = [
        ("always", "always"),
        ("order", "the order"),
        ("lines", "its lines"),
        ("all", "all of these"),
        ("any", "any of these"),
        ("none", "none of these"),
    ]
    .into_iter()
    .filter(|(kind, _)| depth < DEEPEST || !matches!(*kind, "all" | "any" | "none"))
    .filter(|(kind, _)| depth == 0 || *kind != "always")
    .map(|(kind, words)| (kind.to_owned(), words.to_owned()))
    .collect();
    let of_path = path.clone();
    let (order_facts, line_facts) = (Arc::new(known().order.clone()), Arc::new(known().line.clone()));
    let inner = move || {
        let path = of_path.clone();
        match kind.get().as_str() {
            "order" => {
                let test = condition
                    .zoom(|c| if let Condition::Order(test) = c { test.clone() } else { Test::default() }, |c, test| *c = Condition::Order(test));
                view! { <TestEditor facts=Arc::clone(&order_facts) test label=path/> }.into_any()
            }
            "lines" => {
                let lines = condition.zoom(
                    |c| if let Condition::Lines(lines) = c { lines.clone() } else { LinesTest { of: Scope::Any, test: Test::default() } },
                    |c, lines| *c = Condition::Lines(lines),
                );
                let scope = lines.zoom(|l| l.of.to_string(), |l, scope| l.of = scope.parse().unwrap_or(Scope::Any));
                let test = lines.zoom(|l| l.test.clone(), |l, test| l.test = test);
                let scopes = Scope::ALL.iter().map(|s| (s.to_string(), format!("{} has", s.label()))).collect();
                view! {
                    <Choice label=format!("{path}: which lines") options=scopes chosen=scope/>
                    <TestEditor facts=Arc::clone(&line_facts) test label=path/>
                }
                .into_any()
            }
            "always" => ().into_any(),
            _ => view! { <Group condition path depth/> }.into_any(),
        }
    };
    let taken_away = remove.map(|remove| {
        let label = format!("{path}: remove");
        view! { <button type="button" class="link min-h-6 text-sm self-center" aria-label=label on:click=move |_| remove.run(())>"Remove"</button> }
    });
    view! {
        <div class="flex flex-wrap gap-2 items-start">
            <Choice label=format!("{path}: about") options=kinds chosen=kind/>
            {inner}
            {taken_away}
        </div>
    }
    .into_any()
}

/// The conditions of a group.
#[component]
fn Group(condition: Lens<Condition>, path: String, depth: usize) -> impl IntoView {
    let parts = condition.zoom(
        |c| match c {
            Condition::All(parts) | Condition::Any(parts) | Condition::None(parts) => parts.clone(),
            _ => Vec::new(),
        },
        |c, new| {
            if let Condition::All(parts) | Condition::Any(parts) | Condition::None(parts) = c {
                *parts = new;
            }
        },
    );
    let count = parts.len();
    let each = move || (0..count.get()).collect::<Vec<_>>();
    let add = move |_| parts.push(Condition::Order(Test::one_of("channel", &[])));
    let of_path = path.clone();
    view! {
        <div class="basis-full grid gap-3 border-l-2 border-line pl-4 ml-1">
            <For each=each key=|n| *n let:n>
                <ConditionEditor condition=parts.at(n) path=format!("{of_path} {}", n + 1) depth=depth + 1 remove=Callback::new(move |()| parts.remove(n))/>
            </For>
            <p><button type="button" class="button-quiet" aria-label=format!("{path}: add a condition") on:click=add>"Add a condition"</button></p>
        </div>
    }
}
