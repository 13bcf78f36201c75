use super::api::{OpenCount, count_places, list_counts};
use crate::components::use_live;
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{Badge, Button, Chip, Chips, EmptyState, ErrorNote, NextPage, SelectField, TextArea, TextField, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::identity::Permission;
use waybill::inventory::counts::CountState;
use waybill::inventory::counts::views::CountRow;
use waybill::money::grouped;
use waybill::page::Page;

/// `/stock/counts`: what is being counted, and what was.
#[derive(Debug)]
pub struct CountsPage;

/// `/stock/counts/new`: beginning one.
#[derive(Debug)]
pub struct NewCountPage;

impl CountsPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let counts = load(move || (part("state"), part("after"), live.get()), |(state, after, _)| list_counts(state, after));
        view! {
            <Title text="Counts"/>
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock">"Stock"</a></nav>
                <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-2">
                    <h1 class="page-title">"Counts"</h1>
                    <IfAllowed permission=Permission::CountStock><a class="button" href="/stock/counts/new">"Begin a count"</a></IfAllowed>
                </header>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || counts.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page state=part("state") first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

pub(super) fn badge(state: CountState) -> impl IntoView {
    let tone = match state {
        CountState::Open => Tone::Progress,
        CountState::Review => Tone::Warn,
        CountState::Closed => Tone::Good,
        CountState::Cancelled => Tone::Neutral,
    };
    view! { <Badge tone text=state.label()/> }
}

#[component]
fn Rows(page: Page<CountRow>, state: String, first: bool) -> impl IntoView {
    let start = format!("/stock/counts?state={state}");
    let next = page.next.as_deref().map(|after| format!("{start}&after={}", encode(after)));
    let chips = std::iter::once((String::new(), "All"))
        .chain(CountState::ALL.iter().map(|s| (s.to_string(), s.label())))
        .map(|(value, words)| Chip { href: format!("/stock/counts?state={value}"), words: words.to_owned(), count: None, shown: value == state })
        .collect();
    let rows = page
        .rows
        .iter()
        .map(|c| {
            view! {
                <tr>
                    <th scope="row"><a class="link code whitespace-nowrap" href=format!("/stock/counts/{}", c.number)>{c.number.clone()}</a></th>
                    <td>{badge(c.state)}</td><td>{c.location.clone()}</td>
                    <td class="num">{grouped(c.counted)}" of "{grouped(c.lines)}</td><td class="whitespace-nowrap"><When at=c.opened_at/></td>
                </tr>
            }
        })
        .collect_view();
    let empty = page.rows.is_empty();
    view! {
        <Chips label="States" chips/>
        {if empty {
            view! { <EmptyState icon="package" title="No counts here"><p>"Count a few things every day, and the books stay right. Orders flow on meanwhile."</p></EmptyState> }.into_any()
        } else {
            view! {
                <div class="table-wrap" tabindex="0"><table class="table table-dense">
                    <thead><tr>
                        <th scope="col">"Number"</th><th scope="col">"State"</th><th scope="col">"Where"</th>
                        <th scope="col" class="num">"SKUs counted"</th><th scope="col">"Begun"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                <NextPage href=next first first_href=start/>
            }.into_any()
        }}
    }
}

impl NewCountPage {
    pub(super) fn view() -> AnyView {
        let open = ServerAction::<OpenCount>::new();
        let places = load(|| (), |()| count_places());
        let error = Signal::derive(move || open.value().get().and_then(Result::err));
        let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
        view! {
            <Title text="Begin a count"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/counts">"Counts"</a></nav>
            <h1 class="page-title pt-1 pb-6">"Begin a count"</h1>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || places.get().map(|answer| match answer {
                    Ok(places) => {
                        let places = places.into_iter().map(|p| (p.code, p.name)).collect::<Vec<_>>();
                        view! {
                            <ActionForm action=open attr:class="grid gap-6 max-w-xl" attr:novalidate="">
                                {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                                <SelectField name="location" label="Where" options=places error=of("/location")/>
                                <TextArea name="skus" label="What is counted" rows=6 hint="Scan each thing, or type its SKU. Left empty: everything that the books have there."/>
                                <TextField name="note" label="Note" error=of("/note")/>
                                <p><Button pending=open.pending()>"Begin"</Button></p>
                            </ActionForm>
                        }.into_any()
                    }
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}
