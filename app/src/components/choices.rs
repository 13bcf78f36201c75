//! Fields that several forms have.

use crate::ui::SelectField;
use leptos::prelude::*;
use waybill::geo::COUNTRIES;

/// A country of those that are known.
#[component]
pub fn CountryField(
    name: &'static str,
    #[prop(default = "Country")] label: &'static str,
    #[prop(into)] selected: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] scope: Option<String>,
) -> impl IntoView {
    let options: Vec<(String, String)> = COUNTRIES.iter().map(|c| (c.code.to_owned(), c.name.to_owned())).collect();
    match scope {
        Some(scope) => view! { <SelectField name label options selected error scope/> }.into_any(),
        None => view! { <SelectField name label options selected error/> }.into_any(),
    }
}

/// The cards of the demonstration's bank.
#[component]
pub fn CardField(name: &'static str, #[prop(optional, into)] error: Signal<Option<String>>) -> impl IntoView {
    let cards = [
        ("tok_ok", "Card ending 4242"),
        ("tok_late", "Card of a slow bank (confirms after some seconds)"),
        ("tok_declined", "Card that is declined"),
    ];
    let options: Vec<(String, String)> = cards.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! { <SelectField name label="Pay with" options error/> }
}
