//! What is set about delivery: from a moment on, looked at first, taken back, and never in contradiction to what needs it.

use crate::company::{Company, company, now, order};
use chrono::{TimeDelta, Utc};
use sqlx::PgPool;
use waybill::carriers::{
    DeliveryMethod, Holidays, RateCard, RateRow, Setting, SettingKind, delivery_at, end_setting, list_settings, preview_setting, read_setting,
    save_setting, undo_setting,
};
use waybill::geo::locate;
use waybill::identity::{Act, Actor};
use waybill::promising::{Trial, try_delivery};
use waybill::refusal::{Error, RefusalCode};

/// The standard card of the company, with another price for light parcels at home.
async fn card(c: &Company, pence: i64) -> Setting {
    let Setting::RateCard(mut card) = read(c).await else { panic!("a rate card") };
    card.rows.iter_mut().find(|r| r.zone == "domestic" && r.up_to_grams == Some(2_000)).unwrap().amount_minor = pence;
    Setting::RateCard(card)
}

async fn read(c: &Company) -> Setting {
    read_setting(&mut *c.conn().await, &c.system(), SettingKind::RateCard, "standard").await.unwrap().setting
}

async fn save(c: &Company, code: &str, setting: &Setting, later: Option<TimeDelta>) -> Result<(), Error> {
    let act = c.system();
    let from = later.map(|later| act.now + later);
    waybill::transact!(c.services.pool, conn => save_setting(conn, &act, code, setting, from, None).await)
}

/// What delivery of a lamp to Leeds costs, at a moment.
async fn price(c: &Company, later: TimeDelta) -> i64 {
    let delivery = delivery_at(&mut *c.conn().await, now() + later).await.unwrap();
    let to = waybill::carriers::Destination { country: "GB", postcode: "LS1 4AP", point: locate("GB", "LS1 4AP").unwrap() };
    let parcel = waybill::carriers::Parcel { grams: 500, ..waybill::carriers::Parcel::default() };
    delivery.price(delivery.method("standard").unwrap(), "GB", &to, &parcel, 1_000).unwrap().total_minor
}

fn fields(error: &Error) -> Vec<String> {
    error.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_price_changes_from_its_day_on_and_can_be_taken_back(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-WAR", 9)]).await;
    let dearer = card(&c, 495).await;
    let preview = preview_setting(&mut *c.conn().await, &c.system(), "standard", &dearer, None).await.unwrap();
    let change = &preview.changes[0];
    assert_eq!((change.field.as_str(), change.before.as_str(), change.after.as_str()), ("domestic, up to 2 kg", "£3.95", "£4.95"));
    assert!(preview.consequences.iter().any(|s| s.contains("way of delivery Standard delivery")), "{:?}", preview.consequences);

    save(&c, "standard", &dearer, Some(TimeDelta::days(7))).await.unwrap();
    assert_eq!((price(&c, TimeDelta::days(6)).await, price(&c, TimeDelta::days(8)).await), (395, 495));
    assert_eq!(read(&c).await, card(&c, 395).await, "until then it is as it was");
    let view = read_setting(&mut *c.conn().await, &c.system(), SettingKind::RateCard, "standard").await.unwrap();
    assert_eq!((view.planned.len(), view.can_undo), (1, true));
    // A change before one that is to come ends where that begins.
    save(&c, "standard", &card(&c, 445).await, None).await.unwrap();
    assert_eq!((price(&c, TimeDelta::seconds(1)).await, price(&c, TimeDelta::days(8)).await), (445, 495));
    let undo = async || {
        let act = c.system();
        waybill::transact!(pool, conn => undo_setting(conn, &act, SettingKind::RateCard, "standard").await)
    };
    undo().await.unwrap();
    assert_eq!(price(&c, TimeDelta::days(8)).await, 445, "what was to come never happens");
    undo().await.unwrap();
    assert_eq!((price(&c, TimeDelta::seconds(1)).await, price(&c, TimeDelta::days(8)).await), (395, 395));
    // The shop charges what is in force, at once.
    let id = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(c.text("select shipping_minor::text from orders where order_id = $1", id).await, "395");
    save(&c, "standard", &card(&c, 0).await, None).await.unwrap();
    let id = c.place(&order(&[("LAMP", 1)])).await;
    assert_eq!(c.text("select shipping_minor::text from orders where order_id = $1", id).await, "0");
    let told: Vec<String> = read_setting(&mut *c.conn().await, &c.system(), SettingKind::RateCard, "standard")
        .await
        .unwrap()
        .history
        .iter()
        .map(|t| t.kind.to_string())
        .collect();
    assert_eq!(told[..4], ["delivery_set", "delivery_change_undone", "delivery_change_undone", "delivery_set"]);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_makes_no_sense_is_told_at_once(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let row = |zone: &str, grams: Option<i32>, amount| RateRow { zone: zone.into(), up_to_grams: grams, from_value_minor: 0, amount_minor: amount };
    let bad = RateCard {
        currency: "GBX".into(),
        zone_map: "nowhere".into(),
        rows: vec![row("moon", Some(0), -1), row("moon", Some(0), 5)],
        ..RateCard::default()
    };
    let found = fields(&save(&c, "bad", &Setting::RateCard(bad), None).await.unwrap_err());
    for field in ["/name", "/currency", "/zone_map", "/rows/0/zone", "/rows/0/up_to_grams", "/rows/0/amount_minor", "/rows/1/amount_minor"] {
        assert!(found.iter().any(|f| f == field), "{field} is not in {found:?}");
    }
    let method = DeliveryMethod {
        name: "Fast".into(),
        services: vec!["rocket".into()],
        rate_card: "none".into(),
        channels: vec!["tv".into()],
        position: 1,
        ..DeliveryMethod::default()
    };
    assert_eq!(fields(&save(&c, "fast", &Setting::Method(method), None).await.unwrap_err()), ["/services/0", "/rate_card", "/channels/0"]);
    // A shop has eight ways of delivery at most.
    let like = |position| DeliveryMethod {
        name: format!("Way {position}"),
        position,
        services: vec!["two-day".into()],
        rate_card: "standard".into(),
        ..DeliveryMethod::default()
    };
    for n in 3..=8 {
        save(&c, &format!("way-{n}"), &Setting::Method(like(n)), None).await.unwrap();
    }
    assert_eq!(fields(&save(&c, "way-9", &Setting::Method(like(9)), None).await.unwrap_err()), ["/code"]);
    save(&c, "way-8", &Setting::Method(like(10)), None).await.unwrap();
    let holidays = Setting::Holidays(Holidays { name: "England".into(), ..Holidays::default() });
    assert_eq!(fields(&save(&c, "England", &holidays, None).await.unwrap_err()), ["/code"]);
    assert_eq!(fields(&save(&c, "Next Day!", &card(&c, 1).await, None).await.unwrap_err()), ["/code"]);
    assert_eq!(
        save(&c, "standard", &card(&c, 395).await, None).await.unwrap_err().refusal().unwrap().message,
        "Nothing is different. Change something first."
    );
    // What others need stays.
    let act = c.system();
    for (kind, code, needed_by) in [
        (SettingKind::RateCard, "standard", "The way of delivery Standard delivery needs it."),
        (SettingKind::ZoneMap, "price", "The rate card Standard delivery needs it."),
        (SettingKind::Service, "next-day", "The way of delivery Express delivery needs it."),
    ] {
        let refused = waybill::transact!(pool, conn => end_setting(conn, &act, kind, code, None).await).unwrap_err();
        assert!(refused.refusal().unwrap().message.starts_with(needed_by), "{refused}");
    }
    waybill::transact!(pool, conn => end_setting(conn, &act, SettingKind::Method, "express", None).await).unwrap();
    waybill::transact!(pool, conn => end_setting(conn, &act, SettingKind::Service, "next-day", None).await).unwrap();
    assert!(list_settings(&mut *c.conn().await, &c.system()).await.unwrap().iter().all(|r| r.code != "next-day"));
    // Ended is not lost.
    waybill::transact!(pool, conn => undo_setting(conn, &c.system(), SettingKind::Service, "next-day").await).unwrap();
    assert!(delivery_at(&mut *c.conn().await, c.system().now).await.unwrap().services.contains_key("next-day"));
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn somebody_elses_change_is_not_overwritten(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let read_at = read_setting(&mut *c.conn().await, &c.system(), SettingKind::RateCard, "standard").await.unwrap().since;
    save(&c, "standard", &card(&c, 495).await, None).await.unwrap();
    let act = c.system();
    let mine = card(&c, 445).await;
    let refused = waybill::transact!(pool, conn => save_setting(conn, &act, "standard", &mine, None, Some(read_at)).await).unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, RefusalCode::Conflict);
    let visitor = Act::new(Actor::Visitor, Utc::now());
    assert!(list_settings(&mut *c.conn().await, &visitor).await.is_err());
    // Many at once: each is a version of its own, none is lost.
    let savers: Vec<_> = (0..8)
        .map(|n| {
            let services = c.services.clone();
            let setting = mine.clone();
            tokio::spawn(async move {
                let Setting::RateCard(mut card) = setting else { return };
                card.minimum_minor = n;
                let setting = Setting::RateCard(card);
                waybill::transact!(services.pool, conn => {
                    let act = services.act(Actor::System);
                    save_setting(conn, &act, "standard", &setting, None, None).await
                })
                .unwrap();
            })
        })
        .collect();
    for saver in savers {
        saver.await.unwrap();
    }
    let versions: i64 =
        sqlx::query_scalar("select count(*) from delivery_settings where kind = 'rate_card' and code = 'standard'").fetch_one(&pool).await.unwrap();
    assert_eq!(versions, 10);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_parcel_is_tried(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let at = Some("2027-06-10T09:00:00Z".parse().unwrap());
    let trial = Trial { location: "ST-LDS".into(), country: "ES".into(), postcode: "28001".into(), grams: 2_300, at, ..Trial::default() };
    let tried = try_delivery(&mut *c.conn().await, &c.system(), &trial).await.unwrap();
    let two_day = tried.services.iter().find(|s| s.code == "two-day").unwrap();
    let way = two_day.way.as_ref().unwrap();
    assert_eq!(
        (way.zone.as_str(), way.day.to_string(), way.handed_over_at.to_string()),
        ("europe", "2027-06-16".to_owned(), "2027-06-10 17:00:00".to_owned())
    );
    let cost = two_day.cost.as_ref().unwrap();
    let parts: Vec<(&str, i64)> = cost.parts.iter().map(|(of, amount)| (of.as_str(), amount.minor)).collect();
    assert_eq!((cost.amount.minor, parts), (1_150 + 98, vec![("Price", 1_150), ("Fuel", 98)]));
    assert_eq!(tried.services.iter().find(|s| s.code == "next-day").unwrap().why_not.as_deref(), Some("has no carrier that goes there"));
    assert_eq!(tried.methods.iter().find(|m| m.code == "standard").unwrap().price.as_ref().unwrap().amount.minor, 1_495);
    // Large and light: twelve litres and a half count as two kilograms and a half.
    let large = Trial {
        country: "GB".into(),
        postcode: "IV2 3XX".into(),
        grams: 100,
        length_mm: Some(500),
        width_mm: Some(250),
        height_mm: Some(100),
        ..trial.clone()
    };
    let tried = try_delivery(&mut *c.conn().await, &c.system(), &large).await.unwrap();
    let two_day = tried.services.iter().find(|s| s.code == "two-day").unwrap();
    assert_eq!((two_day.way.as_ref().unwrap().zone.as_str(), two_day.cost.as_ref().unwrap().billable_grams), ("highlands", 2_500));
    let wrong =
        try_delivery(&mut *c.conn().await, &c.system(), &Trial { location: "XX".into(), country: "XX".into(), grams: -1, ..Trial::default() }).await;
    assert_eq!(fields(&wrong.unwrap_err()), ["/location", "/country", "/grams"]);
}
