use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::identity::{Act, Actor};
use waybill::ids::StockRuleId;
use waybill::inventory::rules::{self, NewRule};
use waybill::inventory::{Buyer, explain_availability};
use waybill::orders::NewOrder;
use waybill::refusal::{Error, RefusalCode};

async fn put(c: &Company, rule: NewRule) -> Result<StockRuleId, Error> {
    let act = c.system();
    let id = StockRuleId::new(act.now);
    waybill::transact!(c.services.pool, conn => rules::put_rule(conn, &act, id, &rule).await).map(|()| id)
}

fn rule(kind: &str, units: i32) -> NewRule {
    NewRule { kind: kind.to_owned(), units: Some(units), ..NewRule::default() }
}

async fn offered(c: &Company, channel: &str) -> i64 {
    let network = c.services.network_of(None).await.unwrap();
    explain_availability(&mut *c.conn().await, &c.system(), &network, Buyer::in_channel(channel), "LAMP").await.unwrap().offered
}

fn from(channel: &str, units: i32) -> NewOrder {
    NewOrder { channel: channel.to_owned(), ..order(&[("LAMP", units)]) }
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_a_channel_sees_is_what_it_can_order(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 10), ("LAMP", "ST-LDS", 10), ("MUG", "WH-NTH", 10)]).await;
    assert_eq!(offered(&c, "web").await, 20);
    let safety = put(&c, NewRule { category: "Test".to_owned(), location: "ST-LDS".to_owned(), ..rule("safety", 4) }).await.unwrap();
    put(&c, NewRule { sku: "LAMP".to_owned(), channel: "store".to_owned(), location: "WH-NTH".to_owned(), ..rule("ring_fence", 7) }).await.unwrap();
    put(&c, NewRule { sku: "LAMP".to_owned(), channel: "marketplace".to_owned(), ..rule("cap", 5) }).await.unwrap();
    assert_eq!((offered(&c, "web").await, offered(&c, "store").await, offered(&c, "marketplace").await), (9, 16, 5));
    // Exactly so many can be ordered, and no more.
    assert_eq!(c.place_error(&from("marketplace", 6)).await, RefusalCode::OutOfStock);
    c.place(&from("marketplace", 5)).await;
    assert_eq!((offered(&c, "web").await, offered(&c, "store").await, offered(&c, "marketplace").await), (4, 11, 4));
    assert_eq!(c.place_error(&from("web", 5)).await, RefusalCode::OutOfStock);
    c.place(&from("web", 4)).await;
    assert_eq!(offered(&c, "web").await, 0);
    let then = c.system().now;
    // What is kept for the store's own channel, it can have.
    c.place(&from("store", 7)).await;
    assert_eq!(offered(&c, "store").await, 0);
    // A rule that has ended keeps nothing back, and what it kept then can still be told.
    let act = c.system();
    waybill::transact!(c.services.pool, conn => rules::end_rule(conn, &act, safety).await).unwrap();
    assert_eq!(offered(&c, "web").await, 4);
    let safety_then: i32 = c.stock_of("LAMP", Some(then)).await.iter().map(|r| r.safety).sum();
    assert_eq!((safety_then, c.stock_of("LAMP", None).await.iter().map(|r| r.safety).sum::<i32>()), (4, 0));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn buyers_at_once_leave_what_is_kept_for_others(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 30)]).await;
    put(&c, NewRule { channel: "store".to_owned(), ..rule("ring_fence", 10) }).await.unwrap();
    put(&c, rule("safety", 3)).await.unwrap();
    let buyers = (0..40).map(|n| {
        let services = c.services.clone();
        tokio::spawn(async move {
            let channel = if n % 2 == 0 { "web" } else { "marketplace" };
            services.place_order(&services.act(Actor::System), &from(channel, 1), None).await.is_ok()
        })
    });
    let mut sold = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        sold += i32::from(buyer.await.unwrap());
    }
    assert_eq!((sold, offered(&c, "store").await), (17, 10));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn days_of_cover_follow_what_is_sold(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 100)]).await;
    put(&c, NewRule { kind: "safety".to_owned(), days_of_cover: Some(14), ..NewRule::default() }).await.unwrap();
    assert_eq!(offered(&c, "web").await, 100, "nothing has been sold yet");
    let sold = c.place(&order(&[("LAMP", 28)])).await;
    for command in [waybill::fulfilment::Command::StartPicking, waybill::fulfilment::Command::Pack, waybill::fulfilment::Command::Ship] {
        c.services.advance_fulfilment(&c.system(), sold, 1, command, &waybill::fulfilment::StepInput::default(), None).await.unwrap();
    }
    // Two nodes at once measure it once: 28 units in 28 days.
    let (first, second) = tokio::join!(c.services.measure_demand(), c.services.measure_demand());
    first.and(second).unwrap();
    assert_eq!(offered(&c, "web").await, 72 - 14);
    assert_eq!(c.place_error(&from("web", 59)).await, RefusalCode::OutOfStock);
    c.place(&from("web", 58)).await;
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn groups_flags_and_dates(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 10), ("LAMP", "ST-LDS", 10), ("LAMP", "WH-WAR", 10)]).await;
    let act = c.system();
    let group = |codes: Vec<String>| {
        let (services, act) = (c.services.clone(), act.clone());
        async move { waybill::transact!(services.pool, conn => rules::set_location_group(conn, &act, "The north", &codes, None).await) }
    };
    group(vec!["ST-LDS".to_owned()]).await.unwrap();
    put(&c, NewRule { location_group: "The north".to_owned(), ..rule("safety", 10) }).await.unwrap();
    assert_eq!(offered(&c, "web").await, 20);
    // Looked at first, planned, called off; then done and taken back.
    let hour = crate::company::now() + chrono::TimeDelta::hours(1);
    let act = c.system();
    let preview = rules::preview_location_group(&mut *c.conn().await, &act, "The north", &["WH-WAR".to_owned()], None).await.unwrap();
    assert_eq!((preview.changes[0].before.as_str(), preview.changes[0].after.as_str()), ("ST-LDS", "WH-WAR"));
    assert_eq!(preview.consequences, ["One stock rule is for this group: what is offered changes at ST-LDS, WH-WAR."]);
    let set = async |codes: &[&str], from| {
        let (act, codes) = (c.system(), codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
        waybill::transact!(c.services.pool, conn => rules::set_location_group(conn, &act, "The north", &codes, from).await)
    };
    let undo = async || {
        let act = c.system();
        waybill::transact!(c.services.pool, conn => rules::undo_location_group(conn, &act, "The north").await)
    };
    let listed = async || rules::list_location_groups(&mut *c.conn().await, &c.system()).await.unwrap().remove(0);
    set(&["WH-WAR", "WH-NTH"], Some(hour)).await.unwrap();
    let planned = listed().await;
    assert_eq!((planned.locations, planned.then.unwrap().1), (vec!["ST-LDS".to_owned()], vec!["WH-NTH".to_owned(), "WH-WAR".to_owned()]));
    assert_eq!(offered(&c, "web").await, 20);
    assert_eq!(set(&["WH-NTH"], None).await.unwrap_err().refusal().unwrap().code, RefusalCode::Conflict);
    undo().await.unwrap();
    assert_eq!((listed().await.then, listed().await.locations), (None, vec!["ST-LDS".to_owned()]));
    set(&["WH-WAR", "WH-NTH"], None).await.unwrap();
    assert_eq!(offered(&c, "web").await, 10);
    undo().await.unwrap();
    assert_eq!((offered(&c, "web").await, listed().await.locations), (20, vec!["ST-LDS".to_owned()]));
    let act = c.system();
    waybill::transact!(c.services.pool, conn => rules::set_location_group(conn, &act, "The north", &[], None).await).unwrap();
    assert_eq!(offered(&c, "web").await, 30, "a group without locations stands for none");
    waybill::transact!(c.services.pool, conn => rules::set_allowed(conn, &act, "LAMP", "WH-WAR", false, true).await).unwrap();
    assert_eq!(offered(&c, "web").await, 20);
    assert_eq!(c.place_error(&from("web", 21)).await, RefusalCode::OutOfStock);
    // A rule for a day that is over, and one for days to come.
    put(&c, NewRule { from: "2020-01-01".to_owned(), until: "2020-01-02".to_owned(), ..rule("safety", 5) }).await.unwrap();
    put(&c, NewRule { from: "2199-01-01".to_owned(), ..rule("safety", 5) }).await.unwrap();
    assert_eq!(offered(&c, "web").await, 20);
    put(&c, NewRule { from: "2020-01-01".to_owned(), ..rule("safety", 5) }).await.unwrap();
    assert_eq!(offered(&c, "web").await, 10);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_rule_that_makes_no_sense_is_told_all_that_is_wrong(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 10)]).await;
    let fields = |error: Error| error.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect::<Vec<_>>();
    let nonsense = NewRule {
        kind: "magic".to_owned(),
        sku: "NOPE".to_owned(),
        category: "Nothing".to_owned(),
        location: "NOWHERE".to_owned(),
        channel: "radio".to_owned(),
        from: "soon".to_owned(),
        ..NewRule::default()
    };
    assert_eq!(fields(put(&c, nonsense).await.unwrap_err()), ["/kind", "/sku", "/category", "/category", "/location", "/channel", "/units", "/from"]);
    assert_eq!(fields(put(&c, rule("ring_fence", 3)).await.unwrap_err()), ["/channel"]);
    let both = NewRule { days_of_cover: Some(3), until: "2026-01-01".to_owned(), from: "2026-02-01".to_owned(), ..rule("safety", 3) };
    assert_eq!(fields(put(&c, both).await.unwrap_err()), ["/days_of_cover", "/until"]);
    let visitor = Act::new(Actor::Visitor, c.system().now);
    let refused =
        waybill::transact!(c.services.pool, conn => rules::put_rule(conn, &visitor, StockRuleId::new(visitor.now), &rule("safety", 1)).await);
    assert_eq!(refused.unwrap_err().refusal().unwrap().code, RefusalCode::Unauthenticated);
}
