use super::api::list_settings;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::When;
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::carriers::SettingKind;
use waybill::carriers::views::SettingRow;

/// `/admin/delivery`: everything that is set about delivery.
#[derive(Debug)]
pub struct SettingsPage;

impl SettingsPage {
    pub(super) fn view() -> AnyView {
        let settings = load(|| (), |()| list_settings());
        view! {
            <Title text="Delivery"/>
            <header class="flex flex-wrap items-end justify-between gap-4 py-6">
                <div><h1 class="page-title">"Delivery"</h1><p class="text-ink-soft mt-1 max-w-prose">"What customers choose from, who brings it, how long that takes, and what it costs. Everything can be changed from a moment on; orders keep what they were promised."</p></div>
                <a class="button" href="/admin/delivery/try">"Try a parcel"</a>
            </header>
            <Suspense fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || settings.get().map(|answer| match answer {
                    Ok(rows) => view! { <Kinds rows/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

/// The kinds as people think of them, from what customers see to what it is made of: (kind, heading, what a new one is called, a line of explanation).
const KINDS: [(SettingKind, &str, &str, &str); 6] = [
    (SettingKind::Method, "Ways of delivery", "Add a way of delivery", "What customers choose from, each with the services that may bring it."),
    (SettingKind::Slots, "Time slots", "Add time slots", "Times of delivery or collection that customers choose, with room for so many each."),
    (SettingKind::Service, "Carrier services", "Add a service", "When parcels are collected, how many days they take, and when they are delivered."),
    (SettingKind::RateCard, "Rate cards", "Add a rate card", "Prices by zone, weight and value: what customers pay, and what carriers take."),
    (SettingKind::ZoneMap, "Zone maps", "Add a zone map", "Which zone an address is in."),
    (SettingKind::Holidays, "Public holidays", "Add a country", "Days on which carriers rest, and locations that keep holidays are closed."),
];

#[component]
fn Kinds(rows: Vec<SettingRow>) -> impl IntoView {
    KINDS
        .map(|(kind, heading, add, words)| {
            let own: Vec<SettingRow> = rows.iter().filter(|r| r.kind == kind).cloned().collect();
            let items = own.into_iter().map(|row| view! { <Row row/> }).collect_view();
            let id = kind.as_str();
            view! {
                <section class="pb-8" aria-labelledby=id>
                    <div class="flex flex-wrap items-end justify-between gap-3 pb-3">
                        <div><h2 class="font-semibold text-lg" id=id>{heading}</h2><p class="text-sm text-ink-soft">{words}</p></div>
                        <a class="button-quiet" href=format!("/admin/delivery/{id}/new")>{add}</a>
                    </div>
                    <div class="table-wrap" tabindex="0"><table class="table table-dense">
                        <thead><tr><th scope="col">"Name"</th><th scope="col">"Code"</th><th scope="col">"What it says"</th><th scope="col">"In force"</th></tr></thead>
                        <tbody>{items}</tbody>
                    </table></div>
                </section>
            }
        })
        .collect_view()
}

#[component]
fn Row(row: SettingRow) -> impl IntoView {
    let href = format!("/admin/delivery/{}/{}", row.kind, row.code);
    view! {
        <tr>
            <th scope="row"><a class="link" href=href>{row.name}</a></th><td class="code">{row.code}</td><td>{row.summary}</td>
            <td>"since "<When at=row.since/>{row.changes_at.map(|at| view! { ", changes "<When at/> })}</td>
        </tr>
    }
}
