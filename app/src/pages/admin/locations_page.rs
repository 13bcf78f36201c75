use super::api::list_places;
use crate::components::{PlacesMap, use_live};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Tone};
use leptos::prelude::*;
use leptos_meta::Title;
use waybill::inventory::places::views::PlaceRow;

/// `/admin/locations`: every place, what it does and how busy it is.
#[derive(Debug)]
pub struct LocationsPage;

impl LocationsPage {
    pub(super) fn view() -> AnyView {
        let live = use_live();
        let places = load(move || live.get(), |_| list_places());
        view! {
            <Title text="Locations"/>
            <div data-live="desk">
                <header class="flex flex-wrap items-end justify-between gap-4 py-6">
                    <h1 class="page-title">"Locations"</h1>
                    <a class="button" href="/admin/locations/new">"Open a location"</a>
                </header>
                <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                    {move || places.get().map(|answer| match answer {
                        Ok(places) => view! { <Places places/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Places(places: Vec<PlaceRow>) -> impl IntoView {
    let points = places.iter().map(|p| (p.city.clone(), p.point, p.closed.is_none())).collect::<Vec<_>>();
    let rows = places
        .into_iter()
        .map(|p| {
            let does = [(p.ships, "Sends"), (p.offers_pickup, "Click and collect")].into_iter().filter(|d| d.0).map(|d| d.1).collect::<Vec<_>>();
            let does = if does.is_empty() { "Stock only".to_owned() } else { does.join(", ") };
            let today = match p.daily_order_capacity {
                Some(limit) => format!("{} of {limit}", p.taken_today),
                None => "no limit".to_owned(),
            };
            let state = match p.closed {
                Some(reason) => view! { <Badge tone=Tone::Warn text=format!("Closed: {reason}")/> }.into_any(),
                None => view! { <Badge tone=Tone::Good text="Open"/> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><a class="link" href=format!("/admin/locations/{}", p.code)>{p.name}</a><span class="block code font-normal text-ink-soft">{p.code.clone()}</span></th>
                    <td>{state}</td><td class="num whitespace-nowrap">{today}</td><td class="num">{p.open_work}</td><td>{does}</td><td>{p.kind.label()}</td><td>{p.city}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="grid gap-6 lg:grid-cols-[1fr_20rem] items-start">
            <div class="table-wrap" tabindex="0"><table class="table table-dense">
                <thead><tr>
                    <th scope="col">"Location"</th><th scope="col">"State"</th><th scope="col" class="num">"Orders today"</th>
                    <th scope="col" class="num">"Open work"</th><th scope="col">"Does"</th><th scope="col">"Kind"</th><th scope="col">"City"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <PlacesMap points label="Map of all locations"/>
        </div>
    }
}
