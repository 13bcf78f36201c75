//! Whether there can be an order of which some conditions hold and others do not: questions about facts, and sets of what can still be answered.
//!
//! What is not known of an order is none of anything and neither more nor less, so that "not at least 5" is less than 5 or not known. Facts are looked at
//! one by one: what one says of another (a country of its region) is not known here, so that some orders are thought possible that are not. Nothing is
//! thought impossible that is not.

use crate::routing::facts::{Choices, Fact, OfLine, OfOrder, Reads, Subject};
use crate::routing::rules::{Asks, Scope};
use crate::routing::ruleset::{ReadyTest, When};
use std::collections::{BTreeMap, BTreeSet};

/// A condition, or its opposite, in which only questions are denied.
#[derive(Clone, Debug)]
pub(super) enum Formula<'r> {
    Both(Vec<Formula<'r>>),
    Either(Vec<Formula<'r>>),
    Order(Answer<'r, OfOrder>),
    /// Some line answers so.
    Some(Answer<'r, OfLine>),
    /// Every line does.
    Every(Answer<'r, OfLine>),
}

/// A question and whether it is to hold.
#[derive(Debug)]
pub(super) struct Answer<'r, S: Subject> {
    test: &'r ReadyTest<S>,
    holds: bool,
}

impl<S: Subject> Clone for Answer<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Subject> Copy for Answer<'_, S> {}

impl<'r> Formula<'r> {
    pub fn of(when: &'r When, holds: bool) -> Self {
        let all = |parts: &'r [When], holds| parts.iter().map(|part| Self::of(part, holds)).collect();
        match (when, holds) {
            (When::Always, true) => Self::Both(Vec::new()),
            (When::Always, false) => Self::Either(Vec::new()),
            (When::All(parts), true) => Self::Both(all(parts, true)),
            (When::All(parts), false) => Self::Either(all(parts, false)),
            (When::Any(parts), true) => Self::Either(all(parts, true)),
            (When::Any(parts), false) | (When::None(parts), true) => Self::Both(all(parts, false)),
            (When::None(parts), false) => Self::Either(all(parts, true)),
            (When::Order(test), holds) => Self::Order(Answer { test, holds }),
            (When::Lines(Scope::Any, test), true) | (When::Lines(Scope::None, test), false) => Self::Some(Answer { test, holds: true }),
            (When::Lines(Scope::Any, test), false) | (When::Lines(Scope::None, test), true) => Self::Every(Answer { test, holds: false }),
            (When::Lines(Scope::All, test), true) => Self::Every(Answer { test, holds: true }),
            (When::Lines(Scope::All, test), false) => Self::Some(Answer { test, holds: false }),
        }
    }
}

/// Whether some formulas can be true of one order.
#[derive(Debug)]
pub(super) enum Possible<'r> {
    /// Such an order.
    Yes(Witness<'r>),
    No,
    /// There are too many cases to look at.
    Unknown,
}

/// What an order is like of which formulas are true.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness<'r> {
    order: Thing<'r, OfOrder>,
    every: Vec<Answer<'r, OfLine>>,
    some: Vec<Answer<'r, OfLine>>,
}

/// What may be spent on looking: cases in all, so many for one question, and so many choices one within the other.
#[derive(Debug)]
pub(super) struct Budget(pub u32);

const MOST_CASES: u32 = 5_000;
const MOST_CHOICES: usize = 200;

/// Looks for an order of which all of some formulas are true.
pub(super) fn possible<'r>(formulas: &[Formula<'r>], budget: &mut Budget) -> Possible<'r> {
    let mut search = Search { left: budget.0.min(MOST_CASES), gave_up: false };
    let given = search.left;
    let found = search.solve(formulas.iter().collect(), Vec::new(), Witness::default(), 0);
    budget.0 -= given - search.left;
    match found {
        Some(witness) => Possible::Yes(witness),
        None if search.gave_up => Possible::Unknown,
        None => Possible::No,
    }
}

struct Search {
    left: u32,
    gave_up: bool,
}

impl Search {
    fn solve<'f, 'r>(
        &mut self,
        mut todo: Vec<&'f Formula<'r>>,
        mut choices: Vec<&'f [Formula<'r>]>,
        mut so_far: Witness<'r>,
        depth: usize,
    ) -> Option<Witness<'r>> {
        if self.left == 0 || depth > MOST_CHOICES {
            self.gave_up = true;
            return None;
        }
        self.left -= 1;
        while let Some(formula) = todo.pop() {
            match formula {
                Formula::Both(parts) => todo.extend(parts),
                Formula::Either(parts) => choices.push(parts),
                Formula::Order(answer) => so_far.order.add(*answer).then_some(())?,
                Formula::Some(answer) => so_far.some.push(*answer),
                Formula::Every(answer) => so_far.every.push(*answer),
            }
        }
        if !so_far.has_lines() {
            return None;
        }
        // The fewest ways first.
        let Some(at) = (0..choices.len()).min_by_key(|at| choices[*at].len()) else { return Some(so_far) };
        let chosen = choices.remove(at);
        for part in chosen {
            if let Some(found) = self.solve(vec![part], choices.clone(), so_far.clone(), depth + 1) {
                return Some(found);
            }
        }
        None
    }
}

impl<'r> Witness<'r> {
    /// The lines that are asked for can be: each beside what all of them are.
    fn has_lines(&self) -> bool {
        let like = |one: Option<&Answer<'r, OfLine>>| {
            let mut line = Thing::default();
            self.every.iter().chain(one).all(|answer| line.add(*answer))
        };
        if self.some.is_empty() { like(None) } else { self.some.iter().all(|one| like(Some(one))) }
    }

    /// Such an order in words: `an order where channel is web, and on one line category is Lamps`.
    pub fn words(&self) -> String {
        let mut words = self.order.words();
        let lines = |answers: &[Answer<'r, OfLine>]| {
            let mut line = Thing::default();
            for answer in answers {
                line.add(*answer);
            }
            line.words()
        };
        let every = lines(&self.every);
        if !every.is_empty() {
            words.push(format!("on every line {}", every.join(" and ")));
        }
        for one in &self.some {
            words.extend(lines(std::slice::from_ref(one)).into_iter().map(|text| format!("on one line {text}")));
        }
        if words.is_empty() { "any order".to_owned() } else { format!("an order where {}", words.join(", and ")) }
    }
}

/// What answers leave of an order, or of a line.
#[derive(Debug)]
struct Thing<'r, S: Subject>(BTreeMap<&'static str, Left<'r, S>>);

impl<S: Subject> Clone for Thing<'_, S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Subject> Default for Thing<'_, S> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

/// What is left of one fact.
#[derive(Debug)]
struct Left<'r, S: Subject> {
    fact: &'static Fact<S>,
    /// Each is a set of words of which it has one.
    among: Vec<&'r [String]>,
    not: BTreeSet<&'r str>,
    least: Option<f64>,
    most: Option<f64>,
    /// Less than this, or more than that, where it is known.
    below: Option<f64>,
    above: Option<f64>,
    flag: Option<bool>,
}

impl<S: Subject> Clone for Left<'_, S> {
    fn clone(&self) -> Self {
        Self { fact: self.fact, among: self.among.clone(), not: self.not.clone(), ..*self }
    }
}

/// Facts of orders that are one of a few words, and always known.
const ALWAYS_KNOWN: [&str; 4] = ["method", "origin", "region", "weekday"];

impl<'r, S: Subject> Thing<'r, S> {
    /// Takes an answer in. False where nothing is left then.
    fn add(&mut self, answer: Answer<'r, S>) -> bool {
        let fact = answer.test.fact;
        let left = self.0.entry(fact.code).or_insert_with(|| Left {
            fact,
            among: Vec::new(),
            not: BTreeSet::new(),
            least: None,
            most: None,
            below: None,
            above: None,
            flag: None,
        });
        let highest = |a: Option<f64>, b: f64| Some(a.map_or(b, |a| a.max(b)));
        let lowest = |a: Option<f64>, b: f64| Some(a.map_or(b, |a| a.min(b)));
        match (&answer.test.asks, answer.holds) {
            (Asks::OneOf(words), true) | (Asks::NoneOf(words), false) => left.among.push(words),
            (Asks::OneOf(words), false) | (Asks::NoneOf(words), true) => left.not.extend(words.iter().map(String::as_str)),
            (Asks::AtLeast(number), true) => left.least = highest(left.least, *number),
            (Asks::AtMost(number), true) => left.most = lowest(left.most, *number),
            (Asks::AtLeast(number), false) => left.below = lowest(left.below, *number),
            (Asks::AtMost(number), false) => left.above = highest(left.above, *number),
            (Asks::Is(wanted), holds) => {
                let wanted = *wanted == holds;
                if left.flag.is_some_and(|flag| flag != wanted) {
                    return false;
                }
                left.flag = Some(wanted);
            }
        }
        left.is_possible()
    }

    fn words(&self) -> Vec<String> {
        self.0.values().flat_map(Left::words).collect()
    }
}

impl<'r, S: Subject> Left<'r, S> {
    fn is_possible(&self) -> bool {
        match self.fact.reads {
            Reads::Number(_) => self.has_number(),
            Reads::Flag(_) => true,
            Reads::Beginning(_) => {
                // What begins with a longer word begins with the shorter, too.
                let is_out = |word: &String| self.not.iter().any(|not| word.starts_with(not));
                self.among.iter().all(|words| !words.iter().all(is_out))
            }
            Reads::Words(_) => self.among.iter().all(|words| words.iter().any(|word| !self.not.contains(word.as_str()))),
            Reads::Word(_) => match (self.among.is_empty(), self.fact.choices) {
                (false, _) => self.word().is_some(),
                (true, Choices::These(all)) if ALWAYS_KNOWN.contains(&self.fact.code) => all.iter().any(|(code, _)| !self.not.contains(code)),
                (true, _) => true,
            },
        }
    }

    /// A number that is asked for is known: it lies between all that it is and is not.
    fn has_number(&self) -> bool {
        if self.least.is_none() && self.most.is_none() {
            return true;
        }
        let (least, most) = (self.least.unwrap_or(f64::NEG_INFINITY), self.most.unwrap_or(f64::INFINITY));
        let (low, low_is_out) = self.above.filter(|above| *above >= least).map_or((least, false), |above| (above, true));
        let (high, high_is_out) = self.below.filter(|below| *below <= most).map_or((most, false), |below| (below, true));
        low < high || (low == high && !low_is_out && !high_is_out)
    }

    /// A word that it can be.
    fn word(&self) -> Option<&'r str> {
        let (first, others) = self.among.split_first()?;
        let fits = |word: &&'r String| !self.not.contains(word.as_str()) && others.iter().all(|words| words.contains(word));
        first.iter().find(fits).map(String::as_str)
    }

    /// What it is like, in words.
    fn words(&self) -> Vec<String> {
        let say = |asks: Asks| ReadyTest { fact: self.fact, asks }.words();
        let mut said = Vec::new();
        match self.fact.reads {
            Reads::Word(_) if !self.among.is_empty() => said.extend(self.word().map(|word| say(Asks::OneOf(vec![word.to_owned()])))),
            Reads::Word(_) | Reads::Words(_) | Reads::Beginning(_) => {
                let one = |words: &&'r [String]| {
                    words.iter().find(|word| !self.not.contains(word.as_str())).map(|word| say(Asks::OneOf(vec![word.clone()])))
                };
                said.extend(self.among.iter().filter_map(one));
                if self.among.is_empty() && !self.not.is_empty() {
                    said.push(say(Asks::NoneOf(self.not.iter().map(|word| (*word).to_owned()).collect())));
                }
            }
            Reads::Number(_) => {
                said.extend(self.least.or(self.above).map(|least| say(Asks::AtLeast(least))));
                said.extend(self.most.or(self.below).map(|most| say(Asks::AtMost(most))));
            }
            Reads::Flag(_) => said.extend(self.flag.map(|flag| say(Asks::Is(flag)))),
        }
        said
    }
}

/// True where no location can meet all of some demands at once.
pub(super) fn contradict<'r, S: Subject>(tests: impl Iterator<Item = &'r ReadyTest<S>>) -> bool {
    let mut place = Thing::default();
    !tests.into_iter().all(|test| place.add(Answer { test, holds: true }))
}
