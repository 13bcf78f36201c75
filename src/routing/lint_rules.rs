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
    let rules = rules.rules.iter().enumerate().filter(|(_, rule)| !rule.off);
    let asked: Vec<(usize, Vec<(&FactView, &str)>)> = rules.map(|(index, rule)| (index, asked_by(&catalogue, rule))).collect();
    let of_catalogue = asked.iter().flat_map(|(_, asked)| asked).filter(|(fact, _)| OF_CATALOGUE.contains(&fact.code.as_str()));
    let (facts, words): (Vec<String>, Vec<String>) = of_catalogue.map(|(fact, word)| (fact.code.clone(), (*word).to_owned())).unzip();
    let missing: BTreeSet<(String, String)> = if words.is_empty() {
        BTreeSet::new()
    } else {
        let missing = sqlx::query!(
            r#"select w.fact as "fact!", w.word as "word!"
            from unnest($1::text[], $2::text[]) as w (fact, word)
            where not case w.fact
                when 'sku' then exists (select from skus where code = w.word)
                when 'category' then exists (select from products where category = w.word)
                when 'brand' then exists (select from products where brand = w.word)
                else exists (select from products where tags @> array[w.word])
            end"#,
            &facts,
            &words
        );
        missing.fetch_all(conn).await?.into_iter().map(|r| (r.fact, r.word)).collect()
    };
    // Tags of orders and of customers come with the orders: nobody knows them beforehand.
    let is_unknown = |fact: &FactView, word: &str| match fact.code.as_str() {
        code if OF_CATALOGUE.contains(&code) => missing.contains(&(code.to_owned(), word.to_owned())),
        _ => fact.kind == FactKind::Words && !fact.may_be_written && fact.choices.iter().all(|(code, _)| code != word),
    };
    for (index, words) in asked {
        found.extend(words.into_iter().filter(|(fact, word)| is_unknown(fact, word)).map(|(fact, word)| Oddity {
            rule: Some(index),
            kind: OddityKind::UnknownWord,
            message: format!("It asks for the {} “{word}”, and there is none. Check how it is written.", fact.name),
            example: None,
        }));
    }
    Ok(found)
}

/// Facts that ask for what stands in the catalogue, where there may be too much of it for a list.
const OF_CATALOGUE: [&str; 4] = ["sku", "category", "brand", "product_tag"];

/// The words that a rule asks for, each with its fact.
fn asked_by<'r>(catalogue: &'r Catalogue, rule: &'r Rule) -> Vec<(&'r FactView, &'r str)> {
    let mut asked: Vec<(&FactView, &str)> = Vec::new();
    asked_in(catalogue, &rule.when, &mut asked);
    let place = |code: &str| catalogue.place.iter().find(|fact| fact.code == code);
    for test in rule.candidates.iter().map(|filter| &filter.test) {
        note(place(&test.fact), words_of(test), &mut asked);
    }
    for test in &rule.allocate.never_split {
        note(catalogue.line.iter().find(|fact| fact.code == test.fact), words_of(test), &mut asked);
    }
    if let Prefer::Ranked(preferences) = &rule.prefer {
        for preference in preferences {
            note(place(&preference.by), &preference.first, &mut asked);
        }
    }
    asked
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
