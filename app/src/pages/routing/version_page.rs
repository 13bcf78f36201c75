use super::api::{ActivateVersion, ApproveVersion, BeginDraft, CommentOnVersion, StartSimulation, VersionRead, WithdrawActivation, read_version};
use super::sentence::{general_sentences, parts, rule_sentences};
use super::simulate::{Of, Simulate, Simulations};
use crate::components::{emptied_after, times_done};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, TextArea, TextField, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::routing::rules::Rules;
use waybill::routing::views::{ActivationRow, Catalogue, CommentView, VersionRow, VersionView};

/// `/routing/versions/:ruleset/:version`: the rules of a version, when it is in force, and what is said of it; beside another with `?with=`.
#[derive(Debug)]
pub struct VersionPage;

#[derive(Clone, Copy)]
struct Actions {
    activate: ServerAction<ActivateVersion>,
    withdraw: ServerAction<WithdrawActivation>,
    approve: ServerAction<ApproveVersion>,
    comment: ServerAction<CommentOnVersion>,
    begin: ServerAction<BeginDraft>,
    simulate: ServerAction<StartSimulation>,
}

impl VersionPage {
    pub(super) fn view() -> AnyView {
        let (params, query) = (use_params_map(), use_query_map());
        let actions = Actions {
            activate: ServerAction::new(),
            withdraw: ServerAction::new(),
            approve: ServerAction::new(),
            comment: ServerAction::new(),
            begin: ServerAction::new(),
            simulate: ServerAction::new(),
        };
        let done = (times_done(actions.activate), times_done(actions.withdraw), times_done(actions.approve), times_done(actions.comment));
        let address = move || {
            let of = |name: &str| params.read().get(name).unwrap_or_default();
            (of("ruleset"), of("version"), query.read().get("with").unwrap_or_default())
        };
        let version = load(
            move || (address(), (done.0.get(), done.1.get(), done.2.get(), done.3.get())),
            |((ruleset, version, other), _)| read_version(ruleset, version, other),
        );
        let trouble = move || {
            let answers = [
                actions.activate.value().get(),
                actions.withdraw.value().get(),
                actions.approve.value().get(),
                actions.comment.value().get(),
                actions.begin.value().get(),
            ];
            answers.into_iter().flatten().find_map(Result::err)
        };
        let said = move || (done.0.get() > 0).then_some("Saved: it is in force from the moment that was chosen.");
        view! {
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || version.get().map(|answer| match answer {
                    Ok(page) => view! { <Head page/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
            {move || trouble().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
            <p role="status" class="text-sm text-good pb-2">{said}</p>
            <Transition>
                {move || version.get().and_then(Result::ok).map(|page| view! { <Whole page actions/> })}
            </Transition>
        }
        .into_any()
    }
}

fn title_of(row: &VersionRow) -> String {
    format!("{}, version {}", row.name, row.version)
}

#[component]
fn Head(page: VersionRead) -> impl IntoView {
    let row = page.version.row;
    let by = row.published_by.clone().map(|by| format!(" by {by}")).unwrap_or_default();
    view! {
        <Title text=title_of(&row)/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/routing">"Routing"</a></nav>
        <header class="pt-1 pb-6">
            <h1 class="page-title">{title_of(&row)}</h1>
            <p class="text-ink-soft mt-1"><Badge tone=Tone::Neutral text=row.state.label()/>" Published "<When at=row.published_at/>{by}</p>
        </header>
    }
}

#[component]
fn Whole(page: VersionRead, actions: Actions) -> impl IntoView {
    let VersionRead { version, overview, other, catalogue, simulations, today } = page;
    let may_manage = overview.may_manage;
    let VersionView { row, rules, activations, comments, may_approve } = version;
    let this = format!("{}/{}", row.ruleset, row.version);
    let others = overview
        .versions
        .iter()
        .filter(|v| (v.ruleset, v.version) != (row.ruleset, row.version))
        .map(|v| {
            let href = format!("/routing/versions/{this}?with={}/{}", v.ruleset, v.version);
            view! { <li><a class="link" href=href>{title_of(v)}</a></li> }
        })
        .collect_view();
    let beside = match other {
        Some(other) => {
            let heading = title_of(&other.row);
            view! {
                <div class="grid gap-6 lg:grid-cols-2 items-start">
                    <RuleList title=title_of(&row) rules=rules.clone() against=other.rules.clone() catalogue=catalogue.clone()/>
                    <RuleList title=heading rules=other.rules against=rules catalogue/>
                </div>
            }
            .into_any()
        }
        None => view! { <RuleList title="Rules".to_owned() rules=rules.clone() against=rules catalogue/> }.into_any(),
    };
    let times = activations.into_iter().map(|a| view! { <Time row=a may_manage actions/> }).collect_view();
    let manage = may_manage.then(|| view! { <Manage row=row.clone() may_approve four_eyes=overview.four_eyes actions/> });
    let simulated = (!simulations.is_empty()).then(|| view! { <div class="pb-4"><Simulations rows=simulations/></div> });
    let simulate = may_manage.then(|| view! { <Simulate of=Of::Version(this.clone()) today start=actions.simulate/> });
    view! {
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <div class="grid gap-6">{beside}
                <section class="card"><h2 class="font-semibold pb-3">"On past orders"</h2>{simulated}{simulate}</section>
                <section class="card"><h2 class="font-semibold">"Beside another version"</h2><ul class="mt-2 grid gap-1">{others}</ul></section>
                <Comments row=row.clone() comments may_manage actions/>
            </div>
            <div class="grid gap-6">{manage}<section class="card"><h2 class="font-semibold">"In force"</h2><ul class="mt-2 grid gap-3">{times}</ul></section></div>
        </div>
    }
}

/// The version that a form is about.
#[component]
fn OfVersion(row: VersionRow) -> impl IntoView {
    view! { <input type="hidden" name="ruleset" value=row.ruleset.to_string()/><input type="hidden" name="version" value=row.version.to_string()/> }
}

/// A sentence, of which what the other does not say stands out.
#[component]
fn Compared(sentence: String, other: String) -> impl IntoView {
    let [begin, own, end] = parts(&sentence, &other).map(str::to_owned);
    let own = (!own.is_empty()).then(|| view! { <mark class="rounded-sm bg-warn-ground text-ink font-medium">{own}</mark> });
    view! { <p>{begin}{own}{end}</p> }
}

/// Rules as sentences; those that the other has not, or has in another way, stand out.
#[component]
fn RuleList(title: String, rules: Rules, against: Rules, catalogue: Catalogue) -> impl IntoView {
    let cards = rules
        .rules
        .iter()
        .enumerate()
        .map(|(n, rule)| {
            let same = against.rules.iter().position(|r| r.id == rule.id);
            let mark = match same {
                None => Some("only here"),
                Some(at) if against.rules[at] != *rule => Some("different"),
                Some(at) if at != n => Some("in another place"),
                Some(_) => None,
            };
            let others = same.map(|at| rule_sentences(&against.rules[at], &catalogue)).unwrap_or_else(|| rule_sentences(rule, &catalogue));
            let sentences = rule_sentences(rule, &catalogue)
                .into_iter()
                .enumerate()
                .map(|(n, sentence)| view! { <Compared sentence other=others.get(n).cloned().unwrap_or_default()/> })
                .collect_view();
            let note = (!rule.note.is_empty()).then(|| view! { <p class="text-sm text-ink-soft">{rule.note.clone()}</p> });
            view! {
                <li class="card rule" class:rule-off=rule.off><div class="flex gap-4 items-start"><span class="rule-handle">{n + 1}</span><div class="grid gap-1 max-w-prose">
                    <h3 class="font-semibold flex flex-wrap gap-2 items-center">{rule.name.clone()}{rule.off.then_some(" (off)")}{mark.map(|m| view! { <Badge tone=Tone::Warn text=m/> })}</h3>{sentences}{note}
                </div></div></li>
            }
        })
        .collect_view();
    let differs = (rules.relax_days != against.relax_days || rules.not_again_days != against.not_again_days)
        .then(|| view! { <Badge tone=Tone::Warn text="different"/> });
    view! {
        <section><h2 class="font-semibold text-lg pb-3">{title}</h2><ol class="grid gap-4">{cards}</ol>
            <div class="pt-4 text-sm text-ink-soft max-w-prose">{differs}<Compared sentence=general_sentences(&rules) other=general_sentences(&against)/></div></section>
    }
}

#[component]
fn Manage(row: VersionRow, may_approve: bool, four_eyes: bool, actions: Actions) -> impl IntoView {
    let this = format!("{}/{}", row.ruleset, row.version);
    let error = Signal::derive(move || actions.activate.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let approved =
        if row.approved_by.is_empty() { "Nobody has approved it yet.".to_owned() } else { format!("Approved by {}.", row.approved_by.join(", ")) };
    let needs = four_eyes.then_some(" It can be put in force once somebody else than its maker has.");
    let own = row.clone();
    let approve = may_approve.then(
        || view! { <ActionForm action=actions.approve attr:class="mt-3"><OfVersion row=own/><button class="button-quiet">"Approve it"</button></ActionForm> },
    );
    view! {
        <section class="card"><h2 class="font-semibold">"Put it in force"</h2>
            <ActionForm action=actions.activate attr:class="grid gap-4 mt-4" attr:novalidate="">
                <OfVersion row=row.clone()/>
                <TextField name="from" label="First day" kind="date" hint="Midnight in the company’s time. Empty: now." error=of("/from")/>
                <TextField name="until" label="Last day" kind="date" hint="Then what was in force before comes back. Empty: without an end." error=of("/until")/>
                <Button pending=actions.activate.pending()>"Put it in force"</Button>
            </ActionForm>
        </section>
        <section class="card"><h2 class="font-semibold">"Approval"</h2><p class="mt-2 text-sm">{approved}{needs}</p>{approve}</section>
        <section class="card"><h2 class="font-semibold">"Change it"</h2><p class="mt-2 text-sm text-ink-soft">"A version never changes. Begin a draft from it: publishing makes the next version."</p>
            <ActionForm action=actions.begin attr:class="mt-3"><input type="hidden" name="version" value=this/><button class="button-quiet">"Begin a draft from it"</button></ActionForm></section>
    }
}

#[component]
fn Time(row: ActivationRow, may_manage: bool, actions: Actions) -> impl IntoView {
    let until = match row.until {
        Some(at) => view! { " until "<When at/> }.into_any(),
        None => view! { ", without an end" }.into_any(),
    };
    let (label, words) = if row.in_force { ("Roll back", "In force: ") } else { ("Call off", "") };
    view! {
        <li class="text-sm"><p>{words}"from "<When at=row.from/>{until}</p>
            {may_manage.then(|| view! { <ActionForm action=actions.withdraw><input type="hidden" name="id" value=row.id.to_string()/><button class="link min-h-6">{label}</button></ActionForm> })}</li>
    }
}

#[component]
fn Comments(row: VersionRow, comments: Vec<CommentView>, may_manage: bool, actions: Actions) -> impl IntoView {
    let form = emptied_after(times_done(actions.comment));
    let said = comments
        .into_iter()
        .map(|c| view! { <li class="py-3"><p class="text-sm text-ink-soft"><strong class="text-ink">{c.author}</strong>" "<When at=c.said_at/></p><p class="mt-1 max-w-prose">{c.text}</p></li> })
        .collect_view();
    view! {
        <section class="card"><h2 class="font-semibold">"Comments"</h2><ul class="divide-y divide-line">{said}</ul>
            {may_manage.then(|| view! {
                <ActionForm action=actions.comment attr:class="grid gap-4 mt-4" node_ref=form>
                    <OfVersion row/>
                    <TextArea name="text" label="Say something" rows=3 prose=true/>
                    <p><button class="button-quiet">"Say it"</button></p>
                </ActionForm>
            })}
        </section>
    }
}
