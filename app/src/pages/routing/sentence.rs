//! Rules as sentences, for those who read them.

use waybill::routing::rules::{Action, Asks, Condition, Fill, Filter, Prefer, Rule, Step, Test};
use waybill::routing::views::{Catalogue, FactKind, FactView};

/// A rule in the sentences of its card: what it is about, and what it says of that.
pub fn rule_sentences(rule: &Rule, all: &Catalogue) -> Vec<String> {
    let when = match condition_words(&rule.when, all) {
        words if words.is_empty() => "For every order".to_owned(),
        words => format!("When {words}"),
    };
    let from = filters_words(&rule.candidates, all);
    let how = [prefer_words(&rule.prefer, all), split_words(rule)].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", ");
    let first = format!("{when}, take it {from}{}{how}.", if how.is_empty() { "" } else { ", " });
    let full = match step_words(&rule.then.full, all) {
        // Nothing is missing then.
        words if rule.then.full.act.code == "assign" => words.split_once(';').map_or(words.clone(), |(what, _)| what.to_owned()),
        words => words,
    };
    let (partial, none) = (step_words(&rule.then.partial, all), step_words(&rule.then.none, all));
    let then = if partial == none {
        vec![format!("If everything is found, {full}; else {none}.")]
    } else {
        vec![format!("If everything is found, {full}. If a part is found, {partial}. If nothing is found, {none}.")]
    };
    std::iter::once(first).chain(then).collect()
}

/// A condition in words; empty where it always holds.
pub fn condition_words(condition: &Condition, all: &Catalogue) -> String {
    let join = |parts: &[Condition], with: &str| {
        let words: Vec<String> = parts
            .iter()
            .map(|part| {
                let words = condition_words(part, all);
                let nested = matches!(part, Condition::All(p) | Condition::Any(p) if p.len() > 1);
                if nested { format!("({words})") } else { words }
            })
            .filter(|w| !w.is_empty())
            .collect();
        words.join(with)
    };
    match condition {
        Condition::Always => String::new(),
        Condition::All(parts) => join(parts, " and "),
        Condition::Any(parts) => join(parts, " or "),
        Condition::None(parts) => match join(parts, " or ") {
            words if words.is_empty() => words,
            words => format!("it is not so that {words}"),
        },
        Condition::Order(test) => test_words(test, &all.order),
        Condition::Lines(lines) => format!("{} has: {}", lines.of.label(), test_words(&lines.test, &all.line)),
    }
}

/// A question about a fact in words.
pub fn test_words(test: &Test, facts: &[FactView]) -> String {
    let Some(fact) = facts.iter().find(|f| f.code == test.fact) else { return "something that is not known".to_owned() };
    let fill = |says: &str, text: &str| says.replace("{}", if text.is_empty() { "…" } else { text });
    match &test.asks {
        Asks::OneOf(words) => fill(&fact.one_of, &chosen_words(words, fact)),
        Asks::NoneOf(words) => fill(&fact.none_of, &chosen_words(words, fact)),
        Asks::AtLeast(number) => fill(&fact.at_least, &number_words(*number, fact)),
        Asks::AtMost(number) => fill(&fact.at_most, &number_words(*number, fact)),
        Asks::Is(true) => fact.yes.clone(),
        Asks::Is(false) => fact.no.clone(),
    }
}

fn chosen_words(words: &[String], fact: &FactView) -> String {
    let names: Vec<&str> = words.iter().map(|word| name_of(word, fact)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What people call something that can be chosen.
pub fn name_of<'a>(word: &'a str, fact: &'a FactView) -> &'a str {
    fact.choices.iter().find(|(code, _)| code == word).map_or(word, |(_, name)| name)
}

fn number_words(number: f64, fact: &FactView) -> String {
    if fact.kind == FactKind::Date {
        return date_of(number).map_or_else(String::new, crate::ui::long_day);
    }
    let shown = shown_number(number, fact);
    match fact.unit.as_str() {
        "" => shown,
        // Money: the currency is the order's.
        unit if unit.starts_with("in ") => shown,
        unit if shown == "1" => format!("1 {}", unit.strip_suffix('s').unwrap_or(unit)),
        unit => format!("{shown} {unit}"),
    }
}

/// A number as forms show it.
pub fn shown_number(number: f64, fact: &FactView) -> String {
    let shown = (number / fact.scale * 1_000.0).round() / 1_000.0;
    shown.to_string()
}

/// The day of a number of days since 1 January 1970.
pub fn date_of(days: f64) -> Option<chrono::NaiveDate> {
    chrono::NaiveDate::default().checked_add_days(chrono::Days::new(days.max(0.0) as u64))
}

fn filters_words(filters: &[Filter], all: &Catalogue) -> String {
    let words: Vec<String> = filters
        .iter()
        .map(|filter| {
            let words = test_words(&filter.test, &all.place);
            if filter.hard { words } else { format!("{words} if possible") }
        })
        .collect();
    match words.as_slice() {
        [] => "from any location".to_owned(),
        [one] if one.starts_with("from ") => one.clone(),
        words => format!("from locations {}", words.join(", ")),
    }
}

fn prefer_words(prefer: &Prefer, all: &Catalogue) -> String {
    match prefer {
        Prefer::Ranked(ranked) => {
            let words: Vec<String> = ranked
                .iter()
                .filter_map(|p| {
                    let fact = all.place.iter().find(|f| f.code == p.by)?;
                    Some(match (p.first.is_empty(), p.band) {
                        (false, _) => format!("{} first", p.first.iter().map(|w| name_of(w, fact)).collect::<Vec<_>>().join(", then ")),
                        (true, Some(band)) => format!("{} (in steps of {})", fact.first, number_words(band, fact)),
                        (true, None) => fact.first.clone(),
                    })
                })
                .collect();
            words.join(", then ")
        }
        Prefer::Cheapest(parts) => {
            let names: Vec<&str> = parts.iter().filter_map(|part| Some(all.costs.iter().find(|c| c.code == part.by)?.name.as_str())).collect();
            format!("whatever costs least of {}", names.join(", "))
        }
    }
}

fn split_words(rule: &Rule) -> String {
    match rule.allocate.parcels {
        Some(1) => "in one parcel".to_owned(),
        Some(n) => format!("in at most {n} parcels"),
        None => "in as few parcels as it takes".to_owned(),
    }
}

fn step_words(step: &Step, all: &Catalogue) -> String {
    let words: Vec<String> = std::iter::once(&step.act).chain(&step.also).map(|action| action_words(action, all)).collect();
    words.join(", and ")
}

fn action_words(action: &Action, all: &Catalogue) -> String {
    let Some(kind) = all.actions.iter().find(|a| a.code == action.code) else { return "do something that is not known".to_owned() };
    kind.blanks.iter().fold(kind.says.clone(), |says, blank| {
        let text = match action.fills.get(&blank.name) {
            Some(Fill::Number(n)) => n.to_string(),
            Some(Fill::Text(text)) => all.queues.iter().find(|(code, _)| code == text).map_or_else(|| text.clone(), |(_, name)| name.clone()),
            None => "…".to_owned(),
        };
        says.replace(&format!("{{{}}}", blank.name), &text)
    })
}
