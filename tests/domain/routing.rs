use crate::company::{Company, at, company, later, order, then};
use sqlx::PgPool;
use waybill::catalog::{ProductInput, SkuInput, save_product};
use waybill::events::EventKind;
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{ActivationId, DraftId, OrderId, RulesetId, SimulationId, StockRuleId, UserId};
use waybill::inventory::rules::{NewRule, put_rule};
use waybill::orders::{self, BasketRequest, Marks, Method, NewHold, NewLine, NewOrder};
use waybill::refusal::{Error, Refusal, RefusalCode};
use waybill::routing::rules::{Action, Condition, Fill, LinesTest, Prefer, Preference, Rule, Rules, Scope, Step, Test, Then, assign, hold};
use waybill::routing::views::{FactView, VersionState};
use waybill::routing::{self, Beginning, Demands, Ruleset};
use waybill::simulation::{self, Source};

const NEAR: &str = "WH-WAR";
const FAR: &str = "WH-NTH";

/// Everything from one location before all others.
fn first(code: &str) -> Rule {
    Rule {
        id: code.to_owned(),
        name: format!("From {code}"),
        prefer: Prefer::Ranked(vec![Preference { first: vec![code.to_owned()], ..Preference::by("location") }]),
        then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
        ..Rule::default()
    }
}

fn only(rule: Rule) -> Rules {
    Rules { rules: vec![rule], ..Rules::default() }
}

fn marked(marks: Marks) -> NewOrder {
    NewOrder { marks, ..order(&[("LAMP", 1)]) }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

fn refused<T>(answer: Result<T, Error>) -> Refusal {
    answer.err().expect("an error").refusal().expect("a refusal").clone()
}

async fn publish(c: &Company, act: &Act, name: &str, rules: &Rules) -> RulesetId {
    let id = RulesetId::new(act.now);
    waybill::transact!(c.services.pool, conn => routing::publish_ruleset(conn, act, id, name, rules, &[]).await.map(|_| id)).unwrap()
}

async fn activate(c: &Company, act: &Act, id: RulesetId, from: Option<&str>, until: Option<&str>) -> Result<ActivationId, Error> {
    let activation = ActivationId::new(act.now);
    let (from, until) = (from.map(at), until.map(at));
    waybill::transact!(c.services.pool, conn => routing::activate_ruleset(conn, act, activation, (id, 1), from, until).await.map(|()| activation))
}

async fn withdraw(c: &Company, act: &Act, id: ActivationId) -> Result<(), Error> {
    waybill::transact!(c.services.pool, conn => routing::withdraw_activation(conn, act, id).await)
}

async fn in_force(c: &Company, rules: Rules) {
    let act = c.system();
    let id = publish(c, &act, "Test", &rules).await;
    activate(c, &act, id, None, None).await.unwrap();
}

async fn sender_of(c: &Company, order: OrderId) -> String {
    c.text("select l.code from fulfilment_orders f join locations l using (location_id) where f.order_id = $1", order).await
}

/// Where an order for a lamp comes from.
async fn sender(c: &Company) -> String {
    let id = c.place(&order(&[("LAMP", 1)])).await;
    sender_of(c, id).await
}

async fn stocked(pool: &PgPool) -> Company {
    company(pool, &[("LAMP", NEAR, 100), ("LAMP", FAR, 100)]).await
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_season_begins_and_ends_by_itself_and_the_rules_before_it_come_back(pool: PgPool) {
    let c = then(&stocked(&pool).await, "2027-09-15T10:00:00Z");
    let id = publish(&c, &c.system(), "Season", &only(first(FAR))).await;
    activate(&c, &c.system(), id, Some("2027-10-01T00:00:00+01:00"), Some("2028-01-01T00:00:00Z")).await.unwrap();
    assert_eq!(sender(&c).await, NEAR);
    // The same node all the while: nothing is written when the season begins.
    assert_eq!(sender(&later(&c, "2027-09-30T22:59:59Z")).await, NEAR);
    assert_eq!(sender(&later(&c, "2027-09-30T23:00:00Z")).await, FAR);
    assert_eq!(sender(&later(&c, "2027-12-31T23:59:59Z")).await, FAR);
    assert_eq!(sender(&later(&c, "2028-01-01T00:00:00Z")).await, NEAR);
    let states: Vec<_> = {
        let c = then(&c, "2027-11-01T10:00:00Z");
        routing::routing_overview(&mut *c.conn().await, &c.system()).await.unwrap().versions.into_iter().map(|v| v.state).collect()
    };
    assert_eq!(states, [VersionState::Active, VersionState::Archived]);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn rules_are_rolled_back_at_once_and_the_last_ones_stay(pool: PgPool) {
    let c = stocked(&pool).await;
    let act = c.system();
    let id = publish(&c, &act, "Bad idea", &only(first(FAR))).await;
    let activation = activate(&c, &act, id, None, None).await.unwrap();
    assert_eq!(sender(&c).await, FAR);
    withdraw(&c, &c.system(), activation).await.unwrap();
    assert_eq!(sender(&c).await, NEAR);
    assert_eq!(refused(withdraw(&c, &c.system(), activation).await).code, RefusalCode::IllegalTransition);
    let last = routing::routing_overview(&mut *c.conn().await, &c.system()).await.unwrap().activations;
    assert_eq!(last.len(), 1);
    let refusal = refused(withdraw(&c, &c.system(), last[0].id).await);
    assert!(refusal.message.contains("Put another version in force first"), "{}", refusal.message);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn somebody_else_approves_where_four_eyes_are_asked_for(pool: PgPool) {
    let c = stocked(&pool).await;
    let user = |n: u128| Act::new(Actor::User { id: UserId(uuid::Uuid::from_u128(n)), role: Role::Admin, location: None }, c.system().now);
    for n in [1u128, 2] {
        sqlx::query("insert into users (user_id, email, name, password_hash, created_at) values ($1, $2, $2, '', now())")
            .bind(uuid::Uuid::from_u128(n))
            .bind(format!("admin-{n}@example.com"))
            .execute(&pool)
            .await
            .unwrap();
    }
    let (maker, other) = (user(1), user(2));
    waybill::transact!(pool, conn => routing::set_demands(conn, &maker, Demands { four_eyes: true, simulated_first: false }).await).unwrap();
    let id = publish(&c, &maker, "Mine", &only(first(FAR))).await;
    assert_eq!(refused(activate(&c, &maker, id, None, None).await).code, RefusalCode::Conflict);
    let own = waybill::transact!(pool, conn => routing::approve_ruleset(conn, &maker, id, 1).await);
    assert_eq!(refused(own).code, RefusalCode::Forbidden);
    for _ in 0..2 {
        waybill::transact!(pool, conn => routing::approve_ruleset(conn, &other, id, 1).await).unwrap();
    }
    activate(&c, &maker, id, None, None).await.unwrap();
    assert_eq!(sender(&c).await, FAR);
    let page = routing::read_version(&mut *c.conn().await, &maker, id, 1).await.unwrap();
    assert_eq!((page.row.approved_by.as_slice(), page.may_approve), (["admin-2@example.com".to_owned()].as_slice(), false));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn nobody_overwrites_a_draft_that_they_have_not_seen(pool: PgPool) {
    let c = stocked(&pool).await;
    let act = c.system();
    let id = DraftId::new(act.now);
    waybill::transact!(pool, conn => routing::begin_draft(conn, &act, id, Beginning::Template("stores_first")).await).unwrap();
    let draft = routing::read_draft(&mut *c.conn().await, &act, id).await.unwrap();
    let mut rules = draft.rules.clone();
    rules.rules[0].name = String::new();
    let save = async |revision| waybill::transact!(pool, conn => routing::save_draft(conn, &act, id, revision, "Mine", &rules).await);
    assert_eq!(save(1).await.unwrap(), 2);
    assert_eq!(refused(save(1).await).code, RefusalCode::Conflict);
    // What is wrong is saved, and not published.
    let draft = routing::read_draft(&mut *c.conn().await, &act, id).await.unwrap();
    assert_eq!(draft.problems.iter().map(|p| p.at.as_str()).collect::<Vec<_>>(), ["/rules/0/name"]);
    let publish = async |revision| waybill::transact!(pool, conn => routing::publish_draft(conn, &act, id, revision, None).await);
    let refusal = refused(publish(2).await);
    assert_eq!(refusal.fields[0].field, "/rules/rules/0/name");
    rules.rules[0].name = "Named again".to_owned();
    waybill::transact!(pool, conn => routing::save_draft(conn, &act, id, 2, "Mine", &rules).await).unwrap();
    let (ruleset, version) = publish(3).await.unwrap();
    assert_eq!((ruleset, version), (draft.ruleset, 1));
    assert_eq!(publish(3).await.unwrap(), (ruleset, 1), "whoever asks again is told which it is");
    assert_eq!(refused(routing::read_draft(&mut *c.conn().await, &act, id).await).code, RefusalCode::NotFound);
    let again = DraftId::new(act.now);
    waybill::transact!(pool, conn => routing::begin_draft(conn, &act, again, Beginning::Version(ruleset, 1)).await).unwrap();
    let late = DraftId::new(act.now);
    waybill::transact!(pool, conn => routing::begin_draft(conn, &act, late, Beginning::Version(ruleset, 1)).await).unwrap();
    let publish_seen = async |draft, seen| waybill::transact!(pool, conn => routing::publish_draft(conn, &act, draft, 1, seen).await);
    assert_eq!(publish_seen(again, None).await.unwrap(), (ruleset, 2));
    // What version 2 has changed is not undone by somebody who has not seen it.
    let refusal = refused(publish_seen(late, None).await);
    assert!(refusal.message.starts_with("Version 2 was published since this draft was begun"), "{}", refusal.message);
    assert_eq!(routing::read_draft(&mut *c.conn().await, &act, late).await.unwrap().newest, Some(2));
    assert_eq!(publish_seen(late, Some(2)).await.unwrap(), (ruleset, 3));
    let rewritten = sqlx::query("update rulesets set rules = '{}' where ruleset_id = $1").bind(ruleset.0).execute(&pool).await;
    assert!(rewritten.is_err(), "what is published never changes");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn stopped_nothing_is_given_to_locations_and_orders_keep_their_stock(pool: PgPool) {
    let c = stocked(&pool).await;
    let stop = |reason: &'static str| async {
        let act = c.system();
        waybill::transact!(c.services.pool, conn => routing::stop_routing(conn, &act, reason).await)
    };
    assert_eq!(refused(stop(" ").await).fields[0].field, "/reason");
    stop("Wrong rules").await.unwrap();
    assert_eq!(refused(stop("Again").await).code, RefusalCode::IllegalTransition);
    let placed = c.place(&order(&[("LAMP", 2)])).await;
    let state = "select state from fulfilment_orders where order_id = $1";
    let reserved = "select sum(quantity)::text from reservations where order_id = $1 and closed_at is null";
    assert_eq!((c.text(state, placed).await.as_str(), c.text(reserved, placed).await.as_str()), ("planned", "2"));
    let act = c.system();
    waybill::transact!(c.services.pool, conn => routing::resume_routing(conn, &act).await).unwrap();
    let queued: i64 = sqlx::query_scalar("select count(*) from jobs where kind = 'release_order'").fetch_one(&pool).await.unwrap();
    assert_eq!(queued, 1);
    c.services.release_order(placed).await.unwrap();
    assert_eq!(c.text(state, placed).await, "released");
    c.assert_sound().await;
}

fn note(to: &str) -> Action {
    Action::plain("notify").with("to", Fill::Text(to.to_owned())).with("words", Fill::Text("It goes from far.".to_owned()))
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn tags_and_fields_of_orders_decide_and_rules_put_tags_on_them(pool: PgPool) {
    let c = stocked(&pool).await;
    let tagged = Condition::Any(vec![
        Condition::Order(Test::one_of("tag", &["press"])),
        Condition::Order(Test::one_of("attribute", &["seller=12"])),
        Condition::Order(Test::at_least("priority", 5.0)),
        Condition::Order(Test::one_of("order_type", &["sample"])),
    ]);
    let also = vec![
        Action::plain("tag").with("tag", Fill::Text("from far".to_owned())),
        Action::plain("announce").with("word", Fill::Text("sent from far".to_owned())),
        note("stock@example.com"),
    ];
    let far = first(FAR);
    let far = Rule { when: tagged, then: Then { full: Step { also, ..assign("unfillable") }, ..far.then.clone() }, ..far };
    in_force(&c, Rules { rules: vec![far, first(NEAR)], ..Rules::default() }).await;
    assert_eq!(sender(&c).await, NEAR);
    let placed = c.place(&marked(Marks { tags: words(&[" Press "]), ..Marks::default() })).await;
    assert_eq!(sender_of(&c, placed).await, FAR);
    assert_eq!(c.text("select array_to_string(tags, ',') from orders where order_id = $1", placed).await, "from far,press");
    let told = "select payload ->> 'reason' from events where stream_id = $1 and kind = 'order_announced'";
    assert_eq!(c.text(told, placed).await, "sent from far");
    // People of the company get a mail, and the customer sees nothing of it.
    c.notify().await;
    let mail =
        "select concat_ws(' ', address, subject like 'Order W-%: It goes from far.') from notifications where order_id = $1 and kind = 'staff'";
    assert_eq!(c.text(mail, placed).await, "stock@example.com t");
    let customer = c.services.act(Actor::Customer(placed));
    let seen = waybill::orders::track_order(&mut *c.conn().await, &customer, &c.services.planning, placed).await.unwrap();
    assert!(seen.timeline.iter().all(|e| !matches!(e.kind, EventKind::OrderAnnounced | EventKind::StaffTold)));
    assert!(seen.timeline.iter().all(|e| e.details.reason.as_deref() != Some("From WH-NTH")), "nor the rule: {:?}", seen.timeline);
    let then = Then { full: Step { also: vec![note("nobody")], ..assign("unfillable") }, ..first(NEAR).then };
    let wrong = Rules { rules: vec![Rule { then, ..first(NEAR) }], ..Rules::default() };
    let problems = Ruleset::of(RulesetId(uuid::Uuid::nil()), 0, "", &wrong).unwrap_err();
    assert_eq!(problems.iter().map(|p| p.at.as_str()).collect::<Vec<_>>(), ["/rules/0/then/full/also/0/to"]);
    let by_field = c.place(&marked(Marks { attributes: words(&["seller=12"]), ..Marks::default() })).await;
    assert_eq!(sender_of(&c, by_field).await, FAR);
    let by_priority = c.place(&marked(Marks { priority: 7, ..Marks::default() })).await;
    assert_eq!(sender_of(&c, by_priority).await, FAR);
    let by_type = c.place(&marked(Marks { order_type: Some(" Sample".to_owned()), ..Marks::default() })).await;
    assert_eq!(
        (sender_of(&c, by_type).await.as_str(), c.text("select order_type from orders where order_id = $1", by_type).await.as_str()),
        (FAR, "sample")
    );
    let offered = waybill::routing::routing_catalogue(&mut *c.conn().await, &c.system()).await.unwrap();
    let types =
        offered.order.iter().find(|fact| fact.code == "order_type").unwrap().choices.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>();
    assert_eq!(types, ["sample", "standard"]);
    // What a visitor writes decides nothing.
    let visitor = Act::new(Actor::Visitor, c.system().now);
    let shop = NewOrder { shipping_minor: None, total_minor: None, ..marked(Marks { tags: words(&["press"]), ..Marks::default() }) };
    let bought = c.services.place_order(&visitor, &shop, None).await.unwrap().order_id;
    assert_eq!(sender_of(&c, bought).await, NEAR);
    let wrong = c
        .services
        .place_order(
            &c.system(),
            &marked(Marks { tags: words(&["a,b"]), priority: 10, order_type: Some("a,b".to_owned()), ..Marks::default() }),
            None,
        )
        .await;
    let fields: Vec<String> = wrong.err().unwrap().refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect();
    assert_eq!(fields, ["/priority", "/tags", "/order_type"]);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_a_thing_was_when_it_was_decided_explains_the_decision(pool: PgPool) {
    let c = stocked(&pool).await;
    let product = |category: &str, handling: &[&str]| ProductInput {
        name: "Lamp".to_owned(),
        category: category.to_owned(),
        brand: "Lumen".to_owned(),
        skus: vec![SkuInput {
            code: "LAMP".to_owned(),
            name: "Lamp".to_owned(),
            weight_grams: 900,
            handling: handling.iter().map(|h| (*h).to_owned()).collect(),
            ..SkuInput::default()
        }],
        ..ProductInput::default()
    };
    let handle: String =
        sqlx::query_scalar("select p.handle from products p join skus s using (product_id) where s.code = 'LAMP'").fetch_one(&pool).await.unwrap();
    let save = async |c: &Company, new: &ProductInput| {
        let act = c.system();
        waybill::transact!(c.services.pool, conn => save_product(conn, &act, &handle, new).await).unwrap();
    };
    save(&c, &product("Light", &["fragile"])).await;
    let fragile = Condition::Lines(LinesTest { of: Scope::Any, test: Test::one_of("handling", &["fragile"]) });
    in_force(&c, Rules { rules: vec![Rule { when: fragile, ..first(FAR) }, first(NEAR)], ..Rules::default() }).await;
    let placed = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(sender_of(&c, placed).await, FAR);
    save(&c, &product("Light", &[])).await;
    assert_eq!(sender(&c).await, NEAR);
    let why = routing::explain_decision(&mut *c.conn().await, placed, None).await.unwrap().unwrap();
    assert!(why.summary[0].contains("From WH-NTH"), "{:?}", why.summary);
    assert!(!why.summary.iter().any(|s| s.contains("Others were buying")), "{:?}", why.summary);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn tags_of_products_and_of_customers_decide_where_orders_go(pool: PgPool) {
    let c = stocked(&pool).await;
    let tagged = |tags: &[&str]| ProductInput {
        name: "Lamp".to_owned(),
        category: "Light".to_owned(),
        tags: words(tags),
        skus: vec![SkuInput { code: "LAMP".to_owned(), name: "Lamp".to_owned(), weight_grams: 900, ..SkuInput::default() }],
        ..ProductInput::default()
    };
    let handle: String =
        sqlx::query_scalar("select p.handle from products p join skus s using (product_id) where s.code = 'LAMP'").fetch_one(&pool).await.unwrap();
    let save = async |c: &Company, new: &ProductInput| {
        let act = c.system();
        waybill::transact!(c.services.pool, conn => save_product(conn, &act, &handle, new).await)
    };
    let outlet = Condition::Lines(LinesTest { of: Scope::Any, test: Test::one_of("product_tag", &["outlet"]) });
    let gold = Condition::Order(Test::one_of("customer_tag", &["gold"]));
    let far = Rule { when: Condition::Any(vec![outlet, gold]), ..first(FAR) };
    in_force(&c, Rules { rules: vec![far, first(NEAR)], ..Rules::default() }).await;
    assert_eq!(sender(&c).await, NEAR);
    let of_gold = c.place(&marked(Marks { customer_tags: words(&["Gold"]), ..Marks::default() })).await;
    assert_eq!(sender_of(&c, of_gold).await, FAR);
    save(&c, &tagged(&["Outlet", "lamps"])).await.unwrap();
    let placed = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(sender_of(&c, placed).await, FAR);
    let offered = routing::routing_catalogue(&mut *c.conn().await, &c.system()).await.unwrap();
    let choices =
        |facts: &[FactView], code: &str| facts.iter().find(|f| f.code == code).unwrap().choices.iter().map(|c| c.0.clone()).collect::<Vec<_>>();
    assert_eq!((choices(&offered.line, "product_tag"), choices(&offered.order, "customer_tag")), (words(&["lamps", "outlet"]), words(&["gold"])));
    // What it was then is what explains it.
    save(&c, &tagged(&[])).await.unwrap();
    let why = routing::explain_decision(&mut *c.conn().await, placed, None).await.unwrap().unwrap();
    assert!(!why.summary.iter().any(|s| s.contains("Others were buying")), "{:?}", why.summary);
    assert_eq!(sender(&c).await, NEAR);
    let wrong = save(&c, &tagged(&["a,b"])).await.unwrap_err();
    assert_eq!(wrong.refusal().unwrap().fields[0].field, "/tags");
}

/// What a new order is promised by, must leave by and has paid is known when it is routed for the first time.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn dates_and_payments_of_new_orders_decide(pool: PgPool) {
    let c = then(&stocked(&pool).await, "2027-06-10T08:00:00Z");
    let far_when = |test: Test| Rules { rules: vec![Rule { when: Condition::Order(test), ..first(FAR) }, first(NEAR)], ..Rules::default() };
    in_force(&c, far_when(Test::at_most("promised_in", 3.0))).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    assert_eq!(sender(&c).await, NEAR, "nothing was shown");
    let shown = |hours| NewOrder { promised_by: Some(c.system().now + chrono::TimeDelta::hours(hours)), ..order(&[("LAMP", 1)]) };
    let alike = "select (f.promised_by = l.promised_by)::text from fulfilment_orders f join order_lines l using (order_id) where order_id = $1";
    for (hours, code) in [(71, FAR), (90, NEAR)] {
        let id = c.place(&shown(hours)).await;
        assert_eq!(sender_of(&c, id).await, code, "{hours}");
        assert_eq!(c.text(alike, id).await, "true", "its work is promised for when it comes, and not for when it was shown at the latest");
    }
    // Sooner than it can be there, it is not taken, wherever it would come from.
    assert_eq!(refused(c.services.place_order(&c.system(), &shown(3), None).await).fields[0].field, "/promised_by");

    let c = then(&c, "2027-06-10T10:00:00Z");
    in_force(&c, far_when(Test::at_most("ship_by", 6.0))).await;
    let by = |hours| marked(Marks { ship_by: Some(c.system().now + chrono::TimeDelta::hours(hours)), ..Marks::default() });
    // What is late already is the most urgent.
    for (hours, code) in [(-2, FAR), (5, FAR), (7, NEAR)] {
        let id = c.place(&by(hours)).await;
        assert_eq!(sender_of(&c, id).await, code, "{hours}");
    }

    let c = then(&c, "2027-06-10T11:00:00Z");
    in_force(&c, far_when(Test::one_of("payment", &["pending"]))).await;
    let id = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(sender_of(&c, id).await, FAR, "the bank is asked after");
    c.services.adjust_stock(&c.system(), "LAMP", FAR, -100, waybill::inventory::MovementReason::Count, None).await.unwrap();
    c.services.reroute_order(id).await.unwrap();
    let now_from = "select l.code from fulfilment_orders f join locations l using (location_id) where f.order_id = $1 and f.state = 'released'";
    assert_eq!(c.text(now_from, id).await, NEAR, "by now it is paid");
    c.assert_sound().await;
}

/// What is kept back at the nearest is what stands between it and the order: so it is told, and it is true.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn fewer_kept_back_would_have_sent_it(pool: PgPool) {
    let c = then(&company(&pool, &[("LAMP", NEAR, 10), ("LAMP", FAR, 100)]).await, "2027-06-10T08:00:00Z");
    let id = StockRuleId::new(c.system().now);
    let keep = async |c: &Company, units| {
        let rule = NewRule { kind: "safety".to_owned(), sku: "LAMP".to_owned(), location: NEAR.to_owned(), units: Some(units), ..NewRule::default() };
        let act = c.system();
        waybill::transact!(c.services.pool, conn => put_rule(conn, &act, id, &rule).await).unwrap();
    };
    keep(&c, 8).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let five = order(&[("LAMP", 5)]);
    let id = c.place(&five).await;
    assert_eq!(sender_of(&c, id).await, FAR);
    let told = orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap().explanation.unwrap().otherwise;
    let words = "Warrington warehouse would have sent something of it, had it 3 more units of LAMP, or were 3 fewer kept back there.";
    assert!(told.iter().any(|one| one == words), "{told:?}");
    for (hour, kept, code) in [(10, 6, FAR), (11, 5, NEAR)] {
        let c = then(&c, &format!("2027-06-10T{hour}:00:00Z"));
        keep(&c, kept).await;
        let id = c.place(&five).await;
        assert_eq!(sender_of(&c, id).await, code, "{kept} are kept back");
    }
}

/// From the first of October until the end of the year, by the company's clocks: summer time begins it an hour before, by those of Greenwich.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_day_begins_by_the_companys_clocks(pool: PgPool) {
    let c = then(&stocked(&pool).await, "2027-09-01T08:00:00Z");
    in_force(&c, only(first(NEAR))).await;
    let act = c.system();
    let season = publish(&c, &act, "Season", &only(first(FAR))).await;
    let begins = |day: &str| waybill::clock::day_begins(day, 0, waybill::inventory::COMPANY_TIME).unwrap().unwrap();
    let activation = ActivationId::new(act.now);
    let (from, until) = (begins("2027-10-01"), begins("2028-01-01"));
    waybill::transact!(pool, conn => routing::activate_ruleset(conn, &act, activation, (season, 1), Some(from), Some(until)).await).unwrap();
    for (time, code) in [("2027-09-30T22:59:59Z", NEAR), ("2027-09-30T23:00:00Z", FAR), ("2027-12-31T23:59:59Z", FAR), ("2028-01-01T00:00:00Z", NEAR)]
    {
        assert_eq!(sender(&then(&c, time)).await, code, "{time}");
    }
}

/// What waits for customer service is sent from wherever they say, is explained so, and comes out alike when it is gone through again.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_waits_is_sent_from_where_somebody_says(pool: PgPool) {
    let c = then(&stocked(&pool).await, "2027-06-10T08:00:00Z");
    let care = Rule { then: Then { full: hold("customer_care"), partial: hold("customer_care"), none: hold("customer_care") }, ..first(NEAR) };
    in_force(&c, Rules { rules: vec![care], ..Rules::default() }).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    let id = c.place(&order(&[("LAMP", 2)])).await;
    let waits = "select coalesce(max(queue), '') from order_lines where order_id = $1";
    assert_eq!(c.text(waits, id).await, "customer_care");
    let filter = orders::OrderFilter { queue: Some(routing::Queue::CustomerCare), ..orders::OrderFilter::default() };
    let found = orders::list_orders(&mut *c.conn().await, &c.system(), &filter).await.unwrap();
    assert_eq!(found.rows.iter().map(|row| row.order_id).collect::<Vec<_>>(), [id]);
    let c = then(&c, "2027-06-10T10:00:00Z");
    for (location, words) in [("NOWHERE", "There is no location NOWHERE."), ("", "Choose the location"), ("ST-LDS", "can send nothing of it now")] {
        let refused = c.services.send_by_hand(&c.system(), id, location, None).await.unwrap_err();
        let problem = refused.refusal().unwrap().fields[0].clone();
        assert!(problem.field == "/location" && problem.message.contains(words), "{problem:?}");
    }
    assert_eq!(c.text(waits, id).await, "customer_care", "a refusal changes nothing");
    let customer = c.services.act(Actor::Customer(id));
    assert_eq!(c.services.send_by_hand(&customer, id, FAR, None).await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    c.services.send_by_hand(&c.system(), id, FAR, None).await.unwrap();
    assert_eq!((c.text(waits, id).await.as_str(), sender_of(&c, id).await), ("", FAR.to_owned()));
    let told = orders::order_history(&mut *c.conn().await, &c.system(), id, None).await.unwrap().explanation.unwrap();
    assert_eq!(told.summary[0], "Northampton warehouse sends what it has of it: somebody chose it by hand.");
    assert!(told.summary.iter().all(|s| !s.contains("decided on stock that changed")), "{:?}", told.summary);
    let twice = c.services.send_by_hand(&c.system(), id, FAR, None).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().code, RefusalCode::IllegalTransition);
    c.assert_sound().await;
    let act = then(&c, "2027-06-10T11:00:00Z").system();
    let (simulated, from) = (SimulationId::new(act.now), at("2027-06-10T08:30:00Z"));
    waybill::transact!(pool, conn => simulation::start_simulation(conn, &act, simulated, Source::AsItWas, from, act.now).await).unwrap();
    c.services.run_simulation(simulated).await.unwrap();
    let found = simulation::read_simulation(&mut *c.conn().await, &act, simulated).await.unwrap().findings.unwrap();
    assert_eq!((found.decisions, found.alike), (2, 2));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_a_person_is_to_decide_is_taken_and_called_off_when_nobody_does(pool: PgPool) {
    let c = then(&stocked(&pool).await, "2027-06-01T10:00:00Z");
    let also = vec![Action::plain("cancel_after").with("days", Fill::Number(3.0))];
    let abroad = Condition::Order(Test::one_of("country", &["ES"]));
    let none = Step { also: also.clone(), ..hold("customer_care") };
    let care = Rule {
        id: "care".to_owned(),
        name: "Somebody looks at Spain".to_owned(),
        when: abroad,
        candidates: vec![Test::one_of("country", &["ES"]).hard()],
        then: Then { full: assign("unfillable"), partial: none.clone(), none },
        ..Rule::default()
    };
    in_force(&c, Rules { rules: vec![care, first(NEAR)], ..Rules::default() }).await;
    let mut spanish = order(&[("LAMP", 1)]);
    spanish.shipping_minor = Some(0);
    (spanish.contact.country, spanish.contact.postcode) = ("ES".to_owned(), "28001".to_owned());
    let placed = c.place(&spanish).await;
    assert_eq!(c.status(placed).await, "waiting");
    assert_eq!(c.text("select queue from order_lines where order_id = $1", placed).await, "customer_care");
    // The basket says what the order is held to: it can be had, and somebody has to look at it first.
    let basket = NewHold {
        channel: "web".to_owned(),
        method: Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: Some("ES".to_owned()),
        postcode: Some("28001".to_owned()),
        lines: vec![("LAMP".to_owned(), 1)],
    };
    assert!(c.services.hold_basket(&c.system(), &basket, None, None).await.unwrap().is_none(), "nothing is kept that is not planned yet");
    let lines = [NewLine { sku: "LAMP".to_owned(), quantity: 1, ..NewLine::default() }];
    let request = BasketRequest { country: Some("ES"), postcode: "28001", ..BasketRequest::new("web", &lines) };
    let planning = c.services.planning.get(&mut *c.conn().await, c.system().now).await.unwrap();
    let quote = orders::quote_basket(&mut *c.conn().await, &c.system(), &planning, &request).await.unwrap();
    assert_eq!(quote.lines[0].problem, None);
    assert!(quote.deliveries.iter().all(|d| d.promise.is_none() && d.problem.is_some()));
    // More than there is is refused as ever.
    let mut too_many = spanish.clone();
    too_many.lines[0].quantity = 500;
    assert_eq!(c.place_error(&too_many).await, RefusalCode::OutOfStock);
    then(&c, "2027-06-04T09:59:59Z").services.look_at_waiting().await.unwrap();
    assert_eq!(c.status(placed).await, "waiting");
    let later = then(&c, "2027-06-04T10:00:00Z");
    later.services.look_at_waiting().await.unwrap();
    assert_eq!(later.status(placed).await, "cancelled");
    later.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn words_that_name_nothing_are_found(pool: PgPool) {
    let c = stocked(&pool).await;
    sqlx::query("update products set brand = 'Brasswell', tags = '{outlet}' where name = 'A lamp'").execute(&pool).await.unwrap();
    let line = |fact: &str, words: &[&str]| Condition::Lines(LinesTest { of: Scope::Any, test: Test::one_of(fact, words) });
    let when = Condition::Any(vec![
        line("sku", &["LAMP", "LAMPP"]),
        line("category", &["Test", "Tests"]),
        line("brand", &["Brasswell", "Brazwell"]),
        line("product_tag", &["outlet", "outlets"]),
        // These come with orders: nobody knows them beforehand.
        Condition::Order(Test::one_of("tag", &["press"])),
        Condition::Order(Test::one_of("channel", &["web", "webb"])),
    ]);
    let odd = routing::lint_rules(&mut *c.conn().await, &c.system(), &only(Rule { when, ..first(FAR) })).await.unwrap();
    let unknown: Vec<String> = odd.iter().filter_map(|o| o.message.split('“').nth(1)?.split('”').next().map(str::to_owned)).collect();
    assert_eq!(unknown, ["LAMPP", "Tests", "Brazwell", "outlets", "webb"], "{odd:?}");
}
