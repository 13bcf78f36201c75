use super::api::{BeginDraft, ResumeRouting, RoutingRead, SetDemands, StartSimulation, StopRouting, WithdrawActivation, read_overview};
use super::simulate::{Of, Simulate, Simulations};
use crate::components::times_done;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, TextField, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::routing::views::{ActivationRow, RoutingOverview, TemplateView, VersionRow, VersionState};

/// `/routing`: which rules are in force and will be, what is being worked on, and what there was.
#[derive(Debug)]
pub struct RoutingPage;

#[derive(Clone, Copy)]
struct Actions {
    begin: ServerAction<BeginDraft>,
    withdraw: ServerAction<WithdrawActivation>,
    stop: ServerAction<StopRouting>,
    resume: ServerAction<ResumeRouting>,
    demands: ServerAction<SetDemands>,
    simulate: ServerAction<StartSimulation>,
}

impl RoutingPage {
    pub(super) fn view() -> AnyView {
        let actions = Actions {
            begin: ServerAction::new(),
            withdraw: ServerAction::new(),
            stop: ServerAction::new(),
            resume: ServerAction::new(),
            demands: ServerAction::new(),
            simulate: ServerAction::new(),
        };
        let done = (times_done(actions.withdraw), times_done(actions.stop), times_done(actions.resume), times_done(actions.demands));
        let overview = load(move || (done.0.get(), done.1.get(), done.2.get(), done.3.get()), |_| read_overview());
        let trouble = move || {
            let answers = [
                actions.begin.value().get(),
                actions.withdraw.value().get(),
                actions.stop.value().get(),
                actions.resume.value().get(),
                actions.demands.value().get(),
            ];
            answers.into_iter().flatten().find_map(Result::err)
        };
        view! {
            <Title text="Routing"/>
            <header class="py-6">
                <h1 class="page-title">"Routing"</h1>
                <p class="text-ink-soft mt-1 max-w-prose">"Which location sends what. Rules are worked on as drafts, published as versions that never change, and put in force from when until when."</p>
                <p class="mt-3 flex flex-wrap gap-3"><a class="button-quiet" href="/routing/try">"Try an order"</a><a class="button-quiet" href="/routing/disruptions">"Disruption desk"</a></p>
            </header>
            {move || trouble().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
            <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || overview.get().map(|answer| match answer {
                    Ok(read) => view! { <Whole read actions/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Whole(read: RoutingRead, actions: Actions) -> impl IntoView {
    let RoutingRead { overview, simulations, today } = read;
    let RoutingOverview { activations, drafts, versions, templates, four_eyes, simulated_first, stopped, may_manage, may_set_four_eyes } = overview;
    let is_stopped = stopped.is_some();
    let stop_note = stopped.map(|s| {
        let by = s.by.map(|by| format!(" by {by}")).unwrap_or_default();
        view! {
            <section class="note-bad flex-wrap justify-between items-center mb-6" role="status">
                <p class="max-w-prose"><strong>"Routing is stopped"{by}" since "<When at=s.at/>": "</strong>{s.reason}". Orders are taken and keep their stock; nothing of them is given to locations."</p>
                {may_manage.then(|| view! { <ActionForm action=actions.resume><button class="button">"Let it go on"</button></ActionForm> })}
            </section>
        }
    });
    let times = activations.into_iter().map(|a| view! { <Activation row=a may_manage actions/> }).collect_view();
    let draft_rows = drafts
        .iter()
        .map(|d| {
            let by = d.changed_by.clone().map(|by| format!(", {by}")).unwrap_or_default();
            view! {
                <tr><th scope="row"><a class="link" href=format!("/routing/drafts/{}", d.id)>{d.name.clone()}</a></th>
                    <td>{d.based_on.map_or_else(|| "new".to_owned(), |v| format!("from version {v}"))}</td><td class="num">{d.rules}</td><td><When at=d.changed_at/>{by}</td></tr>
            }
        })
        .collect_view();
    let draft_table = if drafts.is_empty() {
        view! { <p class="text-ink-soft">"Nobody is working on rules. Begin a draft from a template below, or from a version."</p> }.into_any()
    } else {
        view! {
            <div class="table-wrap" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"Draft"</th><th scope="col">"Begun"</th><th scope="col" class="num">"Rules"</th><th scope="col">"Changed"</th></tr></thead>
                <tbody>{draft_rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    let version_rows = versions.into_iter().map(|v| view! { <Version row=v/> }).collect_view();
    let cards = templates.into_iter().map(|t| view! { <Template template=t actions/> }).collect_view();
    let begin = may_manage.then(|| {
        view! {
            <section class="pb-8" aria-labelledby="begin">
                <h2 class="font-semibold text-lg" id="begin">"Begin from a template"</h2>
                <ul class="grid gap-4 sm:grid-cols-2 lg:grid-cols-3 pt-3">{cards}</ul>
            </section>
        }
    });
    let four_eyes_form = may_set_four_eyes.then(|| {
        view! {
            <div class="card grid gap-6"><h2 class="font-semibold">"Before a version is put in force"</h2>
                <ActionForm action=actions.demands attr:class="grid gap-4">
                    <label class="flex items-start gap-2 min-h-6"><input type="checkbox" name="four_eyes" value="true" checked=four_eyes class="mt-1"/>"Somebody who has not written it has to approve it"</label>
                    <label class="flex items-start gap-2 min-h-6"><input type="checkbox" name="simulated_first" value="true" checked=simulated_first class="mt-1"/>"It has to be simulated on past orders"</label>
                    <p><Button pending=actions.demands.pending()>"Save"</Button></p>
                </ActionForm>
            </div>
        }
    });
    let simulated = if simulations.is_empty() {
        view! { <p class="text-ink-soft max-w-prose">"Nothing was simulated yet. Try a draft or a version on past orders before it is put in force."</p> }.into_any()
    } else {
        view! { <Simulations rows=simulations/> }.into_any()
    };
    let stop_form = (may_manage && !is_stopped).then(|| {
        view! {
            <div class="card"><h2 class="font-semibold">"Emergency stop"</h2><ActionForm action=actions.stop attr:class="grid gap-4 mt-4" attr:novalidate="">
                <TextField name="reason" label="Why" required=true hint="Everybody sees it. Orders are still taken and keep their stock; nothing of them is given to locations until somebody lets it go on."/>
                <p><button class="button-bad">"Stop routing now"</button></p>
            </ActionForm></div>
        }
    });
    view! {
        {stop_note}
        <section class="pb-8" aria-labelledby="in-force">
            <h2 class="font-semibold text-lg pb-3" id="in-force">"In force and to come"</h2>
            <ol class="grid gap-3">{times}</ol>
        </section>
        <section class="pb-8" aria-labelledby="drafts"><h2 class="font-semibold text-lg pb-3" id="drafts">"Drafts"</h2>{draft_table}</section>
        {begin}
        <section class="pb-8" aria-labelledby="versions">
            <h2 class="font-semibold text-lg pb-3" id="versions">"Versions"</h2>
            <div class="table-wrap" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"Version"</th><th scope="col">"State"</th><th scope="col" class="num">"Rules"</th><th scope="col">"Published"</th><th scope="col">"Approved by"</th></tr></thead>
                <tbody>{version_rows}</tbody>
            </table></div>
        </section>
        <section class="pb-8" aria-labelledby="simulations">
            <h2 class="font-semibold text-lg pb-3" id="simulations">"Simulations"</h2>
            {simulated}
            {may_manage.then(|| view! {
                <details class="card mt-4"><summary class="link w-fit">"Check a period: simulate what was in force"</summary>
                    <p class="py-3 text-sm text-ink-soft max-w-prose">"It gives the decisions that were made. To try other rules, begin from a draft or a version."</p>
                    <Simulate of=Of::AsItWas today start=actions.simulate/></details>
            })}
        </section>
        <section class="grid gap-6 pb-8 lg:grid-cols-2 items-start">{four_eyes_form}{stop_form}</section>
    }
}

#[component]
fn Activation(row: ActivationRow, may_manage: bool, actions: Actions) -> impl IntoView {
    let title = format!("{}, version {}", row.name, row.version);
    let href = format!("/routing/versions/{}/{}", row.ruleset, row.version);
    let (tone, words) = if row.in_force { (Tone::Good, "In force") } else { (Tone::Neutral, "Not now") };
    let by = row.planned_by.map(|by| format!(", by {by}")).unwrap_or_default();
    let until = match row.until {
        Some(at) => view! { " until "<When at/> }.into_any(),
        None => view! { ", without an end" }.into_any(),
    };
    let label = if row.in_force { "Roll back" } else { "Call off" };
    let name = format!("{label}: {title}");
    view! {
        <li class="card flex flex-wrap items-center justify-between gap-4">
            <div><p class="flex flex-wrap items-center gap-3"><a class="link font-semibold" href=href>{title}</a><Badge tone text=words/></p>
                <p class="text-sm text-ink-soft mt-1">"From "<When at=row.from/>{until}{by}</p></div>
            {may_manage.then(|| view! { <ActionForm action=actions.withdraw><input type="hidden" name="id" value=row.id.to_string()/><button class="button-quiet" aria-label=name>{label}</button></ActionForm> })}
        </li>
    }
}

#[component]
fn Version(row: VersionRow) -> impl IntoView {
    let tone = match row.state {
        VersionState::Active => Tone::Good,
        VersionState::Scheduled => Tone::Progress,
        VersionState::Published | VersionState::Archived => Tone::Neutral,
    };
    let by = row.published_by.map(|by| format!(", {by}")).unwrap_or_default();
    view! {
        <tr><th scope="row"><a class="link" href=format!("/routing/versions/{}/{}", row.ruleset, row.version)>{format!("{}, version {}", row.name, row.version)}</a></th>
            <td><Badge tone text=row.state.label()/></td><td class="num">{row.rules}</td><td><When at=row.published_at/>{by}</td><td>{row.approved_by.join(", ")}</td></tr>
    }
}

#[component]
fn Template(template: TemplateView, actions: Actions) -> impl IntoView {
    let label = format!("Begin a draft: {}", template.name);
    view! {
        <li class="card grid gap-3 content-between">
            <div><h3 class="font-semibold">{template.name}</h3><p class="text-sm text-ink-soft mt-1">{template.help}</p></div>
            <ActionForm action=actions.begin><input type="hidden" name="template" value=template.code/><button class="button-quiet" aria-label=label>"Begin a draft"</button></ActionForm>
        </li>
    }
}
