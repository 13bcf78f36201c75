//! Rulesets to begin from.

use super::rules::{Allocate, Asks, Condition, CostPart, Filter, Prefer, Preference, Rule, Rules, Test, Then, assign, hold};

/// A ruleset that somebody can begin from.
pub struct Template {
    pub code: &'static str,
    pub name: &'static str,
    /// When it is the right one.
    pub help: &'static str,
    pub rules: fn() -> Rules,
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// All of them.
pub static TEMPLATES: &[Template] = &[
    Template {
        code: "nearest",
        name: "Nearest first",
        help: "One parcel from the nearest location that has everything; else as few parcels as it takes.",
        rules: Rules::starting,
    },
    Template {
        code: "cheapest",
        name: "Cheapest",
        help: "Whatever costs least with carriage and packing, over one parcel or several.",
        rules: cheapest,
    },
    Template { code: "fastest", name: "Fastest", help: "The location from which it would be there first.", rules: fastest },
    Template { code: "few_parcels", name: "Fewest parcels", help: "One parcel from anywhere before two from nearby.", rules: few_parcels },
    Template {
        code: "stores_first",
        name: "Stores first",
        help: "Everything from stores that have it, before any warehouse: to clear the shops.",
        rules: stores_first,
    },
    Template {
        code: "protect_flagship",
        name: "Protect the flagship",
        help: "Locations tagged flagship are asked only where no others have it; where there is a choice, one that keeps three of everything.",
        rules: protect_flagship,
    },
    Template {
        code: "end_of_season",
        name: "End of season",
        help: "From where most of it stands, so that nothing is left over.",
        rules: end_of_season,
    },
];

/// The template of a code.
pub fn template(code: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|t| t.code == code)
}

fn method(word: &str) -> Condition {
    Condition::Order(Test::one_of("method", &[word]))
}

fn with_room() -> Filter {
    Test::at_least("capacity_left", 1.0).hard()
}

/// Orders that are collected, before all others.
fn collect() -> Rule {
    let mut rules = Rules::starting().rules;
    rules.swap_remove(0)
}

/// One parcel by some preference, then as few as it takes by the same.
fn one_then_few(prefer: &Prefer, candidates: &[Filter]) -> Vec<Rule> {
    let rule = |id: &str, name: &str| Rule {
        id: id.to_owned(),
        name: name.to_owned(),
        when: method("ship"),
        candidates: candidates.to_vec(),
        prefer: prefer.clone(),
        ..Rule::default()
    };
    vec![
        Rule { allocate: Allocate::one(), then: Then { full: assign("unfillable"), ..Then::default() }, ..rule("one-parcel", "One parcel") },
        Rule {
            then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
            ..rule("few-parcels", "As few parcels as it takes")
        },
    ]
}

fn whole(rules: Vec<Rule>) -> Rules {
    Rules { rules: std::iter::once(collect()).chain(rules).collect(), ..Rules::default() }
}

fn cheapest() -> Rules {
    let part = |by: &str, weight| CostPart { by: by.to_owned(), weight };
    whole(vec![Rule {
        id: "cheapest".to_owned(),
        name: "Whatever costs least".to_owned(),
        when: method("ship"),
        candidates: vec![with_room()],
        prefer: Prefer::Cheapest(vec![part("shipping", 100.0), part("handling", 100.0), part("split", 50.0)]),
        then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
        ..Rule::default()
    }])
}

fn fastest() -> Rules {
    let prefer = Prefer::Ranked(vec![Preference::in_bands_of("days_to_customer", 1.0), Preference::by("distance")]);
    whole(one_then_few(&prefer, &[with_room()]))
}

fn few_parcels() -> Rules {
    let prefer = Prefer::Ranked(vec![Preference::by("coverage"), Preference::in_bands_of("distance", 50.0), Preference::by("stock")]);
    whole(one_then_few(&prefer, &[with_room()]))
}

fn stores_first() -> Rules {
    let first = Preference { first: vec!["store".to_owned()], ..Preference::by("kind") };
    let prefer = Prefer::Ranked(vec![first, Preference::in_bands_of("distance", 25.0), Preference::by("stock")]);
    whole(one_then_few(&prefer, &[with_room()]))
}

fn protect_flagship() -> Rules {
    let prefer = Prefer::Ranked(vec![Preference::in_bands_of("distance", 25.0), Preference::by("stock")]);
    let others = Filter { test: Test { fact: "tag".to_owned(), asks: Asks::NoneOf(vec!["flagship".to_owned()]) }, hard: true };
    let mut rules = one_then_few(&prefer, &[with_room(), others]);
    rules[1].then = Then { full: assign("unfillable"), ..Then::default() };
    let mut last = one_then_few(&prefer, &[with_room(), Test::at_least("left_after", 3.0).soft()]);
    for (rule, id) in last.iter_mut().zip(["with-flagship", "few-with-flagship"]) {
        rule.id = id.to_owned();
        rule.name = format!("{}, the flagship too", rule.name);
    }
    whole(rules.into_iter().chain(last).collect())
}

fn end_of_season() -> Rules {
    let prefer = Prefer::Ranked(vec![Preference::in_bands_of("stock", 10.0), Preference::by("distance")]);
    whole(one_then_few(&prefer, &[with_room()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::Ruleset;

    #[test]
    fn every_template_can_be_published() {
        for template in TEMPLATES {
            let made = Ruleset::of(crate::ids::RulesetId(uuid::Uuid::nil()), 0, template.name, &(template.rules)());
            assert!(made.is_ok(), "{}: {:?}", template.code, made.err());
        }
    }
}
