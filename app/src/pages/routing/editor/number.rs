//! Numbers as they are typed: in the unit that people count in.

use super::lens::Lens;
use leptos::prelude::*;

/// A number as it is shown: in units of which so many of what is stored are one.
pub fn shown_number(stored: f64, scale: f64) -> String {
    ((stored / scale * 1_000.0).round() / 1_000.0).to_string()
}

/// A number as somebody typed it, as it is stored; none where it is none. A comma before one or two last digits is a decimal point, any other one sets
/// thousands apart. Where smaller units are stored than are typed, they are whole.
pub fn read_number(text: &str, scale: f64) -> Option<f64> {
    let text: String = text.trim().chars().filter(|c| !c.is_whitespace()).collect();
    let plain = match text.rsplit_once(',') {
        Some((whole, part)) if (1..=2).contains(&part.len()) && !text.contains('.') && !whole.contains(',') => format!("{whole}.{part}"),
        _ => text.replace(',', ""),
    };
    let number = plain.parse::<f64>().ok().filter(|n| n.is_finite())?;
    Some(if scale > 1.0 { (number * scale).round() } else { number * scale })
}

/// A field for a number, taken as it is typed. What is no number is not: what was there comes back when the field is left.
#[component]
pub fn NumberBox(
    number: Lens<Option<f64>>,
    #[prop(default = 1.0)] scale: f64,
    label: String,
    /// It may be left empty.
    #[prop(optional)]
    may_be_empty: bool,
) -> impl IntoView {
    let shown = move || number.get().map(|n| shown_number(n, scale)).unwrap_or_default();
    let typed = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        match read_number(&text, scale) {
            Some(read) => number.set(Some(read)),
            None if may_be_empty && text.trim().is_empty() => number.set(None),
            None => {}
        }
    };
    let left = move |event: leptos::ev::Event| {
        let input: leptos::web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&shown());
    };
    view! { <input class="field w-28" inputmode="decimal" aria-label=label prop:value=shown on:input=typed on:change=left/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_typed() {
        assert_eq!(read_number("19.99", 100.0), Some(1_999.0));
        assert_eq!(read_number("19,99", 100.0), Some(1_999.0));
        assert_eq!(read_number("1,000", 1.0), Some(1_000.0));
        assert_eq!(read_number("1,000.50", 100.0), Some(100_050.0));
        assert_eq!(read_number("2.5", 1.0), Some(2.5));
        for wrong in ["", "abc", "inf", "NaN"] {
            assert_eq!(read_number(wrong, 1.0), None, "{wrong}");
        }
        assert_eq!(shown_number(1_999.0, 100.0), "19.99");
    }
}
