//! A question about a fact: which fact, how it is asked, and what is filled in.

use super::super::sentence::{date_of, name_of};
use super::lens::Lens;
use super::number::NumberBox;
use leptos::prelude::*;
use std::sync::Arc;
use waybill::routing::rules::{Asks, Test};
use waybill::routing::views::{FactKind, FactView};

/// How a fact can be asked about, with the words for it.
fn ways(fact: &FactView) -> Vec<(&'static str, String)> {
    match fact.kind {
        FactKind::Words => vec![("one_of", "is one of".to_owned()), ("none_of", "is none of".to_owned())],
        FactKind::Number => vec![("at_least", "at least".to_owned()), ("at_most", "at most".to_owned())],
        FactKind::Date => vec![("at_least", "from".to_owned()), ("at_most", "up to".to_owned())],
        FactKind::Flag => vec![("yes", fact.yes.clone()), ("no", fact.no.clone())],
    }
}

const fn way_of(asks: &Asks) -> &'static str {
    match asks {
        Asks::OneOf(_) => "one_of",
        Asks::NoneOf(_) => "none_of",
        Asks::AtLeast(_) => "at_least",
        Asks::AtMost(_) => "at_most",
        Asks::Is(true) => "yes",
        Asks::Is(false) => "no",
    }
}

/// The same question in another way, with what was filled in.
fn in_way(asks: &Asks, way: &str) -> Asks {
    let words = || match asks {
        Asks::OneOf(words) | Asks::NoneOf(words) => words.clone(),
        _ => Vec::new(),
    };
    let number = || match asks {
        Asks::AtLeast(number) | Asks::AtMost(number) => *number,
        _ => 0.0,
    };
    match way {
        "none_of" => Asks::NoneOf(words()),
        "at_least" => Asks::AtLeast(number()),
        "at_most" => Asks::AtMost(number()),
        "yes" => Asks::Is(true),
        "no" => Asks::Is(false),
        _ => Asks::OneOf(words()),
    }
}

/// A question about one of some facts. `label` begins the name of each control.
#[component]
pub fn TestEditor(facts: Arc<Vec<FactView>>, test: Lens<Test>, label: String) -> impl IntoView {
    let code = test.zoom(|t| t.fact.clone(), |t, code| t.fact = code);
    let asks = test.zoom(|t| t.asks.clone(), |t, asks| t.asks = asks);
    let options = facts.iter().map(|f| (f.code.clone(), f.name.clone())).collect::<Vec<_>>();
    let choose = {
        let facts = Arc::clone(&facts);
        move |chosen: String| {
            let Some(fact) = facts.iter().find(|f| f.code == chosen) else { return };
            let asks = ways(fact).first().map_or(Asks::OneOf(Vec::new()), |(way, _)| in_way(&Asks::Is(true), way));
            test.set(Test { fact: chosen, asks });
        }
    };
    let of_label = label.clone();
    let rest = move || {
        let fact = facts.iter().find(|f| f.code == code.get()).cloned()?;
        let label = of_label.clone();
        let way = asks.zoom(|a| way_of(a).to_owned(), |a, way| *a = in_way(a, &way));
        let ways = ways(&fact).into_iter().map(|(way, words)| (way.to_owned(), words)).collect::<Vec<_>>();
        let help = fact.help.clone();
        let filled = match fact.kind {
            FactKind::Words => view! { <WordsEditor asks fact label=label.clone()/> }.into_any(),
            FactKind::Number => view! { <NumberEditor asks fact label=label.clone()/> }.into_any(),
            FactKind::Date => view! { <DateEditor asks label=label.clone()/> }.into_any(),
            FactKind::Flag => ().into_any(),
        };
        Some(view! {
            <Choice label=format!("{label}: how") options=ways chosen=way/>
            {filled}
            <span class="text-sm text-ink-soft basis-full">{help}</span>
        })
    };
    view! {
        <Choice label=format!("{label}: what") options chosen=code on_choose=Callback::new(choose)/>
        {rest}
    }
}

/// A list of which one is chosen.
#[component]
pub fn Choice(
    label: String,
    options: Vec<(String, String)>,
    chosen: Lens<String>,
    /// Instead of only writing it down.
    #[prop(optional)]
    on_choose: Option<Callback<String>>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, words)| {
            let own = value.clone();
            view! { <option value=value prop:selected=move || chosen.with(|c| *c == own)>{words}</option> }
        })
        .collect_view();
    let change = move |event| {
        let value = event_target_value(&event);
        match on_choose {
            Some(choose) => choose.run(value),
            None => chosen.set(value),
        }
    };
    view! { <select class="field w-auto max-w-full" aria-label=label prop:value=move || chosen.get() on:change=change>{options}</select> }
}

#[component]
fn NumberEditor(asks: Lens<Asks>, fact: FactView, label: String) -> impl IntoView {
    let number = asks.zoom(
        |a| match a {
            Asks::AtLeast(number) | Asks::AtMost(number) => Some(*number),
            _ => None,
        },
        |a, new| {
            if let (Asks::AtLeast(number) | Asks::AtMost(number), Some(new)) = (a, new) {
                *number = new;
            }
        },
    );
    view! {
        <NumberBox number scale=fact.scale label=format!("{label}: number")/>
        <span class="self-center text-ink-soft">{fact.unit}</span>
    }
}

#[component]
fn DateEditor(asks: Lens<Asks>, label: String) -> impl IntoView {
    let shown = move || match asks.get() {
        Asks::AtLeast(days) | Asks::AtMost(days) => date_of(days).map(|day| day.to_string()).unwrap_or_default(),
        _ => String::new(),
    };
    let change = move |event| {
        if let Ok(day) = event_target_value(&event).parse::<chrono::NaiveDate>() {
            let days = day.signed_duration_since(chrono::NaiveDate::default()).num_days() as f64;
            asks.update(|asks| match asks {
                Asks::AtLeast(n) | Asks::AtMost(n) => *n = days,
                _ => {}
            });
        }
    };
    view! { <input class="field w-auto" type="date" aria-label=format!("{label}: date") prop:value=shown on:change=change/> }
}

#[component]
fn WordsEditor(asks: Lens<Asks>, fact: FactView, label: String) -> impl IntoView {
    let words = asks.zoom(
        |a| match a {
            Asks::OneOf(words) | Asks::NoneOf(words) => words.clone(),
            _ => Vec::new(),
        },
        |a, new| {
            if let Asks::OneOf(words) | Asks::NoneOf(words) = a {
                *words = new;
            }
        },
    );
    view! { <WordList words fact label/> }
}

/// Words that are chosen, each of which can be taken away, and a way to add another.
#[component]
pub fn WordList(words: Lens<Vec<String>>, fact: FactView, label: String) -> impl IntoView {
    let fact = Arc::new(fact);
    let add = move |word: String| {
        let word = word.trim().to_owned();
        if !word.is_empty() {
            words.update(|all| {
                if !all.contains(&word) {
                    all.push(word);
                }
            });
        }
    };
    let chips = {
        let (fact, label) = (Arc::clone(&fact), label.clone());
        move || {
            let all = words.get();
            all.into_iter()
                .enumerate()
                .map(|(n, word)| {
                    let name = name_of(&word, &fact).to_owned();
                    let remove = format!("{label}: remove {name}");
                    view! {
                        <li class="word"><span>{name}</span><button type="button" aria-label=remove on:click=move |_| words.remove(n)>"×"</button></li>
                    }
                })
                .collect_view()
        }
    };
    let name = format!("{label}: add");
    let options = fact.choices.iter().map(|(code, name)| view! { <option value=code.clone()>{name.clone()}</option> }).collect_view();
    let input = if fact.may_be_written {
        let list = format!("{} choices", label.to_lowercase()).replace([' ', ':', ','], "-");
        let change = move |event: leptos::ev::Event| {
            add(event_target_value(&event));
            let input: leptos::web_sys::HtmlInputElement = event_target(&event);
            input.set_value("");
        };
        view! { <input class="field w-44" aria-label=name placeholder="Add…" list=list.clone() on:change=change/><datalist id=list>{options}</datalist> }.into_any()
    } else {
        let change = move |event: leptos::ev::Event| {
            add(event_target_value(&event));
            let select: leptos::web_sys::HtmlSelectElement = event_target(&event);
            select.set_value("");
        };
        view! { <select class="field w-auto" aria-label=name on:change=change><option value="">"Add…"</option>{options}</select> }.into_any()
    };
    view! { <ul class="flex flex-wrap gap-2 items-center">{chips}<li>{input}</li></ul> }
}
