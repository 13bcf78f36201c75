//! Rules and reasons in plain words.

use super::facts::{Choices, Fact, Subject, Unit};
use super::rules::Asks;
use super::ruleset::{ReadyPrefer, ReadyPreference, ReadyTest};
use chrono::{Days, NaiveDate};

/// A number with its unit, as a sentence says it: `50 km`, `1 day`, `2.5 kg`.
pub fn amount_words(unit: Unit, value: f64) -> String {
    let counted = |one: &str, many: &str| format!("{} {}", short(value), if (value - 1.0).abs() < 1e-9 { one } else { many });
    match unit {
        Unit::Km => format!("{} km", short(value.round())),
        Unit::Money => format!("{:.2}", value / 100.0),
        Unit::Grams if value.abs() < 1_000.0 => format!("{} g", short(value)),
        Unit::Grams => format!("{} kg", short(value / 1_000.0)),
        Unit::Millilitres => format!("{} l", short(value / 1_000.0)),
        Unit::Millimetres => format!("{} cm", short(value / 10.0)),
        Unit::Carbon if value.abs() < 1_000.0 => format!("{} g", short(value)),
        Unit::Carbon => format!("{} kg", short(value / 1_000.0)),
        Unit::Days => counted("day", "days"),
        Unit::Hours => counted("hour", "hours"),
        Unit::Minutes => counted("minute", "minutes"),
        Unit::Units => counted("unit", "units"),
        Unit::Lines => counted("line", "lines"),
        Unit::Orders => counted("order", "orders"),
        Unit::Percent => format!("{} %", short(value)),
        Unit::Date => day_words(value),
        Unit::Points | Unit::None => short(value),
    }
}

/// A number without digits that say nothing: at most one after the point.
fn short(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}

fn day_words(days: f64) -> String {
    let epoch = NaiveDate::default();
    let day = if days >= 0.0 { epoch.checked_add_days(Days::new(days as u64)) } else { epoch.checked_sub_days(Days::new(-days as u64)) };
    day.map_or_else(|| short(days), |day| day.format("%-d %B %Y").to_string())
}

/// What is chosen, as people call it.
pub fn choice_words(choices: Choices, word: &str) -> String {
    match choices {
        Choices::These(all) => all.iter().find(|(code, _)| *code == word).map_or(word, |(_, name)| name).to_owned(),
        _ => word.to_owned(),
    }
}

/// `a`, `a or b`, `a, b or c`.
pub fn or_words(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The preferences of which scores are told, with their positions: how far away a location is, is told of each.
fn told_of(preferences: &[ReadyPreference]) -> impl Iterator<Item = (usize, &ReadyPreference)> {
    preferences.iter().enumerate().filter(|(_, preference)| preference.by.code != "distance")
}

impl ReadyPrefer {
    /// What it goes by, one name for each of a location's scores.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Ranked(preferences) => told_of(preferences).map(|(_, preference)| preference.by.name.to_owned()).collect(),
            Self::Cheapest(_) => vec!["cost of all of it from there".to_owned()],
        }
    }

    /// What a location was ranked by, as people read it.
    pub(super) fn scores_in_words(&self, scores: &[Option<f64>]) -> Vec<String> {
        let told = |score: &Option<f64>, words: &dyn Fn(f64) -> String| score.map_or_else(|| "not known".to_owned(), words);
        match self {
            Self::Ranked(preferences) => {
                let words = |(at, preference): (usize, &ReadyPreference)| {
                    let score = scores.get(at)?;
                    Some(match preference.first.as_slice() {
                        [] => told(score, &|score| amount_words(preference.by.unit, score)),
                        first => match score.map(|place| place as usize).and_then(|place| first.get(place)) {
                            Some(word) => choice_words(preference.by.choices, word),
                            None => "none of those named".to_owned(),
                        },
                    })
                };
                told_of(preferences).filter_map(words).collect()
            }
            Self::Cheapest(_) => scores.iter().map(|score| told(score, &|score| amount_words(Unit::Money, score))).collect(),
        }
    }
}

impl<S: Subject> ReadyTest<S> {
    /// What is asked, in words: `within 50 km`.
    pub fn words(&self) -> String {
        let says = &self.fact.says;
        let chosen = |words: &[String]| or_words(&words.iter().map(|w| choice_words(self.fact.choices, w)).collect::<Vec<_>>());
        match &self.asks {
            Asks::OneOf(words) => says.one_of.replace("{}", &chosen(words)),
            Asks::NoneOf(words) => says.none_of.replace("{}", &chosen(words)),
            Asks::AtLeast(number) => says.at_least.replace("{}", &amount_words(self.fact.unit, *number)),
            Asks::AtMost(number) => says.at_most.replace("{}", &amount_words(self.fact.unit, *number)),
            Asks::Is(true) => says.yes.to_owned(),
            Asks::Is(false) => says.no.to_owned(),
        }
    }

    /// Why a location that fails is out, in words that follow its name: `is 62 km away; only what is within 50 km may send`.
    pub fn refusal(&self, was: Option<&str>) -> String {
        let was = was.map(|was| was_words(self.fact, was)).unwrap_or_default();
        let asked = format!("the rule takes only locations {}", self.words());
        if was.is_empty() { format!("is out: {asked}") } else { format!("{was}; {asked}") }
    }
}

/// What a fact was of something, in words that follow its name; empty where it cannot be said.
fn was_words<S: Subject>(fact: &Fact<S>, was: &str) -> String {
    let told = match was.parse::<f64>() {
        Ok(number) if !fact.is_words() => amount_words(fact.unit, number),
        _ => or_words(&was.split(", ").map(|word| choice_words(fact.choices, word)).collect::<Vec<_>>()),
    };
    if fact.says.was.is_empty() { String::new() } else { fact.says.was.replace("{}", &told) }
}
