//! How the company's parcels get to customers: a carrier with two services, what they cost, what customers pay, and the holidays of its country.

use crate::carriers::{
    Collection, DeliveryMethod, Holidays, RateCard, RateRow, Service, Setting, SlotPlan, SlotUse, SlotWindow, Surcharge, SurchargeBy, SurchargeWhen,
    Transit, Weekdays, ZoneMap, ZonePlace, save_setting,
};
use crate::geo::COUNTRIES;
use crate::identity::Act;
use crate::refusal::Result;
use chrono::{NaiveDate, NaiveTime};
use sqlx::PgConnection;

/// A zone's prices: (up to so many grams, pence).
type Bands = &'static [(i32, i64)];

const STANDARD: &[(&str, Bands)] = &[
    ("domestic", &[(2_000, 395), (10_000, 595), (30_000, 995), (500_000, 2_950)]),
    ("europe", &[(2_000, 995), (10_000, 1_495), (30_000, 2_950), (500_000, 7_900)]),
    ("world", &[(2_000, 1_495), (10_000, 3_950), (30_000, 7_950), (500_000, 19_900)]),
];

const EVENING: &[(&str, Bands)] = &[("mainland", &[(2_000, 895), (10_000, 1_195), (30_000, 1_895)])];

const EXPRESS: &[(&str, Bands)] =
    &[("mainland", &[(2_000, 695), (10_000, 995), (30_000, 1_695)]), ("highlands", &[(2_000, 995), (10_000, 1_395), (30_000, 2_295)])];

/// What the carrier takes: cheaper, by size as well as weight, with fuel on top.
const COST: &[(&str, Bands)] = &[
    ("mainland", &[(2_000, 285), (10_000, 410), (30_000, 690), (500_000, 2_400)]),
    ("highlands", &[(2_000, 520), (10_000, 790), (30_000, 1_350), (500_000, 3_900)]),
    ("europe", &[(2_000, 760), (10_000, 1_150), (30_000, 2_380), (500_000, 6_600)]),
    ("world", &[(2_000, 1_180), (10_000, 3_250), (30_000, 6_700), (500_000, 17_500)]),
];

/// Where parcels in Britain take longer: the beginnings of postcodes.
const HIGHLANDS: [&str; 6] = ["BT", "HS", "IV", "KW", "PH", "ZE"];

/// England's bank holidays of two years (gov.uk/bank-holidays), the days they replace among them.
const HOLIDAYS: [(i32, u32, u32, &str); 20] = [
    (2026, 1, 1, "New Year’s Day"),
    (2026, 4, 3, "Good Friday"),
    (2026, 4, 6, "Easter Monday"),
    (2026, 5, 4, "Early May bank holiday"),
    (2026, 5, 25, "Spring bank holiday"),
    (2026, 8, 31, "Summer bank holiday"),
    (2026, 12, 25, "Christmas Day"),
    (2026, 12, 26, "Boxing Day"),
    (2026, 12, 28, "Boxing Day (substitute day)"),
    (2027, 1, 1, "New Year’s Day"),
    (2027, 3, 26, "Good Friday"),
    (2027, 3, 29, "Easter Monday"),
    (2027, 5, 3, "Early May bank holiday"),
    (2027, 5, 31, "Spring bank holiday"),
    (2027, 8, 30, "Summer bank holiday"),
    (2027, 12, 25, "Christmas Day"),
    (2027, 12, 26, "Boxing Day"),
    (2027, 12, 27, "Christmas Day (substitute day)"),
    (2027, 12, 28, "Boxing Day (substitute day)"),
    (2028, 1, 3, "New Year’s Day (substitute day)"),
];

fn rows(bands: &[(&str, Bands)]) -> Vec<RateRow> {
    let row = |zone: &str, (up_to, amount_minor): (i32, i64)| RateRow {
        zone: zone.to_owned(),
        up_to_grams: Some(up_to),
        from_value_minor: 0,
        amount_minor,
    };
    bands.iter().flat_map(|(zone, bands)| bands.iter().map(|band| row(zone, *band))).collect()
}

fn card(name: &str, zone_map: &str, bands: &[(&str, Bands)]) -> RateCard {
    RateCard { name: name.to_owned(), currency: "GBP".to_owned(), zone_map: zone_map.to_owned(), rows: rows(bands), ..RateCard::default() }
}

fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

/// A service that is collected at five on weekdays.
fn service(name: &str, days: &[(&str, i32)], delivers: Weekdays) -> Service {
    Service {
        carrier: "Waybill Parcel".to_owned(),
        name: name.to_owned(),
        zone_map: "parcel".to_owned(),
        transit: days.iter().map(|(zone, days)| Transit { zone: (*zone).to_owned(), days: *days }).collect(),
        collections: vec![Collection { location: String::new(), weekdays: Weekdays::monday_to(5), at: time(17) }],
        delivers,
        delivers_from: time(8),
        delivers_until: time(18),
        rate_card: "parcel-cost".to_owned(),
        ..Service::default()
    }
}

/// Sets everything up from `act.now` on.
pub(super) async fn set_up_delivery(conn: &mut PgConnection, act: &Act) -> Result<()> {
    let place = |zone: &str, to: &str, postcode: &str| ZonePlace {
        zone: zone.to_owned(),
        from: String::new(),
        to: to.to_owned(),
        postcode: postcode.to_owned(),
    };
    let europe: Vec<ZonePlace> = COUNTRIES.iter().filter(|c| c.europe && c.code != "GB").map(|c| place("europe", c.code, "")).collect();
    let map = |name: &str, mut places: Vec<ZonePlace>| {
        places.push(place("world", "", ""));
        places.extend(europe.iter().cloned());
        Setting::ZoneMap(ZoneMap { name: name.to_owned(), places })
    };
    let highlands = HIGHLANDS.iter().map(|area| place("highlands", "GB", area));
    let parcel_zones = map("Parcel zones", std::iter::once(place("mainland", "GB", "")).chain(highlands).collect());
    let fuel = Surcharge { name: "Fuel".to_owned(), when: SurchargeWhen::Always, by: SurchargeBy::Share(850) };
    let cost =
        RateCard { volume_per_kg: Some(5_000), surcharges: vec![fuel], minimum_minor: 300, ..card("What Waybill Parcel takes", "parcel", COST) };
    let express_cost = RateCard {
        rows: cost.rows.iter().map(|row| RateRow { amount_minor: row.amount_minor * 17 / 10, ..row.clone() }).collect(),
        name: "What Waybill Parcel takes for next day".to_owned(),
        ..cost.clone()
    };
    let parcel = service("Two-day parcel", &[("mainland", 2), ("highlands", 3), ("europe", 5), ("world", 9)], Weekdays::monday_to(6));
    let next_day = Service {
        rate_card: "next-day-cost".to_owned(),
        max_grams: Some(30_000),
        ..service("Next day", &[("mainland", 1), ("highlands", 2)], Weekdays::monday_to(6))
    };
    let days = HOLIDAYS.iter().filter_map(|(y, m, d, name)| Some((NaiveDate::from_ymd_opt(*y, *m, *d)?, (*name).to_owned()))).collect();
    let method = |name: &str, position, service: &str, rate_card: &str| {
        let services = vec![service.to_owned()];
        Setting::Method(DeliveryMethod { name: name.to_owned(), position, services, rate_card: rate_card.to_owned(), ..DeliveryMethod::default() })
    };
    let settings = [
        ("GB", Setting::Holidays(Holidays { name: "England".to_owned(), days })),
        ("price", map("Price zones", vec![place("domestic", "GB", "")])),
        ("parcel", parcel_zones),
        ("standard", Setting::RateCard(card("Standard delivery", "price", STANDARD))),
        ("express", Setting::RateCard(card("Express delivery", "parcel", EXPRESS))),
        ("parcel-cost", Setting::RateCard(cost)),
        ("next-day-cost", Setting::RateCard(express_cost)),
        ("two-day", Setting::Service(parcel)),
        ("next-day", Setting::Service(next_day)),
        ("standard", method("Standard delivery", 1, "two-day", "standard")),
        ("express", method("Express delivery", 2, "next-day", "express")),
    ];
    for (code, setting) in settings {
        save_setting(conn, act, code, &setting, None, None).await?;
    }
    Ok(())
}

/// People who put lamps up on the British mainland, at a time that is booked.
pub(super) async fn offer_installation(conn: &mut PgConnection, act: &Act) -> Result<()> {
    let window = |from, until| SlotWindow { weekdays: Weekdays::monday_to(5), from: time(from), until: time(until), capacity: 4 };
    let plan = SlotPlan {
        name: "Installation".to_owned(),
        serves: SlotUse::Appointment,
        location: "WH-NTH".to_owned(),
        zone_map: "parcel".to_owned(),
        zones: vec!["mainland".to_owned()],
        windows: vec![window(8, 12), window(12, 16)],
        horizon_days: 21,
        skill: "installation".to_owned(),
        ..SlotPlan::default()
    };
    save_setting(conn, act, "installation", &Setting::Slots(plan), None, None).await?;
    Ok(())
}

/// Delivery on the British mainland at a time that the customer chooses.
pub(super) async fn offer_evenings(conn: &mut PgConnection, act: &Act) -> Result<()> {
    let window = |from, until| SlotWindow { weekdays: Weekdays::monday_to(6), from: time(from), until: time(until), capacity: 12 };
    let plan = SlotPlan {
        name: "Evenings".to_owned(),
        serves: SlotUse::Delivery,
        location: "WH-NTH".to_owned(),
        zone_map: "parcel".to_owned(),
        zones: vec!["mainland".to_owned()],
        windows: vec![window(17, 19), window(19, 21)],
        horizon_days: 7,
        ..SlotPlan::default()
    };
    let method = DeliveryMethod {
        name: "Evening delivery".to_owned(),
        position: 3,
        services: vec!["next-day".to_owned()],
        rate_card: "evening".to_owned(),
        slots: "evenings".to_owned(),
        ..DeliveryMethod::default()
    };
    let settings = [
        ("evenings", Setting::Slots(plan)),
        ("evening", Setting::RateCard(card("Evening delivery", "parcel", EVENING))),
        ("evening", Setting::Method(method)),
    ];
    for (code, setting) in settings {
        save_setting(conn, act, code, &setting, None, None).await?;
    }
    Ok(())
}
