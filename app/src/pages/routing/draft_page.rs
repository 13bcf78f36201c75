use super::api::{DeleteDraft, DraftWork, PublishDraft, StartSimulation, check_rules, look_at_rules, read_draft, save_draft};
use super::editor::{Known, Lens, NumberBox, RuleEditor};
use super::sentence::rule_sentences;
use super::simulate::{Of, Simulate, Simulations};
use crate::error::ApiError;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::ErrorNote;
use leptos::form::ActionForm;
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast as _;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use std::sync::Arc;
use waybill::ids::DraftId;
use waybill::money::grouped;
use waybill::routing::lint::Oddity;
use waybill::routing::rules::{Rule, Rules};
use waybill::routing::views::{Catalogue, Problem};
use waybill::simulation::views::RuleUse;

/// `/routing/drafts/:id`: rules as sentences, whose blanks are filled in.
#[derive(Debug)]
pub struct DraftPage;

impl DraftPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let work = load(move || params.read().get("id").unwrap_or_default(), read_draft);
        view! {
            <Suspense fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || work.get().map(|answer| match answer {
                    Ok(work) => view! { <Builder work/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

/// What is known of the draft while it is worked on.
#[derive(Clone, Copy)]
struct Work {
    id: DraftId,
    name: RwSignal<String>,
    rules: RwSignal<Rules>,
    revision: RwSignal<i32>,
    /// As it was last saved.
    saved: RwSignal<(String, Rules)>,
    problems: RwSignal<Vec<Problem>>,
    /// What each rule would take of last week's orders, and how many there were; none while that is not known.
    counts: RwSignal<Option<(Vec<RuleUse>, u32)>>,
    oddities: RwSignal<Vec<Oddity>>,
    /// The id of the rule whose blanks are shown.
    open: RwSignal<Option<String>>,
    /// The id of the rule that is dragged.
    dragged: RwSignal<Option<String>>,
}

/// So long after the last change the rules are looked at.
const LOOKED_AT_AFTER: std::time::Duration = std::time::Duration::from_millis(700);

impl Work {
    /// The rules as they are sent; none where the page was left meanwhile.
    fn text(self) -> Option<String> {
        self.rules.try_with_untracked(|rules| serde_json::to_string(rules).unwrap_or_default())
    }

    fn is_changed(self) -> bool {
        self.saved.with(|(name, rules)| self.name.with(|n| n != name) || self.rules.with(|r| r != rules))
    }

    /// Puts a rule where another stands.
    fn put_at(self, id: &str, at: usize) {
        self.rules.update(|all| {
            if let Some(from) = all.rules.iter().position(|r| r.id == id)
                && at < all.rules.len()
            {
                let rule = all.rules.remove(from);
                all.rules.insert(at, rule);
            }
        });
    }

    fn place_of(self, id: &str) -> Option<usize> {
        self.rules.with(|all| all.rules.iter().position(|r| r.id == id))
    }

    /// An id that no rule has.
    fn free_id(self) -> String {
        self.rules.with(|all| (1..).map(|n| format!("rule-{n}")).find(|id| all.rules.iter().all(|r| r.id != *id)).unwrap_or_default())
    }
}

#[component]
fn Builder(work: DraftWork) -> impl IntoView {
    let DraftWork { draft, catalogue, simulations, today } = work;
    let catalogue = Arc::new(catalogue);
    provide_context(Known(Arc::clone(&catalogue)));
    let work = Work {
        id: draft.id,
        name: RwSignal::new(draft.name.clone()),
        rules: RwSignal::new(draft.rules.clone()),
        revision: RwSignal::new(draft.revision),
        saved: RwSignal::new((draft.name.clone(), draft.rules.clone())),
        problems: RwSignal::new(draft.problems.clone()),
        counts: RwSignal::new(None),
        oddities: RwSignal::new(Vec::new()),
        open: RwSignal::new(None),
        dragged: RwSignal::new(None),
    };
    // What is wrong is looked at again with every change.
    let check = Action::new(move |text: &String| {
        let text = text.clone();
        async move {
            if let Ok(found) = check_rules(text.clone()).await
                && work.text() == Some(text)
            {
                work.problems.set(found);
            }
        }
    });
    // What they would take, and what is odd about them, is looked at when the typing stops.
    let look = Action::new(move |text: &String| {
        let text = text.clone();
        async move {
            if let Ok(found) = look_at_rules(text.clone()).await
                && work.text() == Some(text)
            {
                work.counts.set(found.counts);
                work.oddities.set(found.oddities);
            }
        }
    });
    let mut look_soon = debounce(LOOKED_AT_AFTER, move |()| {
        if let Some(text) = work.text() {
            look.dispatch(text);
        }
    });
    Effect::new(move |before: Option<Rules>| {
        let rules = work.rules.get();
        if before.as_ref().is_some_and(|before| *before != rules) {
            work.counts.set(None);
            work.oddities.set(Vec::new());
            if let Some(text) = work.text() {
                check.dispatch(text);
            }
        }
        if before.is_none_or(|before| before != rules) {
            look_soon(());
        }
        rules
    });
    let save = Action::new(move |(): &()| {
        let (name, rules, revision) = (work.name.get_untracked(), work.rules.get_untracked(), work.revision.get_untracked());
        async move {
            let text = serde_json::to_string(&rules).unwrap_or_default();
            let answer = save_draft(work.id, revision, name.clone(), text).await;
            if let Ok(revision) = answer {
                work.revision.set(revision);
                work.saved.set((name, rules));
            }
            answer.map(|_| ())
        }
    });
    let publish = ServerAction::<PublishDraft>::new();
    let delete = ServerAction::<DeleteDraft>::new();
    let simulate = ServerAction::<StartSimulation>::new();
    let trouble = move || -> Option<ApiError> {
        let answers = [save.value().get(), publish.value().get(), delete.value().get()];
        answers.into_iter().flatten().find_map(Result::err)
    };
    let ids = move || work.rules.with(|all| all.rules.iter().map(|r| r.id.clone()).collect::<Vec<_>>());
    let add = move |_| {
        let id = work.free_id();
        work.rules.update(|all| all.rules.push(Rule { id: id.clone(), name: "New rule".to_owned(), ..Rule::default() }));
        work.open.set(Some(id));
    };
    let state = move || match (save.pending().get(), work.is_changed()) {
        (true, _) => "Saving…",
        (false, true) => "Not saved yet",
        (false, false) => "Saved",
    };
    let general = move || {
        let found = work.problems.get();
        let general: Vec<String> = found.iter().filter(|p| !p.at.starts_with("/rules/")).map(|p| p.message.clone()).collect();
        (!general.is_empty()).then(|| view! { <ErrorNote text=general.join(" ")/> })
    };
    let not_again = Lens::of(work.rules).zoom(
        |all| Some(f64::from(all.not_again_days)),
        |all, days| all.not_again_days = days.map_or(0, |days| days.clamp(0.0, f64::from(u16::MAX)) as u16),
    );
    let relaxed = move || work.rules.with(|all| all.relax_days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    let relax = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        let days: Result<Vec<u16>, _> = text.split([',', ' ']).map(str::trim).filter(|t| !t.is_empty()).map(str::parse).collect();
        if let Ok(days) = days.as_ref()
            && work.rules.with_untracked(|all| all.relax_days != *days)
        {
            work.rules.update(|all| all.relax_days.clone_from(days));
        }
    };
    let relaxed_to = move |event: leptos::ev::Event| {
        let input: leptos::web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&relaxed());
    };
    let newer = draft.newest.filter(|newest| Some(*newest) > draft.based_on && draft.based_on.is_some()).map(|newest| {
        let href = format!("/routing/versions/{}/{newest}?with={}/{}", draft.ruleset, draft.ruleset, draft.based_on.unwrap_or(newest));
        view! {
            <p class="note-bad mb-4" role="note"><span>{format!("Version {newest} was published since this draft was begun. What it changed is not in the draft: ")}<a class="link" href=href>"look at it"</a>" before you publish."</span></p>
        }
    });
    // Whoever leaves with something that is not saved is asked.
    Effect::new(move |_| {
        let listener = window_event_listener(leptos::ev::beforeunload, move |event| {
            if work.is_changed() {
                event.prevent_default();
            }
        });
        on_cleanup(move || listener.remove());
    });
    let is_sound = move || work.problems.with(Vec::is_empty);
    let based = draft.based_on.map_or_else(|| "A new ruleset.".to_owned(), |v| format!("Begun from version {v}."));
    view! {
        <Title text=draft.name.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/routing">"Routing"</a></nav>
        <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-6">
            <div class="grid gap-1.5 min-w-64"><h1 class="page-title">"Draft"</h1>
                <label class="grid gap-1.5"><span class="text-sm font-medium">"Name"</span><input class="field" prop:value=move || work.name.get() on:input=move |e| work.name.set(event_target_value(&e))/></label>
                <p class="text-sm text-ink-soft">{based}" The first rule that is for an order and can act takes it."</p></div>
            <div class="flex flex-wrap items-center gap-3">
                <span role="status" class="text-sm text-ink-soft">{state}</span>
                <button type="button" class="button-quiet" disabled=move || save.pending().get() on:click=move |_| drop(save.dispatch(()))>"Save the draft"</button>
                <ActionForm action=publish>
                    <input type="hidden" name="id" value=draft.id.to_string()/>
                    <input type="hidden" name="revision" prop:value=move || work.revision.get().to_string() value=draft.revision.to_string()/>
                    {draft.newest.map(|newest| view! { <input type="hidden" name="seen" value=newest.to_string()/> })}
                    <button class="button" disabled=move || work.is_changed() || !is_sound()>"Publish"</button>
                </ActionForm>
            </div>
        </header>
        {move || trouble().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
        {newer}
        <div class="pb-4 grid gap-2" aria-live="polite">{general}
            {move || work.oddities.with(|all| all.iter().filter(|odd| odd.rule.is_none()).map(|odd| view! { <OddityNote odd=odd.clone()/> }).collect_view())}</div>
        <p class="flex flex-wrap items-center gap-2 pb-3">"Where a promise cannot be kept, try again with"
            <input class="field w-28" aria-label="Days more than was promised" placeholder="2, 5" prop:value=relaxed on:input=relax on:change=relaxed_to/>
            "days more, one after the other; then without it."</p>
        <p class="flex flex-wrap items-center gap-2 pb-6">"A store or vendor that does not have something is not asked for it again, for that order, for"
            <NumberBox number=not_again label="Days before it is asked again".to_owned()/>"days."</p>
        <ol class="grid gap-4">
            <For each=ids key=|id| id.clone() let:id>
                <RuleCard work catalogue=Arc::clone(&catalogue) id/>
            </For>
        </ol>
        <p class="flex flex-wrap gap-3 py-6"><button type="button" class="button-quiet" on:click=add>"Add a rule"</button></p>
        <section class="card mb-8"><h2 class="font-semibold pb-3">"On past orders"</h2>
            {(!simulations.is_empty()).then(|| view! { <div class="pb-4"><Simulations rows=simulations/></div> })}
            <p class="pb-3 text-sm text-ink-soft max-w-prose">{move || if work.is_changed() { "Save the draft first: what is saved is simulated." } else { "See what this draft would have done with a past period’s orders, beside what happened." }}</p>
            <fieldset disabled=move || work.is_changed() || !is_sound()><legend class="sr-only">"Simulate this draft"</legend><Simulate of=Of::Draft(draft.id.to_string()) today start=simulate/></fieldset>
        </section>
        <details class="pb-8"><summary class="link w-fit text-sm">"Throw this draft away"</summary>
            <ActionForm action=delete attr:class="flex flex-wrap items-center gap-3 pt-3">
                <input type="hidden" name="id" value=draft.id.to_string()/><input type="hidden" name="revision" prop:value=move || work.revision.get().to_string() value=draft.revision.to_string()/>
                <span>"Nothing of it is left then."</span><button class="button-bad">"Yes, throw it away"</button>
            </ActionForm>
        </details>
    }
}

/// Something that is odd, and an order that shows it.
#[component]
fn OddityNote(odd: Oddity) -> impl IntoView {
    let example = odd.example.map(|example| view! { <span class="block text-ink-soft">"For example "{example}"."</span> });
    view! { <p class="text-sm text-warn pt-1">{odd.message}{example}</p> }
}

#[component]
fn RuleCard(work: Work, catalogue: Arc<Catalogue>, id: String) -> impl IntoView {
    let of_id = StoredValue::new(id.clone());
    let place = Memo::new(move |_| of_id.with_value(|id| work.place_of(id)));
    let rule = Lens::of(work.rules).zoom(
        move |all| of_id.with_value(|id| all.rules.iter().find(|r| r.id == *id).cloned().unwrap_or_default()),
        move |all, changed: Rule| {
            if let Some(rule) = of_id.with_value(|id| all.rules.iter_mut().find(|r| r.id == *id)) {
                *rule = changed;
            }
        },
    );
    let is_open = Memo::new(move |_| of_id.with_value(|id| work.open.with(|open| open.as_ref() == Some(id))));
    let name = move || rule.with(|r| r.name.clone());
    let number = move || place.get().map_or(0, |n| n + 1);
    let named = move |what: &str| format!("{what}: {}", name());
    let sentences = {
        let catalogue = Arc::clone(&catalogue);
        move || rule.with(|r| rule_sentences(r, &catalogue)).into_iter().map(|s| view! { <p>{s}</p> }).collect_view()
    };
    let wrong = move || {
        let start = format!("/rules/{}/", place.get()?);
        let found: Vec<String> = work.problems.with(|all| all.iter().filter(|p| p.at.starts_with(&start)).map(|p| p.message.clone()).collect());
        (!found.is_empty()).then(|| view! { <ul class="text-sm text-bad font-medium grid gap-1 pt-2">{found.into_iter().map(|m| view! { <li>{m}</li> }).collect_view()}</ul> })
    };
    // Moved in the page, an element loses the focus: whoever moves a rule by keyboard goes on from it.
    let taken = move || {
        let (used, orders) = work.counts.get()?;
        let used = used.get(place.get()?)?.clone();
        let words = match (used.taken, orders) {
            (_, 0) => "No order was routed in the last week.".to_owned(),
            (0, _) => format!("Takes none of last week’s {} orders.", grouped(orders.into())),
            (taken, _) => format!("Takes {} of last week’s {} orders", grouped(taken.into()), grouped(orders.into())),
        };
        let example =
            used.example.map(|number| view! { ", such as "<a class="link code" href=format!("/desk/orders/{number}")>{number.clone()}</a>"." });
        Some(view! { <p class="text-sm text-ink-soft pt-1">{words}{example}</p> })
    };
    let odd = move || {
        let at = place.get();
        work.oddities.with(|all| {
            all.iter().filter(|odd| odd.rule.is_some() && odd.rule == at).map(|odd| view! { <OddityNote odd=odd.clone()/> }).collect_view()
        })
    };
    let shift = move |by: isize| {
        if let Some(to) = place.get_untracked().and_then(|at| at.checked_add_signed(by)) {
            let focused = document().active_element().and_then(|element| element.dyn_into::<leptos::web_sys::HtmlElement>().ok());
            of_id.with_value(|id| work.put_at(id, to));
            request_animation_frame(move || drop(focused.map(|element| element.focus())));
        }
    };
    // In the blanks of a rule the arrows are the fields' own.
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let in_a_field = event
            .target()
            .and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok())
            .is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"));
        if !in_a_field && event.alt_key() && (event.key() == "ArrowUp" || event.key() == "ArrowDown") {
            event.prevent_default();
            shift(if event.key() == "ArrowUp" { -1 } else { 1 });
        }
    };
    let toggle = move |_| work.open.update(|open| *open = if is_open.get_untracked() { None } else { Some(of_id.get_value()) });
    let copy = move |_| {
        let id = work.free_id();
        let mut copied = rule.get();
        copied.id.clone_from(&id);
        copied.name = format!("{}, copied", copied.name);
        work.rules.update(|all| all.rules.insert(place.get_untracked().map_or(0, |at| at + 1).min(all.rules.len()), copied));
        work.open.set(Some(id));
    };
    let remove = move |_| work.rules.update(|all| all.rules.retain(|r| of_id.with_value(|id| r.id != *id)));
    let off = rule.zoom(|r| r.off, |r, off| r.off = off);
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        if let (Some(dragged), Some(at)) = (work.dragged.get_untracked(), place.get_untracked()) {
            work.put_at(&dragged, at);
        }
        work.dragged.set(None);
    };
    view! {
        <li class="card rule" class:rule-off=move || off.get() on:keydown=keys on:dragover=|e| e.prevent_default() on:drop=dropped>
            <div class="flex flex-wrap items-start gap-4">
                <span class="rule-handle" draggable="true" title="Drag, or press Alt and an arrow" on:dragstart=move |_| work.dragged.set(Some(of_id.get_value()))>{number}</span>
                <div class="grow min-w-64 max-w-prose grid gap-1">
                    <h2 class="font-semibold">{name}{move || off.get().then_some(" (off)")}</h2>
                    {sentences}
                    {taken}
                    {odd}
                    {wrong}
                </div>
                <div class="flex flex-wrap items-center gap-3 text-sm ml-auto">
                    <button type="button" class="button-quiet" aria-expanded=move || is_open.get().to_string() aria-label=move || named(if is_open.get() { "Close" } else { "Edit" }) on:click=toggle>{move || if is_open.get() { "Close" } else { "Edit" }}</button>
                    <button type="button" class="link min-h-6" aria-label=move || named("Move up") on:click=move |_| shift(-1)>"Up"</button>
                    <button type="button" class="link min-h-6" aria-label=move || named("Move down") on:click=move |_| shift(1)>"Down"</button>
                    <button type="button" class="link min-h-6" aria-label=move || named(if off.get() { "Switch on" } else { "Switch off" }) on:click=move |_| off.set(!off.get())>{move || if off.get() { "Switch on" } else { "Switch off" }}</button>
                    <button type="button" class="link min-h-6" aria-label=move || named("Copy") on:click=copy>"Copy"</button>
                    <button type="button" class="link min-h-6" aria-label=move || named("Remove") on:click=remove>"Remove"</button>
                </div>
            </div>
            {move || is_open.get().then(|| view! { <RuleEditor rule/> })}
        </li>
    }
}
