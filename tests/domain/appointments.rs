//! Services: booked with the order, done by people, charged when they are, and no place in a slot given away twice.

use crate::company::{Company, at, company, order, then};
use crate::promises::quote;
use sqlx::PgPool;
use waybill::carriers::{Setting, SlotPlan, SlotUse, SlotWindow, Weekdays, save_setting};
use waybill::catalog::{NewPrice, ProductInput, SkuInput, save_product, set_price};
use waybill::fulfilment::{Command, StepInput};
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{OrderId, UserId};
use waybill::orders::{self, Method, NewLine, NewOrder};
use waybill::refusal::{Error, RefusalCode};
use waybill::slots::SlotView;
use waybill::transact;

/// Those who install come from Northampton, two at a time, on weekdays in the mornings and the afternoons; to England only.
fn plan() -> SlotPlan {
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let window = |from, until| SlotWindow { weekdays: Weekdays::monday_to(5), from: time(from), until: time(until), capacity: 2 };
    SlotPlan {
        name: "Installation".to_owned(),
        serves: SlotUse::Appointment,
        location: "WH-NTH".to_owned(),
        zone_map: "parcel".to_owned(),
        zones: vec!["mainland".to_owned()],
        windows: vec![window(8, 12), window(12, 16)],
        horizon_days: 30,
        skill: "installation".to_owned(),
        ..SlotPlan::default()
    }
}

async fn save_plan(c: &Company, code: &str, plan: SlotPlan) -> Result<(), Error> {
    let act = c.system();
    transact!(c.services.pool, conn => save_setting(conn, &act, code, &Setting::Slots(plan.clone()), None, None).await).map(drop)
}

async fn save(c: &Company, sku: SkuInput) -> Result<(), Error> {
    let act = c.system();
    let product =
        ProductInput { name: "Installation".to_owned(), category: "Services".to_owned(), skus: vec![sku.clone()], ..ProductInput::default() };
    transact!(c.services.pool, conn => save_product(conn, &act, "installation", &product).await)
}

fn installation() -> SkuInput {
    SkuInput { code: "INSTALL".to_owned(), name: "Installation".to_owned(), skill: "installation".to_owned(), ..SkuInput::default() }
}

/// A company with lamps in Northampton that installs them for £49. It is Thursday, 10 June 2027, ten o'clock in London.
async fn installing(pool: &PgPool) -> Company {
    let c = company(pool, &[("LAMP", "WH-NTH", 50)]).await;
    let c = then(&c, "2027-06-10T09:00:00Z");
    save_plan(&c, "installers", plan()).await.unwrap();
    save(&c, installation()).await.unwrap();
    let act = c.system();
    for channel in ["web", "phone"] {
        let price = NewPrice { sku: "INSTALL".to_owned(), channel: channel.to_owned(), price: "49".to_owned(), ..NewPrice::default() };
        transact!(pool, conn => set_price(conn, &act, &price).await).unwrap();
    }
    c
}

/// A lamp, and its installation at a time that is kept for whoever orders.
async fn lamp_installed(c: &Company, slot: &SlotView) -> NewOrder {
    let kept = c.services.book_slot(&c.system(), &slot.plan, slot.starts_at, None).await.unwrap();
    let mut order = order(&[("LAMP", 1), ("INSTALL", 1)]);
    order.lines[1].slot = Some(kept.booking.to_string());
    order
}

async fn starts(c: &Company) -> Vec<SlotView> {
    quote(c, &[("LAMP", 1), ("INSTALL", 1)]).await.appointments.remove(0).slots
}

async fn count(c: &Company, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&c.services.pool).await.unwrap()
}

fn field(error: &Error) -> (String, String) {
    let refusal = error.refusal().unwrap();
    refusal.fields.first().map_or_else(|| (String::new(), refusal.message.clone()), |f| (f.field.clone(), f.message.clone()))
}

async fn ship(c: &Company, id: OrderId) {
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
    }
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_lamp_is_sent_then_installed_and_each_is_charged_when_it_is_done(pool: PgPool) {
    let c = installing(&pool).await;
    // The lamp is there on Saturday: those who install it come on Monday at the earliest.
    let said = quote(&c, &[("LAMP", 1), ("INSTALL", 1)]).await;
    assert_eq!(said.deliveries[0].promise.as_ref().unwrap().day.to_string(), "2027-06-12");
    let times = &said.appointments[0].slots;
    assert_eq!((times[0].local_from.to_string(), times[0].left), ("2027-06-14 08:00:00".to_owned(), 2));
    assert!(said.pickups.iter().all(|s| s.promise.is_none() && s.problem.as_deref().unwrap().contains("at your address")));
    let id = c.place(&lamp_installed(&c, &times[0]).await).await;
    assert_eq!(c.status(id).await, "released");
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    assert_eq!((shown.total.minor, shown.fulfilments.len(), shown.fulfilments[0].lines.len()), (1_000 + 4_900 + 395, 1, 1));
    let appointment = shown.lines[1].appointment.clone().unwrap();
    assert_eq!((appointment.location.as_str(), appointment.starts_at), ("Northampton warehouse", times[0].starts_at));
    c.assert_sound().await;
    ship(&c, id).await;
    assert_eq!(c.status(id).await, "scheduled");
    let captured = "select captured_minor from payments where order_id = $1";
    let charged = async || sqlx::query_scalar::<_, i64>(captured).bind(id.0).fetch_one(&pool).await.unwrap();
    assert_eq!(charged().await, 1_395);
    // Only those of the place say that it is done.
    let location = sqlx::query_scalar("select location_id from locations where code = 'ST-LDS'").fetch_one(&pool).await.unwrap();
    let elsewhere = Act::new(
        Actor::User { id: UserId::new(c.system().now), role: Role::Store, location: Some(waybill::ids::LocationId(location)) },
        c.system().now,
    );
    let refused = c.services.perform_appointment(&elsewhere, id, 2, None).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, RefusalCode::Forbidden);
    let there = shown.fulfilments[0].location_id;
    let mut conn = c.conn().await;
    assert_eq!(orders::list_appointments(&mut conn, &c.system(), there).await.unwrap()[0].service, "Installation");
    c.services.perform_appointment(&c.system(), id, 2, None).await.unwrap();
    assert_eq!((c.status(id).await.as_str(), charged().await), ("completed", 1_000 + 4_900 + 395));
    assert!(orders::list_appointments(&mut conn, &c.system(), there).await.unwrap().is_empty());
    let again = c.services.perform_appointment(&c.system(), id, 2, None).await.unwrap_err();
    assert_eq!(again.refusal().unwrap().code, RefusalCode::IllegalTransition);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_cannot_be_is_told(pool: PgPool) {
    let c = installing(&pool).await;
    let refused = async |order: NewOrder| field(&c.services.place_order(&c.system(), &order, None).await.unwrap_err());
    let (of, words) = refused(order(&[("LAMP", 1), ("INSTALL", 1)])).await;
    assert_eq!((of.as_str(), words.as_str()), ("/lines/1/slot", "Choose a time for Installation first."));
    assert_eq!(refused(order(&[("INSTALL", 2)])).await.0, "/lines/0/quantity");
    let pickup = NewOrder { method: Method::Pickup, pickup_location: Some("ST-LDS".to_owned()), ..order(&[("INSTALL", 1)]) };
    assert_eq!(refused(pickup).await.0, "/method");
    // They come tomorrow, and the lamp on Saturday.
    let alone = quote(&c, &[("INSTALL", 1)]).await;
    let tomorrow = alone.appointments[0].slots[0].clone();
    assert_eq!(tomorrow.local_from.to_string(), "2027-06-11 12:00:00");
    let (of, words) = refused(lamp_installed(&c, &tomorrow).await).await;
    assert_eq!((of.as_str(), words.contains("12 June 2027")), ("/lines/1/slot", true), "{words}");
    // Nobody goes to Spain for it.
    let mut abroad = lamp_installed(&c, &starts(&c).await[0]).await;
    abroad.contact.country = "ES".to_owned();
    abroad.contact.postcode = "28001".to_owned();
    assert_eq!(refused(abroad).await.0, "/lines/1/slot");
    // A booking is one order's, and one line's.
    let mut twice = lamp_installed(&c, &starts(&c).await[0]).await;
    let booking = twice.lines[1].slot.clone();
    twice.lines.push(NewLine { sku: "INSTALL".to_owned(), quantity: 1, slot: booking, ..NewLine::default() });
    assert_eq!(refused(twice).await.0, "/lines/2/slot");
    // What stands on shelves is no service, and what people do stands on none.
    let mistaken = SkuInput { code: "LAMP".to_owned(), name: "A lamp".to_owned(), skill: "installation".to_owned(), ..SkuInput::default() };
    let act = c.system();
    let product = ProductInput { name: "A lamp".to_owned(), category: "Test".to_owned(), skus: vec![mistaken], ..ProductInput::default() };
    let handle: String =
        sqlx::query_scalar("select handle from products join skus using (product_id) where code = 'LAMP'").fetch_one(&pool).await.unwrap();
    let wrong = transact!(pool, conn => save_product(conn, &act, &handle, &product).await).unwrap_err();
    assert_eq!(field(&wrong).0, "/skus/0/skill");
    let booked = c.services.adjust_stock(&act, "INSTALL", "WH-NTH", 1, waybill::inventory::MovementReason::Receipt, None).await.unwrap_err();
    assert_eq!(field(&booked).1, "INSTALL is a service: it stands on no shelf.");
    assert_eq!(field(&save_plan(&c, "nobody", SlotPlan { skill: String::new(), ..plan() }).await.unwrap_err()).0, "/skill");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_service_alone_is_an_order_without_a_parcel(pool: PgPool) {
    let c = installing(&pool).await;
    let slot = quote(&c, &[("INSTALL", 1)]).await.appointments[0].slots[0].clone();
    let kept = c.services.book_slot(&c.system(), &slot.plan, slot.starts_at, None).await.unwrap();
    let mut alone = order(&[("INSTALL", 1)]);
    alone.lines[0].slot = Some(kept.booking.to_string());
    alone.total_minor = Some(4_900);
    let id = c.place(&alone).await;
    assert_eq!(c.status(id).await, "scheduled");
    assert_eq!(count(&c, "select count(*) from fulfilment_orders").await, 0);
    c.assert_sound().await;
    // Called off, somebody else can have the time.
    c.services.cancel_order(&c.system(), id, "changed my mind", None).await.unwrap();
    assert_eq!((c.status(id).await.as_str(), count(&c, "select sum(taken)::bigint from slot_days").await), ("cancelled", 0));
    assert_eq!(c.services.perform_appointment(&c.system(), id, 1, None).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn an_appointment_is_moved_and_its_old_time_is_free(pool: PgPool) {
    let c = installing(&pool).await;
    let times = starts(&c).await;
    let id = c.place(&lamp_installed(&c, &times[0]).await).await;
    let mut conn = c.conn().await;
    let planning = c.services.planning.get(&mut conn, c.system().now).await.unwrap();
    let choice = orders::appointment_choice(&mut conn, &c.system(), &planning, id, 2).await.unwrap().unwrap();
    assert_eq!((choice.service.as_str(), choice.slots[0].starts_at), ("Installation", times[1].starts_at));
    c.services.move_appointment(&c.system(), id, 2, &times[1].plan, times[1].starts_at).await.unwrap();
    let taken: Vec<(chrono::DateTime<chrono::Utc>, i32)> =
        sqlx::query_as("select starts_at, taken from slot_days order by starts_at").fetch_all(&pool).await.unwrap();
    assert_eq!(taken, [(times[0].starts_at, 0), (times[1].starts_at, 1)]);
    c.assert_sound().await;
    let too_soon = c.services.move_appointment(&c.system(), id, 2, "installers", at("2027-06-11T11:00:00Z")).await.unwrap_err();
    assert_eq!(field(&too_soon).0, "/slot");
    assert_eq!(count(&c, "select sum(taken)::bigint from slot_days").await, 1, "what was not moved keeps its time, and no other");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn two_people_bring_it_when_they_come(pool: PgPool) {
    let c = installing(&pool).await;
    let two = SlotPlan { name: "Two people".to_owned(), skill: "two people".to_owned(), brings_goods: true, ..plan() };
    save_plan(&c, "two", two).await.unwrap();
    let act = c.system();
    let sku = SkuInput { code: "CARRY".to_owned(), name: "Carried up by two".to_owned(), skill: "two people".to_owned(), ..SkuInput::default() };
    let product = ProductInput { name: "Carried up by two".to_owned(), category: "Services".to_owned(), skus: vec![sku], ..ProductInput::default() };
    transact!(pool, conn => save_product(conn, &act, "carried", &product).await).unwrap();
    let price = NewPrice { sku: "CARRY".to_owned(), channel: "web".to_owned(), price: "30".to_owned(), ..NewPrice::default() };
    transact!(pool, conn => set_price(conn, &act, &price).await).unwrap();
    let mut said = quote(&c, &[("LAMP", 1), ("CARRY", 1)]).await;
    let times = said.appointments.remove(0).slots;
    let later = times.iter().find(|t| t.local_from.to_string() == "2027-06-16 08:00:00").unwrap();
    let kept = c.services.book_slot(&c.system(), &later.plan, later.starts_at, None).await.unwrap();
    let mut new = order(&[("LAMP", 1), ("CARRY", 1)]);
    new.lines[1].slot = Some(kept.booking.to_string());
    // What the way of delivery was shown with counts for nothing: it comes when they do.
    new.promised_by = said.deliveries[0].promise.as_ref().map(|p| p.by);
    let id = c.place(&new).await;
    // The lamp is promised for that time, and is no work before.
    let shown = orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    let promised = shown.lines[0].promised.clone().unwrap();
    assert_eq!((promised.from, promised.by), (later.starts_at, later.ends_at));
    assert_eq!(shown.fulfilments[0].state.to_string(), "planned");
    assert!(shown.release_at.is_some_and(|at| at > c.system().now));
    let refused = c.services.move_appointment(&c.system(), id, 2, &later.plan, times.last().unwrap().starts_at).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, RefusalCode::IllegalTransition);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_last_two_appointments_are_two_buyers(pool: PgPool) {
    let c = installing(&pool).await;
    let slot = starts(&c).await[0].clone();
    let buyers: Vec<_> = (0..24)
        .map(|n| {
            let (services, gateway, slot) = (c.services.clone(), c.gateway.clone(), slot.clone());
            tokio::spawn(async move {
                let c = Company { services, gateway };
                match c.services.book_slot(&c.system(), &slot.plan, slot.starts_at, None).await {
                    Ok(kept) => {
                        let mut new = order(&[("LAMP", 1), ("INSTALL", 1)]);
                        new.lines[1].slot = Some(kept.booking.to_string());
                        let id = c.place(&new).await;
                        if n % 3 == 0 {
                            c.services.cancel_order(&c.system(), id, "changed my mind", None).await.unwrap();
                            return 0;
                        }
                        1
                    }
                    Err(error) => {
                        assert_eq!(error.refusal().unwrap().code, RefusalCode::NoCapacity, "{error}");
                        0
                    }
                }
            })
        })
        .collect();
    let mut kept = 0;
    for buyer in buyers {
        kept += buyer.await.unwrap();
    }
    let taken = count(&c, "select coalesce(sum(taken), 0)::bigint from slot_days").await;
    assert!(taken == kept && kept <= 2, "{taken} taken, {kept} kept");
    c.assert_sound().await;
}

/// Delivery is paid with the first parcel, whoever came before it.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_service_that_is_done_first_does_not_charge_delivery(pool: PgPool) {
    let c = installing(&pool).await;
    let id = c.place(&lamp_installed(&c, &starts(&c).await[0]).await).await;
    let charged =
        async || sqlx::query_scalar::<_, i64>("select captured_minor from payments where order_id = $1").bind(id.0).fetch_one(&pool).await.unwrap();
    c.services.perform_appointment(&c.system(), id, 2, None).await.unwrap();
    assert_eq!((charged().await, c.status(id).await.as_str()), (4_900, "partly_fulfilled"));
    ship(&c, id).await;
    assert_eq!((charged().await, c.status(id).await.as_str()), (1_000 + 4_900 + 395, "completed"));
    c.assert_sound().await;
}
