use super::*;
use crate::carriers::{Collection, Setting, Transit, Weekdays, ZoneMap, ZonePlace};
use crate::geo::locate;
use crate::ids::LocationId;
use crate::inventory::LocationKind;
use crate::inventory::calendar::{Calendar, Closure, Hours, Week};
use chrono::NaiveTime;
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap()
}

/// Open Monday to Friday from nine to six, cut-off at two, two hours of handling.
fn location(country: &str, zone: Tz) -> Location {
    let open = Some(Hours { opens: time(9), closes: time(18), cut_off: time(14) });
    Location {
        id: LocationId(Uuid::from_u128(1)),
        code: "WH-1".into(),
        name: "Warehouse".into(),
        kind: LocationKind::Warehouse,
        city: "Leeds".into(),
        postcode: "LS1 4AP".into(),
        country: country.into(),
        point: locate(country, "").unwrap(),
        calendar: Calendar {
            zone,
            weeks: vec![Week { from: DateTime::UNIX_EPOCH, days: [open, open, open, open, open, None, None] }],
            ..Calendar::default()
        },
        ships: true,
        offers_pickup: true,
        priority: 1,
        handling_minutes: 120,
        daily_order_capacity: None,
        closed: None,
        groups: Vec::new(),
        tags: Vec::new(),
        attributes: Vec::new(),
        handling_order_minor: 0,
        handling_unit_minor: 0,
        measured: None,
    }
}

/// Collects at five on weekdays, takes a day at home and three elsewhere.
fn delivery() -> Delivery {
    let place = |zone: &str, to: &str| ZonePlace { zone: zone.into(), to: to.into(), ..ZonePlace::default() };
    let map = ZoneMap { name: "All".into(), places: vec![place("home", "GB"), place("world", "")] };
    let service = Service {
        carrier: "Carrier".into(),
        name: "Next day".into(),
        zone_map: "all".into(),
        transit: vec![Transit { zone: "home".into(), days: 1 }, Transit { zone: "world".into(), days: 3 }],
        collections: vec![Collection { location: String::new(), weekdays: Weekdays::monday_to(5), at: time(17) }],
        delivers: Weekdays::monday_to(5),
        delivers_from: time(8),
        delivers_until: time(18),
        ..Service::default()
    };
    Delivery::of([("all".to_owned(), Setting::ZoneMap(map)), ("next-day".to_owned(), Setting::Service(service))])
}

fn to(country: &str) -> Destination<'_> {
    Destination { country, postcode: "", point: locate(country, "").unwrap() }
}

fn send(delivery: &Delivery, from: &Location, to: Destination<'_>, released: &str) -> Result<Schedule, CannotSend> {
    let codes = ["next-day".to_owned()];
    reaches(delivery, &codes, to)[0].schedule(from, Piece::default(), at(released))
}

#[test]
fn a_minute_before_and_after_the_cut_off() {
    let (delivery, from) = (delivery(), location("GB", Tz::Europe__London));
    let before = send(&delivery, &from, to("GB"), "2026-12-03T13:59:00Z").unwrap();
    let after = send(&delivery, &from, to("GB"), "2026-12-03T14:01:00Z").unwrap();
    assert_eq!((before.day, after.day), (day("2026-12-04"), day("2026-12-07")));
    assert_eq!(before.handed_over_at, at("2026-12-03T17:00:00Z"));
    assert_eq!((before.from, before.until), (at("2026-12-04T08:00:00Z"), at("2026-12-04T18:00:00Z")));
    assert_eq!(before.cut_off, at("2026-12-03T14:00:00Z"));
    assert_eq!(after.cut_off, at("2026-12-04T14:00:00Z"), "the next day's");
}

#[test]
fn handling_time_may_be_the_earlier_cut_off() {
    let (delivery, mut from) = (delivery(), location("GB", Tz::Europe__London));
    from.handling_minutes = 300;
    let noon = send(&delivery, &from, to("GB"), "2026-12-03T12:00:00Z").unwrap();
    assert_eq!((noon.day, noon.cut_off), (day("2026-12-04"), at("2026-12-03T12:00:00Z")));
    assert_eq!(send(&delivery, &from, to("GB"), "2026-12-03T12:01:00Z").unwrap().day, day("2026-12-07"), "it misses the collection at five");
}

#[test]
fn friday_evening_before_a_holiday_monday() {
    let (mut delivery, mut from) = (delivery(), location("GB", Tz::Europe__London));
    delivery.holidays.insert("GB".into(), [day("2026-12-28")].into());
    from.calendar.holidays.insert(day("2026-12-28"));
    // Christmas is on a Friday: nobody has said so here.
    let sent = send(&delivery, &from, to("GB"), "2026-12-25T19:00:00Z").unwrap();
    assert_eq!((sent.handed_over_at, sent.day), (at("2026-12-29T17:00:00Z"), day("2026-12-30")));
    // The location may work on a holiday; the carrier does not collect on it.
    from.calendar.holidays.clear();
    assert_eq!(send(&delivery, &from, to("GB"), "2026-12-25T19:00:00Z").unwrap().handed_over_at, at("2026-12-29T17:00:00Z"));
}

#[test]
fn a_holiday_on_the_other_side_of_midnight() {
    // Collected on New Year's Eve in London, when it is New Year's Day in Sydney.
    let mut delivery = delivery();
    delivery.holidays.insert("AU".into(), [day("2027-01-01")].into());
    let from = location("GB", Tz::Europe__London);
    let sent = send(&delivery, &from, to("AU"), "2026-12-31T10:00:00Z").unwrap();
    // Monday, Tuesday and Wednesday: Saturday and Sunday do not count, and neither does the holiday on which it sets out.
    assert_eq!(sent.day, day("2027-01-06"));
    assert_eq!(sent.until, at("2027-01-06T07:00:00Z"), "six in the evening in Sydney");
}

#[test]
fn what_is_promised_on_top_moves_the_date_and_not_what_is_expected() {
    let (mut delivery, from) = (delivery(), location("GB", Tz::Europe__London));
    delivery.services.get_mut("next-day").unwrap().padding_days = 1;
    let sent = send(&delivery, &from, to("GB"), "2026-12-03T10:00:00Z").unwrap();
    assert_eq!((sent.day, sent.expected_by), (day("2026-12-07"), at("2026-12-04T18:00:00Z")));
    let codes = ["next-day".to_owned()];
    let reach = &reaches(&delivery, &codes, to("GB"))[0];
    // It may be handed over a day later and still be in time.
    assert_eq!(
        reach.milestones(&from, sent.by()).unwrap(),
        Milestones {
            release_by: at("2026-12-04T15:00:00Z"),
            pick_by: at("2026-12-04T16:00:00Z"),
            pack_by: at("2026-12-04T17:00:00Z"),
            hand_over_by: at("2026-12-04T17:00:00Z")
        }
    );
}

#[test]
fn why_not() {
    let (mut delivery, mut from) = (delivery(), location("GB", Tz::Europe__London));
    let codes = ["next-day".to_owned()];
    let heavy = |d: &Delivery, piece| reaches(d, &codes, to("GB"))[0].schedule(&from, piece, at("2026-12-03T10:00:00Z")).unwrap_err();
    delivery.services.get_mut("next-day").unwrap().max_grams = Some(30_000);
    delivery.services.get_mut("next-day").unwrap().max_mm = Some(1_200);
    assert_eq!(heavy(&delivery, Piece { grams: 30_001, longest_mm: 0 }), CannotSend::TooHeavy);
    assert_eq!(heavy(&delivery, Piece { grams: 1, longest_mm: 1_201 }), CannotSend::TooLong);
    from.calendar.closures.push(Closure { from: at("2026-12-01T00:00:00Z"), until: None });
    assert_eq!(send(&delivery, &from, to("GB"), "2026-12-03T10:00:00Z"), Err(CannotSend::NotOpen));
    delivery.zone_maps.get_mut("all").unwrap().places.pop();
    assert_eq!(send(&delivery, &from, to("US"), "2026-12-03T10:00:00Z"), Err(CannotSend::NotThere));
    delivery.services.get_mut("next-day").unwrap().collections[0].location = "WH-2".into();
    assert_eq!(send(&delivery, &from, to("GB"), "2026-12-03T10:00:00Z"), Err(CannotSend::NotCollected));
}

#[test]
fn a_pickup_is_ready_in_opening_hours() {
    let store = location("GB", Tz::Europe__London);
    let ready = |released: &str| collect(&store, at(released)).unwrap();
    let morning = ready("2026-12-03T10:07:00Z");
    assert_eq!((morning.from, morning.until), (at("2026-12-03T12:15:00Z"), at("2026-12-03T18:00:00Z")));
    assert_eq!(morning.cut_off, at("2026-12-03T15:45:00Z"));
    assert_eq!(ready("2026-12-03T15:45:00Z").day, day("2026-12-03"), "the cut-off keeps its word");
    assert_eq!(ready("2026-12-03T15:50:00Z").from, at("2026-12-04T09:00:00Z"), "at closing time nobody collects");
    assert_eq!(ready("2026-12-03T17:00:00Z").from, at("2026-12-04T10:00:00Z"), "the second hour is tomorrow's");
    assert_eq!(ready("2026-12-04T17:30:00Z").from, at("2026-12-07T10:30:00Z"));
    assert_eq!(collect_milestones(&store, at("2026-12-04T10:00:00Z")).release_by, at("2026-12-03T17:00:00Z"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whenever it is released, wherever from and to, over changes of the clocks, holidays, leap days and closures: steps are in order, the cut-off is
    /// the last moment that is promised the same, and work that begins by its milestone is in time.
    #[test]
    fn cut_offs_and_milestones_are_the_last(
        origin in prop::sample::select(vec![("GB", Tz::Europe__London), ("US", Tz::America__New_York), ("AU", Tz::Australia__Sydney), ("IL", Tz::Asia__Jerusalem)]),
        country in prop::sample::select(vec!["GB", "US", "AU", "IL", "JP"]),
        minutes in 0i64..1_051_200, handling in 0i32..700, padding in 0i32..3, days in 0i32..4,
        holidays in prop::collection::btree_set(0u64..730, 0..40), closed in prop::collection::vec((0i64..700, 1i64..80), 0..6),
    ) {
        let start = at("2027-06-01T00:00:00Z");
        let mut delivery = delivery();
        let service = delivery.services.get_mut("next-day").unwrap();
        (service.padding_days, service.transit[1].days) = (padding, days);
        let set: std::collections::BTreeSet<NaiveDate> = holidays.iter().map(|n| day("2027-06-01") + chrono::Days::new(*n)).collect();
        delivery.holidays.insert(country.into(), set.clone());
        delivery.holidays.insert(origin.0.into(), set.clone());
        let mut from = location(origin.0, origin.1);
        from.handling_minutes = handling;
        from.calendar.holidays = set;
        from.calendar.closures = closed.iter().map(|(n, hours)| Closure { from: start + TimeDelta::days(*n), until: Some(start + TimeDelta::days(*n) + TimeDelta::hours(*hours)) }).collect();
        let released = start + TimeDelta::minutes(minutes);
        let codes = ["next-day".to_owned()];
        let reach = &reaches(&delivery, &codes, to(country))[0];
        let sent = reach.schedule(&from, Piece::default(), released).unwrap();
        prop_assert!(released <= sent.ready_at && sent.ready_at <= sent.handed_over_at && sent.handed_over_at <= sent.until && sent.from < sent.until);
        prop_assert!(sent.expected_by <= sent.until && released <= sent.cut_off);
        prop_assert!(from.calendar.closes_after(sent.handed_over_at).is_some(), "somebody is there to hand it over");
        prop_assert_eq!(reach.schedule(&from, Piece::default(), sent.cut_off).unwrap().day, sent.day);
        prop_assert!(reach.schedule(&from, Piece::default(), sent.cut_off + TimeDelta::minutes(1)).unwrap().day > sent.day);
        let last = reach.milestones(&from, sent.by()).unwrap();
        prop_assert!(sent.handed_over_at <= last.hand_over_by && last.release_by <= last.pick_by && last.pick_by <= last.pack_by);
        prop_assert!(from.calendar.work_from(last.release_by, handling).unwrap() <= last.hand_over_by);

        let ready = collect(&from, released).unwrap();
        prop_assert!(ready.ready_at <= ready.from && ready.from < ready.until && from.calendar.is_open(ready.from));
        prop_assert_eq!(collect(&from, ready.cut_off).unwrap().day, ready.day);
    }
}
