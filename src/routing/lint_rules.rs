//! What is odd about rules, on the network and the catalogue as they are.

use super::lint::{Oddity, OddityKind, lint};
use super::routing_catalogue;
use super::rules::{Asks, Condition, Prefer, Rule, Rules, Test};
use super::ruleset::Ruleset;
use super::views::{Catalogue, FactKind, FactView};
use crate::identity::{Act, Permission};
use crate::ids::RulesetId;
use crate::inventory;
use crate::refusal::Result;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Looks for what is odd about rules; nothing is said of rules that are not sound.
pub async fn lint_rules(conn: &mut PgConnection, act: &Act, rules: &Rules) -> Result<Vec<Oddity>> {
    act.require(Permission::ReadRouting)?;
    let Ok(ruleset) = Ruleset::of(RulesetId(uuid::Uuid::nil()), 0, "", rules) else { return Ok(Vec::new()) };
    let network = inventory::network_at(conn, act.now).await?;
    let mut found = lint(&ruleset, &network, act.now);
    let catalogue = routing_catalogue(conn, act).await?;
    for (index, rule) in rules.rules.iter().enumerate().filter(|(_, rule)| !rule.off) {
        found.extend(unknown_words(conn, &catalogue, rule).await?.into_iter().map(|message| Oddity {
            rule: Some(index),
            kind: OddityKind::UnknownWord,
            message,
            example: None,
        }));
    }
    Ok(found)
}

/// What a rule names and nothing is called. Tags of orders and of customers come with the orders: nobody knows them beforehand.
async fn unknown_words(conn: &mut PgConnection, catalogue: &Catalogue, rule: &Rule) -> Result<Vec<String>> {
    let mut asked: Vec<(&FactView, &str)> = Vec::new();
    asked_in(catalogue, &rule.when, &mut asked);
    let place = |code: &str| catalogue.place.iter().find(|fact| fact.code == code);
    for test in rule.candidates.iter().map(|filter| &filter.test) {
        note(place(&test.fact), words_of(test), &mut asked);
    }
    if let Prefer::Ranked(preferences) = &rule.prefer {
        for preference in preferences {
            note(place(&preference.by), &preference.first, &mut asked);
        }
    }
    let is_in_list = |fact: &FactView, word: &str| fact.choices.iter().any(|(code, _)| code == word);
    let (skus, others): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(fact, _)| fact.code == "sku");
    let mut unknown: Vec<(&FactView, &str)> =
        others.into_iter().filter(|(fact, word)| fact.kind == FactKind::Words && !fact.may_be_written && !is_in_list(fact, word)).collect();
    if !skus.is_empty() {
        let codes: Vec<String> = skus.iter().map(|(_, word)| (*word).to_owned()).collect();
        let known = sqlx::query_scalar!("select code from skus where code = any ($1)", &codes).fetch_all(conn).await?;
        let known: BTreeSet<String> = known.into_iter().collect();
        unknown.extend(skus.into_iter().filter(|(_, word)| !known.contains(*word)));
    }
    Ok(unknown
        .into_iter()
        .map(|(fact, word)| format!("It asks for the {} “{word}”, and there is none. Check how it is written.", fact.name))
        .collect())
}

fn words_of(test: &Test) -> &[String] {
    match &test.asks {
        Asks::OneOf(words) | Asks::NoneOf(words) => words,
        _ => &[],
    }
}

fn note<'r>(fact: Option<&'r FactView>, words: &'r [String], asked: &mut Vec<(&'r FactView, &'r str)>) {
    asked.extend(fact.into_iter().flat_map(|fact| words.iter().map(move |word| (fact, word.trim()))));
}

fn asked_in<'r>(catalogue: &'r Catalogue, condition: &'r Condition, asked: &mut Vec<(&'r FactView, &'r str)>) {
    let of = |facts: &'r [FactView], test: &Test| facts.iter().find(|fact| fact.code == test.fact);
    match condition {
        Condition::Always => {}
        Condition::All(parts) | Condition::Any(parts) | Condition::None(parts) => parts.iter().for_each(|part| asked_in(catalogue, part, asked)),
        Condition::Order(test) => note(of(&catalogue.order, test), words_of(test), asked),
        Condition::Lines(lines) => note(of(&catalogue.line, &lines.test), words_of(&lines.test), asked),
    }
}
