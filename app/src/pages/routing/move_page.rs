use super::api::{MoveRead, read_move};
use super::simulation_page::{outcome_words, simulated_words};
use crate::components::Why;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::When;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::money::Currency;

/// `/routing/simulations/:id/moves/:no`: why an order went where it did, and why other rules would have sent it from elsewhere.
#[derive(Debug)]
pub struct MovePage;

impl MovePage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let read =
            load(move || (params.read().get("id").unwrap_or_default(), params.read().get("no").unwrap_or_default()), |(id, no)| read_move(id, no));
        view! {
            <Suspense fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || read.get().map(|answer| match answer {
                    Ok(read) => view! { <Whole read/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Suspense>
        }
        .into_any()
    }
}

#[component]
fn Whole(read: MoveRead) -> impl IntoView {
    let MoveRead { simulation, currency, moved } = read;
    let currency = Currency::from_code(&currency).unwrap_or(Currency::GBP);
    let row = moved.row;
    let none = || view! { <section class="card"><p>"Nothing was decided otherwise about this order: what it was given was taken from it, or it was called off."</p></section> };
    let real = moved.real.map(|explanation| view! { <Why title="Why from there" explanation/> });
    let simulated = match moved.simulated {
        Some(explanation) => view! { <Why title="Why from elsewhere" explanation/> }.into_any(),
        None => none().into_any(),
    };
    view! {
        <Title text=format!("{} in a simulation", row.number)/>
        <nav class="pt-6 text-sm flex gap-2" aria-label="Breadcrumb"><a class="link" href="/routing">"Routing"</a>"/"<a class="link" href=format!("/routing/simulations/{}", simulation.id)>{simulated_words(&simulation)}</a></nav>
        <header class="pt-1 pb-6"><h1 class="page-title">"Order "<a class="link code" href=format!("/desk/orders/{}", row.number)>{row.number.clone()}</a></h1>
            <p class="text-ink-soft mt-1">"Placed "<When at=row.placed_at/></p></header>
        <div class="grid gap-6 lg:grid-cols-2 items-start pb-8">
            <div class="grid gap-4"><p><strong>"As it was: "</strong>{outcome_words(&row.real, currency)}</p>{real}</div>
            <div class="grid gap-4"><p><strong>"Simulated: "</strong>{outcome_words(&row.simulated, currency)}</p>{simulated}</div>
        </div>
    }
}
