//! Rules as sentences, for those who read them.

use super::editor::shown_number;
use waybill::routing::rules::{Action, Allocate, Asks, Condition, Fill, Filter, Prefer, Rule, Rules, Step, Test};
use waybill::routing::views::{Catalogue, FactKind, FactView};

/// A rule in the sentences of its card: what it is about, and what it says of that.
pub fn rule_sentences(rule: &Rule, all: &Catalogue) -> Vec<String> {
    let when = match condition_words(&rule.when, all) {
        words if words.is_empty() => "For every order".to_owned(),
        words => format!("When {words}"),
    };
    let from = filters_words(&rule.candidates, all);
    let how =
        [prefer_words(&rule.prefer, all), split_words(&rule.allocate, all)].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", ");
    let first = format!("{when}, take it {from}{}{how}.", if how.is_empty() { "" } else { ", " });
    let (full, partial, none) =
        (step_words(&rule.then.full, all, true), step_words(&rule.then.partial, all, false), step_words(&rule.then.none, all, false));
    let then = if partial == none {
        vec![format!("If everything is found, {full}; else {none}.")]
    } else {
        vec![format!("If everything is found, {full}. If a part is found, {partial}. If nothing is found, {none}.")]
    };
    std::iter::once(first).chain(then).collect()
}

/// What rules say of every order, whichever rule is for it.
pub fn general_sentences(rules: &Rules) -> String {
    let days = |days: u16| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    let more: Vec<String> = rules.relax_days.iter().map(|more| days(*more)).collect();
    let relaxed = match more.as_slice() {
        [] => "A promise that cannot be kept gives way.".to_owned(),
        more => format!("A promise that cannot be kept gives way by {}, then altogether.", more.join(", then by ")),
    };
    let again = match rules.not_again_days {
        0 => "A store or vendor that does not have something may be asked for it again at once.".to_owned(),
        number => format!("A store or vendor that does not have something is not asked for it again, for that order, for {}.", days(number)),
    };
    format!("{relaxed} {again}")
}

/// A sentence in three parts: what it begins with as another does, what it says in its own way, and what it ends with as the other does. Words are not cut.
pub fn parts<'s>(sentence: &'s str, other: &str) -> [&'s str; 3] {
    let others: Vec<&str> = other.split_inclusive(' ').collect();
    let own: Vec<&str> = sentence.split_inclusive(' ').collect();
    let alike = own.iter().zip(&others).take_while(|(own, other)| own == other).count();
    let most = own.len().min(others.len()) - alike;
    let alike_at_end = own.iter().rev().zip(others.iter().rev()).take(most).take_while(|(own, other)| own == other).count();
    let length = |words: &[&str]| words.iter().map(|word| word.len()).sum::<usize>();
    let (begin, end) = (length(&own[..alike]), sentence.len() - length(&own[own.len() - alike_at_end..]));
    [&sentence[..begin], &sentence[begin..end], &sentence[end..]]
}

/// A condition in words; empty where it always holds.
pub fn condition_words(condition: &Condition, all: &Catalogue) -> String {
    let join = |parts: &[Condition], with: &str| {
        let words: Vec<String> = parts
            .iter()
            .map(|part| {
                let words = condition_words(part, all);
                let nested = matches!(part, Condition::All(p) | Condition::Any(p) | Condition::None(p) if p.len() > 1);
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
    let shown = shown_number(number, fact.scale);
    match fact.unit.as_str() {
        "" => shown,
        // Money: the currency is the order's.
        unit if unit.starts_with("in ") => shown,
        unit if shown == "1" => format!("1 {}", unit.strip_suffix('s').unwrap_or(unit)),
        unit => format!("{shown} {unit}"),
    }
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
            let words: Vec<String> = parts
                .iter()
                .filter_map(|part| {
                    let cost = all.costs.iter().find(|c| c.code == part.by)?;
                    Some(match cost.each.as_str() {
                        "" if part.weight == 100.0 => cost.name.clone(),
                        "" => format!("{} ({} %)", cost.name, shown_number(part.weight, 1.0)),
                        each => format!("{} (£{} for each {each})", cost.name, shown_number(part.weight, 100.0)),
                    })
                })
                .collect();
            format!("whatever costs least of {}", words.join(", "))
        }
    }
}

fn split_words(how: &Allocate, all: &Catalogue) -> String {
    let name = |code: &String| all.line.iter().find(|f| f.code == *code).map_or_else(|| code.clone(), |f| f.name.clone());
    let parcels = match how.parcels {
        Some(1) => "in one parcel".to_owned(),
        Some(n) => format!("in at most {n} parcels"),
        None => "in as few parcels as it takes".to_owned(),
    };
    let per_line = how.per_line.map(|n| if n == 1 { "no line split".to_owned() } else { format!("no line over more than {n} locations") });
    let never = how.never_split.iter().map(|test| format!("never splitting lines where {}", test_words(test, &all.line)));
    let together = how.keep_together.iter().map(|code| format!("lines of the same {} together", name(code)));
    let least = how.least_part_minor.map(|minor| format!("each part worth at least {}", shown_number(minor as f64, 100.0)));
    let soft = (how.soft && *how != Allocate { soft: true, ..Allocate::default() }).then(|| "unless more is sent in another way".to_owned());
    std::iter::once(parcels).chain(per_line).chain(never).chain(together).chain(least).chain(soft).collect::<Vec<_>>().join(", ")
}

/// `complete`: everything was found, so that nothing is missing.
fn step_words(step: &Step, all: &Catalogue, complete: bool) -> String {
    let act = action_words(&step.act, all);
    let act = act.split_once(';').filter(|_| complete).map_or(act.as_str(), |(what, _)| what).to_owned();
    let words: Vec<String> = std::iter::once(act).chain(step.also.iter().map(|action| action_words(action, all))).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use waybill::routing::rules::{CostPart, Rules};

    #[test]
    fn what_a_sentence_says_in_its_own_way_is_found() {
        let other = "When the channel is web, take it from Leeds, closest first.";
        assert_eq!(
            parts("When the channel is phone, take it from Leeds, closest first.", other),
            ["When the channel is ", "phone, ", "take it from Leeds, closest first."]
        );
        assert_eq!(parts("When the channel is web, closest first.", other), ["When the channel is web, ", "", "closest first."]);
        assert_eq!(parts(other, "When the channel is web, closest first."), ["When the channel is web, ", "take it from Leeds, ", "closest first."]);
        assert_eq!(parts(other, other), [other, "", ""]);
        assert_eq!(parts(other, ""), ["", other, ""]);
        assert_eq!(parts("", other), ["", "", ""]);
    }

    /// What two rules are told apart by is said.
    #[test]
    fn what_a_rule_says_stands_in_its_sentences() {
        let all = Catalogue::default();
        let rule = Rules::starting().rules.remove(1);
        let mut other = rule.clone();
        other.allocate =
            Allocate { per_line: Some(1), keep_together: vec!["brand".to_owned()], least_part_minor: Some(2_050), soft: true, ..Allocate::default() };
        let text = rule_sentences(&other, &all).join(" ");
        for part in [
            "in as few parcels as it takes",
            "no line split",
            "lines of the same brand together",
            "each part worth at least 20.5",
            "unless more is sent",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        other.prefer = Prefer::Cheapest(vec![CostPart { by: "shipping".to_owned(), weight: 80.0 }]);
        assert_ne!(rule_sentences(&rule, &all), rule_sentences(&other, &all));
    }
}
