use crate::components::ThingRow;
use crate::error::ApiError;
use chrono::NaiveDate;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::ids::{ActivationId, DraftId, RulesetId, SimulationId};
use waybill::orders::views::TriedOrder;
use waybill::page::Page;
use waybill::routing::lint::Oddity;
use waybill::routing::views::{Catalogue, DraftView, Problem, RoutingOverview, VersionView};
use waybill::simulation::views::{Findings, MoveRow, MoveView, RuleUse, SimulationRow, SimulationView};

/// Everything on the page of routing, and the latest simulations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingRead {
    pub overview: RoutingOverview,
    pub simulations: Vec<SimulationRow>,
    /// The company's day.
    pub today: NaiveDate,
}

#[server]
pub async fn read_overview() -> Result<RoutingRead, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let overview = waybill::routing::routing_overview(&mut conn, &act).await?;
    let simulations = waybill::simulation::list_simulations(&mut conn, &act, None, None, 10).await?;
    Ok(RoutingRead { overview, simulations, today: today(&act) })
}

/// A draft, and what rules can be made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftWork {
    pub draft: DraftView,
    pub catalogue: Catalogue,
    /// What was tried of it, the newest first.
    pub simulations: Vec<SimulationRow>,
    pub today: NaiveDate,
}

#[server]
pub async fn read_draft(id: String) -> Result<DraftWork, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let draft = waybill::routing::read_draft(&mut conn, &act, known_draft(&id)?).await?;
    let catalogue = waybill::routing::routing_catalogue(&mut conn, &act).await?;
    let simulations = waybill::simulation::list_simulations(&mut conn, &act, Some(draft.id), None, 5).await?;
    Ok(DraftWork { draft, catalogue, simulations, today: today(&act) })
}

/// A version, what it can be compared with, and what rules are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionRead {
    pub version: VersionView,
    pub overview: RoutingOverview,
    /// The version that it is compared with.
    pub other: Option<VersionView>,
    pub catalogue: Catalogue,
    /// What was simulated of it, the newest first.
    pub simulations: Vec<SimulationRow>,
    pub today: NaiveDate,
}

/// `other` is `{ruleset}/{version}`; empty is none.
#[server]
pub async fn read_version(ruleset: String, version: String, #[server(default)] other: String) -> Result<VersionRead, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let (ruleset, version) = known_version(&ruleset, &version)?;
    let view = waybill::routing::read_version(&mut conn, &act, ruleset, version).await?;
    let other = match other.split_once('/') {
        Some((ruleset, version)) => {
            let (ruleset, version) = known_version(ruleset, version)?;
            Some(waybill::routing::read_version(&mut conn, &act, ruleset, version).await?)
        }
        None => None,
    };
    let overview = waybill::routing::routing_overview(&mut conn, &act).await?;
    let catalogue = waybill::routing::routing_catalogue(&mut conn, &act).await?;
    let simulations = waybill::simulation::list_simulations(&mut conn, &act, None, Some((ruleset, version)), 10).await?;
    Ok(VersionRead { version: view, overview, other, catalogue, simulations, today: today(&act) })
}

/// Begins a draft and goes to it: from a template, or from `{ruleset}/{version}`.
#[server]
pub async fn begin_draft(#[server(default)] template: String, #[server(default)] version: String) -> Result<(), ApiError> {
    use waybill::routing::Beginning;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let beginning = match version.split_once('/') {
        Some((ruleset, version)) => {
            let (ruleset, version) = known_version(ruleset, version)?;
            Beginning::Version(ruleset, version)
        }
        None => Beginning::Template(&template),
    };
    let id = DraftId::new(act.now);
    waybill::transact!(services.pool, conn => waybill::routing::begin_draft(conn, &act, id, beginning.clone()).await)?;
    crate::ctx::redirect(&format!("/routing/drafts/{id}"));
    Ok(())
}

/// All that is wrong with rules, as JSON, while they are worked on.
#[server]
pub async fn check_rules(rules: String) -> Result<Vec<Problem>, ApiError> {
    Ok(waybill::routing::problems_of(&read_rules(&rules)?))
}

/// What rules that are being worked on come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookedAt {
    /// What each would take of last week's orders, and how many there were; none where they are not sound.
    pub counts: Option<(Vec<RuleUse>, u32)>,
    /// What is odd about them.
    pub oddities: Vec<Oddity>,
}

/// Looks at rules while they are worked on: what they would take, and what is odd about them.
#[server]
pub async fn look_at_rules(rules: String) -> Result<LookedAt, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let rules = read_rules(&rules)?;
    let oddities = waybill::routing::lint_rules(&mut conn, &act, &rules).await?;
    let counts = waybill::simulation::count_rules(&mut conn, &act, &rules).await?;
    Ok(LookedAt { counts, oddities })
}

/// Asks for a simulation and goes to it: of a draft, of `{ruleset}/{version}`, or of what was in force where neither is named. The days are the company's, the
/// first and the last.
#[server]
pub async fn start_simulation(
    #[server(default)] draft: String,
    #[server(default)] version: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
) -> Result<(), ApiError> {
    use waybill::refusal::Refusal;
    use waybill::simulation::Source;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let source = match (draft.as_str(), version.split_once('/')) {
        ("", None) => Source::AsItWas,
        ("", Some((ruleset, version))) => {
            let (ruleset, version) = known_version(ruleset, version)?;
            Source::Version(ruleset, version)
        }
        (draft, _) => Source::Draft(known_draft(draft)?),
    };
    let day = |field: &str, text: &str, after: u64| {
        let found = waybill::clock::day_begins(text, after, waybill::inventory::COMPANY_TIME).map_err(|message| Refusal::field(field, message))?;
        found.ok_or_else(|| Refusal::field(field, "Choose a day."))
    };
    // The last day counts whole.
    let (from, until) = (day("/from", &from, 0)?, day("/until", &until, 1)?);
    let id = SimulationId::new(act.now);
    waybill::transact!(services.pool, conn => waybill::simulation::start_simulation(conn, &act, id, source, from, until).await)?;
    services.changed.notify_waiters();
    crate::ctx::redirect(&format!("/routing/simulations/{id}"));
    Ok(())
}

/// What can be tried, and by which rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TryRead {
    /// (as the form sends it, for people)
    pub rules: Vec<(String, String)>,
    pub channels: Vec<(String, String)>,
    /// (code, name) of all locations.
    pub locations: Vec<(String, String)>,
}

#[server]
pub async fn read_trial() -> Result<TryRead, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let overview = waybill::routing::routing_overview(&mut conn, &act).await?;
    let catalogue = waybill::routing::routing_catalogue(&mut conn, &act).await?;
    let drafts = overview.drafts.into_iter().map(|d| (d.id.to_string(), format!("{}, as a draft", d.name)));
    let versions = overview.versions.into_iter().map(|v| (format!("{}/{}", v.ruleset, v.version), format!("{}, version {}", v.name, v.version)));
    let rules = std::iter::once((String::new(), "What is in force".to_owned())).chain(drafts).chain(versions).collect();
    let choices =
        |facts: Vec<waybill::routing::views::FactView>, code: &str| facts.into_iter().find(|f| f.code == code).map(|f| f.choices).unwrap_or_default();
    Ok(TryRead { rules, channels: choices(catalogue.order, "channel"), locations: choices(catalogue.place, "location") })
}

/// An order that nobody has placed, as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TryForm {
    /// A draft's id, or `{ruleset}/{version}`; empty is what is in force.
    pub rules: String,
    pub channel: String,
    /// Code of the store where it is collected; empty: it is sent.
    pub store: String,
    pub country: String,
    pub postcode: String,
    /// With commas between them.
    pub tags: String,
    /// Empty is standard.
    pub order_type: String,
    /// In so many days it was promised; empty: nothing was shown.
    pub promised_days: String,
    /// In so many hours its channel wants it handed over; empty: nothing was asked for.
    pub ship_hours: String,
    pub lines: Vec<ThingRow>,
}

/// What would become of an order that nobody has placed. Nothing is reserved.
#[server]
pub async fn try_order(form: TryForm) -> Result<TriedOrder, ApiError> {
    use crate::components::Things;
    use waybill::customers::RawContact;
    use waybill::orders::{Marks, Method, NewOrder};
    use waybill::simulation::Source;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let source = match (form.rules.as_str(), form.rules.split_once('/')) {
        ("", _) => Source::AsItWas,
        (_, Some((ruleset, version))) => {
            let (ruleset, version) = known_version(ruleset, version)?;
            Source::Version(ruleset, version)
        }
        (draft, None) => Source::Draft(known_draft(draft)?),
    };
    let things = Things::read(&form.lines)?;
    let ahead = |field: &str, text: &str, of: fn(i64) -> chrono::TimeDelta| match crate::error::whole_number_if_any(field, text)? {
        None => Ok(None),
        Some(number @ 1..=1_000) => Ok(Some(act.now + of(number.into()))),
        Some(_) => Err(waybill::refusal::Refusal::field(field, "Give a whole number from 1 to 1,000.")),
    };
    let is_collected = !form.store.is_empty();
    let order = NewOrder {
        channel: form.channel,
        customer_group: None,
        external_id: None,
        // Nobody: it is only asked where it would go.
        contact: RawContact {
            name: "Trial".to_owned(),
            email: Some("trial@example.com".to_owned()),
            phone: None,
            street: "1 Example Street".to_owned(),
            city: "Trial".to_owned(),
            postcode: form.postcode,
            country: form.country,
        },
        method: if is_collected { Method::Pickup } else { Method::Ship },
        pickup_location: is_collected.then_some(form.store),
        delivery_method: None,
        promised_by: ahead("/promised_by", &form.promised_days, chrono::TimeDelta::days)?,
        slot: None,
        currency: None,
        lines: things.lines.clone(),
        shipping_minor: None,
        total_minor: None,
        payment_token: "tok_ok".to_owned(),
        hold: None,
        gift_message: None,
        marks: Marks { ship_by: ahead("/ship_by", &form.ship_hours, chrono::TimeDelta::hours)?, ..Marks::typed(&form.tags, &form.order_type) },
    };
    services.try_order(&act, source, &order).await.map_err(|error| things.at_rows(error))
}

/// A simulation, another one beside it, and orders that would have gone elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulationWork {
    pub simulation: SimulationView,
    pub other: Option<(SimulationRow, Findings)>,
    pub moves: Page<MoveRow>,
}

#[server]
pub async fn read_simulation(id: String, #[server(default)] with: String, #[server(default)] after: String) -> Result<SimulationWork, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let id = known_simulation(&id)?;
    let simulation = waybill::simulation::read_simulation(&mut conn, &act, id).await?;
    let other = match with.as_str() {
        "" => None,
        with => {
            let other = waybill::simulation::read_simulation(&mut conn, &act, known_simulation(with)?).await?;
            other.findings.map(|findings| (other.row, findings))
        }
    };
    let after = (!after.is_empty()).then_some(after.as_str());
    let moves = waybill::simulation::list_moves(&mut conn, &act, id, after).await?;
    Ok(SimulationWork { simulation, other, moves })
}

/// An order that would have gone elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveRead {
    pub simulation: SimulationRow,
    pub currency: String,
    pub moved: MoveView,
}

#[server]
pub async fn read_move(id: String, no: String) -> Result<MoveRead, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let id = known_simulation(&id)?;
    let no = no.parse().map_err(|_| waybill::refusal::Refusal::not_found("such order in this simulation"))?;
    let simulation = waybill::simulation::read_simulation(&mut conn, &act, id).await?;
    let moved = waybill::simulation::read_move(&mut conn, &act, id, no).await?;
    let currency = simulation.findings.map(|found| found.currency).unwrap_or_default();
    Ok(MoveRead { simulation: simulation.row, currency, moved })
}

#[server]
pub async fn cancel_simulation(id: SimulationId) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::simulation::cancel_simulation(conn, &act, id).await)?;
    Ok(())
}

#[server]
pub async fn delete_simulation(id: SimulationId) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::simulation::delete_simulation(conn, &act, id).await)?;
    crate::ctx::redirect("/routing");
    Ok(())
}

/// Saves a draft; answers with its new revision.
#[server]
pub async fn save_draft(id: DraftId, revision: i32, name: String, rules: String) -> Result<i32, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let rules = read_rules(&rules)?;
    Ok(waybill::transact!(services.pool, conn => waybill::routing::save_draft(conn, &act, id, revision, &name, &rules).await)?)
}

#[server]
pub async fn delete_draft(id: DraftId, revision: i32) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::routing::delete_draft(conn, &act, id, revision).await)?;
    crate::ctx::redirect("/routing");
    Ok(())
}

/// Makes a version of a draft and goes to it.
#[server]
pub async fn publish_draft(id: DraftId, revision: i32, #[server(default)] seen: Option<i32>) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let (ruleset, version) = waybill::transact!(services.pool, conn => waybill::routing::publish_draft(conn, &act, id, revision, seen).await)?;
    crate::ctx::redirect(&format!("/routing/versions/{ruleset}/{version}"));
    Ok(())
}

/// Puts a version in force. The days are the company's, the first and the last on which it counts; empty is now, and without an end.
#[server]
pub async fn activate_version(
    ruleset: RulesetId,
    version: i32,
    #[server(default)] from: String,
    #[server(default)] until: String,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let day = |field: &str, text: &str, after: u64| {
        waybill::clock::day_begins(text, after, waybill::inventory::COMPANY_TIME).map_err(|message| waybill::refusal::Refusal::field(field, message))
    };
    // The last day counts whole.
    let (from, until) = (day("/from", &from, 0)?, day("/until", &until, 1)?);
    let id = ActivationId::new(act.now);
    waybill::transact!(services.pool, conn => waybill::routing::activate_ruleset(conn, &act, id, (ruleset, version), from, until).await)?;
    Ok(())
}

/// Takes a time that a version is in force back: what was before it comes again.
#[server]
pub async fn withdraw_activation(id: ActivationId) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::routing::withdraw_activation(conn, &act, id).await)?;
    Ok(())
}

#[server]
pub async fn approve_version(ruleset: RulesetId, version: i32) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::routing::approve_ruleset(conn, &act, ruleset, version).await)?;
    Ok(())
}

#[server]
pub async fn comment_on_version(ruleset: RulesetId, version: i32, #[server(default)] text: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::routing::comment_on_ruleset(conn, &act, ruleset, version, &text).await)?;
    Ok(())
}

/// Says what has to be before a version is put in force.
#[server]
pub async fn set_demands(#[server(default)] four_eyes: bool, #[server(default)] simulated_first: bool) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let wanted = waybill::routing::Demands { four_eyes, simulated_first };
    waybill::transact!(services.pool, conn => waybill::routing::set_demands(conn, &act, wanted).await)?;
    Ok(())
}

/// Stops giving work to locations, or lets it go on where no reason is given.
#[server]
pub async fn stop_routing(#[server(default)] reason: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::routing::stop_routing(conn, &act, &reason).await)?;
    Ok(())
}

#[server]
pub async fn resume_routing() -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::routing::resume_routing(conn, &act).await)?;
    Ok(())
}

#[cfg(feature = "ssr")]
fn today(act: &waybill::identity::Act) -> NaiveDate {
    act.now.with_timezone(&waybill::inventory::COMPANY_TIME).date_naive()
}

#[cfg(feature = "ssr")]
fn known_draft(id: &str) -> Result<DraftId, waybill::refusal::Refusal> {
    id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such draft"))
}

#[cfg(feature = "ssr")]
fn known_simulation(id: &str) -> Result<SimulationId, waybill::refusal::Refusal> {
    id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such simulation"))
}

#[cfg(feature = "ssr")]
fn known_version(ruleset: &str, version: &str) -> Result<(RulesetId, i32), waybill::refusal::Refusal> {
    let gone = || waybill::refusal::Refusal::not_found("such version");
    Ok((ruleset.parse().map_err(|_| gone())?, version.parse().map_err(|_| gone())?))
}

#[cfg(feature = "ssr")]
fn read_rules(text: &str) -> Result<waybill::routing::rules::Rules, waybill::refusal::Refusal> {
    serde_json::from_str(text).map_err(|error| waybill::refusal::Refusal::field("/rules", format!("These rules cannot be read: {error}.")))
}
