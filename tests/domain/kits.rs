use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::catalog::{self, NewPrice, ProductInput, SkuInput};
use waybill::customers::views::CustomerGroup;
use waybill::customers::{list_customer_groups, put_customer_group};
use waybill::fulfilment::{Command, StepInput};
use waybill::inventory::{Buyer, offered_units};
use waybill::orders::order_detail;
use waybill::refusal::{Error, RefusalCode};

const PLACE: &str = "WH-NTH";

fn sku(code: &str) -> SkuInput {
    SkuInput { code: code.to_owned(), name: format!("A {}", code.to_lowercase()), weight_grams: 100, ..SkuInput::default() }
}

async fn save(c: &Company, handle: &str, skus: Vec<SkuInput>) -> Result<(), Error> {
    let act = c.system();
    let new = ProductInput { name: "A set".to_owned(), category: "Gifts".to_owned(), skus, ..ProductInput::default() };
    waybill::transact!(c.services.pool, conn => catalog::save_product(conn, &act, handle, &new).await)
}

async fn price(c: &Company, sku: &str, group: &str, price: &str) -> Result<(), Error> {
    let act = c.system();
    let new = NewPrice { sku: sku.to_owned(), channel: "web".to_owned(), customer_group: group.to_owned(), price: price.to_owned() };
    waybill::transact!(c.services.pool, conn => catalog::set_price(conn, &act, &new).await)
}

async fn kit(c: &Company, sku: &str, parts: &[(&str, i32)]) -> Result<(), Error> {
    let act = c.system();
    let parts: Vec<_> = parts.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect();
    waybill::transact!(c.services.pool, conn => catalog::set_kit(conn, &act, sku, &parts).await)
}

async fn offered(c: &Company, code: &str) -> i64 {
    let network = c.services.network_of(None).await.unwrap();
    offered_units(&mut *c.conn().await, &c.system(), &network, Buyer::in_channel("web"), &[code.to_owned()]).await.unwrap()[code]
}

/// A kit of one lamp and two mugs for £12.34.
pub async fn with_kit(pool: &PgPool, stock: &[(&str, &str, i32)]) -> Company {
    let c = company(pool, stock).await;
    save(&c, "set", vec![sku("SET")]).await.unwrap();
    price(&c, "SET", "", "12.34").await.unwrap();
    kit(&c, "SET", &[("LAMP", 1), ("MUG", 2)]).await.unwrap();
    c
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_kit_is_what_its_parts_are(pool: PgPool) {
    let c = with_kit(&pool, &[("LAMP", PLACE, 5), ("MUG", PLACE, 7)]).await;
    assert_eq!(offered(&c, "SET").await, 3, "seven mugs make three");
    // Kits and single parts of one basket draw on the same units.
    let refused = c.services.place_order(&c.system(), &order(&[("SET", 3), ("MUG", 2)]), None).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.code, refusal.fields[0].field.as_str()), (RefusalCode::OutOfStock, "/lines/0/quantity"));
    assert!(refusal.fields[0].message.contains("a part of A set"), "{refusal:?}");
    // A basket hears the same.
    let basket = waybill::orders::NewHold {
        channel: "web".to_owned(),
        method: waybill::orders::Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: None,
        postcode: None,
        lines: vec![("SET".to_owned(), 3), ("MUG".to_owned(), 2)],
    };
    let kept = c.services.hold_basket(&c.system(), &basket, None, None).await.unwrap_err();
    assert_eq!(kept.refusal(), Some(refusal));
    assert_eq!(refusal.fields[0].message, "Only 2 of A set (SET) can be had: there are too few of A mug (MUG), a part of A set. Order 2 or fewer.");
    assert_eq!(refusal.fields[1].message, "Only 1 of A mug (MUG) can be had. Order 1 or fewer.");
    let id = c.place(&order(&[("SET", 2), ("MUG", 1)])).await;
    assert_eq!((offered(&c, "SET").await, offered(&c, "LAMP").await, offered(&c, "MUG").await), (1, 3, 2));
    let detail = order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    let lines: Vec<_> = detail.lines.iter().map(|l| (l.sku.as_str(), l.quantity, l.kit.as_ref().map(|k| (k.code.as_str(), k.quantity)))).collect();
    assert_eq!(lines, [("LAMP", 2, Some(("SET", 2))), ("MUG", 4, Some(("SET", 2))), ("MUG", 1, None)]);
    // £24.68, as £10.00 to 2 × £2.50: no cent is lost.
    let amounts: Vec<i64> = detail.lines.iter().map(|l| l.amount.minor).collect();
    assert_eq!(amounts, [1_645, 823, 250]);
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
    }
    assert_eq!(c.status(id).await, "completed");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_was_ordered_keeps_its_parts_and_nonsense_is_refused(pool: PgPool) {
    let c = with_kit(&pool, &[("LAMP", PLACE, 5), ("MUG", PLACE, 7), ("PIN", PLACE, 9)]).await;
    let id = c.place(&order(&[("SET", 1)])).await;
    kit(&c, "SET", &[("PIN", 3)]).await.unwrap();
    assert_eq!(offered(&c, "SET").await, 3);
    c.services.cancel_order(&c.system(), id, "changed my mind", None).await.unwrap();
    c.assert_sound().await;
    let fields = |error: Error| error.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect::<Vec<_>>();
    assert_eq!(
        fields(kit(&c, "SET", &[("SET", 1), ("NOPE", 1), ("PIN", 0)]).await.unwrap_err()),
        ["/components/0", "/components/1", "/components/2"]
    );
    assert_eq!(fields(kit(&c, "LAMP", &[("PIN", 1)]).await.unwrap_err()), ["/sku"], "it has stock of its own");
    save(&c, "other", vec![sku("OTHER")]).await.unwrap();
    assert_eq!(fields(kit(&c, "OTHER", &[("SET", 1)]).await.unwrap_err()), ["/components"], "no kit of kits");
    let rule = waybill::inventory::rules::NewRule { kind: "safety".to_owned(), sku: "SET".to_owned(), units: Some(1), ..Default::default() };
    let act = c.system();
    let id = waybill::ids::StockRuleId::new(act.now);
    let refused = waybill::transact!(c.services.pool, conn => waybill::inventory::rules::put_rule(conn, &act, id, &rule).await);
    assert_eq!(fields(refused.unwrap_err()), ["/sku"], "rules are for its parts");
    let booked = c.services.adjust_stock(&act, "SET", PLACE, 1, waybill::inventory::MovementReason::Receipt, None).await;
    assert_eq!(fields(booked.unwrap_err()), ["/sku"], "it has no stock of its own");
    // Nothing makes it a thing of its own, which has no stock.
    kit(&c, "SET", &[]).await.unwrap();
    assert_eq!(offered(&c, "SET").await, 0);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_group_pays_its_own_price_and_products_are_checked(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 9)]).await;
    let act = c.system();
    let named = async |code: &str, name: &str| {
        let group = CustomerGroup { code: code.to_owned(), name: name.to_owned() };
        waybill::transact!(c.services.pool, conn => put_customer_group(conn, &act, &group).await)
    };
    let refused = named("Trade Customers", " ").await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["/code", "/name"]);
    named("trade", "Trade").await.unwrap();
    named("trade", "Trade customers").await.unwrap();
    let known = list_customer_groups(&mut *c.conn().await, &act).await.unwrap();
    assert_eq!(known, [CustomerGroup { code: "trade".to_owned(), name: "Trade customers".to_owned() }]);
    price(&c, "LAMP", "trade", "7.50").await.unwrap();
    let total = |group: Option<&str>| waybill::orders::NewOrder {
        customer_group: group.map(str::to_owned),
        shipping_minor: Some(0),
        ..order(&[("LAMP", 2)])
    };
    let mut paid = Vec::new();
    for group in [None, Some("trade")] {
        let id = c.place(&total(group)).await;
        let detail = order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
        paid.push(detail.lines[0].amount.minor);
    }
    assert_eq!(paid, [2_000, 1_500]);
    assert_eq!(c.place_error(&total(Some("nobody"))).await, RefusalCode::Invalid);
    // Off sale: what was ordered keeps its price.
    price(&c, "LAMP", "", "").await.unwrap();
    assert_eq!(c.place_error(&total(None)).await, RefusalCode::Invalid);
    c.assert_sound().await;

    let fields = |error: Error| error.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect::<Vec<_>>();
    let wrong = SkuInput { gtin: "6291041500231".to_owned(), unit: "bucket".to_owned(), option_values: vec!["Red".to_owned()], ..sku("A B") };
    assert_eq!(
        fields(save(&c, "No Good", vec![wrong]).await.unwrap_err()),
        ["/handle", "/skus/0/code", "/skus/0/option_values", "/skus/0/gtin", "/skus/0/unit"]
    );
    // A code of twelve digits comes back as it was.
    save(&c, "upc", vec![SkuInput { gtin: "012345678905".to_owned(), ..sku("UPC") }]).await.unwrap();
    let record = catalog::product_record(&mut *c.conn().await, &c.system(), "upc").await.unwrap();
    assert_eq!(record.skus[0].sku.gtin, "012345678905");
    // A scan leads to one thing.
    let with = |code: &str, gtin: &str| SkuInput { gtin: gtin.to_owned(), option_values: vec![code.to_owned()], ..sku(code) };
    assert_eq!(fields(save(&c, "other", vec![SkuInput { gtin: "0012345678905".to_owned(), ..sku("OTHER") }]).await.unwrap_err()), ["/skus/0/gtin"]);
    let act = c.system();
    let two = async |skus: Vec<SkuInput>| {
        let new =
            ProductInput { name: "Two".to_owned(), category: "Gifts".to_owned(), options: vec!["Kind".to_owned()], skus, ..ProductInput::default() };
        waybill::transact!(c.services.pool, conn => catalog::save_product(conn, &act, "two", &new).await)
    };
    let twice = two(vec![with("ONE", "6291041500213"), with("TWO", "6291041500213")]).await.unwrap_err();
    assert_eq!(fields(twice), ["/skus/1/gtin"]);
    let taken = two(vec![with("ONE", "6291041500213"), with("TWO", "012345678905")]).await.unwrap_err();
    assert_eq!(taken.refusal().unwrap().fields[0].message, "UPC has this GTIN. A scan must lead to one thing: give each its own.");
    two(vec![with("ONE", "6291041500213"), with("TWO", "4006381333931")]).await.unwrap();
    two(vec![with("ONE", "4006381333931"), with("TWO", "6291041500213")]).await.unwrap();
    let scanned = catalog::skus_by_codes(&mut *c.conn().await, &["6291041500213".to_owned(), "TWO".to_owned()]).await.unwrap();
    assert_eq!(scanned["6291041500213"], scanned["TWO"], "they were given to each other");
    assert_eq!(fields(save(&c, "set", Vec::new()).await.unwrap_err()), ["/skus"]);
    assert_eq!(fields(save(&c, "set", vec![sku("LAMP")]).await.unwrap_err()), ["/skus/0/code"], "it belongs to another product");
    assert_eq!(fields(price(&c, "LAMP", "", "cheap").await.unwrap_err()), ["/price"]);
}
