use leptos::prelude::*;
use waybill::geo::GeoPoint;

/// Places as points, to scale, on nothing but a quiet ground. Each is (name, point, whether it stands out).
#[component]
pub fn PlacesMap(points: Vec<(String, GeoPoint, bool)>, label: &'static str) -> impl IntoView {
    let fold = |f: fn(f64, f64) -> f64, of: fn(&GeoPoint) -> f64| points.iter().map(|p| of(&p.1)).reduce(f).unwrap_or_default();
    let (south, north) = (fold(f64::min, |p| p.latitude), fold(f64::max, |p| p.latitude));
    let (west, east) = (fold(f64::min, |p| p.longitude), fold(f64::max, |p| p.longitude));
    // Degrees of longitude are shorter than those of latitude, by the cosine of the latitude.
    let narrow = ((south + north) / 2.0).to_radians().cos().max(0.2);
    let span = (north - south).max((east - west) * narrow).max(0.5);
    // A name that would lie on another is left out: it is there on hover.
    let mut named: Vec<(f64, f64)> = Vec::new();
    let marks = points
        .iter()
        .map(|(name, p, stands_out)| {
            let x = 100.0 + ((p.longitude - (west + east) / 2.0) * narrow / span) * 150.0;
            let y = 100.0 - ((p.latitude - (south + north) / 2.0) / span) * 150.0;
            let class = if *stands_out { "route-to" } else { "route-from" };
            let free = named.iter().all(|(nx, ny)| (ny - y).abs() > 8.0 || (nx - x).abs() > 60.0);
            let text = free.then(|| {
                named.push((x, y));
                view! { <text class="route-name" x=format!("{:.1}", x + 6.0) y=format!("{:.1}", y + 3.0)>{name.clone()}</text> }
            });
            view! { <circle class=class cx=format!("{x:.1}") cy=format!("{y:.1}") r="3.5"><title>{name.clone()}</title></circle>{text} }
        })
        .collect_view();
    view! { <figure class="card"><svg class="w-full" viewBox="0 0 240 200" role="img" aria-label=label>{marks}</svg></figure> }
}
