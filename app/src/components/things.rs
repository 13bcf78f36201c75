use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A thing of an order as it is typed into a row; rows that are empty do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThingRow {
    pub sku: String,
    pub quantity: String,
}

/// Rows of `form[lines]` in which things are typed, each with what is wrong with it.
#[component]
pub fn ThingRows(rows: usize, #[prop(into)] error: Signal<Option<ApiError>>) -> impl IntoView {
    let rows = (0..rows)
        .map(|n| {
            let labels = (format!("SKU of thing {}", n + 1), format!("Quantity of thing {}", n + 1));
            let wrong = move || error.get().map(|e| e.of_rows("/lines")).and_then(|rows| rows.into_iter().find(|(row, _)| *row == n));
            let is_wrong = move || wrong().is_some().then_some("true");
            let told = format!("thing-{n}-error");
            let described = { let told = told.clone(); move || wrong().is_some().then(|| told.clone()) };
            view! {
                <tr>
                    <td><input class="field w-full code" name=format!("form[lines][{n}][sku]") aria-label=labels.0 autocomplete="off" aria-invalid=is_wrong aria-describedby=described.clone()/>
                        {move || wrong().map(|(_, text)| view! { <p class="mt-1 text-sm text-bad font-medium" id=told.clone()>{text}</p> })}</td>
                    <td><input class="field w-24" name=format!("form[lines][{n}][quantity]") type="number" min="1" inputmode="numeric" aria-label=labels.1 aria-invalid=is_wrong aria-describedby=described/></td>
                </tr>
            }
        })
        .collect_view();
    view! { <table class="table table-dense"><thead><tr><th scope="col">"SKU"</th><th scope="col">"Quantity"</th></tr></thead><tbody>{rows}</tbody></table> }
}

/// The things that were typed, and which row each stood in.
#[cfg(feature = "ssr")]
pub struct Things {
    pub lines: Vec<waybill::orders::NewLine>,
    rows: Vec<usize>,
}

#[cfg(feature = "ssr")]
impl Things {
    /// Reads the rows that something was typed into, one unit where no quantity was.
    pub fn read(typed: &[ThingRow]) -> Result<Self, waybill::refusal::Refusal> {
        let mut things = Self { lines: Vec::new(), rows: Vec::new() };
        for (n, row) in typed.iter().enumerate().filter(|(_, row)| !row.sku.trim().is_empty()) {
            let quantity =
                if row.quantity.trim().is_empty() { 1 } else { crate::error::whole_number(&format!("/lines/{n}/quantity"), &row.quantity)? };
            things.lines.push(waybill::orders::NewLine { sku: row.sku.trim().to_owned(), quantity, ..waybill::orders::NewLine::default() });
            things.rows.push(n);
        }
        if things.lines.is_empty() {
            return Err(waybill::refusal::Refusal::field("/lines", "Write at least one SKU."));
        }
        Ok(things)
    }

    /// What is wrong with a line is wrong with the row that it stood in.
    pub fn at_rows(&self, error: impl Into<ApiError>) -> ApiError {
        let mut error = error.into();
        if let ApiError::Refused(refusal) = &mut error {
            for problem in &mut refusal.fields {
                let Some(rest) = problem.field.strip_prefix("/lines/") else { continue };
                let (line, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                if let Some(row) = line.parse().ok().and_then(|line: usize| self.rows.get(line)) {
                    problem.field = format!("/lines/{row}{below}");
                }
            }
        }
        error
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use waybill::refusal::Refusal;

    #[test]
    fn what_is_wrong_is_told_at_the_row_that_it_stands_in() {
        let row = |sku: &str, quantity: &str| ThingRow { sku: sku.to_owned(), quantity: quantity.to_owned() };
        let things = Things::read(&[row("", ""), row(" LAMP ", ""), row("", "3"), row("MUG", "2")]).expect("two things");
        assert_eq!(things.lines.iter().map(|l| (l.sku.as_str(), l.quantity)).collect::<Vec<_>>(), [("LAMP", 1), ("MUG", 2)]);
        let told = |field: &str| match things.at_rows(ApiError::Refused(Refusal::field(field, "wrong"))) {
            ApiError::Refused(refusal) => refusal.fields[0].field.clone(),
            other => other.to_string(),
        };
        assert_eq!(told("/lines/1/sku"), "/lines/3/sku");
        assert_eq!(
            (told("/lines/0"), told("/lines"), told("/lines/9"), told("/contact")),
            ("/lines/1".to_owned(), "/lines".to_owned(), "/lines/9".to_owned(), "/contact".to_owned())
        );
        assert_eq!(Things::read(&[row("", ""), row("MUG", "two")]).err().map(|r| r.fields[0].field.clone()).as_deref(), Some("/lines/1/quantity"));
        assert!(Things::read(&[row(" ", "3")]).is_err());
    }
}
