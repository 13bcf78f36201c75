//! What is done after each outcome.

use super::asks::Choice;
use super::known;
use super::lens::Lens;
use leptos::prelude::*;
use waybill::routing::rules::{Action, Fill, Step};

/// What is done after an outcome, and besides.
#[component]
pub fn StepEditor(step: Lens<Step>, outcome: &'static str, title: &'static str) -> impl IntoView {
    let act = step.zoom(|s| s.act.clone(), |s, act| s.act = act);
    let also = step.zoom(|s| s.also.clone(), |s, also| s.also = also);
    let count = also.len();
    let each = move || (0..count.get()).collect::<Vec<_>>();
    let add = move |_| also.push(Action::plain("tag"));
    view! {
        <div class="grid gap-2">
            <div class="flex flex-wrap gap-2 items-start"><span class="self-center w-44">{title}</span><ActionEditor action=act outcome decides=true label=title.to_owned()/></div>
            <For each=each key=|n| *n let:n>
                <div class="flex flex-wrap gap-2 items-start sm:pl-44"><span class="self-center text-ink-soft">"and"</span>
                    <ActionEditor action=also.at(n) outcome decides=false label=format!("{title}, besides {}", n + 1)/>
                    <button type="button" class="link min-h-6 text-sm self-center" aria-label=format!("{title}, besides {}: remove", n + 1) on:click=move |_| also.remove(n)>"Remove"</button>
                </div>
            </For>
            <p class="sm:pl-44"><button type="button" class="link min-h-6 text-sm" aria-label=format!("{title}: do something besides") on:click=add>"Do something besides"</button></p>
        </div>
    }
}

#[component]
fn ActionEditor(action: Lens<Action>, outcome: &'static str, decides: bool, label: String) -> impl IntoView {
    let kinds: Vec<_> = known().actions.iter().filter(|a| a.decides == decides && a.after.iter().any(|o| o == outcome)).cloned().collect();
    let options = kinds.iter().map(|k| (k.code.clone(), k.name.clone())).collect::<Vec<_>>();
    let all = known();
    let code = action.zoom(
        |a| a.code.clone(),
        move |a, code| {
            let queue = a.fills.get("rest").or(a.fills.get("queue")).cloned();
            *a = Action::plain(&code);
            // What is chosen of a queue stays chosen.
            for kind in all.actions.iter().filter(|k| k.code == code) {
                for blank in kind.blanks.iter().filter(|b| b.filled == "queue") {
                    a.fills.insert(blank.name.clone(), queue.clone().unwrap_or(Fill::Text("backorder".to_owned())));
                }
            }
        },
    );
    let of_label = label.clone();
    let queues = known().queues.clone();
    let blanks = move || {
        let kind = kinds.iter().find(|k| k.code == code.get()).cloned()?;
        let label = of_label.clone();
        let fields = kind
            .blanks
            .into_iter()
            // Where everything is found, nothing is missing.
            .filter(|blank| outcome != "full" || blank.filled != "queue" || blank.name == "queue")
            .map(|blank| {
                let (name, written) = (blank.name.clone(), blank.name.clone());
                let is_number = blank.filled == "number";
                let text = action.zoom(
                    move |a| match a.fills.get(&name) {
                        Some(Fill::Text(text)) => text.clone(),
                        Some(Fill::Number(number)) => number.to_string(),
                        None => String::new(),
                    },
                    move |a, text: String| {
                        let fill = match text.trim().parse::<f64>() {
                            Ok(number) if is_number => Fill::Number(number),
                            _ => Fill::Text(text),
                        };
                        a.fills.insert(written.clone(), fill);
                    },
                );
                let label = format!("{label}: {}", blank.label);
                let control = if blank.filled == "queue" {
                    view! { <Choice label options=queues.clone() chosen=text/> }.into_any()
                } else {
                    view! { <input class="field w-64 max-w-full" aria-label=label prop:value=move || text.get() on:input=move |e| text.set(event_target_value(&e))/> }.into_any()
                };
                view! { <span class="self-center text-ink-soft">{blank.label}</span>{control} }
            })
            .collect_view();
        Some(view! { {fields} <span class="text-sm text-ink-soft basis-full">{kind.help}</span> })
    };
    view! { <Choice label options chosen=code/> {blanks} }
}
