use super::api::{EndSetting, SaveSetting, Saved, SettingChoices, UndoSetting, read_setting};
use super::rows::{MOST_SHOWN, Table, kilos_text, tables, time_text};
use crate::components::{ChangeLog, PreviewNote, amount_text, emptied_after, times_done};
use crate::error::ApiError;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, SelectField, TextField, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::carriers::{DeliveryMethod, RateCard, Service, Setting, SettingKind, SlotPlan, SlotUse, Weekdays};
use waybill::inventory::places::WEEKDAYS;

/// `/admin/delivery/:kind/:code`: one setting, what changing it would do, and what was changed before.
#[derive(Debug)]
pub struct SettingPage;

/// `/admin/delivery/:kind/new`.
#[derive(Debug)]
pub struct NewSettingPage;

#[derive(Clone, Copy)]
struct Actions {
    save: ServerAction<SaveSetting>,
    undo: ServerAction<UndoSetting>,
    end: ServerAction<EndSetting>,
}

impl SettingPage {
    pub(super) fn view() -> AnyView {
        page(true)
    }
}

impl NewSettingPage {
    pub(super) fn view() -> AnyView {
        page(false)
    }
}

fn page(known: bool) -> AnyView {
    let params = use_params_map();
    let actions = Actions { save: ServerAction::new(), undo: ServerAction::new(), end: ServerAction::new() };
    // A preview leaves the form as it is typed; what was done is read again.
    let done =
        Memo::new(move |before: Option<&u32>| before.copied().unwrap_or(0) + u32::from(matches!(actions.save.value().get(), Some(Ok(Saved::Done)))));
    // What is said of a change is not said of what came after it.
    Effect::new(move |first: Option<()>| {
        actions.undo.version().track();
        if first.is_some() {
            actions.save.clear();
        }
    });
    let kind = move || params.read().get("kind").unwrap_or_default().parse::<SettingKind>().ok();
    let choices = load(
        move || (kind(), if known { params.read().get("code").unwrap_or_default() } else { String::new() }, done.get(), actions.undo.version().get()),
        |(kind, code, ..)| async move {
            let kind = kind.ok_or_else(|| waybill::refusal::Refusal::not_found("such kind of setting"))?;
            Ok((kind, read_setting(kind, code).await?))
        },
    );
    view! {
        <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
            {move || choices.get().map(|answer: Result<_, ApiError>| match answer {
                Ok((kind, choices)) => view! { <Whole kind choices actions/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Whole(kind: SettingKind, choices: SettingChoices, actions: Actions) -> impl IntoView {
    let title = choices.setting.as_ref().map_or_else(|| format!("New: {}", kind.label().to_lowercase()), |s| s.setting.name().to_owned());
    let side = choices.setting.clone().map(|view| view! { <Side kind view actions/> });
    let planned = choices.setting.as_ref().map(|s| s.planned.clone()).unwrap_or_default();
    view! {
        <Title text=title.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/delivery">"Delivery"</a>" / "{kind.label()}</nav>
        <h1 class="page-title pt-1 pb-6">{title}</h1>
        {(!planned.is_empty()).then(|| view! {
            <ul class="pb-6 grid gap-1">{planned.into_iter().map(|(from, words)| view! { <li><Badge tone=Tone::Progress text="To come"/>" from "<When at=from/>": "{words}</li> }).collect_view()}</ul>
        })}
        <div class="grid gap-10 lg:grid-cols-[1fr_22rem] items-start">
            <Form kind choices actions/>
            {side}
        </div>
    }
}

#[component]
fn Form(kind: SettingKind, choices: SettingChoices, actions: Actions) -> impl IntoView {
    let action = actions.save;
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let preview = move || match action.value().get() {
        Some(Ok(Saved::Preview(preview))) => Some(preview),
        _ => None,
    };
    let is_done = move || matches!(action.value().get(), Some(Ok(Saved::Done)));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let setting = choices.setting.as_ref().map(|s| s.setting.clone());
    let (code, read) = choices.setting.as_ref().map(|s| (s.code.clone(), s.since.timestamp_micros().to_string())).unwrap_or_default();
    let is_new = code.is_empty();
    let name = setting.as_ref().map(|s| s.name().to_owned()).unwrap_or_default();
    let hint = if kind == SettingKind::Holidays {
        "The country's two-letter code, such as GB."
    } else {
        "Short and lasting, such as next-day. It never changes."
    };
    let fields = match (kind, setting.clone()) {
        (SettingKind::RateCard, setting) => {
            let card = if let Some(Setting::RateCard(card)) = setting { card } else { RateCard::default() };
            view! { <CardFields card choices=choices.clone() error/> }.into_any()
        }
        (SettingKind::Service, setting) => {
            let service = if let Some(Setting::Service(service)) = setting { service } else { starting_service() };
            view! { <ServiceFields service choices=choices.clone() error/> }.into_any()
        }
        (SettingKind::Method, setting) => {
            let method = if let Some(Setting::Method(method)) = setting { method } else { DeliveryMethod::default() };
            view! { <MethodFields method choices=choices.clone() error/> }.into_any()
        }
        (SettingKind::Slots, setting) => {
            let plan = if let Some(Setting::Slots(plan)) = setting { plan } else { SlotPlan::default() };
            view! { <SlotFields plan choices=choices.clone() error/> }.into_any()
        }
        (SettingKind::ZoneMap | SettingKind::Holidays, _) => ().into_any(),
    };
    // What was typed is over when the change is taken back.
    let form = emptied_after(times_done(actions.undo));
    let tables = tables(kind, setting.as_ref()).into_iter().map(|table| view! { <Rows table error/> }).collect_view();
    view! {
        <ActionForm action node_ref=form attr:class="grid gap-6" attr:novalidate="">
            <input type="hidden" name="form[kind]" value=kind.as_str()/>
            <input type="hidden" name="form[read]" value=read/>
            {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
            {move || is_done().then(|| view! { <p role="status" class="text-good font-medium">"Saved."</p> })}
            {move || preview().map(|preview| view! { <PreviewNote preview/> })}
            <div class="grid gap-5 sm:grid-cols-2 items-start">
                {if is_new {
                    view! { <TextField name="form[code]" label="Code" required=true hint error=of("/code")/> }.into_any()
                } else {
                    view! { <input type="hidden" name="form[code]" value=code/> }.into_any()
                }}
                <TextField name="form[name]" label="Name" required=true value=name error=of("/name")/>
            </div>
            {fields}
            {tables}
            <div class="max-w-sm"><TextField name="form[from]" label="From" kind="datetime-local" hint="The company's own time. Empty: from now on." error=of("/from")/></div>
            <p class="flex flex-wrap gap-3">
                <button class="button-quiet" name="form[intent]" value="preview">"Look at the change"</button>
                <Button pending=action.pending()>"Save"</Button>
            </p>
        </ActionForm>
    }
}

/// What a new service's form begins with.
fn starting_service() -> Service {
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    Service { delivers: Weekdays::monday_to(6), delivers_from: time(8), delivers_until: time(18), ..Service::default() }
}

/// A table whose empty rows do not count.
#[component]
fn Rows(table: Table, error: Signal<Option<ApiError>>) -> impl IntoView {
    let Table { name, at, title, hint, columns, rows } = table;
    let filled = rows.iter().filter(|row| !row.is_empty()).count();
    if filled > MOST_SHOWN {
        return view! {
            <section><h2 class="font-semibold text-lg">{title}</h2>
                <p class="mt-2 max-w-prose">{format!("{} rows: more than a form has room for. Take the table away as a file, change it, and bring it back.", filled)}</p>
                <input type="hidden" name="form[left_out][]" value=name/>
                <p class="mt-2"><a class="link" href="/admin/files">"Tables in and out"</a></p>
            </section>
        }
        .into_any();
    }
    let problems = move || error.get().map(|e| e.of_rows(at)).unwrap_or_default();
    let problems_id = format!("{name}-problems");
    let told = problems_id.clone();
    let head = columns.iter().map(|c| view! { <th scope="col">{*c}</th> }).collect_view();
    let body = rows
        .into_iter()
        .enumerate()
        .map(|(n, row)| {
            let cells = [("a", row.a), ("b", row.b), ("c", row.c), ("d", row.d)].into_iter().zip(columns);
            let described_by = problems_id.clone();
            let is_wrong = Memo::new(move |_| problems().iter().any(|(row, _)| *row == n));
            let cells = cells
                .map(|((field, value), column)| {
                    let described_by = described_by.clone();
                    let label = format!("{column}, row {} of {}", n + 1, title.to_lowercase());
                    view! { <td><input class="field w-full min-w-24" name=format!("form[{name}][{n}][{field}]") value=value aria-label=label autocomplete="off"
                        aria-invalid=move || is_wrong.get().then_some("true") aria-describedby=move || is_wrong.get().then(|| described_by.clone())/></td> }
                })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <section>
            <h2 class="font-semibold text-lg">{title}</h2>
            <p class="mt-1 mb-3 text-sm text-ink-soft max-w-prose">{hint}</p>
            <div class="table-wrap" tabindex="0"><table class="table table-dense"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>
            <ul id=told class="mt-2 text-sm text-bad font-medium empty:hidden">{move || problems().into_iter().map(|(row, text)| view! { <li>{format!("Row {}: {text}", row + 1)}</li> }).collect_view()}</ul>
            <p class="mt-2 text-sm text-ink-soft">"Empty rows do not count. Saving brings more of them."</p>
        </section>
    }
    .into_any()
}

fn with_none(choices: Vec<(String, String)>, words: &str) -> Vec<(String, String)> {
    std::iter::once((String::new(), words.to_owned())).chain(choices).collect()
}

#[component]
fn CardFields(card: RateCard, choices: SettingChoices, error: Signal<Option<ApiError>>) -> impl IntoView {
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let maps = with_none(choices.of_kind(SettingKind::ZoneMap), "No zones: the same everywhere");
    let currency = if card.currency.is_empty() { "GBP".to_owned() } else { card.currency.clone() };
    let minimum = if card.minimum_minor > 0 { amount_text(card.minimum_minor, &currency) } else { String::new() };
    view! {
        <div class="grid gap-5 sm:grid-cols-2 items-start">
            <SelectField name="form[zone_map]" label="Zones" options=maps selected=card.zone_map error=of("/zone_map")/>
            <TextField name="form[currency]" label="Currency" required=true value=currency hint="Its three-letter code." error=of("/currency")/>
            <TextField name="form[volume_per_kg]" label="Size that counts as a kilogram, cm³" kind="number" value=card.volume_per_kg.map(|v| v.to_string()).unwrap_or_default() hint="Empty: by weight alone." error=of("/volume_per_kg")/>
            <TextField name="form[minimum]" label="Minimum" value=minimum hint="No parcel that costs anything costs less." error=of("/minimum_minor")/>
        </div>
    }
}

#[component]
fn ServiceFields(service: Service, choices: SettingChoices, error: Signal<Option<ApiError>>) -> impl IntoView {
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let delivers: Vec<u8> = service.delivers.into();
    let days = (1u8..)
        .zip(WEEKDAYS)
        .map(|(n, day)| {
            view! { <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="form[delivers][]" value=n.to_string() checked={delivers.contains(&n)}/>{day}</label> }
        })
        .collect_view();
    view! {
        <div class="grid gap-5 sm:grid-cols-2 items-start">
            <TextField name="form[carrier]" label="Carrier" required=true value=service.carrier error=of("/carrier")/>
            <SelectField name="form[zone_map]" label="Zones" options=choices.of_kind(SettingKind::ZoneMap) selected=service.zone_map error=of("/zone_map")/>
            <SelectField name="form[rate_card]" label="What it costs us" options=with_none(choices.of_kind(SettingKind::RateCard), "Not known") selected=service.rate_card error=of("/rate_card")/>
            <TextField name="form[padding_days]" label="Days promised on top" kind="number" required=true value=service.padding_days.to_string() hint="What customers are told is so many days later than what it takes." error=of("/padding_days")/>
            <TextField name="form[max_kg]" label="Heaviest thing, kg" value=service.max_grams.map(kilos_text).unwrap_or_default() hint="Empty: no limit." error=of("/max_grams")/>
            <TextField name="form[max_mm]" label="Longest thing, mm" kind="number" value=service.max_mm.map(|mm| mm.to_string()).unwrap_or_default() hint="Empty: no limit." error=of("/max_mm")/>
        </div>
        <fieldset>
            <legend class="font-semibold text-lg mb-3">"When it delivers"</legend>
            <div class="flex flex-wrap gap-x-6 gap-y-2">{days}</div>
            {move || of("/delivers").get().map(|text| view! { <p class="mt-2 text-sm text-bad font-medium">{text}</p> })}
            <div class="mt-4 grid gap-5 sm:grid-cols-2 items-start">
                <TextField name="form[delivers_from]" label="From" scope="window" kind="time" required=true value=time_text(service.delivers_from) error=of("/delivers_from")/>
                <TextField name="form[delivers_until]" label="Until" kind="time" required=true value=time_text(service.delivers_until) error=of("/delivers_until")/>
            </div>
            <label class="mt-4 flex items-center gap-2 min-h-6"><input type="checkbox" name="form[works_on_holidays]" checked=service.works_on_holidays/>"Works on public holidays"</label>
        </fieldset>
    }
}

#[component]
fn MethodFields(method: DeliveryMethod, choices: SettingChoices, error: Signal<Option<ApiError>>) -> impl IntoView {
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let ticks = |name: &'static str, options: Vec<(String, String)>, chosen: Vec<String>| {
        options
            .into_iter()
            .map(|(code, words)| {
                let is_chosen = chosen.contains(&code);
                view! { <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name=format!("form[{name}][]") value=code checked=is_chosen/>{words}</label> }
            })
            .collect_view()
    };
    let services = ticks("services", choices.of_kind(SettingKind::Service), method.services);
    let channels = ticks("channels", choices.channels.clone(), method.channels);
    view! {
        <div class="grid gap-5 sm:grid-cols-2 items-start">
            <SelectField name="form[rate_card]" label="What the customer pays" options=choices.of_kind(SettingKind::RateCard) selected=method.rate_card error=of("/rate_card")/>
            <SelectField name="form[slots]" label="Time slots" options=with_none(choices.of_kind(SettingKind::Slots), "None: it comes at any time") selected=method.slots error=of("/slots")/>
            <TextField name="form[position]" label="Position" kind="number" required=true value=method.position.to_string() hint="Lower stands first; the first is chosen for those who do not." error=of("/position")/>
        </div>
        <fieldset>
            <legend class="font-semibold text-lg mb-1">"Carrier services"</legend>
            <p class="text-sm text-ink-soft mb-3">"Each parcel goes by the cheapest of these that reaches its address."</p>
            <div class="flex flex-wrap gap-x-6 gap-y-2">{services}</div>
            {move || error.get().and_then(|e| e.of_part("/services")).map(|text| view! { <p class="mt-2 text-sm text-bad font-medium">{text}</p> })}
        </fieldset>
        <fieldset>
            <legend class="font-semibold text-lg mb-1">"Channels"</legend>
            <p class="text-sm text-ink-soft mb-3">"None ticked: all of them."</p>
            <div class="flex flex-wrap gap-x-6 gap-y-2">{channels}</div>
        </fieldset>
    }
}

#[component]
fn SlotFields(plan: SlotPlan, choices: SettingChoices, error: Signal<Option<ApiError>>) -> impl IntoView {
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let part = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_part(pointer)));
    let uses: Vec<(String, String)> = SlotUse::ALL.iter().map(|u| (u.to_string(), u.label().to_owned())).collect();
    let maps = with_none(choices.of_kind(SettingKind::ZoneMap), "No zones: everywhere");
    view! {
        <div class="grid gap-5 sm:grid-cols-2 items-start">
            <SelectField name="form[serves]" label="What they are for" options=uses selected=plan.serves.to_string() error=of("/serves")/>
            <SelectField name="form[location]" label="Done by" options=choices.locations.clone() selected=plan.location error=of("/location")/>
            <SelectField name="form[zone_map]" label="Zones" options=maps selected=plan.zone_map error=of("/zone_map")/>
            <TextField name="form[zones]" label="Only these zones" value=plan.zones.join(", ") hint="With commas between them. Empty: all zones of the map." error=part("/zones")/>
            <TextField name="form[lead_hours]" label="Booked before, hours" kind="number" required=true value=plan.lead_hours.to_string() error=of("/lead_hours")/>
            <TextField name="form[horizon_days]" label="Booked ahead, days" kind="number" required=true value=plan.horizon_days.to_string() error=of("/horizon_days")/>
            <TextField name="form[skill]" label="Skill" value=plan.skill hint="Of appointments: what those who come can do, as the service names it." error=of("/skill")/>
            <label class="flex items-center gap-2 min-h-6 sm:mt-8"><input type="checkbox" name="form[brings_goods]" value="true" checked=plan.brings_goods/>
                "Those who come bring the order, too"</label>
        </div>
    }
}

/// Taking back, ending, and what was changed before.
#[component]
fn Side(kind: SettingKind, view: waybill::carriers::views::SettingView, actions: Actions) -> impl IntoView {
    let failed = move || actions.undo.value().get().and_then(Result::err).or_else(|| actions.end.value().get().and_then(Result::err));
    let (code, ended) = (view.code.clone(), view.code);
    view! {
        <aside class="grid gap-6" aria-label="Changes">
            <section class="card">
                <h2 class="font-semibold">"In force since "<When at=view.since/></h2>
                {move || failed().map(|e| view! { <div class="mt-3"><ErrorNote text=e.everything()/></div> })}
                {view.can_undo.then(|| view! {
                    <ActionForm action=actions.undo attr:class="mt-4">
                        <input type="hidden" name="kind" value=kind.as_str()/><input type="hidden" name="code" value=code/>
                        <button class="button-quiet">"Undo the last change"</button>
                    </ActionForm>
                })}
                <details class="mt-4">
                    <summary class="link w-fit min-h-6">"End it"</summary>
                    <p class="mt-2 text-sm text-ink-soft">"From now on it is not there any more. Orders that were placed keep what they were promised."</p>
                    <ActionForm action=actions.end attr:class="mt-3">
                        <input type="hidden" name="kind" value=kind.as_str()/><input type="hidden" name="code" value=ended/>
                        <button class="button-bad">"Yes, end it"</button>
                    </ActionForm>
                </details>
            </section>
            <section class="card"><h2 class="font-semibold">"What was changed"</h2><ChangeLog history=view.history nothing="Nothing yet."/></section>
        </aside>
    }
}
