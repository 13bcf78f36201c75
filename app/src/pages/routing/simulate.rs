use super::api::StartSimulation;
use super::simulation_page::{simulated_words, tone_of};
use crate::ui::{Badge, Button, ErrorNote, TextField, When};
use chrono::{Days, NaiveDate};
use leptos::form::ActionForm;
use leptos::prelude::*;
use waybill::money::grouped;
use waybill::simulation::views::SimulationRow;

/// What is simulated.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Of {
    Draft(String),
    /// `{ruleset}/{version}`.
    Version(String),
    AsItWas,
}

/// Asks for a simulation of a past period, the thirty days before today where nobody says otherwise.
#[component]
pub(super) fn Simulate(of: Of, today: NaiveDate, start: ServerAction<StartSimulation>) -> impl IntoView {
    let error = Signal::derive(move || start.value().get().and_then(Result::err));
    let of_field = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let general = move || {
        error.get().filter(|e| e.of_field("/from").or_else(|| e.of_field("/until")).is_none()).map(|e| view! { <ErrorNote text=e.everything()/> })
    };
    let (draft, version) = match of {
        Of::Draft(draft) => (draft, String::new()),
        Of::Version(version) => (String::new(), version),
        Of::AsItWas => (String::new(), String::new()),
    };
    let before = move |days| today.checked_sub_days(Days::new(days)).unwrap_or(today).to_string();
    view! {
        <ActionForm action=start attr:class="grid gap-4" attr:novalidate="">
            <input type="hidden" name="draft" value=draft/><input type="hidden" name="version" value=version/>
            <div class="grid gap-4 sm:grid-cols-2">
                <TextField scope="simulate" name="from" label="From" kind="date" required=true value=before(30) error=of_field("/from")/>
                <TextField scope="simulate" name="until" label="Until" kind="date" required=true value=before(1) error=of_field("/until")/>
            </div>
            {general}
            <p><Button pending=start.pending()>"Simulate"</Button></p>
        </ActionForm>
    }
}

/// Simulations, the newest first.
#[component]
pub(super) fn Simulations(rows: Vec<SimulationRow>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let by = row.asked_by.clone().map(|by| format!(", {by}")).unwrap_or_default();
            view! {
                <tr><th scope="row"><a class="link" href=format!("/routing/simulations/{}", row.id)>{simulated_words(&row)}</a></th><td><Badge tone=tone_of(row.state) text=row.state.label()/></td>
                    <td><When at=row.from/>" to "<When at=row.until/></td><td class="num">{grouped(row.orders.into())}</td><td><When at=row.asked_at/>{by}</td></tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr><th scope="col">"Simulation"</th><th scope="col">"State"</th><th scope="col">"Period"</th><th scope="col" class="num">"Orders"</th><th scope="col">"Asked for"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
}
