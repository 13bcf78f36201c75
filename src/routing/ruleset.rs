//! A version of a ruleset, checked and ready to be used: facts, costs and actions are looked up once, not for every order.

use super::actions::{Decision, Role, Take, action_kind};
use super::facts::cost::cost;
use super::facts::{Cost, Fact, LineView, Needs, OfLine, OfOrder, OfPlace, OrderView, Reads, Subject, fact};
use super::rules::{Asks, Condition, Prefer, Rule, Rules, Scope, Step, Test};
use super::{PlanLine, PlanOrder, RuleOutcome};
use crate::carriers::bare_postcode;
use crate::ids::RulesetId;
use crate::inventory::Snapshot;
use std::collections::BTreeSet;

/// One published version, or a draft that is tried. It never changes; each decision names the version it used.
#[derive(Clone, Debug)]
pub struct Ruleset {
    pub id: RulesetId,
    /// 0 is a draft.
    pub version: i32,
    pub name: String,
    pub rules: Vec<ReadyRule>,
    pub relax_days: Vec<u16>,
    pub not_again_days: u16,
    /// What has to be looked up for it.
    pub needs: LookUps,
}

/// What a ruleset asks for that is only looked up where one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookUps {
    /// The traits of SKUs.
    pub traits: bool,
    /// What is sold in a day.
    pub demand: bool,
}

impl LookUps {
    fn note(&mut self, needs: Needs) {
        match needs {
            Needs::Nothing => {}
            Needs::Traits => self.traits = true,
            Needs::Demand => self.demand = true,
        }
    }
}

/// A rule that is ready to be used.
#[derive(Clone, Debug)]
pub struct ReadyRule {
    pub id: String,
    pub name: String,
    pub off: bool,
    pub(super) when: When,
    pub(super) candidates: Vec<ReadyFilter>,
    pub(super) prefer: ReadyPrefer,
    pub(super) allocate: ReadyAllocate,
    full: Decision,
    partial: Decision,
    none: Decision,
}

#[derive(Clone, Debug)]
pub(super) enum When {
    Always,
    All(Vec<When>),
    Any(Vec<When>),
    None(Vec<When>),
    Order(ReadyTest<OfOrder>),
    Lines(Scope, ReadyTest<OfLine>),
}

/// A question about a fact that is known.
#[derive(Debug)]
pub struct ReadyTest<S: Subject> {
    pub fact: &'static Fact<S>,
    pub asks: Asks,
}

impl<S: Subject> Clone for ReadyTest<S> {
    fn clone(&self) -> Self {
        Self { fact: self.fact, asks: self.asks.clone() }
    }
}

impl<S: Subject> PartialEq for ReadyTest<S> {
    fn eq(&self, other: &Self) -> bool {
        self.fact == other.fact && self.asks == other.asks
    }
}

#[derive(Clone, Debug)]
pub(super) struct ReadyFilter {
    pub test: ReadyTest<OfPlace>,
    pub hard: bool,
}

#[derive(Clone, Debug)]
pub(super) enum ReadyPrefer {
    Ranked(Vec<ReadyPreference>),
    Cheapest(Vec<(&'static Cost, f64)>),
}

#[derive(Clone, Debug)]
pub(super) struct ReadyPreference {
    pub by: &'static Fact<OfPlace>,
    pub band: Option<f64>,
    pub first: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct ReadyAllocate {
    pub parcels: usize,
    pub per_line: usize,
    pub never_split: Vec<ReadyTest<OfLine>>,
    pub keep_together: Vec<&'static Fact<OfLine>>,
    pub least_part_minor: i64,
    /// See [`super::rules::Allocate::soft`].
    pub soft: bool,
}

impl ReadyAllocate {
    /// An order may be spread in any way.
    pub const FREE: Self =
        Self { parcels: usize::MAX, per_line: usize::MAX, never_split: Vec::new(), keep_together: Vec::new(), least_part_minor: 0, soft: false };
}

/// What is wrong with a ruleset, and where, as a JSON Pointer into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesetProblem {
    pub at: String,
    pub message: String,
}

/// More would not be read by anybody.
const MOST_RULES: usize = 500;
/// Deeper conditions are not understood.
const MOST_DEPTH: usize = 6;
/// Words that one question names.
const MOST_WORDS: usize = 1_000;

impl Ruleset {
    /// Makes rules ready, or says all that is wrong with them.
    pub fn of(id: RulesetId, version: i32, name: &str, rules: &Rules) -> Result<Self, Vec<RulesetProblem>> {
        let mut check = Check::default();
        if rules.rules.is_empty() {
            check.problem("/rules", "A ruleset needs at least one rule.");
        }
        if rules.rules.len() > MOST_RULES {
            check.problem("/rules", format!("A ruleset has at most {MOST_RULES} rules."));
        }
        if rules.relax_days.windows(2).any(|pair| pair[0] >= pair[1]) || rules.relax_days.iter().any(|days| !(1..=60).contains(days)) {
            check.problem("/relax_days", "Give numbers of days from 1 to 60, each more than the one before.");
        }
        if rules.not_again_days > 60 {
            check.problem("/not_again_days", "Give a number of days from 0 to 60.");
        }
        let mut ids = BTreeSet::new();
        let mut ready = Vec::with_capacity(rules.rules.len());
        for (index, rule) in rules.rules.iter().enumerate() {
            let at = format!("/rules/{index}");
            if rule.id.is_empty() || !ids.insert(rule.id.as_str()) {
                check.problem(&format!("{at}/id"), "Each rule needs an id that no other rule has.");
            }
            ready.extend(check.rule(&at, rule));
        }
        let Check { problems, needs } = check;
        if problems.is_empty() {
            Ok(Self {
                id,
                version,
                name: name.to_owned(),
                rules: ready,
                relax_days: rules.relax_days.clone(),
                not_again_days: rules.not_again_days,
                needs,
            })
        } else {
            Err(problems)
        }
    }
}

impl ReadyRule {
    /// What somebody does who chooses a location: everything that it has.
    pub(super) fn by_hand() -> Self {
        Self {
            id: "by-hand".to_owned(),
            name: "Chosen by hand".to_owned(),
            off: false,
            when: When::Always,
            candidates: Vec::new(),
            prefer: ReadyPrefer::Ranked(Vec::new()),
            allocate: ReadyAllocate::FREE,
            full: Decision::default(),
            partial: Decision::default(),
            none: Decision::default(),
        }
    }

    /// True of the orders that the rule is for.
    pub fn is_for(&self, order: &PlanOrder, snapshot: &Snapshot<'_>) -> bool {
        !self.off && self.when.holds(&OrderView { order, snapshot })
    }

    /// It has what is missing brought to the store in which it is collected.
    pub(super) fn brings_to_store(&self) -> bool {
        [&self.partial, &self.none].iter().any(|then| matches!(then.take, Take::ToStore { .. }))
    }

    /// It takes what can be had later than it was promised.
    #[cfg(feature = "postgres")]
    pub(super) fn promises_anew(&self) -> bool {
        [&self.partial, &self.none].iter().any(|then| matches!(then.take, Take::Later { .. }))
    }

    /// What is done after an outcome.
    pub fn then(&self, outcome: RuleOutcome) -> &Decision {
        match outcome {
            RuleOutcome::Full => &self.full,
            RuleOutcome::Partial => &self.partial,
            RuleOutcome::Nothing | RuleOutcome::NotForThisOrder => &self.none,
        }
    }
}

impl When {
    fn holds(&self, view: &OrderView<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::All(parts) => parts.iter().all(|p| p.holds(view)),
            Self::Any(parts) => parts.iter().any(|p| p.holds(view)),
            Self::None(parts) => !parts.iter().any(|p| p.holds(view)),
            Self::Order(test) => test.holds(view),
            Self::Lines(scope, test) => {
                let mut lines = view.order.lines.iter();
                let holds = |line: &PlanLine| test.holds(&LineView { line });
                match scope {
                    Scope::Any => lines.any(holds),
                    Scope::All => lines.all(holds),
                    Scope::None => !lines.any(holds),
                }
            }
        }
    }
}

impl<S: Subject> ReadyTest<S> {
    /// True where the fact of what is looked at is as the question asks. What is not known is none of anything and neither more nor less.
    pub fn holds(&self, view: &S::View<'_>) -> bool {
        match (&self.asks, &self.fact.reads) {
            (Asks::OneOf(words), _) => self.is_one_of(view, words),
            (Asks::NoneOf(words), _) => !self.is_one_of(view, words),
            (Asks::AtLeast(least), Reads::Number(read)) => S::number(read, view).is_some_and(|n| n >= *least),
            (Asks::AtMost(most), Reads::Number(read)) => S::number(read, view).is_some_and(|n| n <= *most),
            (Asks::Is(wanted), Reads::Flag(read)) => S::flag(read, view) == *wanted,
            // Refused when it was made ready.
            (Asks::AtLeast(_) | Asks::AtMost(_) | Asks::Is(_), _) => false,
        }
    }

    fn is_one_of(&self, view: &S::View<'_>, words: &[String]) -> bool {
        if let Reads::Beginning(read) = &self.fact.reads {
            return S::word(read, view).is_some_and(|text| words.iter().any(|w| begins(text, w)));
        }
        let mut found = false;
        self.fact.each_word(view, &mut |word| found = found || words.iter().any(|w| w == word));
        found
    }
}

/// True where a postcode begins with a bare prefix, whatever its spaces and case.
fn begins(postcode: &str, prefix: &str) -> bool {
    let mut bare = postcode.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase());
    prefix.bytes().all(|wanted| bare.next() == Some(wanted))
}

#[derive(Default)]
struct Check {
    problems: Vec<RulesetProblem>,
    needs: LookUps,
}

impl Check {
    fn problem(&mut self, at: &str, message: impl Into<String>) {
        self.problems.push(RulesetProblem { at: at.to_owned(), message: message.into() });
    }

    fn rule(&mut self, at: &str, rule: &Rule) -> Option<ReadyRule> {
        if rule.name.trim().is_empty() || rule.name.chars().count() > 120 {
            self.problem(&format!("{at}/name"), "Give the rule a name of at most 120 characters.");
        }
        let when = self.condition(&format!("{at}/when"), &rule.when, 0);
        let candidates = rule
            .candidates
            .iter()
            .enumerate()
            .filter_map(|(n, filter)| Some(ReadyFilter { test: self.test(&format!("{at}/candidates/{n}"), &filter.test)?, hard: filter.hard }));
        let candidates: Vec<_> = candidates.collect();
        let prefer = self.prefer(&format!("{at}/prefer"), &rule.prefer);
        let allocate = self.allocate(&format!("{at}/allocate"), rule);
        let full = self.step(&format!("{at}/then/full"), &rule.then.full, RuleOutcome::Full);
        let partial = self.step(&format!("{at}/then/partial"), &rule.then.partial, RuleOutcome::Partial);
        let none = self.step(&format!("{at}/then/none"), &rule.then.none, RuleOutcome::Nothing);
        Some(ReadyRule {
            id: rule.id.clone(),
            name: rule.name.clone(),
            off: rule.off,
            when: when?,
            candidates,
            prefer,
            allocate,
            full,
            partial,
            none,
        })
    }

    fn condition(&mut self, at: &str, condition: &Condition, depth: usize) -> Option<When> {
        if depth > MOST_DEPTH {
            self.problem(at, format!("Conditions are nested at most {MOST_DEPTH} deep."));
            return None;
        }
        let mut each = |kind: &str, parts: &[Condition]| -> Vec<When> {
            if parts.is_empty() {
                self.problem(&format!("{at}/{kind}"), "Add a condition, or take this group away.");
            }
            let parts = parts.iter().enumerate();
            parts.filter_map(|(n, part)| self.condition(&format!("{at}/{kind}/{n}"), part, depth + 1)).collect()
        };
        match condition {
            Condition::Always => Some(When::Always),
            Condition::All(parts) => Some(When::All(each("all", parts))),
            Condition::Any(parts) => Some(When::Any(each("any", parts))),
            Condition::None(parts) => Some(When::None(each("none", parts))),
            Condition::Order(test) => self.test(&format!("{at}/order"), test).map(When::Order),
            Condition::Lines(lines) => Some(When::Lines(lines.of, self.test(&format!("{at}/lines"), &lines.test)?)),
        }
    }

    fn test<S: Subject>(&mut self, at: &str, test: &Test) -> Option<ReadyTest<S>> {
        let Some(fact) = fact::<S>(&test.fact) else {
            self.problem(at, format!("Nothing is known here as “{}”.", test.fact));
            return None;
        };
        let wants = |what: &str| format!("“{}” asks for {what}.", fact.name);
        let asks = match (&fact.reads, &test.asks) {
            (Reads::Word(_) | Reads::Words(_) | Reads::Beginning(_), Asks::OneOf(words) | Asks::NoneOf(words)) => {
                let mut words: Vec<String> = words.iter().map(|w| w.trim().to_owned()).collect();
                if matches!(fact.reads, Reads::Beginning(_)) {
                    words = words.iter().map(|w| bare_postcode(w)).collect();
                }
                if words.is_empty() || words.iter().any(String::is_empty) {
                    self.problem(at, wants("something to be chosen"));
                    return None;
                }
                if words.len() > MOST_WORDS {
                    self.problem(at, format!("At most {MOST_WORDS} can be named. Use a list or a group instead."));
                }
                match test.asks {
                    Asks::NoneOf(_) => Asks::NoneOf(words),
                    _ => Asks::OneOf(words),
                }
            }
            (Reads::Number(_), Asks::AtLeast(number) | Asks::AtMost(number)) => {
                if !number.is_finite() || number.abs() > 1e12 {
                    self.problem(at, wants("a number"));
                    return None;
                }
                test.asks.clone()
            }
            (Reads::Flag(_), Asks::Is(_)) => test.asks.clone(),
            (Reads::Word(_) | Reads::Words(_) | Reads::Beginning(_), _) => {
                self.problem(at, wants("something to be chosen"));
                return None;
            }
            (Reads::Number(_), _) => {
                self.problem(at, wants("a number"));
                return None;
            }
            (Reads::Flag(_), _) => {
                self.problem(at, wants("yes or no"));
                return None;
            }
        };
        self.needs.note(fact.needs);
        Some(ReadyTest { fact, asks })
    }

    fn prefer(&mut self, at: &str, prefer: &Prefer) -> ReadyPrefer {
        match prefer {
            Prefer::Ranked(all) => {
                let one = |(n, p): (usize, &super::rules::Preference)| {
                    let at = format!("{at}/ranked/{n}");
                    let Some(by) = fact::<OfPlace>(&p.by).filter(|f| f.better.is_some() || f.is_words()) else {
                        self.problem(&at, format!("Locations cannot be ranked by “{}”.", p.by));
                        return None;
                    };
                    if by.better.is_none() && p.first.is_empty() {
                        self.problem(&at, "Say which come first.");
                    }
                    if by.better.is_some() && !p.first.is_empty() {
                        self.problem(&at, format!("“{}” is a number: nothing can be named that comes first.", by.name));
                    }
                    if p.band.is_some_and(|band| !(band > 0.0 && band.is_finite())) || (p.band.is_some() && by.better.is_none()) {
                        self.problem(&at, "A band is a number above zero.");
                    }
                    self.needs.note(by.needs);
                    Some(ReadyPreference { by, band: p.band, first: p.first.clone() })
                };
                ReadyPrefer::Ranked(all.iter().enumerate().filter_map(one).collect())
            }
            Prefer::Cheapest(parts) => {
                if parts.is_empty() {
                    self.problem(&format!("{at}/cheapest"), "Say what the cost is made of.");
                }
                let one = |(n, part): (usize, &super::rules::CostPart)| {
                    let at = format!("{at}/cheapest/{n}");
                    if !(part.weight >= 0.0 && part.weight <= 1e9) {
                        self.problem(&at, "Give a number, zero or more.");
                    }
                    let by = cost(&part.by);
                    if by.is_none() {
                        self.problem(&at, format!("No cost is known as “{}”.", part.by));
                    }
                    self.needs.note(by.map_or(Needs::Nothing, |cost| cost.needs));
                    Some((by?, part.weight))
                };
                ReadyPrefer::Cheapest(parts.iter().enumerate().filter_map(one).collect())
            }
        }
    }

    fn allocate(&mut self, at: &str, rule: &Rule) -> ReadyAllocate {
        let asked = &rule.allocate;
        for (field, number) in [("parcels", asked.parcels), ("per_line", asked.per_line)] {
            if number == Some(0) {
                self.problem(&format!("{at}/{field}"), "Give a number from 1 to 255, or leave it empty.");
            }
        }
        if asked.least_part_minor.is_some_and(|minor| minor < 0) {
            self.problem(&format!("{at}/least_part_minor"), "Give an amount, zero or more.");
        }
        let never_split = asked.never_split.iter().enumerate().filter_map(|(n, test)| self.test(&format!("{at}/never_split/{n}"), test)).collect();
        let together = |(n, code): (usize, &String)| {
            let known = fact::<OfLine>(code).filter(|f| f.is_words());
            if known.is_none() {
                self.problem(&format!("{at}/keep_together/{n}"), format!("Lines cannot be kept together by “{code}”."));
            }
            self.needs.note(known.map_or(Needs::Nothing, |fact| fact.needs));
            known
        };
        ReadyAllocate {
            never_split,
            keep_together: asked.keep_together.iter().enumerate().filter_map(together).collect(),
            parcels: asked.parcels.map_or(usize::MAX, usize::from),
            per_line: asked.per_line.map_or(usize::MAX, usize::from),
            least_part_minor: asked.least_part_minor.unwrap_or(0),
            soft: asked.soft,
        }
    }

    fn step(&mut self, at: &str, step: &Step, after: RuleOutcome) -> Decision {
        let mut decision = Decision::default();
        let all = std::iter::once((format!("{at}/act"), &step.act, Role::Decides));
        let besides = step.also.iter().enumerate().map(|(n, action)| (format!("{at}/also/{n}"), action, Role::Besides));
        for (at, action, role) in all.chain(besides) {
            let Some(kind) = action_kind(&action.code).filter(|kind| kind.role == role) else {
                self.problem(&at, format!("Nothing can be done here as “{}”.", action.code));
                continue;
            };
            if !kind.after.contains(&after) {
                self.problem(&at, format!("“{}” makes no sense here.", kind.name));
            }
            if let Err((blank, message)) = kind.add_to(&mut decision, action) {
                self.problem(&format!("{at}/{blank}"), message);
            }
        }
        decision
    }
}
