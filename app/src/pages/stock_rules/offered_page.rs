use super::api::{EndTerms, Offered, SetAllowed, SetTerms, read_offered};
use crate::components::{emptied_after, times_done, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Button, ErrorNote, SelectField, TextField, When, day_words, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use std::collections::BTreeSet;
use waybill::inventory::backorders::LaterKind;
use waybill::inventory::backorders::views::TermsRow;
use waybill::inventory::rules::views::AllowedRow;
use waybill::inventory::views::{AvailabilityExplained, PlaceExplained};
use waybill::money::grouped;

/// `/stock/:sku/offered`: step by step, how the number comes about that a channel sees.
#[derive(Debug)]
pub struct OfferedPage;

impl OfferedPage {
    pub(super) fn view() -> AnyView {
        let (params, query) = (use_params_map(), use_query_map());
        let live = use_live();
        let allow = ServerAction::<SetAllowed>::new();
        let terms = (ServerAction::<SetTerms>::new(), ServerAction::<EndTerms>::new());
        let set = times_done(terms.0);
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let offered = load(
            move || {
                (
                    params.read().get("sku").unwrap_or_default(),
                    part("channel"),
                    part("group"),
                    live.get(),
                    (allow.version().get(), set.get(), terms.1.version().get()),
                )
            },
            |(sku, channel, group, ..)| read_offered(sku, channel, group),
        );
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || offered.get().map(|answer| match answer {
                        Ok(offered) => view! { <Whole offered allow terms set/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(
    offered: Offered,
    allow: ServerAction<SetAllowed>,
    terms: (ServerAction<SetTerms>, ServerAction<EndTerms>),
    set: Memo<u32>,
) -> impl IntoView {
    let Offered { sku, name, channel, group, channels, groups, told, allowed, later, may_change } = offered;
    let places: Vec<_> = allowed.iter().map(|row| (row.code.clone(), row.location.clone())).collect();
    let here = format!("/stock/{}", encode(&sku));
    let who = channels.iter().find(|c| c.0 == channel).map_or_else(|| "anybody".to_owned(), |c| c.1.clone());
    let channels: Vec<_> = std::iter::once((String::new(), "Any channel".to_owned())).chain(channels).collect();
    let groups: Vec<_> = std::iter::once((String::new(), "All customers".to_owned())).chain(groups.into_iter().map(|g| (g.code, g.name))).collect();
    let several = groups.len() > 1;
    let is_kit = !told.parts.is_empty();
    view! {
        <Title text=format!("{sku}, offered")/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a>" / "<a class="link code" href=here.clone()>{sku.clone()}</a></nav>
        <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-6">
            <div><h1 class="page-title">"What a channel sees"</h1><p class="text-ink-soft">{name}</p></div>
            <form method="get" action=format!("{here}/offered") class="flex flex-wrap items-end gap-3">
                <SelectField name="channel" label="Channel" options=channels selected=channel/>
                {several.then(|| view! { <SelectField name="group" label="Customers" options=groups selected=group/> })}
                <button class="button-quiet">"Show"</button>
            </form>
        </header>
        <div class="grid gap-6">
            <Steps told who/>
            <Allowed rows=allowed sku=sku.clone() may_change allow/>
            {(!is_kit).then(|| view! { <Later rows=later places sku may_change terms set/> })}
        </div>
    }
}

#[component]
fn Steps(told: AvailabilityExplained, who: String) -> impl IntoView {
    let AvailabilityExplained { parts, places, cap, offered } = told;
    let is_kit = !parts.is_empty();
    let sum: i64 = places.iter().map(|p| i64::from(p.to_send)).sum();
    let rows = places.into_iter().map(|place| view! { <Place place/> }).collect_view();
    view! {
        <section class="card">
            <p class="text-sm text-ink-soft">{format!("Offered to {who}, to be sent")}</p>
            <p class="text-3xl font-semibold tabular-nums" data-testid="offered">{grouped(offered)}</p>
            {(!parts.is_empty()).then(|| view! {
                <p class="mt-3 text-ink-soft">"A kit: as many as its scarcest part makes."</p>
                <ul class="mt-2 grid gap-1">{parts.into_iter().map(|part| view! {
                    <li><a class="link code" href=format!("/stock/{}/offered", encode(&part.sku))>{part.sku.clone()}</a>" "{part.name}": "{format!("{} in one kit, {} offered", part.quantity, grouped(part.offered))}</li>
                }).collect_view()}</ul>
            })}
            {(!is_kit).then(|| view! { <div class="table-wrap mt-4" tabindex="0"><table class="table table-dense">
                <thead><tr>
                    <th scope="col">"Location"</th><th scope="col" class="num">"To send"</th><th scope="col" class="num">"To collect"</th>
                    <th scope="col" class="num">"On hand"</th><th scope="col" class="num">"Reserved"</th><th scope="col" class="num">"Owed"</th><th scope="col">"Kept back"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    <tr><th scope="row">"Total"</th><td class="num font-semibold">{grouped(sum)}</td><td colspan="5"></td></tr>
                    {cap.map(|cap| view! { <tr><th scope="row" class="font-normal">"At most"</th><td class="num font-semibold">{cap.units}</td><td colspan="5">{cap.words}</td></tr> })}
                </tfoot>
            </table></div> })}
        </section>
    }
}

/// Units that are taken off.
fn less(units: i32) -> String {
    if units > 0 { format!("− {units}") } else { units.to_string() }
}

#[component]
fn Place(place: PlaceExplained) -> impl IntoView {
    let kept = place
        .kept_back
        .into_iter()
        .map(|step| view! { <li><span class="tabular-nums">{"− "}{step.units}</span>" "<span class="text-ink-soft">{step.words}</span></li> });
    let notes = place.notes.into_iter().map(|note| view! { <li class="text-ink-soft">{note}</li> });
    view! {
        <tr>
            <th scope="row">{place.location}</th><td class="num font-semibold">{place.to_send}</td><td class="num">{place.to_collect}</td>
            <td class="num">{place.on_hand}</td><td class="num">{less(place.reserved)}</td><td class="num">{less(place.backordered)}</td>
            <td class="text-sm"><ul>{kept.collect_view()}{notes.collect_view()}</ul></td>
        </tr>
    }
}

#[component]
fn Allowed(rows: Vec<AllowedRow>, sku: String, may_change: bool, allow: ServerAction<SetAllowed>) -> impl IntoView {
    let error = move || allow.value().get().and_then(Result::err);
    let rows = rows
        .into_iter()
        .map(|row| {
            let words = match (row.ship, row.pickup) {
                (true, true) => "Sent and collected",
                (true, false) => "Sent only",
                (false, true) => "Collected only",
                (false, false) => "Neither",
            };
            let (sku, place) = (sku.clone(), row.location.clone());
            let form = may_change.then(|| {
                view! {
                    <ActionForm action=allow attr:class="flex flex-wrap items-center gap-x-4 gap-y-2">
                        <input type="hidden" name="sku" value=sku/><input type="hidden" name="location" value=row.code/>
                        <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="ship" value="true" checked=row.ship/>"Sent"</label>
                        <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="pickup" value="true" checked=row.pickup/>"Collected"</label>
                        <button class="button-quiet" aria-label=format!("Set for {place}")>"Set"</button>
                    </ActionForm>
                }
            });
            view! { <tr><th scope="row">{row.location}</th><td>{words}</td><td>{form}</td></tr> }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Where it may be sold"</h2>
            {move || error().map(|e| view! { <div class="mt-3"><ErrorNote text=e.everything()/></div> })}
            <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col">"Location"</th><th scope="col">"May be"</th><th scope="col"><span class="sr-only">"Change"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
}

fn expected_words(row: &TermsRow) -> String {
    match row.expected_on {
        Some(day) if row.follows => format!("{}, on order", day_words(day)),
        Some(day) => day_words(day),
        None => "nothing is on order".to_owned(),
    }
}

#[component]
fn Later(
    rows: Vec<TermsRow>,
    places: Vec<(String, String)>,
    sku: String,
    may_change: bool,
    terms: (ServerAction<SetTerms>, ServerAction<EndTerms>),
    set: Memo<u32>,
) -> impl IntoView {
    let (set_action, end) = terms;
    let error = Signal::derive(move || set_action.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let empty = rows.is_empty();
    let rows = {
        let sku = sku.clone();
        let mut shown = BTreeSet::new();
        rows.into_iter()
            .map(move |row| {
                let (sku, place, expected) = (sku.clone(), row.location.clone(), expected_words(&row));
                // One button ends all that comes on several days.
                let form = (may_change && shown.insert(row.code.clone())).then(|| {
                    view! {
                        <ActionForm action=end><input type="hidden" name="sku" value=sku/><input type="hidden" name="location" value=row.code/>
                            <button class="button-quiet" aria-label=format!("End for {place}")>"End"</button></ActionForm>
                    }
                });
                view! {
                    <tr>
                        <th scope="row">{row.location}</th><td>{row.kind.label()}</td><td class="num">{row.backordered}" of "{row.most_units}</td>
                        <td class="whitespace-nowrap">{expected}</td><td class="whitespace-nowrap">{row.until.map_or_else(|| view! { "–" }.into_any(), |at| view! { <When at/> }.into_any())}</td><td>{form}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    let form = emptied_after(set);
    let kinds = [(LaterKind::Backorder, "Backorder: more is expected"), (LaterKind::Preorder, "Pre-order: sold nowhere before its day")]
        .map(|(kind, words)| (kind.to_string(), words.to_owned()))
        .to_vec();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Backorders and pre-orders"</h2>
            {if empty {
                view! { <p class="mt-2 text-ink-soft">"Only what is there is sold."</p> }.into_any()
            } else {
                view! {
                    <div class="table-wrap mt-3" tabindex="0"><table class="table table-dense">
                        <thead><tr>
                            <th scope="col">"Location"</th><th scope="col">"How"</th><th scope="col" class="num">"Units ordered"</th>
                            <th scope="col">"Expected"</th><th scope="col">"Orders until"</th><th scope="col"><span class="sr-only">"End"</span></th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                }.into_any()
            }}
            {may_change.then(|| view! {
                        <ActionForm action=set_action node_ref=form attr:class="mt-5 grid gap-4 sm:grid-cols-2 max-w-2xl" attr:novalidate="">
                            {move || error.get().map(|e| view! { <div class="sm:col-span-2"><ErrorNote text=e.everything()/></div> })}
                            <input type="hidden" name="sku" value=sku/>
                            <SelectField name="location" label="Location" options=places error=of("/location")/>
                            <SelectField name="kind" label="How" options=kinds error=of("/kind")/>
                            <TextField name="most_units" label="At most, units" kind="number" required=true error=of("/most_units")/>
                            <TextField name="expected" label="Expected, or on sale, on" kind="date" error=of("/expected")/>
                            <TextField name="until" label="Last day for orders" kind="date" error=of("/until")/>
                            <div class="sm:col-span-2">
                                <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="follows_purchasing" value="true"/>
                                    "Expected when and as far as purchase orders say"</label>
                                {move || of("/follows_purchasing").get().map(|text| view! { <p class="text-sm text-bad font-medium">{text}</p> })}
                            </div>
                            <p class="self-end"><Button pending=set_action.pending()>"Save the terms"</Button></p>
                        </ActionForm>
            })}
        </section>
    }
}
