//! Buying: when it is time, drafts, the steps of an order, what comes, and what a supplier sends itself.

use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::fulfilment::RejectReason;
use waybill::identity::{Act, Actor, Role};
use waybill::ids::{OrderId, PurchaseOrderId, UserId};
use waybill::inventory::MovementReason;
use waybill::inventory::receipts::Receipt;
use waybill::orders::{NewLine, NewOrder};
use waybill::purchasing::views::{PurchaseDetail, ReorderRow};
use waybill::purchasing::{self, Confirmation, NewPurchaseOrder, PurchaseState, PurchaseStep, ReorderPoint, Supplier, SupplierSku};
use waybill::refusal::{Error, RefusalCode, Result};
use waybill::transact;

fn supplier(code: &str, location: &str) -> Supplier {
    Supplier {
        code: code.to_owned(),
        name: format!("{code} Ltd"),
        email: "orders@example.com".to_owned(),
        address: String::new(),
        currency: "GBP".to_owned(),
        lead_days: 7,
        location: location.to_owned(),
    }
}

fn terms(sku: &str, cost: &str, min_quantity: i32, pack_quantity: i32) -> SupplierSku {
    SupplierSku { sku: sku.to_owned(), supplier_code: format!("X-{sku}"), cost: cost.to_owned(), min_quantity, pack_quantity, lead_days: None }
}

async fn save(c: &Company, supplier: &Supplier, sells: &[SupplierSku]) {
    let act = c.system();
    transact!(c.services.pool, conn => purchasing::save_supplier(conn, &act, supplier).await).unwrap();
    for sku in sells {
        transact!(c.services.pool, conn => purchasing::save_supplier_sku(conn, &act, &supplier.code, sku).await).unwrap();
    }
}

async fn watch(c: &Company, sku: &str, point: i32, up_to: i32) -> Result<()> {
    let act = c.system();
    let new = ReorderPoint { sku: sku.to_owned(), location: "WH-NTH".to_owned(), point, up_to, supplier: String::new() };
    transact!(c.services.pool, conn => purchasing::set_reorder_point(conn, &act, &new).await)
}

async fn low(c: &Company) -> Vec<ReorderRow> {
    purchasing::list_reorder_points(&mut *c.conn().await, &c.system(), true, None).await.unwrap().rows
}

async fn draft(c: &Company, act: &Act, supplier: &str, lines: &[(&str, i32)]) -> Result<String> {
    let new = NewPurchaseOrder {
        supplier: supplier.to_owned(),
        location: "WH-NTH".to_owned(),
        note: String::new(),
        lines: lines.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect(),
    };
    transact!(c.services.pool, conn => purchasing::draft_order(conn, act, PurchaseOrderId::new(act.now), &new).await)
}

async fn step(c: &Company, number: &str, step: PurchaseStep) -> Result<PurchaseState> {
    let act = c.system();
    transact!(c.services.pool, conn => purchasing::take_step(conn, &act, number, step).await)
}

async fn receive(c: &Company, number: &str, receipt: &Receipt) -> Result<PurchaseState> {
    let act = c.system();
    transact!(c.services.pool, conn => purchasing::receive_order(conn, &act, number, receipt).await)
}

async fn read(c: &Company, number: &str) -> PurchaseDetail {
    purchasing::read_purchase_order(&mut *c.conn().await, &c.system(), number).await.unwrap()
}

fn come(lines: &[(&str, i32)]) -> Receipt {
    Receipt { lines: lines.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect(), ..Receipt::default() }
}

fn fields(error: &Error) -> Vec<&str> {
    error.refusal().unwrap().fields.iter().map(|f| f.field.as_str()).collect()
}

/// `LAMP` and `MUG` from one supplier in packs of 6.
async fn buying(pool: &PgPool) -> Company {
    let c = company(pool, &[("LAMP", "WH-NTH", 12), ("MUG", "WH-NTH", 100)]).await;
    save(&c, &supplier("ACME", ""), &[terms("LAMP", "4.25", 12, 6), terms("MUG", "0.999", 1, 1)]).await;
    c
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn an_alert_comes_once_for_each_crossing(pool: PgPool) {
    let c = buying(&pool).await;
    watch(&c, "LAMP", 10, 40).await.unwrap();
    assert_eq!(c.services.watch_levels().await.unwrap(), 0, "12 is above 10");
    c.place(&order(&[("LAMP", 2)])).await;
    // Two nodes look at the same moment.
    let (one, other) = tokio::join!(c.services.watch_levels(), c.services.watch_levels());
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    c.place(&order(&[("LAMP", 3)])).await;
    assert_eq!(c.services.watch_levels().await.unwrap(), 0, "further down is no other crossing");
    let rows = low(&c).await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.free, row.incoming, row.suggested), (7, 0, 36), "33 are missing to 40: 6 packs of 6");
    assert_eq!(row.supplier.as_ref().map(|s| s.0.as_str()), Some("ACME"));
    assert_eq!(row.cost.map(|m| m.minor), Some(15_300));

    let act = c.system();
    let wanted = [("LAMP".to_owned(), "WH-NTH".to_owned()), ("MUG".to_owned(), "WH-NTH".to_owned())];
    let (a, b) = tokio::join!(
        async { transact!(c.services.pool, conn => purchasing::draft_suggested(conn, &act, PurchaseOrderId::new(act.now), &wanted).await) },
        async { transact!(c.services.pool, conn => purchasing::draft_suggested(conn, &act, PurchaseOrderId::new(act.now), &wanted).await) }
    );
    let (drafted, refused): (Vec<_>, Vec<_>) = [a, b].into_iter().partition(|r| r.is_ok());
    assert_eq!((drafted.len(), refused.len()), (1, 1), "two planners at once order it once");
    let number = drafted.into_iter().next().unwrap().unwrap().remove(0);
    let row = low(&c).await.remove(0);
    assert_eq!((row.drafted, row.draft.as_deref(), row.suggested), (36, Some(number.as_str()), 0), "a draft is nobody's promise yet");

    step(&c, &number, PurchaseStep::Approve).await.unwrap();
    assert_eq!(c.services.watch_levels().await.unwrap(), 0);
    assert!(low(&c).await.is_empty(), "it is on its way");
    assert_eq!(c.stock_of("LAMP", None).await.iter().find(|r| r.location.starts_with("Northampton")).unwrap().incoming, 36);
    step(&c, &number, PurchaseStep::Cancel).await.unwrap();
    assert_eq!(c.services.watch_levels().await.unwrap(), 1, "it has crossed again");
    assert!(low(&c).await[0].since.is_some());
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_purchase_order_from_draft_to_shelf(pool: PgPool) {
    let c = buying(&pool).await;
    let wrong = draft(&c, &c.system(), "ACME", &[("LAMP", 13), ("PIN", 1), ("NONE", 1), ("MUG", 0)]).await.unwrap_err();
    assert_eq!(fields(&wrong), ["/lines/1", "/lines/2", "/lines/3", "/lines/0"]);
    assert_eq!(wrong.refusal().unwrap().fields[3].message, "LAMP: ACME sells it in packs of 6. Order 18, say.");
    assert_eq!(fields(&draft(&c, &c.system(), "NOBODY", &[("LAMP", 12)]).await.unwrap_err()), ["/supplier"]);
    assert_eq!(fields(&draft(&c, &c.system(), "ACME", &[]).await.unwrap_err()), ["/lines"]);

    let number = draft(&c, &c.system(), "ACME", &[("LAMP", 12), ("MUG", 1_000)]).await.unwrap();
    let act = c.system();
    let lines = [("LAMP".to_owned(), 18), ("MUG".to_owned(), 1_000)];
    transact!(c.services.pool, conn => purchasing::change_draft(conn, &act, &number, "Before noon, please", &lines).await).unwrap();
    let detail = read(&c, &number).await;
    assert_eq!(detail.total.map(|m| m.to_string()).as_deref(), Some("£1,075.50"), "18 x 4.25 and 1,000 x 0.999");
    assert_eq!(receive(&c, &number, &come(&[("LAMP", 1)])).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    for next in [PurchaseStep::Approve, PurchaseStep::Send] {
        step(&c, &number, next).await.unwrap();
    }
    let changed = transact!(c.services.pool, conn => purchasing::change_draft(conn, &act, &number, "", &lines).await);
    assert_eq!(changed.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition, "what was sent stays as it was sent");
    let sent = read(&c, &number).await;
    let expected = sent.expected_on.unwrap();
    assert!((6..=8).contains(&(expected - act.now.date_naive()).num_days()), "a week after it was sent: {expected}");
    let confirm = async |lines: &[(&str, i32)]| {
        let confirmation = Confirmation { expected_on: None, lines: lines.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect() };
        transact!(c.services.pool, conn => purchasing::confirm_order(conn, &act, &number, &confirmation).await)
    };
    assert_eq!(fields(&confirm(&[("LAMP", 19), ("PIN", 1)]).await.unwrap_err()), ["/lines/0", "/lines/1"]);
    confirm(&[("LAMP", 15)]).await.unwrap();
    assert_eq!(c.stock_of("LAMP", None).await[0].incoming, 15, "what was confirmed is what comes");

    // Under, over, and what nobody ordered.
    assert_eq!(receive(&c, &number, &come(&[("LAMP", 10)])).await.unwrap(), PurchaseState::PartlyReceived);
    assert_eq!(step(&c, &number, PurchaseStep::Cancel).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    assert_eq!(fields(&receive(&c, &number, &come(&[("NONE", 1)])).await.unwrap_err()), ["/lines/0"]);
    assert_eq!(receive(&c, &number, &come(&[("LAMP", 7), ("PIN", 3)])).await.unwrap(), PurchaseState::PartlyReceived);
    assert_eq!(receive(&c, &number, &Receipt { everything: true, ..Receipt::default() }).await.unwrap(), PurchaseState::Closed);
    let lines: Vec<_> = read(&c, &number).await.lines.into_iter().map(|l| (l.sku, l.ordered, l.confirmed, l.received)).collect();
    let line = |sku: &str, ordered, confirmed, received| (sku.to_owned(), ordered, confirmed, received);
    assert_eq!(lines, [line("LAMP", 18, Some(15), 17), line("MUG", 1_000, Some(1_000), 1_000), line("PIN", 0, None, 3)]);
    assert_eq!((c.stock_of("LAMP", None).await[0].on_hand, c.stock_of("LAMP", None).await[0].incoming), (29, 0));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_comes_at_the_same_time_is_all_taken_in(pool: PgPool) {
    let c = buying(&pool).await;
    let number = draft(&c, &c.system(), "ACME", &[("MUG", 60)]).await.unwrap();
    for next in [PurchaseStep::Approve, PurchaseStep::Send] {
        step(&c, &number, next).await.unwrap();
    }
    let mug = come(&[("MUG", 20)]);
    let (one, two, three) = tokio::join!(receive(&c, &number, &mug), receive(&c, &number, &mug), receive(&c, &number, &mug));
    let states = [one.unwrap(), two.unwrap(), three.unwrap()];
    assert_eq!(states.iter().filter(|s| **s == PurchaseState::Closed).count(), 1, "the last one closes it");
    assert_eq!(c.stock_of("MUG", None).await[0].on_hand, 160);
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_it_costs_and_who_may_buy(pool: PgPool) {
    let c = buying(&pool).await;
    let location = waybill::inventory::location_by_code(&mut *c.conn().await, "WH-NTH").await.unwrap();
    let other = waybill::inventory::location_by_code(&mut *c.conn().await, "WH-WAR").await.unwrap();
    let user = |role, location| c.services.act(Actor::User { id: UserId::new(c.services.clock.now()), role, location });
    let (planner, walt, far) = (user(Role::Planner, None), user(Role::Warehouse, Some(location)), user(Role::Warehouse, Some(other)));
    let number = draft(&c, &planner, "ACME", &[("LAMP", 12)]).await.unwrap();
    assert_eq!(draft(&c, &walt, "ACME", &[("LAMP", 12)]).await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    let seen = purchasing::read_purchase_order(&mut *c.conn().await, &walt, &number).await.unwrap();
    assert_eq!((seen.total, seen.lines[0].cost.clone()), (None, None), "who receives need not know what it costs");
    assert!(purchasing::read_purchase_order(&mut *c.conn().await, &far, &number).await.is_err(), "it comes to another door");
    let seen = purchasing::read_purchase_order(&mut *c.conn().await, &planner, &number).await.unwrap();
    assert_eq!(seen.lines[0].cost.as_deref(), Some("4.25"));
    for next in [PurchaseStep::Approve, PurchaseStep::Send] {
        step(&c, &number, next).await.unwrap();
    }
    let everything = Receipt { everything: true, ..Receipt::default() };
    let at_the_wrong_door = transact!(c.services.pool, conn => purchasing::receive_order(conn, &far, &number, &everything).await);
    assert_eq!(at_the_wrong_door.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    transact!(c.services.pool, conn => purchasing::receive_order(conn, &walt, &number, &everything).await).unwrap();
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn suppliers_and_points_are_checked(pool: PgPool) {
    let c = buying(&pool).await;
    let act = c.system();
    let bad = Supplier { code: "a b".to_owned(), currency: "XXQ".to_owned(), lead_days: -1, location: "WH-NTH".to_owned(), ..Supplier::default() };
    let error = transact!(c.services.pool, conn => purchasing::save_supplier(conn, &act, &bad).await).unwrap_err();
    assert_eq!(fields(&error), ["/code", "/name", "/email", "/currency", "/lead_days", "/location"]);
    let euros = Supplier { currency: "EUR".to_owned(), ..supplier("ACME", "") };
    let error = transact!(c.services.pool, conn => purchasing::save_supplier(conn, &act, &euros).await).unwrap_err();
    assert_eq!(fields(&error), ["/currency"], "its prices are in pounds");
    save(&c, &supplier("VEND", "VN-LEI"), &[]).await;
    let error = transact!(c.services.pool, conn => purchasing::save_supplier(conn, &act, &supplier("TWO", "VN-LEI")).await).unwrap_err();
    assert_eq!(fields(&error), ["/location"]);
    let error =
        transact!(c.services.pool, conn => purchasing::save_supplier_sku(conn, &act, "ACME", &terms("NONE", "cheap", 0, 0)).await).unwrap_err();
    assert_eq!(fields(&error), ["/sku", "/cost", "/min_quantity", "/pack_quantity"]);
    let new = ReorderPoint { sku: "NONE".to_owned(), location: "NOWHERE".to_owned(), point: -1, up_to: -1, supplier: "NOBODY".to_owned() };
    let error = transact!(c.services.pool, conn => purchasing::set_reorder_point(conn, &act, &new).await).unwrap_err();
    assert_eq!(fields(&error), ["/sku", "/location", "/point", "/up_to", "/supplier"]);
}

async fn work(c: &Company, order: OrderId) -> (String, Act) {
    let id: PurchaseOrderId =
        sqlx::query_scalar("select purchase_order_id from purchase_orders where order_id = $1 order by fulfilment_no desc limit 1")
            .bind(order.0)
            .fetch_one(&c.services.pool)
            .await
            .unwrap();
    let link = purchasing::supplier_link(b"key", id);
    let token = link.trim_start_matches("/supplier/o/");
    let (actor, number) = purchasing::open_supplier_link(&mut *c.conn().await, b"key", token).await.unwrap().unwrap();
    assert_eq!(purchasing::open_supplier_link(&mut *c.conn().await, b"other key", token).await.unwrap(), None);
    (number, c.services.act(actor))
}

/// A supplier sends to customers from a location of its own: its work is a purchase order, made and ended with the order.
#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_supplier_sends_it_itself(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "VN-LEI", 5)]).await;
    save(&c, &supplier("VEND", "VN-LEI"), &[terms("LAMP", "6", 1, 1)]).await;
    let gift = NewLine { sku: "LAMP".to_owned(), quantity: 2, gift_wrap: true, gift_wrap_price: Some("2".to_owned()), ..NewLine::default() };
    let first = c.place(&NewOrder { lines: vec![gift], gift_message: Some("Enjoy it".to_owned()), ..order(&[]) }).await;
    let (number, vendor) = work(&c, first).await;
    let detail = purchasing::read_purchase_order(&mut *c.conn().await, &vendor, &number).await.unwrap();
    assert_eq!((detail.state, detail.deliver_to[0].as_str(), detail.lines[0].ordered), (PurchaseState::Sent, "Wren Sampleton", 2));
    assert_eq!(detail.total.map(|m| m.minor), Some(1_200), "the supplier sees its own prices");
    let wishes: Vec<_> = detail.wishes.iter().map(|w| (w.sku.as_str(), w.quantity, w.wish.words())).collect();
    assert_eq!((wishes, detail.gift_message.as_deref()), (vec![("LAMP", 2, Some("Gift-wrapped".to_owned()))], Some("Enjoy it")));
    assert_eq!(
        receive(&c, &number, &Receipt { everything: true, ..Receipt::default() }).await.unwrap_err().refusal().unwrap().code,
        RefusalCode::IllegalTransition
    );
    // It may do nothing but its own work.
    let second = c.place(&order(&[("LAMP", 1)])).await;
    let (another, _) = work(&c, second).await;
    let strange = c.services.supplier_ships(&vendor, &another, "", "").await.unwrap_err();
    assert_eq!(strange.refusal().unwrap().code, RefusalCode::Forbidden);
    assert!(purchasing::list_suppliers(&mut *c.conn().await, &vendor).await.is_err());

    transact!(c.services.pool, conn => purchasing::confirm_order(conn, &vendor, &number, &Confirmation::default()).await).unwrap();
    // It begins and ends with the customer's order, and a number that cannot be one leaves nothing half done.
    assert_eq!(step(&c, &number, PurchaseStep::Cancel).await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    assert!(c.services.supplier_ships(&vendor, &number, "not a number", "").await.is_err());
    assert_eq!(c.text("select state from fulfilment_orders where order_id = $1", first).await, "released");
    // A supplier that has moved away still finishes what it has begun.
    save(&c, &supplier("VEND", ""), &[]).await;
    let (one, other) = tokio::join!(
        c.services.supplier_ships(&vendor, &number, "TRACK-1", "Their Carrier"),
        c.services.supplier_ships(&vendor, &number, "TRACK-1", "Their Carrier")
    );
    one.unwrap();
    other.unwrap();
    save(&c, &supplier("VEND", "VN-LEI"), &[]).await;
    c.services.supplier_ships(&vendor, &number, "TRACK-1", "Their Carrier").await.unwrap();
    assert_eq!((read(&c, &number).await.state, c.status(first).await.as_str()), (PurchaseState::Closed, "completed"));

    // What it cannot send is routed anew, and the order for it is off.
    let act = c.system();
    waybill::orders::correct_stock(&mut *c.conn().await, &act, "LAMP", "WH-NTH", 9, MovementReason::Receipt, 0).await.unwrap();
    let (number, vendor) = work(&c, second).await;
    c.services.supplier_declines(&vendor, &number, RejectReason::NotInStock).await.unwrap();
    assert_eq!(read(&c, &number).await.state, PurchaseState::Cancelled);
    assert!(c.services.supplier_ships(&vendor, &number, "", "").await.is_err(), "it was called off");
    c.services.reroute_order(second).await.unwrap();
    assert_eq!(
        c.text("select string_agg(state, ',' order by fulfilment_no) from fulfilment_orders where order_id = $1", second).await,
        "rejected,released"
    );

    // A cancelled order takes its purchase order along.
    waybill::orders::correct_stock(&mut *c.conn().await, &act, "MUG", "VN-LEI", 5, MovementReason::Receipt, 0).await.unwrap();
    let third = c.place(&order(&[("MUG", 1)])).await;
    let (number, _) = work(&c, third).await;
    assert_eq!(read(&c, &number).await.lines[0].cost, None, "it is not on the supplier's list");
    c.services.cancel_order(&act, third, "Changed their mind", None).await.unwrap();
    assert_eq!(read(&c, &number).await.state, PurchaseState::Cancelled);
    c.assert_sound().await;
}
