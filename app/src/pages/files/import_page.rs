use super::api::{ApplyImport, MapImport, read_import};
use super::files_page::state_badge;
use crate::components::use_live;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{ErrorNote, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::integrations::files::ImportState;
use waybill::integrations::files::views::ImportDetail;
use waybill::money::grouped;

/// `/admin/files/:id`: which column is which, what is wrong, and taking the rows in.
#[derive(Debug)]
pub struct ImportPage;

impl ImportPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let live = use_live();
        let (map, apply) = (ServerAction::<MapImport>::new(), ServerAction::<ApplyImport>::new());
        let import = load(
            move || (params.read().get("id").unwrap_or_default(), live.get(), map.version().get(), apply.version().get()),
            |(id, ..)| read_import(id),
        );
        let error = move || map.value().get().and_then(Result::err).or_else(|| apply.value().get().and_then(Result::err));
        view! {
            <div data-live="desk">
                <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/files">"Import and export"</a></nav>
                {move || error().map(|e| view! { <div class="pt-4"><ErrorNote text=e.everything()/></div> })}
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || import.get().map(|answer| match answer {
                        Ok(import) => view! { <Whole import map apply/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(import: ImportDetail, map: ServerAction<MapImport>, apply: ServerAction<ApplyImport>) -> impl IntoView {
    let row = import.row.clone();
    let (rows, bad) = (i64::from(row.rows), row.bad);
    let good = rows - bad;
    let said = match (row.state, bad) {
        (ImportState::Open, _) => "Say which column is which. Then the rows are looked at; nothing changes yet.".to_owned(),
        (ImportState::Checking, _) => "The rows are being looked at. Nothing changes yet.".to_owned(),
        (ImportState::Checked, 0) => format!("All {} rows can be taken in.", grouped(rows)),
        (ImportState::Checked, _) => format!("{} of {} rows cannot be taken in.", grouped(bad), grouped(rows)),
        (ImportState::Applying, _) => "The rows are being taken in. You may leave this page.".to_owned(),
        (ImportState::Done, 0) => format!("All {} rows were taken in.", grouped(rows)),
        (ImportState::Done, _) => format!("{} rows were taken in, {} were not.", grouped(good), grouped(bad)),
    };
    let progress = row.state.is_running().then(|| {
        let words = format!("{} of {} rows", grouped(import.done.into()), grouped(rows));
        view! { <div class="pt-4 grid gap-1 max-w-xl"><progress class="w-full" max=rows.to_string() value=import.done.to_string() aria-label="Rows"></progress><p class="text-sm text-ink-soft">{words}</p></div> }
    });
    let id = row.id.to_string();
    let bad_file = format!("/admin/files/{id}/bad-rows.csv");
    let take_in = (row.state == ImportState::Checked && good > 0).then(|| {
        let words = if bad > 0 { format!("Take the {} good rows in", grouped(good)) } else { "Take them in".to_owned() };
        view! {
            <ActionForm action=apply attr:class="pt-4">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="leave_out_bad" value=(bad > 0).to_string()/>
                <button class="button" disabled=move || apply.pending().get()>{words}</button>
            </ActionForm>
        }
    });
    let problems = import.problems.clone();
    let columns = matches!(row.state, ImportState::Open | ImportState::Checked).then(|| view! { <Columns import=import.clone() map/> });
    view! {
        <Title text=row.file_name.clone()/>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1">
            <h1 class="page-title">{row.file_name}</h1>{state_badge(row.state, bad)}
            <span class="text-ink-soft">{row.kind.label()}", "{row.who}", "<When at=row.opened_at/></span>
        </header>
        <p class="pt-4 text-lg" role="status">{said}</p>
        {progress}
        {take_in}
        {(bad > 0 && !row.state.is_running()).then(|| view! { <Problems problems bad bad_file/> })}
        {columns}
    }
}

#[component]
fn Problems(problems: Vec<(i32, String)>, bad: i64, bad_file: String) -> impl IntoView {
    let more = usize::try_from(bad).is_ok_and(|n| n > problems.len());
    let shown = problems.len();
    let rows = problems.into_iter().map(|(line, words)| view! { <tr><th scope="row" class="num">{line}</th><td>{words}</td></tr> }).collect_view();
    view! {
        <section class="pt-8">
            <h2 class="font-semibold">"What is wrong"</h2>
            <p class="pt-1 pb-3"><a class="link" href=bad_file rel="external" download="">"Take the bad rows away"</a>" as a file, mend them there, and bring it."</p>
            <div class="table-wrap" tabindex="0"><table class="table table-dense">
                <thead><tr><th scope="col" class="num">"Line"</th><th scope="col">"What is wrong"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {more.then(|| view! { <p class="pt-2 text-sm text-ink-soft">{format!("The first {shown}. The file has all of them.")}</p> })}
        </section>
    }
}

#[component]
fn Columns(import: ImportDetail, map: ServerAction<MapImport>) -> impl IntoView {
    let ImportDetail { row, header, mapping, sample, .. } = import;
    let fields = row
        .kind
        .columns()
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let chosen = mapping.get(index).copied().unwrap_or(-1);
            let id = format!("column-{}", column.name);
            let options = header
                .iter()
                .enumerate()
                .map(|(place, heading)| {
                    let selected = i32::try_from(place).is_ok_and(|p| p == chosen);
                    let words = if heading.is_empty() { format!("Column {}", place + 1) } else { heading.clone() };
                    view! { <option value=place.to_string() selected=selected>{words}</option> }
                })
                .collect_view();
            let example = usize::try_from(chosen).ok().and_then(|p| sample.first().and_then(|row| row.get(p).cloned()));
            view! {
                <div class="grid gap-1.5">
                    <label class="text-sm font-medium" for=id.clone()>{column.label}{(!column.required).then(|| view! { <span class="text-ink-soft font-normal">" (optional)"</span> })}</label>
                    <select id=id name="mapping[]" class="field"><option value="-1">"Not in the file"</option>{options}</select>
                    <p class="text-sm text-ink-soft truncate">{example}</p>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="pt-8 max-w-4xl">
            <h2 class="font-semibold">"Which column is which"</h2>
            <p class="pt-1 text-ink-soft">"Under each stands what the first row has. What is not in the file, and what is empty in it, stays as it is."</p>
            <ActionForm action=map attr:class="pt-4 grid gap-6">
                <input type="hidden" name="id" value=row.id.to_string()/>
                <div class="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">{fields}</div>
                <p><button class="button-quiet" disabled=move || map.pending().get()>"Look at the rows"</button></p>
            </ActionForm>
        </section>
    }
}
