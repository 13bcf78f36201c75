use super::api::{ChangeLocation, Changed, CloseLocation, OpenLocation, UndoLocation, WithdrawClosure, read_place};
use crate::components::{ChangeLog, CountryField, PlacesMap, PreviewNote, Scheduled, amount_text, undo_words};
use crate::error::ApiError;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, SelectField, TextField, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::events::{Change, Told};
use waybill::inventory::LocationKind;
use waybill::inventory::places::views::{ClosureRow, PlaceDetail};
use waybill::inventory::places::{LocationSettings, WEEKDAYS};
use waybill::money::COMPANY_CURRENCY;

/// `/admin/locations/:code`: everything that is set of a location, what changing it would do, and what was changed before.
#[derive(Debug)]
pub struct LocationPage;

/// `/admin/locations/new`: a location that opens.
#[derive(Debug)]
pub struct NewLocationPage;

impl LocationPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let actions = Actions { change: ServerAction::new(), undo: ServerAction::new(), close: ServerAction::new(), withdraw: ServerAction::new() };
        // A preview leaves the form as it is typed; what was done is read again.
        let done = Memo::new(move |before: Option<&u32>| {
            let done = matches!(actions.change.value().get(), Some(Ok(Changed::Done)));
            before.copied().unwrap_or(0) + u32::from(done)
        });
        // What is said of a change is not said of what came after it.
        Effect::new(move |first: Option<()>| {
            actions.undo.version().track();
            actions.close.version().track();
            actions.withdraw.version().track();
            if first.is_some() {
                actions.change.clear();
            }
        });
        let place = load(
            move || {
                let others = (actions.undo.version().get(), actions.close.version().get(), actions.withdraw.version().get());
                (params.read().get("code").unwrap_or_default(), done.get(), others)
            },
            |(code, ..)| read_place(code),
        );
        view! {
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || place.get().map(|answer| match answer {
                    Ok(place) => view! { <Whole place actions/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

impl NewLocationPage {
    pub(super) fn view() -> AnyView {
        let open = ServerAction::<OpenLocation>::new();
        let error = Signal::derive(move || open.value().get().and_then(Result::err));
        view! {
            <Title text="Open a location"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/locations">"Locations"</a></nav>
            <h1 class="page-title pt-1 pb-6">"Open a location"</h1>
            <ActionForm action=open attr:class="grid gap-6 max-w-3xl" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <TextField name="form[code]" label="Code" required=true hint="Short and lasting, such as ST-LDS. It is on labels and in files, and never changes." error=of(error, "/code")/>
                <Fields settings=LocationSettings::starting() error/>
                <p><Button pending=open.pending()>"Open it"</Button></p>
            </ActionForm>
        }
        .into_any()
    }
}

#[derive(Clone, Copy)]
struct Actions {
    change: ServerAction<ChangeLocation>,
    undo: ServerAction<UndoLocation>,
    close: ServerAction<CloseLocation>,
    withdraw: ServerAction<WithdrawClosure>,
}

/// The problem with one field.
fn of(error: Signal<Option<ApiError>>, pointer: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)))
}

#[component]
fn Whole(place: PlaceDetail, actions: Actions) -> impl IntoView {
    let (name, code) = (place.settings.name.clone(), place.code.clone());
    let state = match &place.closed_now {
        Some(reason) => view! { <Badge tone=Tone::Warn text=format!("Closed: {reason}")/> }.into_any(),
        None => view! { <Badge tone=Tone::Good text="Open"/> }.into_any(),
    };
    let t = place.touches;
    // Counted only where there is a limit.
    let counted = place.settings.daily_order_capacity.map(|_| ("Orders counted today", t.taken_today));
    let numbers =
        [("To be sent", t.to_send), ("To be collected", t.to_collect), ("Units on hand", t.units_on_hand), ("Units reserved", t.reserved_units)]
            .into_iter()
            .chain(counted)
            .map(|(words, n)| view! { <dt class="text-ink-soft">{words}</dt><dd class="text-right">{waybill::money::grouped(n)}</dd> })
            .collect_view();
    let zone = place.settings.time_zone.clone();
    view! {
        <Title text=name.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/locations">"Locations"</a></nav>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1 pb-6">
            <h1 class="page-title">{name}</h1><span class="code text-ink-soft">{code.clone()}</span>{state}
        </header>
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            // A form for each version: what was typed into an older one does not stay behind.
            <For each={ let place = place.clone(); move || [place.clone()] } key=|p| p.version.clone() children=move |place| view! { <Edit place change=actions.change/> }/>
            <div class="grid gap-6">
                <section class="card">
                    <h2 class="font-semibold">"There now"</h2>
                    <dl class="mt-3 grid grid-cols-[1fr_auto] gap-y-1.5 text-sm tabular-nums">{numbers}</dl>
                </section>
                <PlacesMap points=place.all_points label="Where it is, among the others"/>
                <Closures code=code.clone() zone closures=place.closures sentences=t.when_closed() actions/>
                <History code scheduled=place.scheduled can_undo=place.can_undo history=place.history undo=actions.undo/>
            </div>
        </div>
    }
}

#[component]
fn Edit(place: PlaceDetail, change: ServerAction<ChangeLocation>) -> impl IntoView {
    let error = Signal::derive(move || change.value().get().and_then(Result::err));
    let preview = move || match change.value().get() {
        Some(Ok(Changed::Preview(preview))) => Some(preview),
        _ => None,
    };
    let done = move || matches!(change.value().get(), Some(Ok(Changed::Done)));
    view! {
        <ActionForm action=change attr:class="card grid gap-6" attr:novalidate="">
            {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
            <p role="status" class="text-good font-medium empty:hidden">{move || done().then_some("Changed.")}</p>
            <input type="hidden" name="form[code]" value=place.code/>
            <input type="hidden" name="form[version]" value=place.version/>
            <Fields settings=place.settings error/>
            <TextField name="form[from]" label="From when on" kind="datetime-local" hint="The location's own time. Leave it empty for now." error=of(error, "/from")/>
            {move || preview().map(|preview| view! { <PreviewNote preview/> })}
            <p class="flex flex-wrap gap-3">
                <button class="button-quiet" name="form[intent]" value="preview" disabled=move || change.pending().get()>"See what it does"</button>
                <button class="button" name="form[intent]" value="change" disabled=move || change.pending().get()>"Change it"</button>
            </p>
        </ActionForm>
    }
}

/// The fields that opening and changing share.
#[component]
fn Fields(settings: LocationSettings, error: Signal<Option<ApiError>>) -> impl IntoView {
    let kinds = LocationKind::ALL.iter().map(|k| (k.to_string(), k.label().to_owned())).collect::<Vec<_>>();
    let days = (1..)
        .zip(WEEKDAYS)
        .map(|(n, day)| {
            let hours = settings.hours.iter().find(|h| h.weekday == n).cloned().unwrap_or_default();
            let cell = |part: &str, words: &str, value: String| {
                let (name, label) = (format!("form[hours][{}][{part}]", n - 1), format!("{day}, {words}"));
                view! { <td><input class="field w-36" type="time" name=name value=value aria-label=label/></td> }
            };
            view! {
                <tr><th scope="row">{day}</th>{cell("opens", "opens", hours.opens)}{cell("closes", "closes", hours.closes)}{cell("cut_off", "cut-off", hours.cut_off)}</tr>
            }
        })
        .collect_view();
    let wrong_hours = move || {
        let ApiError::Refused(refusal) = error.get()? else { return None };
        let said: Vec<String> = refusal.fields.into_iter().filter(|f| f.field.starts_with("/hours")).map(|f| f.message).collect();
        (!said.is_empty()).then(|| view! { <p class="mt-2 text-sm text-bad font-medium">{said.join(" ")}</p> })
    };
    let limit = settings.daily_order_capacity.map(|n| n.to_string()).unwrap_or_default();
    view! {
        <fieldset class="grid gap-5">
            <legend class="font-semibold text-lg mb-3">"Name and address"</legend>
            <div class="grid gap-5 sm:grid-cols-2">
                <TextField name="form[name]" label="Name" required=true value=settings.name error=of(error, "/name")/>
                <SelectField name="form[kind]" label="Kind" options=kinds selected=settings.kind.to_string() error=of(error, "/kind")/>
                <TextField name="form[street]" label="Street and number" required=true value=settings.street error=of(error, "/street")/>
                <TextField name="form[city]" label="Town or city" required=true value=settings.city error=of(error, "/city")/>
                <TextField name="form[postcode]" label="Postcode" required=true value=settings.postcode error=of(error, "/postcode")/>
                <CountryField name="form[country]" selected=settings.country error=of(error, "/country")/>
                <TextField name="form[time_zone]" label="Time zone" required=true value=settings.time_zone hint="Such as Europe/London." error=of(error, "/time_zone")/>
            </div>
        </fieldset>
        <fieldset class="grid gap-5">
            <legend class="font-semibold text-lg mb-3">"What it does"</legend>
            <div class="flex flex-wrap gap-x-8 gap-y-3">
                <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="form[ships]" checked=settings.ships/>"Sends parcels"</label>
                <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="form[offers_pickup]" checked=settings.offers_pickup/>"Click and collect"</label>
                <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="form[keeps_holidays]" checked=settings.keeps_holidays/>"Closed on public holidays"</label>
            </div>
            <div class="grid gap-5 sm:grid-cols-3">
                <TextField name="form[daily_order_capacity]" label="Orders a day" kind="number" value=limit hint="Empty: no limit." error=of(error, "/daily_order_capacity")/>
                <TextField name="form[handling_minutes]" label="Handling time, minutes" kind="number" required=true value=settings.handling_minutes.to_string() hint="From release to hand-over." error=of(error, "/handling_minutes")/>
                <TextField name="form[priority]" label="Priority" kind="number" required=true value=settings.priority.to_string() hint="Lower comes first." error=of(error, "/priority")/>
            </div>
            <div class="grid gap-5 sm:grid-cols-2 items-start">
                <TextField name="form[tags]" label="Tags" value=settings.tags.join(", ") hint="With commas between them, such as flagship. Routing rules can ask for them." error=of(error, "/tags")/>
                <TextField name="form[attributes]" label="Fields" value=settings.attributes.join(", ") hint="Each as name=value, such as licence=alcohol." error=of(error, "/attributes")/>
                <TextField name="form[handling_order]" label="Packing a parcel costs" value=amount_text(settings.handling_order_minor, COMPANY_CURRENCY.code()) hint="In pounds. Rules that look for the least cost add it up." error=of(error, "/handling_order_minor")/>
                <TextField name="form[handling_unit]" label="Packing a unit costs" value=amount_text(settings.handling_unit_minor, COMPANY_CURRENCY.code()) hint="In pounds, on top for each unit." error=of(error, "/handling_unit_minor")/>
            </div>
        </fieldset>
        <fieldset>
            <legend class="font-semibold text-lg mb-3">"Opening hours"</legend>
            <div class="table-wrap" tabindex="0"><table class="table table-dense w-fit">
                <thead><tr><th scope="col">"Day"</th><th scope="col">"Opens"</th><th scope="col">"Closes"</th><th scope="col">"Cut-off"</th></tr></thead>
                <tbody>{days}</tbody>
            </table></div>
            {wrong_hours}
            <p class="mt-2 text-sm text-ink-soft">"Leave a day empty when it is closed. Orders released before the cut-off leave the same day."</p>
        </fieldset>
    }
}

#[component]
fn Closures(code: String, zone: String, closures: Vec<ClosureRow>, sentences: Vec<String>, actions: Actions) -> impl IntoView {
    let error = Signal::derive(move || actions.close.value().get().and_then(Result::err));
    let withdrawn = move || actions.withdraw.value().get().and_then(Result::err);
    let rows = closures
        .into_iter()
        .map(|c| {
            let (code, id) = (code.clone(), c.closure_id.to_string());
            let until = match c.until {
                Some(until) => view! { " to "<When at=until/> }.into_any(),
                None => view! { " until further notice" }.into_any(),
            };
            view! {
                <li class="grid gap-2 border-b border-line py-3 text-sm">
                    <span><strong>{c.reason}</strong><span class="block text-ink-soft"><When at=c.from/>{until}</span></span>
                    <ActionForm action=actions.withdraw>
                        <input type="hidden" name="code" value=code/><input type="hidden" name="closure" value=id/>
                        <button class="button-quiet">"Withdraw"</button>
                    </ActionForm>
                </li>
            }
        })
        .collect_view();
    let sentences = sentences.into_iter().map(|s| view! { <li>{s}</li> }).collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Closed days"</h2>
            {move || withdrawn().map(|e| view! { <ErrorNote text=e.to_string()/> })}
            <ul>{rows}</ul>
            <details class="mt-3">
                <summary class="link w-fit">"Close it for a while"</summary>
                <ul class="mt-3 list-disc pl-5 text-sm text-ink-soft grid gap-1">{sentences}</ul>
                <ActionForm action=actions.close attr:class="mt-4 grid gap-4">
                    {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                    <input type="hidden" name="code" value=code/>
                    <input type="hidden" name="time_zone" value=zone/>
                    <TextField name="reason" label="Why" required=true hint="Stock-take, bank holiday: staff and explanations show it." error=of(error, "/reason")/>
                    <TextField name="from" label="Closes" kind="datetime-local" hint="Empty: now." error=of(error, "/from")/>
                    <TextField name="until" label="Opens again" kind="datetime-local" hint="Empty: until further notice." error=of(error, "/until")/>
                    <Button pending=actions.close.pending()>"Close it"</Button>
                </ActionForm>
            </details>
        </section>
    }
}

#[component]
fn History(
    code: String,
    scheduled: Option<(chrono::DateTime<chrono::Utc>, Vec<Change>)>,
    can_undo: bool,
    history: Vec<Told>,
    undo: ServerAction<UndoLocation>,
) -> impl IntoView {
    let error = move || undo.value().get().and_then(Result::err);
    let words = undo_words(scheduled.is_some());
    view! {
        <section class="card">
            <h2 class="font-semibold">"What was changed"</h2>
            <Scheduled scheduled/>
            {move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}
            {can_undo.then(|| view! {
                <ActionForm action=undo attr:class="mt-3"><input type="hidden" name="code" value=code/><button class="button-quiet">{words}</button></ActionForm>
            })}
            <ChangeLog history nothing="Nothing yet: it is as it was opened."/>
        </section>
    }
}
