use crate::ui::{Badge, NextPage, Stat, Tone, When};
use leptos::prelude::*;
use waybill::money::{Currency, Money, grouped};
use waybill::orders::views::{DisruptedOutcome, DisruptedRow, DisruptionCounts, DisruptionView, Replanned, Whence};

/// What becomes, or would become, of the work that counts on what is out of order.
#[component]
pub(super) fn Work(
    view: DisruptionView,
    /// The page that its further orders are on; none where they are not.
    #[prop(optional, into)]
    this: Option<String>,
) -> impl IntoView {
    let DisruptionView { counts, currency, orders, .. } = view;
    if counts.work == 0 {
        return view! { <p class="text-ink-soft">"No order counts on it that would have to leave before it is over."</p> }.into_any();
    }
    let currency = Currency::from_code(&currency).unwrap_or(Currency::GBP);
    let is_first = orders.rows.first().is_none_or(|row| row.no == 1);
    let rows = orders.rows.into_iter().map(|row| view! { <Row row currency/> }).collect_view();
    let next = this.map(|this| {
        let href = orders.next.map(|next| format!("{this}?after={next}"));
        view! { <NextPage href first=is_first first_href=this/> }
    });
    view! {
        <Sums counts currency/>
        <div class="table-wrap mt-5" tabindex="0"><table class="table table-dense">
            <thead><tr><th scope="col">"Order"</th><th scope="col">"What becomes of it"</th><th scope="col">"From"</th><th scope="col">"To"</th>
                <th scope="col">"There by"</th><th scope="col" class="num">"Carriage"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {next}
    }
    .into_any()
}

#[component]
fn Sums(counts: DisruptionCounts, currency: Currency) -> impl IntoView {
    let figure = |label: &'static str, n: i32| (n > 0).then(|| view! { <Stat label value=grouped(n.into())/> });
    let extra = match counts.extra_minor {
        0 => "the same".to_owned(),
        more if more > 0 => format!("+{}", Money::new(more, currency)),
        less => format!("−{}", Money::new(-less, currency)),
    };
    let carriage = (counts.moved + counts.other_service + counts.back > 0).then(|| view! { <Stat label="Carriage" value=extra/> });
    view! {
        <div class="grid gap-4 grid-cols-2 sm:grid-cols-3 lg:grid-cols-4">
            <Stat label="Orders" value=grouped(counts.orders.into())/>
            {figure("Sent otherwise", counts.moved + counts.other_service)}
            {figure("Stay where they are", counts.stays)}
            {figure("Wait for stock", counts.waits)}
            {figure("Brought back", counts.back)}
            {figure("Later than promised", counts.later)}
            {figure("Still to be looked at", counts.to_do)}
            {carriage}
        </div>
    }
}

const fn tone_of(outcome: DisruptedOutcome) -> Tone {
    match outcome {
        DisruptedOutcome::Moved | DisruptedOutcome::OtherService | DisruptedOutcome::Back => Tone::Good,
        DisruptedOutcome::Waits => Tone::Bad,
        DisruptedOutcome::Stays | DisruptedOutcome::Gone => Tone::Neutral,
    }
}

fn places(places: &[Whence]) -> String {
    let one = |whence: &Whence| match &whence.service {
        Some(service) => format!("{} × {} ({service})", whence.units, whence.location),
        None => format!("{} × {}", whence.units, whence.location),
    };
    places.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[component]
fn Row(row: DisruptedRow, currency: Currency) -> impl IntoView {
    let DisruptedRow { number, outcome, told, .. } = row;
    let badge = match outcome {
        Some(outcome) => view! { <Badge tone=tone_of(outcome) text=outcome.label()/> }.into_any(),
        None => view! { <Badge tone=Tone::Progress text="To be looked at"/> }.into_any(),
    };
    let cells = told.map(|told| {
        let Replanned { from, to, promised_by, now_by, cost_before_minor, cost_after_minor, .. } = told;
        let is_later = promised_by.zip(now_by).is_some_and(|(before, after)| after > before);
        let date = match (promised_by, now_by) {
            (Some(before), Some(after)) if after != before => {
                view! { <span class="line-through text-ink-soft"><When at=before/></span>" "<When at=after/>{is_later.then_some(" (later)")} }
                    .into_any()
            }
            (Some(before), None) => view! { <span class="line-through text-ink-soft"><When at=before/></span>" not known" }.into_any(),
            (None, None) => view! { <span class="text-ink-soft">"nothing promised"</span> }.into_any(),
            (_, Some(at)) => view! { <When at/> }.into_any(),
        };
        let cost = match (cost_before_minor, cost_after_minor) {
            (Some(before), Some(after)) if before != after => format!("{} → {}", Money::new(before, currency), Money::new(after, currency)),
            (Some(same), _) | (None, Some(same)) => Money::new(same, currency).to_string(),
            (None, None) => "–".to_owned(),
        };
        let to = if to.is_empty() { "nowhere yet".to_owned() } else { places(&to) };
        view! { <td>{places(&[from])}</td><td>{to}</td><td>{date}</td><td class="num">{cost}</td> }
    });
    let empty = cells.is_none().then(|| view! { <td colspan="4"></td> });
    view! { <tr><th scope="row"><a class="link code" href=format!("/desk/orders/{number}")>{number.clone()}</a></th><td>{badge}</td>{cells}{empty}</tr> }
}
