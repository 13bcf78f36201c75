use super::api::list_imports;
use crate::components::use_live;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, EmptyState, ErrorNote, FileField, NextPage, SelectField, Tone, When, encode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::integrations::files::views::ImportRow;
use waybill::integrations::files::{ImportState, TableKind};
use waybill::money::grouped;
use waybill::page::Page;

/// `/admin/files`: bringing tables, and taking them away.
#[derive(Debug)]
pub struct FilesPage;

/// The colour of a state.
pub(super) fn state_badge(state: ImportState, bad: i64) -> impl IntoView {
    let tone = match (state, bad) {
        (ImportState::Open, _) => Tone::Neutral,
        (ImportState::Checking | ImportState::Applying, _) => Tone::Progress,
        (ImportState::Checked, 0) | (ImportState::Done, 0) => Tone::Good,
        (ImportState::Checked | ImportState::Done, _) => Tone::Warn,
    };
    view! { <Badge tone text=state.label()/> }
}

impl FilesPage {
    pub(super) fn view() -> AnyView {
        let query = use_query_map();
        let live = use_live();
        let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let imports = load(move || (part("after"), live.get()), |(after, _)| list_imports(after));
        let problem = move || Some(part("problem")).filter(|p| !p.is_empty());
        let kinds = TableKind::ALL.iter().map(|k| (k.to_string(), k.label().to_owned())).collect::<Vec<_>>();
        let out = TableKind::ALL
            .iter()
            .map(|kind| {
                let link = |format: &str, words: &str| {
                    view! { <a class="link" href=format!("/admin/files/out/{kind}.{format}") rel="external" download="">{format!("{} ({words})", kind.label())}</a> }
                };
                view! { <li class="flex flex-wrap gap-x-4">{link("csv", "CSV")}{link("xlsx", "Excel")}</li> }
            })
            .collect_view();
        view! {
            <Title text="Import and export"/>
            <div data-live="desk">
                <header class="pt-6 pb-6">
                    <h1 class="page-title">"Import and export"</h1>
                    <p class="text-ink-soft max-w-prose">"Products, prices and stock as tables. What you bring is looked at first: nothing changes before you have seen what is wrong with it."</p>
                </header>
                {move || problem().map(|text| view! { <div class="pb-6"><ErrorNote text/></div> })}
                <div class="grid gap-6 lg:grid-cols-2 items-start pb-8">
                    <section class="card">
                        <h2 class="font-semibold">"Bring a table"</h2>
                        <form method="post" action="/admin/files/upload" enctype="multipart/form-data" class="mt-4 grid gap-4">
                            <SelectField name="kind" label="What it is of" options=kinds/>
                            <FileField name="file" label="File" accept=".csv,.xlsx,text/csv" hint="CSV in UTF-8 or a workbook (.xlsx), with headings in the first row; at most 16 MB and 100,000 rows."/>
                            <p><button class="button">"Bring it"</button></p>
                        </form>
                    </section>
                    <section class="card">
                        <h2 class="font-semibold">"Take a table away"</h2>
                        <p class="mt-2 text-ink-soft">"Change it and bring it back: an import reads these columns."</p>
                        <ul class="mt-4 grid gap-2">{out}</ul>
                    </section>
                </div>
                <Transition fallback=|| view! { <div class="skeleton h-64" aria-busy="true"></div> }>
                    {move || imports.get().map(|answer| match answer {
                        Ok(page) => view! { <Rows page first=part("after").is_empty()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Rows(page: Page<ImportRow>, first: bool) -> impl IntoView {
    let next = page.next.as_deref().map(|after| format!("/admin/files?after={}", encode(after)));
    if page.rows.is_empty() {
        return view! { <EmptyState icon="inbox" title="Nothing was brought yet"><p>"Every table that is brought stands here, with what became of its rows."</p></EmptyState> }
            .into_any();
    }
    let rows = page
        .rows
        .into_iter()
        .map(|i| {
            view! {
                <tr>
                    <th scope="row"><a class="link" href=format!("/admin/files/{}", i.id)>{i.file_name}</a></th>
                    <td>{i.kind.label()}</td><td>{state_badge(i.state, i.bad)}</td>
                    <td class="num">{grouped(i.rows.into())}</td><td class="num">{grouped(i.bad)}</td>
                    <td>{i.who}</td><td class="whitespace-nowrap"><When at=i.opened_at/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h2 class="font-semibold pb-3">"What was brought"</h2>
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr>
                <th scope="col">"File"</th><th scope="col">"Of"</th><th scope="col">"State"</th><th scope="col" class="num">"Rows"</th>
                <th scope="col" class="num">"Bad"</th><th scope="col">"By"</th><th scope="col">"When"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        <NextPage href=next first first_href="/admin/files".to_owned()/>
    }
    .into_any()
}
