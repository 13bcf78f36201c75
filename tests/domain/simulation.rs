use crate::company::{Company, at, company, later, order, then};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use waybill::carriers::{Destination, Parcel};
use waybill::fulfilment::{Command, RejectReason, StepInput};
use waybill::identity::{Act, Actor};
use waybill::ids::{ActivationId, DraftId, OrderId, RulesetId, SimulationId, SkuId};
use waybill::integrations::world::demo;
use waybill::inventory::MovementReason;
use waybill::inventory::backorders::{self, NewTerms};
use waybill::orders::{Method, NewHold, NewOrder};
use waybill::refusal::{Error, RefusalCode};
use waybill::routing::rules::{Allocate, Prefer, Preference, Rule, Rules, Then, assign, hold};
use waybill::routing::{self, Beginning, Demands};
use waybill::simulation::views::{Load, PlaceUse, SimulationView, Totals};
use waybill::simulation::{self, SimulationState, Source};

const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";

async fn start(c: &Company, source: Source, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<SimulationId, Error> {
    let act = c.system();
    let id = SimulationId::new(act.now);
    waybill::transact!(c.services.pool, conn => simulation::start_simulation(conn, &act, id, source, from, until).await.map(|()| id))
}

async fn read(c: &Company, id: SimulationId) -> SimulationView {
    simulation::read_simulation(&mut *c.conn().await, &c.system(), id).await.unwrap()
}

async fn simulate(c: &Company, source: Source, from: DateTime<Utc>, until: DateTime<Utc>) -> SimulationView {
    let id = start(c, source, from, until).await.unwrap();
    c.services.run_simulation(id).await.unwrap();
    let view = read(c, id).await;
    assert_eq!((view.row.state, view.row.orders_done), (SimulationState::Done, view.row.orders), "{:?}", view.row.problem);
    view
}

async fn publish(c: &Company, rules: &Rules) -> RulesetId {
    let act = c.system();
    let id = RulesetId::new(act.now);
    waybill::transact!(c.services.pool, conn => routing::publish_ruleset(conn, &act, id, "Other", rules, &[]).await.map(|_| id)).unwrap()
}

/// Everything from one location before all others.
fn first(code: &str) -> Rules {
    let rule = Rule {
        id: code.to_owned(),
        name: format!("From {code}"),
        prefer: Prefer::Ranked(vec![Preference { first: vec![code.to_owned()], ..Preference::by("location") }, Preference::by("distance")]),
        then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
        ..Rule::default()
    };
    Rules { rules: vec![rule], ..Rules::default() }
}

/// Everything that stock is made of, and what customers were told.
async fn live(pool: &PgPool) -> String {
    let sql = "select md5(string_agg(s.stock::text, ',' order by s.stock::text)) from (select (stock.*)::text as stock from stock
        union all select (order_lines.*)::text from order_lines union all select (capacity_days.*)::text from capacity_days) as s";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn simulating_what_was_in_force_gives_every_decision_of_the_demo_company(pool: PgPool) {
    // A night that is over.
    let night = crate::company::now().date_naive().and_hms_opt(5, 30, 0).unwrap().and_utc() - TimeDelta::days(1);
    waybill::transact!(pool, conn => demo::load(conn, night, &mut |_| {}).await).unwrap();
    let c = Company::on(&pool);
    let before = live(&pool).await;
    let from = night - TimeDelta::days(100);
    let view = simulate(&c, Source::AsItWas, from, night).await;
    let found = view.findings.unwrap();
    assert!(found.decisions > 4_500, "{}", found.decisions);
    assert_eq!((found.alike, found.moved), (found.decisions, 0));
    assert_eq!(found.real, found.simulated);
    assert!(found.places.iter().all(|place| place.real == place.simulated));
    assert!(found.real.carriage_unknown == 0 && found.real.dated == found.real.orders, "{:?}", found.real);

    // A part of it, from the middle on, gives its part.
    let part = simulate(&c, Source::AsItWas, night - TimeDelta::days(20), night - TimeDelta::days(3)).await.findings.unwrap();
    assert_eq!((part.alike, part.moved), (part.decisions, 0));

    // Other rules send it from elsewhere; live stock is as it was.
    let id = publish(&c, &(routing::templates::template("stores_first").unwrap().rules)()).await;
    let other = simulate(&c, Source::Version(id, 1), from, night).await;
    let found = other.findings.unwrap();
    assert!(found.moved > 0);
    assert_eq!(found.real, view_totals(&c, view.row.id).await);
    let all = found.simulated.units + found.simulated.units_short;
    assert_eq!(all, found.real.units + found.real.units_short, "the same is wanted");
    let of_stores = |load: fn(&PlaceUse) -> u32| found.places.iter().filter(|place| place.name.contains("store")).map(load).sum::<u32>();
    assert!(of_stores(|place| place.simulated.parcels) > of_stores(|place| place.real.parcels));
    let left = |load: fn(&PlaceUse) -> i64| found.places.iter().map(load).sum::<i64>();
    assert!((left(|p| p.simulated.left) - left(|p| p.real.left)).abs() <= found.simulated.units_short.max(found.real.units_short) + 50);
    assert_eq!(other.others.len(), 1, "the one of the same period");
    let moves = simulation::list_moves(&mut *c.conn().await, &c.system(), other.row.id, None).await.unwrap();
    let shown = simulation::read_move(&mut *c.conn().await, &c.system(), other.row.id, moves.rows[0].no).await.unwrap();
    assert!(shown.real.is_some_and(|e| !e.summary.is_empty()));
    assert_ne!(shown.row.real.places, shown.row.simulated.places);
    assert_eq!(live(&pool).await, before);

    // Beside each rule, what it takes of last week's orders.
    let (rules, orders) = simulation::count_rules(&mut *c.conn().await, &c.system(), &Rules::starting()).await.unwrap().unwrap();
    assert!(orders > 100 && rules.iter().map(|rule| rule.taken).sum::<u32>() >= orders, "{orders} {rules:?}");
    assert!(rules[0].example.is_some());
}

async fn view_totals(c: &Company, id: SimulationId) -> Totals {
    read(c, id).await.findings.unwrap().real
}

fn visitor(c: &Company) -> Act {
    Act::new(Actor::Visitor, c.system().now)
}

async fn sku(c: &Company) -> SkuId {
    SkuId(sqlx::query_scalar("select sku_id from skus where code = 'LAMP'").fetch_one(&c.services.pool).await.unwrap())
}

async fn reject(c: &Company, order: OrderId, reason: RejectReason) {
    let input = StepInput { reason: Some(reason), ..StepInput::default() };
    c.services.advance_fulfilment(&c.system(), order, 1, Command::Reject, &input, None).await.unwrap();
}

/// A day with everything that happens to stock: orders, baskets that become orders and that do not, a store that is too busy, books that were wrong, what is
/// called off, what comes, and what is promised before it is there.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whatever_happens_simulating_what_was_in_force_gives_every_decision(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 6), ("LAMP", FAR, 5), ("MUG", NEAR, 3), ("MUG", FAR, 30)]).await;
    let from = c.system().now;
    let at = |minutes: i64| later(&c, &(from + TimeDelta::minutes(minutes)).to_rfc3339());
    let before = at(1).place(&order(&[("LAMP", 1)])).await;
    let whole = at(2).place(&order(&[("LAMP", 2), ("MUG", 2)])).await;
    let basket = |units| NewHold {
        channel: "web".to_owned(),
        method: Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: None,
        postcode: None,
        lines: vec![("LAMP".to_owned(), units)],
    };
    let kept = at(3).services.hold_basket(&visitor(&at(3)), &basket(2), None, None).await.unwrap().unwrap();
    at(4).services.hold_basket(&visitor(&at(4)), &basket(1), None, None).await.unwrap().unwrap();
    let from_basket = at(5).place(&NewOrder { hold: Some(kept.hold.to_string()), ..order(&[("LAMP", 2)]) }).await;
    reject(&at(6), whole, RejectReason::TooBusy).await;
    at(7).services.reroute_order(whole).await.unwrap();
    let called_off = at(8).place(&order(&[("MUG", 4)])).await;
    at(9).services.cancel_order(&at(9).system(), called_off, "changed their mind", None).await.unwrap();
    let expected = (from + TimeDelta::days(10)).date_naive().to_string();
    let terms = NewTerms { kind: "backorder".to_owned(), most_units: 20, expected, until: String::new(), follows_purchasing: false };
    let act = at(10).system();
    waybill::transact!(pool, conn => backorders::set_terms(conn, &act, "LAMP", FAR, &terms).await).unwrap();
    let put_off = at(11).place(&order(&[("LAMP", 9)])).await;
    at(12).place(&order(&[("LAMP", 3), ("MUG", 1)])).await;
    // The first is told a later day: what comes is the other's before it is its own, though nothing is decided when it is told.
    let (later, act) = (from + TimeDelta::days(20), later(&c, &(from + TimeDelta::seconds(750)).to_rfc3339()).system());
    waybill::transact!(pool, conn => {
        for owed in backorders::open_backorders(conn, put_off).await? {
            backorders::postpone(conn, act.now, &owed, later).await?;
        }
        Ok(())
    })
    .unwrap();
    at(13).services.adjust_stock(&at(13).system(), "LAMP", FAR, 4, MovementReason::Receipt, None).await.unwrap();
    at(14).services.reroute_waiting(sku(&c).await).await.unwrap();
    reject(&at(15), from_basket, RejectReason::NotInStock).await;
    at(16).services.reroute_order(from_basket).await.unwrap();
    at(17).place(&order(&[("MUG", 12)])).await;
    at(18).services.adjust_stock(&at(18).system(), "LAMP", NEAR, 30, MovementReason::Receipt, None).await.unwrap();
    at(19).services.reroute_waiting(sku(&c).await).await.unwrap();
    let end = at(20);
    for (name, since) in [("all of it", TimeDelta::zero()), ("from the middle on", TimeDelta::minutes(11))] {
        let found = simulate(&end, Source::AsItWas, from + since, from + TimeDelta::minutes(20)).await.findings.unwrap();
        assert!(found.decisions > 2, "{name}: {}", found.decisions);
        assert_eq!((found.alike, found.moved), (found.decisions, 0), "{name}");
        assert_eq!(found.real, found.simulated, "{name}");
        assert!(found.places.iter().all(|place| place.real == place.simulated), "{name}: {:?}", found.places);
    }
    // The store that was too busy is not asked in a world where another has the order.
    let id = publish(&end, &first(FAR)).await;
    let found = simulate(&end, Source::Version(id, 1), from, from + TimeDelta::minutes(20)).await;
    let moves = simulation::list_moves(&mut *c.conn().await, &end.system(), found.row.id, None).await.unwrap();
    assert!(moves.rows.iter().any(|m| m.order == before && m.simulated.places == [("Northampton warehouse".to_owned(), 1)]), "{:?}", moves.rows);
    assert!(moves.rows.iter().all(|m| m.order != called_off));
    c.assert_sound().await;
}

/// What others took from a shelf is not there for orders that the simulation has sent there: they wait, and are routed again.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_others_took_is_not_there_for_the_simulation_either(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 4), ("LAMP", FAR, 4)]).await;
    let from = c.system().now;
    let at = |minutes: i64| later(&c, &(from + TimeDelta::minutes(minutes)).to_rfc3339());
    let id = publish(&c, &first(FAR)).await;
    at(1).place(&order(&[("LAMP", 3)])).await;
    let moved = |found: &SimulationView| found.findings.as_ref().unwrap().moved;
    assert_eq!(moved(&simulate(&at(2), Source::Version(id, 1), from, from + TimeDelta::minutes(2)).await), 1);
    at(3).services.adjust_stock(&at(3).system(), "LAMP", FAR, -4, MovementReason::Count, None).await.unwrap();
    let view = simulate(&at(4), Source::Version(id, 1), from, from + TimeDelta::minutes(4)).await;
    let found = view.findings.as_ref().unwrap();
    assert_eq!((moved(&view), found.simulated.units, found.simulated.units_short), (0, 3, 0), "it is routed again, to where it really went");
    assert!(found.places.iter().all(|place| place.simulated.left >= 0 && place.real == place.simulated), "{:?}", found.places);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn trying_an_order_says_what_placing_it_would_do_and_changes_nothing(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 2), ("LAMP", FAR, 9)]).await;
    let id = publish(&c, &first(FAR)).await;
    let before = live(&pool).await;
    let system = c.system();
    let tried = async |source, units| c.services.try_order(&system, source, &order(&[("LAMP", units)])).await;
    let from = |tried: &waybill::orders::views::TriedOrder| tried.parcels.iter().map(|p| (p.location.clone(), p.lines.clone())).collect::<Vec<_>>();
    let (now, other) = (tried(Source::AsItWas, 2).await.unwrap(), tried(Source::Version(id, 1), 2).await.unwrap());
    assert_eq!(from(&now), [("Warrington warehouse".to_owned(), vec![("LAMP".to_owned(), 2)])]);
    assert_eq!(from(&other), [("Northampton warehouse".to_owned(), vec![("LAMP".to_owned(), 2)])]);
    assert!(now.is_taken && now.parcels[0].there_by.is_some() && now.parcels[0].cost_minor.is_some());
    let three = tried(Source::AsItWas, 3).await.unwrap();
    assert!(
        three.explanation.otherwise.iter().any(|told| told == "Warrington warehouse would have sent something of it, had it 1 more unit of LAMP."),
        "{:?}",
        three.explanation.otherwise
    );
    let too_many = tried(Source::AsItWas, 12).await.unwrap();
    assert!(!too_many.is_taken && !too_many.is_late);
    // What could not be there when it was shown is refused for that.
    let shown = NewOrder { promised_by: Some(system.now + TimeDelta::hours(1)), ..order(&[("LAMP", 2)]) };
    let late = c.services.try_order(&system, Source::AsItWas, &shown).await.unwrap();
    assert!(!late.is_taken && late.is_late);
    let unknown = c.services.try_order(&c.system(), Source::AsItWas, &order(&[("NONSENSE", 1)])).await.unwrap_err();
    assert_eq!(unknown.refusal().unwrap().fields[0].field, "/lines/0/sku");
    assert_eq!(live(&pool).await, before);
    let placed = c.place(&order(&[("LAMP", 2)])).await;
    assert_eq!(c.text("select l.code from fulfilment_orders f join locations l using (location_id) where f.order_id = $1", placed).await, NEAR);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn simulations_are_refused_called_off_thrown_away_and_asked_for_first(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 9), ("LAMP", FAR, 9)]).await, "2027-06-10T10:00:00Z");
    let now = c.system().now;
    let code = |answer: Result<SimulationId, Error>| answer.unwrap_err().refusal().unwrap().code;
    assert_eq!(code(start(&c, Source::AsItWas, now, now - TimeDelta::days(1)).await), RefusalCode::Invalid);
    assert_eq!(code(start(&c, Source::AsItWas, now - TimeDelta::days(900), now).await), RefusalCode::Invalid);
    assert_eq!(code(start(&c, Source::AsItWas, now - TimeDelta::days(9), now).await), RefusalCode::Invalid, "nothing was routed");
    c.place(&order(&[("LAMP", 1)])).await;
    let c = later(&c, "2027-06-10T12:00:00Z");
    let since = now - TimeDelta::days(1);
    let until = c.system().now;
    assert_eq!(code(start(&c, Source::Version(RulesetId(uuid::Uuid::nil()), 1), since, until).await), RefusalCode::NotFound);

    let act = c.system();
    let cancelled = start(&c, Source::AsItWas, since, until).await.unwrap();
    waybill::transact!(pool, conn => simulation::cancel_simulation(conn, &act, cancelled).await).unwrap();
    c.services.run_simulation(cancelled).await.unwrap();
    assert_eq!(read(&c, cancelled).await.row.state, SimulationState::Cancelled);
    let again = waybill::transact!(pool, conn => simulation::cancel_simulation(conn, &act, cancelled).await);
    assert_eq!(again.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    waybill::transact!(pool, conn => simulation::delete_simulation(conn, &act, cancelled).await).unwrap();
    assert!(simulation::read_simulation(&mut *c.conn().await, &act, cancelled).await.is_err());

    // What is found of a draft is known of the version that it becomes, as long as it is the same rules.
    let act = c.system();
    waybill::transact!(pool, conn => routing::set_demands(conn, &act, Demands { four_eyes: false, simulated_first: true }).await).unwrap();
    let draft = DraftId::new(act.now);
    waybill::transact!(pool, conn => routing::begin_draft(conn, &act, draft, Beginning::Rules("Other", &first(FAR))).await).unwrap();
    let other = DraftId::new(act.now);
    waybill::transact!(pool, conn => routing::begin_draft(conn, &act, other, Beginning::Rules("Not tried", &first(FAR))).await).unwrap();
    let found = simulate(&c, Source::Draft(draft), since, until).await;
    assert_eq!(found.findings.unwrap().moved, 1);
    let publish = async |draft| waybill::transact!(pool, conn => routing::publish_draft(conn, &act, draft, 1, None).await).unwrap();
    let activate = async |version| {
        let act = c.system();
        waybill::transact!(pool, conn => routing::activate_ruleset(conn, &act, ActivationId::new(act.now), version, None, None).await)
    };
    let (tried, untried) = (publish(draft).await, publish(other).await);
    assert_eq!(activate(untried).await.unwrap_err().refusal().unwrap().code, RefusalCode::Conflict);
    activate(tried).await.unwrap();
    let of_version = simulation::list_simulations(&mut *c.conn().await, &act, None, Some(tried), 10).await.unwrap();
    assert_eq!(of_version.len(), 1);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn who_is_asked_again_is_simulated_by_the_rules_that_are_tried(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "ST-LDS", 9)]).await;
    let begin = c.system().now;
    let at = |minutes: i64| later(&c, &(begin + TimeDelta::minutes(minutes)).to_rfc3339());
    let id = at(1).place(&order(&[("LAMP", 1)])).await;
    reject(&at(2), id, RejectReason::Damaged).await;
    at(3).services.reroute_order(id).await.unwrap();
    assert_eq!(c.status(id).await, "waiting", "the store is not asked again for a week, and nobody else has it");
    let until = begin + TimeDelta::minutes(5);
    let found = simulate(&at(6), Source::AsItWas, begin, until).await.findings.unwrap();
    assert_eq!((found.decisions, found.alike, found.moved), (2, 2, 0));
    let other = publish(&c, &Rules { not_again_days: 0, ..Rules::starting() }).await;
    let found = simulate(&at(6), Source::Version(other, 1), begin, until).await.findings.unwrap();
    assert_eq!((found.alike, found.moved, found.real.units_short, found.simulated.units_short), (1, 1, 1, 0), "it would have been asked at once");
}

/// Two orders, one of them in two parcels, and one that is called off; and the same where an order comes in one parcel or waits: every figure by hand.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_figures_are_what_they_come_to(pool: PgPool) {
    let c = company(&pool, &[("LAMP", NEAR, 9), ("MUG", FAR, 9)]).await;
    sqlx::query("update location_versions set handling_order_minor = 40, handling_unit_minor = 5").execute(&pool).await.unwrap();
    let c = then(&c, "2027-06-10T08:00:00Z");
    let mut one_parcel = first(NEAR);
    (one_parcel.rules[0].allocate, one_parcel.rules[0].then.partial) = (Allocate::one(), hold("unfillable"));
    let id = publish(&c, &one_parcel).await;
    then(&c, "2027-06-10T09:00:00Z").place(&order(&[("LAMP", 2)])).await;
    then(&c, "2027-06-10T09:01:00Z").place(&order(&[("LAMP", 1), ("MUG", 3)])).await;
    let gone = then(&c, "2027-06-10T09:02:00Z").place(&order(&[("LAMP", 1)])).await;
    let at_ten = then(&c, "2027-06-10T10:00:00Z");
    at_ten.services.cancel_order(&at_ten.system(), gone, "changed my mind", None).await.unwrap();
    let (from, until) = (at("2027-06-10T08:30:00Z"), at("2027-06-10T11:00:00Z"));
    let found = simulate(&then(&c, "2027-06-10T11:00:00Z"), Source::Version(id, 1), from, until).await.findings.unwrap();

    let network = c.services.network_of(None).await.unwrap();
    let leeds = waybill::geo::locate("GB", "LS1 4AP").unwrap();
    let km = |code: &str| network.locations.iter().find(|l| l.code == code).unwrap().point.distance_km(leeds);
    let (near, far) = (km(NEAR), km(FAR));
    let to = Destination { country: "GB", postcode: "LS1 4AP", point: leeds };
    let carriage = |grams| network.delivery.charge("parcel-cost", "GB", &to, &Parcel { grams, ..Parcel::default() }, 0).unwrap().total_minor;
    let metres = |km: f64| (km * 1_000.0).round() as i64;
    let gram_km = |km: f64, grams: f64| (km * grams).round() as i64;
    // A parcel costs 40 and each unit in it 5; it is there by six in the evening of the second day after.
    let real = Totals {
        orders: 2,
        split: 1,
        units: 6,
        lines_cancelled: 1,
        parcels: 3,
        carriage_minor: carriage(1_000) + carriage(500) + carriage(1_500),
        handling_minor: 50 + 45 + 55,
        metres: 2 * metres(near) + metres(far),
        gram_km: gram_km(near, 1_000.0) + gram_km(near, 500.0) + gram_km(far, 1_500.0),
        dated: 2,
        minutes: 56 * 60 + 56 * 60 - 1,
        in_time: 2,
        ..Totals::default()
    };
    let simulated = Totals {
        orders: 2,
        short: 1,
        units: 2,
        units_short: 4,
        lines_short: 2,
        lines_cancelled: 1,
        parcels: 1,
        carriage_minor: carriage(1_000),
        handling_minor: 50,
        metres: metres(near),
        gram_km: gram_km(near, 1_000.0),
        dated: 1,
        minutes: 56 * 60,
        in_time: 1,
        ..Totals::default()
    };
    assert_eq!((&found.real, &found.simulated), (&real, &simulated));
    assert_eq!((found.decisions, found.alike, found.moved), (3, 2, 1));
    // One kilogram a hundred kilometres by lorry emits ten grams.
    let carbon = found.real.gram_km as f64 / 1e6 * 0.1;
    assert!((found.real.carbon_kg() - carbon).abs() < 1e-9 && (found.simulated.fill_rate().unwrap() - 2.0 / 6.0).abs() < 1e-9);
    let load = |name: &str| {
        found.places.iter().find(|place| place.name.starts_with(name)).map(|place| (place.real.clone(), place.simulated.clone())).unwrap()
    };
    let of = |parcels, units, left| Load { parcels, units, by_day: vec![parcels], left };
    assert_eq!(load("Warrington"), (of(2, 3, 9), of(1, 2, 9)));
    assert_eq!(load("Northampton"), (of(1, 3, 9), of(0, 0, 9)));
    // Where parcels go, before and after: the map's lines.
    let place = |code: &str| network.locations.iter().find(|l| l.code == code).unwrap().id;
    let flows: Vec<_> = found.flows.iter().map(|f| (f.location, f.latitude, f.longitude, f.real, f.simulated)).collect();
    assert_eq!(flows, [(place(NEAR), 54, -2, 2, 1), (place(FAR), 54, -2, 1, 0)]);
}
