use super::api::{EndRule, PutCustomerGroup, PutRule, SetChannel, SetLocationGroup, UndoLocationGroup, read_rules};
use crate::components::{PreviewNote, emptied_after, times_done};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, EmptyState, ErrorNote, SelectField, TextField, Tone, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::customers::views::CustomerGroup;
use waybill::inventory::rules::RuleKind;
use waybill::inventory::rules::views::{ChannelRow, GroupRow, RuleChoices, RuleRow};

/// `/admin/stock-rules`: what is kept back, for whom, and how much a channel is offered.
#[derive(Debug)]
pub struct StockRulesPage;

#[derive(Clone, Copy)]
struct Actions {
    put: ServerAction<PutRule>,
    end: ServerAction<EndRule>,
    group: ServerAction<SetLocationGroup>,
    ungroup: ServerAction<UndoLocationGroup>,
    customers: ServerAction<PutCustomerGroup>,
    channel: ServerAction<SetChannel>,
}

/// How often each form was taken: it is empty again then.
#[derive(Clone, Copy)]
struct Done {
    put: Memo<u32>,
    group: Memo<u32>,
    customers: Memo<u32>,
}

impl StockRulesPage {
    pub(super) fn view() -> AnyView {
        let actions = Actions {
            put: ServerAction::new(),
            end: ServerAction::new(),
            group: ServerAction::new(),
            customers: ServerAction::new(),
            channel: ServerAction::new(),
            ungroup: ServerAction::new(),
        };
        // A preview leaves the form as it is typed.
        let group =
            Memo::new(move |before: Option<&u32>| before.copied().unwrap_or(0) + u32::from(matches!(actions.group.value().get(), Some(Ok(None)))));
        let done = Done { put: times_done(actions.put), group, customers: times_done(actions.customers) };
        let changes = move || {
            (
                done.put.get(),
                done.group.get(),
                done.customers.get(),
                actions.end.version().get(),
                actions.channel.version().get(),
                actions.ungroup.version().get(),
            )
        };
        let rules = load(changes, |_| read_rules());
        view! {
            <Title text="Stock rules"/>
            <header class="pt-6 pb-2">
                <h1 class="page-title">"Stock rules"</h1>
                <p class="text-ink-soft max-w-prose">"What is there and still not offered to everybody. Of safety stock the largest rule that applies counts; on top of it comes what is kept for other channels."</p>
            </header>
            <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || rules.get().map(|answer| match answer {
                    Ok((rules, choices)) => view! { <Whole rules choices actions done/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Whole(rules: Vec<RuleRow>, choices: RuleChoices, actions: Actions, done: Done) -> impl IntoView {
    let form = choices.clone();
    let trouble = move || actions.end.value().get().and_then(Result::err);
    let RuleChoices { location_groups, customer_groups, channels, locations, .. } = choices;
    view! {
        {move || trouble().map(|e| view! { <div class="py-4"><ErrorNote text=e.to_string()/></div> })}
        <div class="grid gap-6 py-5 lg:grid-cols-[1fr_24rem] items-start">
            <div class="grid gap-6">
                <Rules rules actions/>
                <Groups groups=location_groups locations actions grouped=done.group/>
                <Customers groups=customer_groups actions named=done.customers/>
                <Channels channels actions/>
            </div>
            <NewRuleForm choices=form actions done=done.put/>
        </div>
    }
}

#[component]
fn Rules(rules: Vec<RuleRow>, actions: Actions) -> impl IntoView {
    if rules.is_empty() {
        return view! { <EmptyState icon="package" title="Everything is offered to everybody"><p>"A rule keeps units back: for safety, or for a channel."</p></EmptyState> }
            .into_any();
    }
    let rows = rules
        .into_iter()
        .map(|rule| {
            let sentence = rule.sentence();
            let label = format!("End the rule: {sentence}");
            let days = match (rule.from, rule.until) {
                (None, None) => view! { "always" }.into_any(),
                (from, until) => view! {
                    {from.map(|at| view! { "from "<When at/>" " })}{until.map(|at| view! { "until "<When at/> })}
                }
                .into_any(),
            };
            view! {
                <tr>
                    <th scope="row" class="font-normal"><span class="font-medium">{sentence}</span><span class="block text-sm text-ink-soft">{rule.kind.label()}" · "{days}</span></th>
                    <td class="whitespace-nowrap text-ink-soft"><When at=rule.since/></td>
                    <td><ActionForm action=actions.end><input type="hidden" name="rule" value=rule.id.to_string()/><button class="button-quiet" aria-label=label>"End"</button></ActionForm></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table">
            <thead><tr><th scope="col">"Rule"</th><th scope="col">"Set"</th><th scope="col"><span class="sr-only">"End"</span></th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

/// Choices with a first one that stands for all.
fn with_all(all: &str, choices: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), all.to_owned())).chain(choices).collect()
}

#[component]
fn NewRuleForm(choices: RuleChoices, actions: Actions, done: Memo<u32>) -> impl IntoView {
    let form = emptied_after(done);
    let error = Signal::derive(move || actions.put.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let place_error = Signal::derive(move || error.get().and_then(|e| e.of_field("/location").or_else(|| e.of_field("/location_group"))));
    let said = move || actions.put.value().get()?.ok().map(|()| "Set. It counts from now on.");
    let kinds = [
        (RuleKind::Safety, "Keep units back (safety stock)"),
        (RuleKind::RingFence, "Keep the last units for a channel"),
        (RuleKind::Cap, "Offer a channel at most so many"),
    ]
    .map(|(kind, words)| (kind.to_string(), words.to_owned()))
    .to_vec();
    let groups = choices.location_groups.into_iter().map(|g| (format!("group {}", g.name), format!("Group: {}", g.name)));
    let places = with_all("Each location", choices.locations.into_iter().chain(groups));
    let categories = with_all("All categories", choices.categories.into_iter().map(|c| (c.clone(), c)));
    let channels = with_all("All channels", choices.channels.into_iter().map(|c| (c.channel, c.name)));
    let customers =
        (!choices.customer_groups.is_empty()).then(|| with_all("All customers", choices.customer_groups.into_iter().map(|g| (g.code, g.name))));
    view! {
        <section class="card">
            <h2 class="font-semibold">"New rule"</h2>
            <ActionForm action=actions.put node_ref=form attr:class="mt-4 grid gap-4" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <p role="status" class="text-sm text-good">{said}</p>
                <SelectField name="form[kind]" label="What" options=kinds error=of("/kind")/>
                <TextField name="form[units]" label="Units" kind="number" error=of("/units")/>
                <TextField name="form[days_of_cover]" label="Or: days of cover" kind="number" hint="As many as the location sells in so many days, measured over four weeks." error=of("/days_of_cover")/>
                <TextField name="form[sku]" label="SKU" hint="Left empty: all things, or those of the category." error=of("/sku")/>
                <SelectField name="form[category]" label="Category" options=categories error=of("/category")/>
                <SelectField name="form[place]" label="Where" options=places error=place_error/>
                <SelectField name="form[channel]" label="Channel" options=channels error=of("/channel")/>
                {customers.map(|customers| view! { <SelectField name="form[customer_group]" label="Customers" options=customers error=of("/customer_group")/> })}
                <div class="grid gap-4 grid-cols-2">
                    <TextField name="form[from]" label="First day" kind="date" error=of("/from")/>
                    <TextField name="form[until]" label="Last day" kind="date" error=of("/until")/>
                </div>
                <Button pending=actions.put.pending()>"Set the rule"</Button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Groups(groups: Vec<GroupRow>, locations: Vec<(String, String)>, actions: Actions, grouped: Memo<u32>) -> impl IntoView {
    let form = emptied_after(grouped);
    let error = Signal::derive(move || actions.group.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let preview = move || actions.group.value().get().and_then(Result::ok).flatten().map(|preview| view! { <PreviewNote preview/> });
    let undo_error = move || actions.ungroup.value().get().and_then(Result::err);
    let places = locations.clone();
    let rows = groups.iter().map(|g| view! { <Group group=g.clone() locations=locations.clone() actions/> }).collect_view();
    let empty = groups.is_empty();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Groups of locations"</h2>
            {move || undo_error().map(|e| view! { <div class="mt-3"><ErrorNote text=e.everything()/></div> })}
            {if empty { view! { <p class="mt-2 text-ink-soft">"None yet. A rule can be for a group, such as all stores of a region."</p> }.into_any() } else { view! { <ul class="mt-3 divide-y divide-line">{rows}</ul> }.into_any() }}
            <ActionForm action=actions.group node_ref=form attr:class="mt-4 grid gap-4 max-w-xl" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                <TextField name="form[name]" label="Name" required=true hint="If there is a group of this name already, its locations are replaced." error=of("/name")/>
                <fieldset>
                    <legend class="text-sm font-medium">"Its locations"</legend>
                    <div class="mt-2 grid gap-x-6 gap-y-1 sm:grid-cols-2">{places
                        .into_iter()
                        .map(|(code, name)| view! { <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name=format!("form[ticked][{code}]") value="on"/>{name}</label> })
                        .collect_view()}</div>
                </fieldset>
                <TextField name="form[from]" scope="group" label="From when on" kind="datetime-local" hint="Leave it empty for now." error=of("/from")/>
                {preview}
                <p class="flex flex-wrap gap-3">
                    <button class="button-quiet" name="form[intent]" value="preview" disabled=move || actions.group.pending().get()>"See what it does"</button>
                    <button class="button" name="form[intent]" value="change" disabled=move || actions.group.pending().get()>"Save the group"</button>
                </p>
            </ActionForm>
        </section>
    }
}

/// A group, who is in it, who will be, and taking the last change back.
#[component]
fn Group(group: GroupRow, locations: Vec<(String, String)>, actions: Actions) -> impl IntoView {
    let names = move |codes: &[String]| {
        let name_of = |code: &String| locations.iter().find(|l| l.0 == *code).map_or_else(|| code.clone(), |l| l.1.clone());
        if codes.is_empty() { "no location".to_owned() } else { codes.iter().map(name_of).collect::<Vec<_>>().join(", ") }
    };
    let words = if group.then.is_some() { "Call off what is to come" } else { "Undo the last change" };
    let label = format!("{words} of {}", group.name);
    let now = names(&group.locations);
    let then = group.then.map(|(from, codes)| view! { <span class="block text-sm"><Badge tone=Tone::Progress text="To come"/>" from "<When at=from/>": "{names(&codes)}</span> });
    view! {
        <li class="flex flex-wrap items-center justify-between gap-3 py-3">
            <span><span class="font-medium">{group.name.clone()}</span><span class="text-ink-soft">": "{now}</span>{then}</span>
            <ActionForm action=actions.ungroup>
                <input type="hidden" name="name" value=group.name/>
                <button class="link min-h-6 text-sm" aria-label=label>{words}</button>
            </ActionForm>
        </li>
    }
}

#[component]
fn Customers(groups: Vec<CustomerGroup>, actions: Actions, named: Memo<u32>) -> impl IntoView {
    let form = emptied_after(named);
    let error = Signal::derive(move || actions.customers.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let empty = groups.is_empty();
    let rows = groups
        .into_iter()
        .map(|g| view! { <li><span class="font-medium">{g.name}</span>" "<span class="code text-ink-soft">{g.code}</span></li> })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Groups of customers"</h2>
            {if empty { view! { <p class="mt-2 text-ink-soft">"None yet. Prices and rules can be for a group, such as trade customers; orders say which they are from."</p> }.into_any() } else { view! { <ul class="mt-3 grid gap-1">{rows}</ul> }.into_any() }}
                <ActionForm action=actions.customers node_ref=form attr:class="mt-4 grid gap-4 sm:grid-cols-2 items-start max-w-xl" attr:novalidate="">
                    {move || error.get().map(|e| view! { <div class="sm:col-span-2"><ErrorNote text=e.everything()/></div> })}
                    <TextField name="code" scope="customers" label="Code" required=true hint="As orders send it. One that is there already gets the name." error=of("/code")/>
                    <TextField name="name" scope="customers" label="Name" required=true error=of("/name")/>
                    <p><Button pending=actions.customers.pending()>"Save the customers"</Button></p>
                </ActionForm>
        </section>
    }
}

#[component]
fn Channels(channels: Vec<ChannelRow>, actions: Actions) -> impl IntoView {
    let error = move || actions.channel.value().get().and_then(Result::err);
    let rows = channels
        .into_iter()
        .map(|c| {
            let labels =
                (format!("Minutes in {}", c.name), format!("Price of gift wrap in {}", c.name), format!("Orders of {} wait, minutes", c.name));
            view! {
                <tr>
                    <th scope="row">{c.name.clone()}</th>
                    <td>
                        <ActionForm action=actions.channel attr:class="flex flex-wrap items-center justify-end gap-2">
                            <input type="hidden" name="channel" value=c.channel/>
                            <input class="field w-24" type="number" name="minutes" min="0" max="1440" value=(c.hold_seconds / 60).to_string() aria-label=labels.0/>
                            <input class="field w-28" name="gift_wrap" inputmode="decimal" placeholder="none" value=c.gift_wrap aria-label=labels.1/>
                            <input class="field w-24" type="number" name="delay" min="0" max="10080" value=c.release_delay_minutes.to_string() aria-label=labels.2/>
                            <button class="button-quiet">"Set"</button>
                        </ActionForm>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Channels"</h2>
            <p class="mt-2 text-ink-soft max-w-prose">"For how many minutes a channel keeps what is in a basket, so that nobody else can buy it (zero: not at all), what it takes for wrapping one unit as a gift (empty: it does not), and for how many minutes its orders wait before a location works on them, so that they can still be changed."</p>
            {move || error().map(|e| view! { <div class="mt-3"><ErrorNote text=e.everything()/></div> })}
            <table class="table mt-4 max-w-2xl">
                <thead><tr><th scope="col">"Channel"</th><th scope="col" class="text-right">"Basket minutes, gift wrap, order wait"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}
