use crate::company::{Company, company, order};
use sqlx::PgPool;
use waybill::catalog::{self, ImageSize, ProductInput, SkuInput};
use waybill::fulfilment::{Command, StepInput, list_work};
use waybill::identity::Act;
use waybill::ids::ImageId;
use waybill::inventory::rules::{ChannelSettings, set_channel};
use waybill::orders::{BasketRequest, NewHold, NewLine, NewOrder, quote_basket};
use waybill::refusal::{Error, RefusalCode};

const PLACE: &str = "WH-NTH";

async fn save(c: &Company, sku: SkuInput) -> Result<(), Error> {
    let act = c.system();
    let handle = sku.code.to_lowercase();
    let new = ProductInput { name: sku.name.clone(), category: "Test".to_owned(), skus: vec![sku], ..ProductInput::default() };
    waybill::transact!(c.services.pool, conn => catalog::save_product(conn, &act, &handle, &new).await)
}

/// The lamp as it is, but for what is changed.
fn lamp() -> SkuInput {
    SkuInput { code: "LAMP".to_owned(), name: "A lamp".to_owned(), weight_grams: 500, ..SkuInput::default() }
}

async fn handle_of_lamp(c: &Company) -> String {
    sqlx::query_scalar("select handle from products join skus using (product_id) where code = 'LAMP'").fetch_one(&c.services.pool).await.unwrap()
}

async fn save_lamp(c: &Company, sku: SkuInput) {
    let (act, handle) = (c.system(), handle_of_lamp(c).await);
    let new = ProductInput { name: "A lamp".to_owned(), category: "Test".to_owned(), skus: vec![sku], ..ProductInput::default() };
    waybill::transact!(c.services.pool, conn => catalog::save_product(conn, &act, &handle, &new).await).unwrap();
}

async fn wrap_at(c: &Company, channel: &str, price: &str) -> Result<(), Error> {
    let act = c.system();
    let settings = ChannelSettings { hold_minutes: 15, gift_wrap: price.to_owned(), release_delay_minutes: 0 };
    waybill::transact!(c.services.pool, conn => set_channel(conn, &act, channel, &settings).await)
}

fn wished(quantity: i32, text: Option<&str>, gift_wrap: bool) -> NewLine {
    NewLine { sku: "LAMP".to_owned(), quantity, personalisation: text.map(str::to_owned), gift_wrap, ..NewLine::default() }
}

fn fields(error: &Error) -> Vec<String> {
    error.refusal().unwrap().fields.iter().map(|f| f.field.clone()).collect()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_the_customer_wants_reaches_the_one_who_packs(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 9), ("MUG", PLACE, 9)]).await;
    let lines = vec![wished(2, Some("  Ada & Grace "), true), wished(1, None, false), wished(1, Some("Größe 5"), false)];
    let asked = NewOrder { lines, gift_message: Some(" Happy birthday! ".to_owned()), shipping_minor: Some(0), ..order(&[]) };
    // Nothing takes a text and nobody wraps before somebody says so.
    let refused = c.services.place_order(&c.system(), &asked, None).await.unwrap_err();
    assert_eq!(fields(&refused), ["/lines/0/personalisation", "/lines/2/personalisation"]);
    save_lamp(&c, SkuInput { personalisation_max: Some(11), ..lamp() }).await;
    let refused = c.services.place_order(&c.system(), &asked, None).await.unwrap_err();
    assert_eq!(fields(&refused), ["/lines/0/gift_wrap"]);
    assert_eq!(fields(&wrap_at(&c, "web", "much").await.unwrap_err()), ["/gift_wrap_price"]);
    wrap_at(&c, "web", "3.505").await.unwrap();

    // £27.01 for two wrapped: rounded once. The text of eleven letters fits, one of twelve does not.
    let too_long = NewOrder { lines: vec![wished(1, Some("twelve marks"), false)], ..order(&[]) };
    let refused = c.services.place_order(&c.system(), &too_long, None).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().fields[0].message, "There is room for 11 characters; this has 12. Shorten it.");
    let id = c.place(&NewOrder { total_minor: Some(2_701 + 1_000 + 1_000), ..asked.clone() }).await;
    let detail = waybill::orders::order_detail(&mut *c.conn().await, &c.system(), &c.services.planning, b"test key", id).await.unwrap();
    assert_eq!(detail.gift_message.as_deref(), Some("Happy birthday!"));
    let told: Vec<_> = detail.lines.iter().map(|l| (l.amount.minor, l.unit_price.as_str(), l.wish.words(), l.gift_wrap_price.as_deref())).collect();
    assert_eq!(
        told,
        [
            (2_701, "10.00", Some("Text: “Ada & Grace” · Gift-wrapped".to_owned()), Some("3.505")),
            (1_000, "10.00", None, None),
            (1_000, "10.00", Some("Text: “Größe 5”".to_owned()), None),
        ]
    );
    let place = detail.fulfilments[0].location_id;
    let work = list_work(&mut *c.conn().await, &c.system(), place, None, None).await.unwrap();
    let wishes: Vec<_> = work.rows[0].lines.iter().map(|l| (l.quantity, l.wish.words())).collect();
    assert_eq!(wishes, told.iter().zip([2, 1, 1]).map(|(t, n)| (n, t.2.clone())).collect::<Vec<_>>());
    assert_eq!(work.rows[0].gift_message.as_deref(), Some("Happy birthday!"));
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
    }
    c.assert_sound().await;

    // A channel that decides its prices decides this one, too; a visitor does not.
    let own = NewLine { gift_wrap_price: Some("1".to_owned()), ..wished(1, None, true) };
    let phone = NewOrder { channel: "phone".to_owned(), lines: vec![own.clone()], shipping_minor: Some(0), total_minor: Some(1_100), ..order(&[]) };
    c.place(&phone).await;
    let visitor = c.services.act(waybill::identity::Actor::Visitor);
    let bought = c.services.place_order(&visitor, &NewOrder { lines: vec![own], ..order(&[]) }, None).await.unwrap();
    let goods: i64 = sqlx::query_scalar("select goods_minor from orders where order_id = $1").bind(bought.order_id.0).fetch_one(&pool).await.unwrap();
    assert_eq!(goods, 1_351, "10 and 3.505, rounded once");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_card_goes_with_what_is_wrapped(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 9), ("MUG", "WH-WAR", 9)]).await;
    wrap_at(&c, "web", "1").await.unwrap();
    let cards = async |wrapped: bool| {
        let mug = NewLine { sku: "MUG".to_owned(), quantity: 1, ..NewLine::default() };
        let lines = vec![wished(1, None, false), NewLine { gift_wrap: wrapped, ..mug }];
        let id = c.place(&NewOrder { lines, gift_message: Some("Get well".to_owned()), ..order(&[]) }).await;
        let parcels = waybill::fulfilment::fulfilments_of_orders(&mut *c.conn().await, c.system().now, id).await.unwrap();
        let mut cards = Vec::new();
        for parcel in parcels {
            let work = list_work(&mut *c.conn().await, &c.system(), parcel.location_id, None, None).await.unwrap();
            let card = work.rows.into_iter().find(|card| card.order_id == id).unwrap();
            cards.push((card.lines[0].sku.clone(), card.gift_message));
        }
        cards.sort();
        cards
    };
    let (lamp, mug, card) = ("LAMP".to_owned(), "MUG".to_owned(), Some("Get well".to_owned()));
    assert_eq!(cards(true).await, [(lamp.clone(), None), (mug.clone(), card.clone())]);
    let plain = cards(false).await;
    assert_eq!(plain.iter().filter(|c| c.1 == card).count(), 1, "one card, though nothing is wrapped: {plain:?}");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_wrapped_kit_is_wrapped_whole_and_takes_no_text(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 9), ("MUG", PLACE, 9)]).await;
    save(&c, SkuInput { code: "SET".to_owned(), name: "A set".to_owned(), personalisation_max: Some(9), ..SkuInput::default() }).await.unwrap();
    let act = c.system();
    let price = catalog::NewPrice { sku: "SET".to_owned(), channel: "web".to_owned(), price: "12.34".to_owned(), ..Default::default() };
    let parts = [("LAMP".to_owned(), 1), ("MUG".to_owned(), 2)];
    waybill::transact!(c.services.pool, conn => {
        catalog::set_price(conn, &act, &price).await?;
        catalog::set_kit(conn, &act, "SET", &parts).await
    })
    .unwrap();
    wrap_at(&c, "web", "2.50").await.unwrap();
    let set = NewLine { sku: "SET".to_owned(), quantity: 2, gift_wrap: true, ..NewLine::default() };
    let named = NewLine { personalisation: Some("Ada".to_owned()), ..set.clone() };
    let refused = c.services.place_order(&act, &NewOrder { lines: vec![named], ..order(&[]) }, None).await.unwrap_err();
    assert_eq!(fields(&refused), ["/lines/0/personalisation"]);
    let id = c.place(&NewOrder { lines: vec![set], ..order(&[]) }).await;
    let detail = waybill::orders::order_detail(&mut *c.conn().await, &act, &c.services.planning, b"test key", id).await.unwrap();
    assert_eq!(detail.goods.minor, 2_968, "two of 12.34 and 2.50: the parts' prices hold all of it");
    assert!(detail.lines.iter().all(|l| l.wish.gift_wrap && l.gift_wrap_price.is_none()));
    let work = list_work(&mut *c.conn().await, &act, detail.fulfilments[0].location_id, None, None).await.unwrap();
    let told: Vec<_> = work.rows[0].lines.iter().map(|l| (l.quantity, l.wish.words().unwrap())).collect();
    assert_eq!(told, [(2, "For 2 × A set, each wrapped whole as a gift".to_owned()), (4, "For 2 × A set, each wrapped whole as a gift".to_owned())]);
    // What a kit is made of is sold as long as the kit is.
    let retire = async |sku: SkuInput| save(&c, sku).await.map_err(|e| fields(&e));
    let set = SkuInput { code: "SET".to_owned(), name: "A set".to_owned(), ..SkuInput::default() };
    let handle = handle_of_lamp(&c).await;
    let product = |retired| ProductInput {
        name: "A lamp".to_owned(),
        category: "Test".to_owned(),
        skus: vec![SkuInput { retired, ..lamp() }],
        ..ProductInput::default()
    };
    let lamps = async |retired| {
        waybill::transact!(c.services.pool, conn => catalog::save_product(conn, &act, &handle, &product(retired)).await).map_err(|e| fields(&e))
    };
    assert_eq!(lamps(true).await.unwrap_err(), ["/skus/0/retired"]);
    retire(SkuInput { retired: true, ..set.clone() }).await.unwrap();
    lamps(true).await.unwrap();
    assert_eq!(retire(set.clone()).await.unwrap_err(), ["/skus/0/retired"], "its part is not sold");
    lamps(false).await.unwrap();
    retire(set).await.unwrap();
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn what_is_retired_is_sold_to_nobody_and_sent_to_those_who_have_ordered_it(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 9)]).await;
    let id = c.place(&order(&[("LAMP", 1)])).await;
    let handle = handle_of_lamp(&c).await;
    let in_shop = async || catalog::find_product(&mut *c.conn().await, &c.system(), "web", &handle).await.unwrap().skus.len();
    assert_eq!(in_shop().await, 1);
    let listed = async || {
        let page = catalog::list_products(&mut *c.conn().await, &c.system(), "web", None, Some("lamp"), None).await.unwrap();
        page.rows.iter().flat_map(|card| card.skus.clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, ["LAMP"]);
    save_lamp(&c, SkuInput { retired: true, ..lamp() }).await;
    assert_eq!((in_shop().await, listed().await.len()), (0, 0));
    // Whatever price somebody sends along.
    let own = NewLine { unit_price: Some("9".to_owned()), ..wished(1, None, false) };
    for lines in [vec![wished(1, None, false)], vec![own]] {
        let refused = c.services.place_order(&c.system(), &NewOrder { lines, ..order(&[]) }, None).await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().fields[0].message, "A lamp (LAMP) is not sold any more. Take it out.");
    }
    for command in [Command::StartPicking, Command::Pack, Command::Ship] {
        c.services.advance_fulfilment(&c.system(), id, 1, command, &StepInput::default(), None).await.unwrap();
    }
    assert_eq!(c.status(id).await, "completed");
    let since = async || {
        sqlx::query_scalar::<_, Option<chrono::DateTime<chrono::Utc>>>("select retired_at from skus where code = 'LAMP'")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let first = since().await;
    save_lamp(&c, SkuInput { retired: true, ..lamp() }).await;
    assert_eq!(since().await, first, "it has not been retired anew");
    save_lamp(&c, lamp()).await;
    c.place(&order(&[("LAMP", 1)])).await;
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_basket_is_told_what_its_order_would_be(pool: PgPool) {
    let c = company(&pool, &[("LAMP", PLACE, 3)]).await;
    wrap_at(&c, "web", "2.50").await.unwrap();
    let act = c.system();
    let quote = async |lines: &[NewLine], hold| {
        let mut conn = c.conn().await;
        let planning = c.services.planning.get(&mut conn, act.now).await.unwrap();
        quote_basket(&mut conn, &act, &planning, &BasketRequest { hold, ..BasketRequest::new("web", lines) }).await.unwrap()
    };
    let told = async |units, hold| {
        let quote = quote(&[wished(units, None, false)], hold).await;
        (quote.lines[0].problem.is_some(), quote.lines[0].expected_on.map(|day| day.to_string()))
    };
    assert_eq!((told(3, None).await, told(4, None).await), ((false, None), (true, None)));
    // Two lines of one thing draw on the same units.
    let both = quote(&[wished(2, None, true), wished(2, None, false)], None).await;
    assert_eq!(both.lines.iter().map(|l| (l.amount.minor, l.problem.is_some())).collect::<Vec<_>>(), [(2_500, false), (2_000, true)]);
    assert_eq!(both.gift_wrap.unwrap().minor, 250);
    let terms = waybill::inventory::backorders::NewTerms {
        kind: "backorder".to_owned(),
        most_units: 5,
        expected: "2199-01-01".to_owned(),
        ..Default::default()
    };
    waybill::transact!(c.services.pool, conn => waybill::inventory::backorders::set_terms(conn, &act, "LAMP", PLACE, &terms).await).unwrap();
    assert_eq!((told(4, None).await, told(9, None).await), ((false, Some("2199-01-01".to_owned())), (true, Some("2199-01-01".to_owned()))));
    // What its own hold keeps is its own.
    let new = NewHold {
        channel: "web".to_owned(),
        method: waybill::orders::Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: None,
        postcode: None,
        lines: vec![("LAMP".to_owned(), 3)],
    };
    let kept = c.services.hold_basket(&act, &new, None, None).await.unwrap().unwrap();
    assert_eq!(told(3, Some(kept.hold)).await, (false, None));
    assert_eq!(told(3, None).await, (false, Some("2199-01-01".to_owned())), "somebody else waits");
    // What cannot be ordered stays to be seen, with its wishes, and says why.
    let told = async |line: NewLine| {
        let quote = quote(&[line], None).await;
        (quote.goods.minor, quote.lines[0].wish.clone(), quote.lines[0].problem.clone())
    };
    let (goods, wish, problem) = told(wished(1, Some("Ada"), true)).await;
    assert_eq!((goods, wish.personalisation.as_deref(), wish.gift_wrap), (1_000, Some("Ada"), true));
    assert_eq!(problem.as_deref(), Some("No text can be put on A lamp (LAMP). Leave it out."));
    let cap = waybill::inventory::rules::NewRule { kind: "cap".to_owned(), channel: "web".to_owned(), units: Some(2), ..Default::default() };
    let id = waybill::ids::StockRuleId::new(act.now);
    waybill::transact!(c.services.pool, conn => waybill::inventory::rules::put_rule(conn, &act, id, &cap).await).unwrap();
    assert_eq!(told(wished(3, None, false)).await.2.as_deref(), Some("At most 2 of this can be ordered here. Order fewer."));
    save_lamp(&c, SkuInput { retired: true, ..lamp() }).await;
    assert_eq!((told(wished(1, None, false)).await.0, told(wished(1, None, false)).await.2.is_some()), (0, true));
    let held = c.services.hold_basket(&act, &new, Some(kept.hold), None).await.unwrap_err();
    assert_eq!(fields(&held), ["/lines/0/sku"], "nor is it kept");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn pictures_are_added_put_first_and_taken_away(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let handle = handle_of_lamp(&c).await;
    let mut png = Vec::new();
    image::RgbImage::from_pixel(600, 300, image::Rgb([200, 120, 40])).write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let picture = catalog::read_picture(&png).unwrap();
    let act = c.system();
    let add = async |act: &Act, description: &str| {
        let id = ImageId::new(act.now);
        let added = waybill::transact!(c.services.pool, conn => catalog::add_image(conn, act, &handle, id, description, &picture).await);
        added.map(|()| id)
    };
    assert_eq!(fields(&add(&act, "  ").await.unwrap_err()), ["/description"]);
    let visitor = c.services.act(waybill::identity::Actor::Visitor);
    assert_eq!(add(&visitor, "A lamp").await.unwrap_err().refusal().unwrap().code, RefusalCode::Unauthenticated);
    let (front, back) = (add(&act, "From the front").await.unwrap(), add(&act, "From the back").await.unwrap());
    waybill::transact!(c.services.pool, conn => catalog::change_image(conn, &act, &handle, back, "From behind", true).await).unwrap();
    // It is so already: the history says it once.
    waybill::transact!(c.services.pool, conn => catalog::change_image(conn, &act, &handle, back, "From behind", false).await).unwrap();
    let said: serde_json::Value =
        sqlx::query_scalar("select payload -> 'changes' from events where kind = 'product_saved' order by position desc limit 1")
            .fetch_one(&pool)
            .await
            .unwrap();
    let told: Vec<_> = said.as_array().unwrap().iter().map(|c| (c["before"].as_str().unwrap(), c["after"].as_str().unwrap())).collect();
    assert_eq!(told, [("From the back", "From behind"), ("From the front", "From behind")]);
    let shown = async || {
        let page = catalog::find_product(&mut *c.conn().await, &act, "web", &handle).await.unwrap();
        page.images.iter().map(|i| i.description.clone()).collect::<Vec<_>>()
    };
    assert_eq!(shown().await, ["From behind", "From the front"]);
    let listed = catalog::list_products(&mut *c.conn().await, &act, "web", None, Some("lamp"), None).await.unwrap();
    assert_eq!(listed.rows[0].image.as_ref().map(|i| (i.id, i.width, i.height)), Some((back, 600, 300)));
    let file = catalog::image_file(&mut *c.conn().await, front, ImageSize::Small).await.unwrap();
    let small = image::load_from_memory(&file).unwrap();
    assert_eq!((small.width(), small.height()), (480, 240));
    for _ in 0..2 {
        waybill::transact!(c.services.pool, conn => catalog::remove_image(conn, &act, &handle, back).await).unwrap();
    }
    assert_eq!(shown().await, ["From the front"]);
    let gone = catalog::image_file(&mut *c.conn().await, back, ImageSize::Large).await.unwrap_err();
    assert_eq!(gone.refusal().unwrap().code, RefusalCode::NotFound);
    // Twelve at most, however many come at once.
    let (add, act) = (&add, &act);
    let many = futures_util::future::join_all((0..14).map(|n| async move { add(act, &format!("Picture {n}")).await.is_ok() })).await;
    assert_eq!((many.iter().filter(|ok| **ok).count(), shown().await.len()), (11, 12));
}
