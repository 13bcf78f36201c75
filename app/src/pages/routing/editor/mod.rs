//! Filling the blanks of a rule.

mod asks;
mod condition;
mod lens;
mod number;
mod prefer;
mod then;

pub use lens::Lens;
pub use number::{NumberBox, shown_number};

use condition::ConditionEditor;
use leptos::prelude::*;
use prefer::{AllocateEditor, FilterEditor, PreferEditor};
use std::sync::Arc;
use then::StepEditor;
use waybill::routing::rules::{Filter, Rule, Test};
use waybill::routing::views::Catalogue;

/// What rules can be made of, for all parts of the editor.
#[derive(Clone)]
pub struct Known(pub Arc<Catalogue>);

pub fn known() -> Arc<Catalogue> {
    use_context::<Known>().map(|known| known.0).unwrap_or_default()
}

/// All blanks of one rule.
#[component]
pub fn RuleEditor(rule: Lens<Rule>) -> impl IntoView {
    let name = rule.zoom(|r| r.name.clone(), |r, name| r.name = name);
    let note = rule.zoom(|r| r.note.clone(), |r, note| r.note = note);
    let when = rule.zoom(|r| r.when.clone(), |r, when| r.when = when);
    let candidates = rule.zoom(|r| r.candidates.clone(), |r, all| r.candidates = all);
    let prefer = rule.zoom(|r| r.prefer.clone(), |r, prefer| r.prefer = prefer);
    let allocate = rule.zoom(|r| r.allocate.clone(), |r, allocate| r.allocate = allocate);
    let full = rule.zoom(|r| r.then.full.clone(), |r, step| r.then.full = step);
    let partial = rule.zoom(|r| r.then.partial.clone(), |r, step| r.then.partial = step);
    let none = rule.zoom(|r| r.then.none.clone(), |r, step| r.then.none = step);
    let count = candidates.len();
    let filters = move || (0..count.get()).collect::<Vec<_>>();
    let add = move |_| candidates.push(Filter { test: Test::at_most("distance", 50.0), hard: true });
    view! {
        <div class="grid gap-7 border-t border-line pt-5 mt-5">
            <div class="grid gap-4 sm:grid-cols-2">
                <label class="grid gap-1.5"><span class="text-sm font-medium">"Name of the rule"</span>
                    <input class="field" prop:value=move || name.get() on:input=move |e| name.set(event_target_value(&e))/></label>
                <label class="grid gap-1.5"><span class="text-sm font-medium">"Why it is there"<span class="text-ink-soft font-normal">" (optional)"</span></span>
                    <input class="field" prop:value=move || note.get() on:input=move |e| note.set(event_target_value(&e))/></label>
            </div>
            <fieldset class="grid gap-3"><legend class="font-semibold mb-2">"When"</legend><ConditionEditor condition=when path="Condition".to_owned() depth=0/></fieldset>
            <fieldset class="grid gap-3"><legend class="font-semibold mb-2">"From which locations"</legend>
                <For each=filters key=|n| *n let:n>
                    <FilterEditor filter=candidates.at(n) label=format!("Demand {}", n + 1) remove=Callback::new(move |()| candidates.remove(n))/>
                </For>
                <p><button type="button" class="button-quiet" on:click=add>"Add a demand on locations"</button></p>
            </fieldset>
            <fieldset class="grid gap-3"><legend class="font-semibold mb-2">"Which of them first"</legend><PreferEditor prefer/></fieldset>
            <fieldset class="grid gap-3"><legend class="font-semibold mb-2">"How it may be split"</legend><AllocateEditor allocate/></fieldset>
            <fieldset class="grid gap-4"><legend class="font-semibold mb-2">"Then"</legend>
                <StepEditor step=full outcome="full" title="If everything is found"/>
                <StepEditor step=partial outcome="partial" title="If a part is found"/>
                <StepEditor step=none outcome="none" title="If nothing is found"/>
            </fieldset>
        </div>
    }
}
