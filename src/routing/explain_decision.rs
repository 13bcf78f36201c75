//! Why an order went where it went: plan() run again on the network and the stock of that moment, told in words.

use super::activate_ruleset::make_ready;
use super::publish_ruleset::version_name;
use super::rules::{Asks, Rules};
use super::views::{CandidateView, DecisionRow, Explanation};
use super::{
    Change, DecisionRecord, ENGINE_VERSION, Plan, PlanOrder, Queue, ReadyRule, ReadyTest, Removal, RuleOutcome, Ruleset, Trace, WouldHaveSent,
    plan_traced, promise, would_have_sent,
};
use crate::catalog::{self, Size};
use crate::clock::moment_words;
use crate::ids::{LocationId, OrderId, RulesetId, SkuId};
use crate::inventory::{self, Snapshot};
use crate::refusal::Result;
use chrono::TimeDelta;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::sync::Arc;

/// The decisions about an order, the first first.
pub async fn decisions_of(conn: &mut PgConnection, order_id: OrderId) -> Result<Vec<DecisionRow>> {
    Ok(sqlx::query_as!(
        DecisionRow,
        r#"select d.decision_no as no, d.decided_at as at, r.name as ruleset, d.ruleset_version as version
        from order_decisions d
        join rulesets r on r.ruleset_id = d.ruleset_id and r.version = d.ruleset_version
        where d.order_id = $1
        order by d.decision_no"#,
        order_id.0
    )
    .fetch_all(conn)
    .await?)
}

/// Explains a decision about an order, by its number, or the latest; none where there is none.
pub async fn explain_decision(conn: &mut PgConnection, order_id: OrderId, no: Option<i32>) -> Result<Option<Explanation>> {
    let row = sqlx::query!(
        r#"select d.decided_at, d.ruleset_id as "id: RulesetId", d.ruleset_version, d.engine_version, d.record as "record: Json<DecisionRecord>", r.name,
            r.rules as "rules: Json<Rules>", o.placed_at, c.postcode
        from order_decisions d
        join orders o using (order_id)
        join contacts c on c.contact_id = o.contact_id and c.version = o.contact_version
        join rulesets r on r.ruleset_id = d.ruleset_id and r.version = d.ruleset_version
        where d.order_id = $1 and ($2::integer is null or d.decision_no = $2)
        order by d.decision_no desc
        limit 1"#,
        order_id.0,
        no
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let network = inventory::network_at(conn, row.decided_at).await?;
    let ruleset = make_ready(row.id, row.ruleset_version, &row.name, &row.rules.0)?;
    let lines = sqlx::query!(
        r#"select l.line_no, l.sku_id as "sku: SkuId", s.code, s.weight_grams, s.length_mm, s.width_mm, s.height_mm
        from order_lines l
        join skus s using (sku_id)
        where l.order_id = $1"#,
        order_id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let traits = catalog::traits_of(conn, &lines.iter().map(|l| l.sku).collect::<Vec<_>>(), row.decided_at).await?;
    let (order, decided) = row.record.0.restore(&row.postcode, |line_no| {
        let line = lines.iter().find(|l| l.line_no == line_no)?;
        let size = Size::of(line.weight_grams, line.length_mm, line.width_mm, line.height_mm);
        Some((line.sku, size, traits.get(&line.sku).map(Arc::clone).unwrap_or_default()))
    });
    let skus: Vec<_> = order.lines.iter().map(|l| l.sku).collect();
    // Just before: the decision's own reservations count from its moment on.
    let before = row.decided_at - TimeDelta::microseconds(1);
    let stock = inventory::stock_as_of(conn, &network, &skus, before, Some((row.placed_at, order_id)), ruleset.needs.demand).await?;
    let (at, engine) = (row.decided_at, row.engine_version);
    // What would have had to be otherwise takes many plans: not on a thread that others wait for.
    let told = tokio::task::spawn_blocking(move || {
        let snapshot = Snapshot { at, network: &network, stock: &stock };
        let (again, trace) = plan_traced(&order, &snapshot, &ruleset);
        let mut told = tell_decision(&ruleset, &snapshot, &order, &decided, &trace);
        let code_of = |sku: SkuId| lines.iter().find(|line| line.sku == sku).map_or("", |line| line.code.as_str());
        told.otherwise = otherwise(&order, &snapshot, &ruleset, &decided, code_of);
        if again.assignments != decided.assignments {
            told.summary.push(if engine == ENGINE_VERSION {
                "Others were buying the same things at that very moment: the decision was made on stock that changed within the same instant."
                    .to_owned()
            } else {
                "It was decided by an earlier version of Waybill, which weighed locations in another way.".to_owned()
            });
        }
        told
    });
    match told.await {
        Ok(told) => Ok(Some(told)),
        Err(broken) => match broken.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The program is going down.
            Err(_) => Ok(None),
        },
    }
}

/// A decision in plain words: what was decided, what that promises, and why not otherwise.
pub fn tell_decision(ruleset: &Ruleset, snapshot: &Snapshot<'_>, order: &PlanOrder, decided: &Plan, trace: &Trace) -> Explanation {
    let network = snapshot.network;
    let name_of = |id| network.location(id).map_or("a location that is gone", |l| l.name.as_str()).to_owned();
    let mut chosen: Vec<_> = decided.assignments.iter().map(|a| a.location).collect();
    chosen.dedup();
    chosen.sort();
    chosen.dedup();
    let mut summary = Vec::new();
    let places: Vec<String> = chosen.iter().map(|id| name_of(*id)).collect();
    match (decided.rule.filter(|_| !order.by_hand).and_then(|i| ruleset.rules.get(i as usize)), places.as_slice()) {
        (Some(rule), [one]) if decided.waiting.is_empty() => summary.push(format!("{one} sends everything, by the rule “{}”.", rule.name)),
        (Some(rule), [one]) => summary.push(format!("{one} sends what there is, by the rule “{}”; the rest waits.", rule.name)),
        (Some(rule), []) if !decided.waiting.is_empty() && decided.waiting.iter().all(|w| w.queue == Queue::CustomerCare) => {
            summary.push(format!("It waits for customer service, by the rule “{}”.", rule.name));
        }
        (Some(rule), []) => summary.push(format!("Nothing could be assigned, by the rule “{}”.", rule.name)),
        (Some(rule), many) => summary.push(format!("It takes {} parcels, from {}, by the rule “{}”.", many.len(), join(many), rule.name)),
        (None, places) if order.by_hand => summary.push(match places {
            [] => "Somebody chose a location by hand, and it had nothing of it.".to_owned(),
            places => format!("{} sends what it has of it: somebody chose it by hand.", join(places)),
        }),
        (None, _) => summary.push("No rule was made for an order like this.".to_owned()),
    }
    let brought: Vec<String> = chosen.iter().filter(|from| order.brought_to(**from).is_some()).map(|id| name_of(*id)).collect();
    if let Some(store) = order.pickup_location.filter(|_| !brought.is_empty()) {
        summary.push(format!("What {} does not have is brought there from {}, for the customer to collect.", name_of(store), join(&brought)));
    }
    if let Some(offer) = &decided.offer {
        let asked: Vec<String> = offer.locations.iter().map(|id| name_of(*id)).collect();
        let best = asked.first().cloned().unwrap_or_default();
        summary.push(format!(
            "First {} are asked for {} minutes: whoever takes it sends it, and {best} if nobody does.",
            join(&asked),
            offer.minutes
        ));
    }
    let promise = promise(order, decided, snapshot);
    if let Some(last) = promise.window() {
        summary.push(format!("What is promised of it is there by {}.", moment_words(last.by)));
    }
    if order.lines.iter().any(|line| line.promised_by.zip(promise.of_line(line.line_no)).is_some_and(|(by, now)| now.by > by)) {
        let rule = decided.rule.and_then(|at| ruleset.rules.get(at as usize));
        summary.push(match rule.filter(|rule| rule.promises_anew()) {
            Some(_) => "A part of it comes later than it was promised: nobody whom the rule allows has it in time, and it says to promise it anew."
                .to_owned(),
            None => "A part of it comes later than it was promised: nobody could have it there in time.".to_owned(),
        });
    }
    let deciding = decided.rule.map(|at| at as usize);
    if deciding.and_then(|at| trace.rules.get(at)).is_some_and(|rule| rule.cut_short) {
        summary.push("It can be split in so many ways that not all of them were looked at: another could cost a little less.".to_owned());
    }
    for (_, passed) in trace.rules.iter().enumerate().filter(|(at, _)| Some(*at) != deciding && !order.by_hand) {
        if passed.outcome == RuleOutcome::Partial || passed.outcome == RuleOutcome::Nothing {
            summary.push(format!("The rule “{}” came first, but no choice it allows had everything.", passed.rule));
        }
    }
    let of_store = decided.assignments.iter().filter(|a| !brought.is_empty() && Some(a.location) == order.pickup_location);
    // Whoever sends to the store is asked for what the store has not.
    let wanted = order.lines.iter().fold(0i32, |sum, line| sum.saturating_add(line.quantity)) - of_store.map(|a| a.quantity).sum::<i32>();
    // The trace says something of each rule until the one that decided, in their order.
    let (by, last) = match trace.rules.last().filter(|_| order.by_hand) {
        Some(chosen) => (None, Some(chosen)),
        None => ruleset.rules.iter().zip(&trace.rules).rev().find(|(_, told)| !told.candidates.is_empty()).unzip(),
    };
    let ranked_by: Vec<String> = by.map(|rule| rule.prefer.names()).unwrap_or_default();
    let candidates: Vec<CandidateView> = last.map_or_else(Vec::new, |rule| {
        rule.candidates
            .iter()
            .map(|c| {
                let is_chosen = chosen.contains(&c.location);
                let reason = match &c.removed {
                    _ if is_chosen => None,
                    Some(removal) => Some(removal_in_words(removal, by)),
                    None if c.units_found < wanted => Some(format!("had only {} of the {wanted} units", c.units_found)),
                    None => Some("had everything, and ranked behind".to_owned()),
                };
                let scores = match by {
                    Some(rule) if c.removed.is_none() => rule.prefer.scores_in_words(&c.scores),
                    _ => Vec::new(),
                };
                CandidateView { location: name_of(c.location), distance_km: c.distance_km, units: c.units_found, chosen: is_chosen, scores, reason }
            })
            .collect()
    });
    if let Some(rule) = last {
        let out = rule.candidates.iter().filter(|c| c.removed.is_some()).count();
        let whole = rule.candidates.iter().filter(|c| c.removed.is_none() && c.units_found >= wanted).count();
        let part = rule.candidates.len() - out - whole;
        let counts = [
            (whole, "had everything"),
            (part, "had a part of it"),
            (out, if out == 1 { "was out of the question" } else { "were out of the question" }),
        ];
        let told: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
        summary.push(format!("Of {} locations {}.", candidates.len(), join(&told)));
    }
    let version = if ruleset.version == 0 { format!("{}, as a draft", ruleset.name) } else { version_name(&ruleset.name, ruleset.version) };
    Explanation { ruleset: version, summary, ranked_by, candidates, otherwise: Vec::new() }
}

/// More would not be read.
const MOST_OTHERWISE: usize = 3;

/// What would have let others send something of an order, in words. `code_of` names a SKU.
pub fn otherwise<'c>(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset, done: &Plan, code_of: impl Fn(SkuId) -> &'c str) -> Vec<String> {
    let told = would_have_sent(order, snapshot, ruleset, done, MOST_OTHERWISE);
    let words = |told: &WouldHaveSent| {
        let place = snapshot.network.location(told.location)?;
        let changes: Vec<String> =
            told.changes.iter().filter_map(|change| change_in_words(change, told.location, order, snapshot, ruleset, &code_of)).collect();
        Some(format!("{} would have sent something of it, {}.", place.name, join(&changes)))
    };
    told.iter().filter_map(words).collect()
}

fn change_in_words<'c>(
    change: &Change,
    location: LocationId,
    order: &PlanOrder,
    snapshot: &Snapshot<'_>,
    ruleset: &Ruleset,
    code_of: &impl Fn(SkuId) -> &'c str,
) -> Option<String> {
    let counted = |n: i32, one: &str, many: &str| if n == 1 { format!("1 more {one}") } else { format!("{n} more {many}") };
    Some(match change {
        Change::Open => "had it not been closed".to_owned(),
        Change::Capacity { more } => format!("had it taken {} that day", counted(*more, "order", "orders")),
        Change::Units { sku, more } => {
            let level = snapshot.stock.levels.get(*sku, location);
            let kept = snapshot.network.rules.kept_back(order.buyer(), *sku, location, level.per_day_milli);
            let code = code_of(*sku);
            let had = format!("had it {} of {code}", counted(*more, "unit", "units"));
            match kept.min(level.on_hand - level.reserved - level.ahead) {
                kept if kept >= *more => format!("{had}, or were {more} fewer kept back there"),
                _ => had,
            }
        }
        Change::Limit { rule, demand, to } => {
            let rule = ruleset.rules.get(*rule)?;
            let test = &rule.candidates.get(*demand)?.test;
            let wider =
                ReadyTest { fact: test.fact, asks: if matches!(test.asks, Asks::AtMost(_)) { Asks::AtMost(*to) } else { Asks::AtLeast(*to) } };
            format!("if the rule “{}” took locations {} and not only {}", rule.name, wider.words(), test.words())
        }
    })
}

fn removal_in_words(removal: &Removal, rule: Option<&ReadyRule>) -> String {
    match removal {
        Removal::Closed(reason) => format!("was closed: {reason}"),
        Removal::DoesNotShip => "does not send parcels".to_owned(),
        Removal::NotTheChosenStore => "is not the store the customer chose".to_owned(),
        Removal::Full => "takes no more orders today".to_owned(),
        Removal::NothingAvailable => "had nothing of it free".to_owned(),
        Removal::TurnedItDown => "had turned the order down".to_owned(),
        Removal::TakenByAnother => "was not asked: another place had it".to_owned(),
        Removal::CannotSend(why) => why.words().to_owned(),
        Removal::TooLate(at) => format!("could have it there by {} only, later than was promised", moment_words(*at)),
        Removal::Filter { demand, was } => {
            let demand = rule.and_then(|rule| rule.candidates.get(*demand));
            demand.map_or_else(|| "is not among those that the rule takes".to_owned(), |demand| demand.test.refusal(was.as_deref()))
        }
    }
}

fn join(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
