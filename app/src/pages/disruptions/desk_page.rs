use super::api::{DeskRead, DisruptionForm, PreviewDisruption, Previewed, StartDisruption, read_desk};
use super::work::Work;
use crate::error::ApiError;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, Chip, Chips, EmptyState, ErrorNote, SelectField, TextField, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::inventory::disruptions::DisruptionKind;
use waybill::inventory::disruptions::views::DisruptionRow;

/// `/routing/disruptions`: what is out of order, and noting that something is; `?kind=` says what.
#[derive(Debug)]
pub struct DisruptionDeskPage;

impl DisruptionDeskPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let kind = Memo::new(move |_| query.read().get("kind").and_then(|kind| kind.parse().ok()).unwrap_or(DisruptionKind::Location));
        let read = load(|| (), |()| read_desk());
        view! {
            <Title text="Disruption desk"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/routing">"Routing"</a></nav>
            <header class="pt-1 pb-6"><h1 class="page-title">"Disruption desk"</h1>
                <p class="text-ink-soft mt-1 max-w-prose">"Something has gone wrong: look at the orders that count on it, have them planned anew at once, and take it back when it is over."</p></header>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || read.get().map(|answer| match answer {
                    Ok(read) => view! { <Desk read kind=kind.get()/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

#[component]
fn Desk(read: DeskRead, kind: DisruptionKind) -> impl IntoView {
    let preview = ServerAction::<PreviewDisruption>::new();
    let start = ServerAction::<StartDisruption>::new();
    let (open, over): (Vec<_>, Vec<_>) = read.disruptions.clone().into_iter().partition(|row| row.ended_at.is_none());
    let may_manage = read.may_manage;
    let chip =
        |k: &DisruptionKind| Chip { href: format!("/routing/disruptions?kind={k}"), words: k.label().to_owned(), count: None, shown: *k == kind };
    let kinds: Vec<Chip> = DisruptionKind::ALL.iter().map(chip).collect();
    let form = may_manage.then(|| view! { <Form read=read.clone() kind preview/> });
    let previewed = move || preview.value().get().and_then(Result::ok).map(|previewed| view! { <Preview previewed start/> });
    let said = move || {
        preview
            .value()
            .get()
            .and_then(Result::ok)
            .map(|previewed| format!("{} orders count on it. What becomes of them is below.", previewed.view.counts.orders))
    };
    let trouble = move || start.value().get().and_then(Result::err).map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> });
    view! {
        <section class="pb-8" aria-labelledby="open"><h2 class="font-semibold text-lg pb-3" id="open">"Out of order now"</h2>
            <Rows rows=open nothing="Nothing is out of order."/></section>
        {may_manage.then(|| view! {
            <section class="pb-8" aria-labelledby="new"><h2 class="font-semibold text-lg pb-3" id="new">"Something is out of order"</h2>
                <Chips label="What is it?" chips=kinds.clone()/>
                <div class="grid gap-8 lg:grid-cols-[22rem_1fr] items-start">{form}
                    <div>{trouble}<p class="sr-only" role="status">{said}</p>{previewed}</div></div>
            </section>
        })}
        {(!over.is_empty()).then(|| view! { <section class="pb-8" aria-labelledby="over"><h2 class="font-semibold text-lg pb-3" id="over">"In order again"</h2><Rows rows=over nothing=""/></section> })}
    }
}

#[component]
fn Rows(rows: Vec<DisruptionRow>, nothing: &'static str) -> impl IntoView {
    if rows.is_empty() {
        return view! { <EmptyState icon="circle-check" title=nothing><p>"Orders are planned as the rules say."</p></EmptyState> }.into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let until = match (row.ended_at, row.until) {
                (Some(at), _) => view! { "ended "<When at/> }.into_any(),
                (None, Some(at)) => view! { "until "<When at/> }.into_any(),
                (None, None) => view! { "until further notice" }.into_any(),
            };
            let tone = if row.ended_at.is_some() { Tone::Neutral } else { Tone::Bad };
            let by = row.started_by.map(|by| format!(", noted by {by}")).unwrap_or_default();
            view! {
                <li class="card flex flex-wrap items-center gap-x-4 gap-y-1"><Badge tone text=row.kind.label()/>
                    <a class="link font-semibold" href=format!("/routing/disruptions/{}", row.id)>{row.about}</a><span>{row.reason}</span>
                    <span class="text-sm text-ink-soft">"since "<When at=row.since/>", "{until}{by}</span></li>
            }
        })
        .collect_view();
    view! { <ul class="grid gap-3">{rows}</ul> }.into_any()
}

#[component]
fn Form(read: DeskRead, kind: DisruptionKind, preview: ServerAction<PreviewDisruption>) -> impl IntoView {
    let error = Signal::derive(move || preview.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e: ApiError| e.of_field(pointer)));
    let choose = |first: &str, options: &[(String, String)]| {
        std::iter::once((String::new(), first.to_owned())).chain(options.iter().cloned()).collect::<Vec<_>>()
    };
    let about = match kind {
        DisruptionKind::Location => {
            let options = choose("Choose a location", &read.locations);
            view! { <SelectField name="form[location]" label="Which location is closed" options error=of("/location")/> }.into_any()
        }
        DisruptionKind::Carrier => {
            let options = choose("Choose a carrier", &read.carriers);
            view! { <SelectField name="form[carrier]" label="Which carrier takes nothing" options error=of("/carrier")/> }.into_any()
        }
        DisruptionKind::Service => {
            let options = choose("Choose a carrier service", &read.services);
            view! { <SelectField name="form[service]" label="Which service takes nothing" options error=of("/service")/> }.into_any()
        }
        DisruptionKind::Sku => {
            let options = choose("Everywhere", &read.locations);
            view! {
                <TextField name="form[sku]" label="SKU" required=true error=of("/sku")/>
                <SelectField name="form[location]" label="Where its stock is wrong" options error=of("/location")/>
            }
            .into_any()
        }
    };
    view! {
        <ActionForm action=preview attr:class="card grid gap-5" attr:novalidate="">
            {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
            <input type="hidden" name="form[kind]" value=kind.as_str()/>
            {about}
            <TextField name="form[reason]" label="What has happened" required=true hint="Staff and explanations show it." error=of("/reason")/>
            <TextField name="form[until]" label="Until" kind="datetime-local" hint="Empty: nobody knows. Then it ends when you say so." error=of("/until")/>
            <label class="flex items-start gap-2 min-h-6"><input type="checkbox" name="form[brings_back]" value="true" checked=true class="mt-1"/>"When it is over, bring orders back that nobody has begun with"</label>
            <p><Button pending=preview.pending()>"Look at what it does"</Button></p>
        </ActionForm>
    }
}

#[component]
fn Preview(previewed: Previewed, start: ServerAction<StartDisruption>) -> impl IntoView {
    let Previewed { form, view } = previewed;
    let DisruptionForm { kind, location, carrier, service, sku, reason, until, brings_back } = form;
    let fields = [
        ("kind", kind),
        ("location", location),
        ("carrier", carrier),
        ("service", service),
        ("sku", sku),
        ("reason", reason),
        ("until", until),
        ("brings_back", brings_back),
    ];
    let hidden = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=format!("form[{name}]") value=value/> }).collect_view();
    let counts = view.counts;
    let goes_on = match view.row.kind {
        DisruptionKind::Carrier | DisruptionKind::Service => "What has left goes on.",
        DisruptionKind::Location | DisruptionKind::Sku => "What has left, or is being picked, goes on.",
    };
    let told = if counts.later > 0 || counts.to_do > 0 { "Customers whose date moves are told at once." } else { "No customer’s date moves." };
    let shown = i32::try_from(view.orders.rows.len()).unwrap_or(i32::MAX);
    let beyond = (shown < counts.work).then(|| format!(" The {shown} most urgent of {} are shown below.", counts.work));
    let title = format!("If {} is out of order", view.row.about);
    view! {
        <section class="card"><h2 class="font-semibold">{title}</h2>
            <p class="text-sm text-ink-soft pt-1 pb-4">"Nothing has changed yet. "{goes_on}" "{told}{beyond}</p>
            <Work view/>
            <ActionForm action=start attr:class="pt-5">{hidden}<Button pending=start.pending()>"Do it now"</Button></ActionForm>
        </section>
    }
}
