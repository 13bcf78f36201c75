use leptos::prelude::*;
use std::collections::BTreeMap;
use waybill::ids::LocationId;
use waybill::simulation::views::Findings;

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 300.0;
/// Degrees around the places that are drawn.
const MARGIN: f64 = 2.0;

/// Where parcels go, as it was and as it would have been: a line for each place and each whole degree, as broad as the parcels are many. What goes further
/// away than the map is told in words.
#[component]
pub(super) fn FlowMap(findings: Findings) -> impl IntoView {
    let places: BTreeMap<LocationId, (f64, f64)> = findings.places.iter().filter_map(|p| Some((p.location?, (p.latitude, p.longitude)))).collect();
    if places.is_empty() || findings.flows.is_empty() {
        return ().into_any();
    }
    let fold = |f: fn(f64, f64) -> f64, of: fn(&(f64, f64)) -> f64| places.values().map(of).reduce(f).unwrap_or_default();
    let (south, north) = (fold(f64::min, |p| p.0) - MARGIN, fold(f64::max, |p| p.0) + MARGIN);
    let (west, east) = (fold(f64::min, |p| p.1) - MARGIN, fold(f64::max, |p| p.1) + MARGIN);
    // Degrees of longitude are shorter than those of latitude, by the cosine of the latitude.
    let narrow = ((south + north) / 2.0).to_radians().cos().max(0.2);
    let span = (north - south).max((east - west) * narrow);
    let at = move |latitude: f64, longitude: f64| {
        let x = WIDTH / 2.0 + (longitude - (west + east) / 2.0) * narrow / span * WIDTH;
        let y = HEIGHT / 2.0 - (latitude - (south + north) / 2.0) / span * HEIGHT;
        (format!("{x:.1}"), format!("{y:.1}"))
    };
    let most = f64::from(findings.flows.iter().map(|f| f.real.max(f.simulated)).max().unwrap_or(1).max(1));
    let is_near = move |latitude: i16, longitude: i16| (south..=north).contains(&latitude.into()) && (west..=east).contains(&longitude.into());
    let far: u32 = findings.flows.iter().filter(|flow| !is_near(flow.latitude, flow.longitude)).map(|flow| flow.simulated).sum();
    let further = (far > 0).then(|| view! { <p class="mt-3 text-xs text-ink-soft">{format!("{far} parcels go further than this map.")}</p> });
    let map = |title: &'static str, simulated: bool| {
        let lines = findings
            .flows
            .iter()
            .filter_map(|flow| {
                let parcels = if simulated { flow.simulated } else { flow.real };
                let from = places.get(&flow.location).filter(|_| parcels > 0 && is_near(flow.latitude, flow.longitude))?;
                let ((x1, y1), (x2, y2)) = (at(from.0, from.1), at(flow.latitude.into(), flow.longitude.into()));
                let width = format!("{:.2}", 0.4 + (f64::from(parcels) / most).sqrt() * 6.0);
                Some(view! { <line class="flow" x1=x1 y1=y1 x2=x2 y2=y2 stroke-width=width></line> })
            })
            .collect_view();
        let dots = findings
            .places
            .iter()
            .map(|place| {
                let (cx, cy) = at(place.latitude, place.longitude);
                let load = if simulated { &place.simulated } else { &place.real };
                view! { <circle class="route-from" cx=cx cy=cy r="3"><title>{format!("{}: {} parcels", place.name, load.parcels)}</title></circle> }
            })
            .collect_view();
        view! {
            <figure><figcaption class="text-sm text-ink-soft pb-2">{title}</figcaption>
                <svg class="w-full rounded-lg" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=format!("Where parcels go: {title}")>{lines}{dots}</svg></figure>
        }
    };
    view! {
        <section class="card"><h2 class="font-semibold pb-3">"Where parcels go"</h2>
            <div class="grid gap-6 sm:grid-cols-2">{map("As it was", false)}{map("Simulated", true)}</div>{further}
        </section>
    }
    .into_any()
}
