//! Tables that people bring: looked at, then taken in, each row once.

use crate::company::{Company, company, now, order};
use sqlx::PgPool;
use waybill::catalog;
use waybill::identity::{Act, Actor, NewUser, Role, register_user};
use waybill::ids::FileImportId;
use waybill::integrations::files::views::ImportDetail;
use waybill::integrations::files::{self, ImportState, NewImport, Step, TableFormat, TableKind};
use waybill::refusal::{RefusalCode, Result};
use waybill::transact;

async fn admin(c: &Company) -> Act {
    let new = NewUser {
        email: "ada@example.com".to_owned(),
        name: "Ada".to_owned(),
        role: Role::Admin,
        location: None,
        password: "lantern-and-larder".to_owned(),
    };
    let id = register_user(&mut *c.conn().await, &c.system(), new).await.unwrap();
    c.services.act(Actor::User { id, role: Role::Admin, location: None })
}

async fn bring(c: &Company, act: &Act, kind: TableKind, file_name: &str, bytes: &[u8]) -> Result<FileImportId> {
    let id = FileImportId::new(act.now);
    let new = NewImport { kind, file_name: file_name.to_owned(), bytes: bytes.to_vec() };
    transact!(c.services.pool, conn => files::open_import(conn, act, id, &new).await)?;
    Ok(id)
}

async fn read(c: &Company, act: &Act, id: FileImportId) -> ImportDetail {
    files::read_import(&mut *c.conn().await, act, id).await.unwrap()
}

/// Looks at the rows with the columns as they were guessed.
async fn look(c: &Company, act: &Act, id: FileImportId) -> ImportDetail {
    let mapping = read(c, act, id).await.mapping;
    transact!(c.services.pool, conn => files::map_import(conn, act, id, &mapping).await).unwrap();
    work(c, id, false).await;
    read(c, act, id).await
}

async fn apply(c: &Company, act: &Act, id: FileImportId, leave_out_bad: bool) -> Result<ImportDetail> {
    transact!(c.services.pool, conn => files::apply_import(conn, act, id, leave_out_bad).await)?;
    work(c, id, true).await;
    Ok(read(c, act, id).await)
}

/// What the queue does, step by step; each of them twice, as two nodes would.
async fn work(c: &Company, import: FileImportId, applies: bool) {
    loop {
        let after: Option<i32> =
            sqlx::query_scalar("select last_row from file_imports where file_import_id = $1 and state in ('checking', 'applying')")
                .bind(import.0)
                .fetch_optional(&c.services.pool)
                .await
                .unwrap();
        let Some(after) = after else { return };
        let step = Step { import, applies, after };
        let (one, other) = tokio::join!(c.services.run_file_import(step), c.services.run_file_import(step));
        one.unwrap();
        other.unwrap();
    }
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn zones_rates_and_transit_times_come_and_go_as_tables(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = admin(&c).await;
    let zones = "map,zone,from_country,to_country,postcode\nspain,peninsula,,ES,\nspain,islands,,ES,07\nspain,islands,,ES,35\nspain,,,XX,\n";
    let id = bring(&c, &act, TableKind::Zones, "zones.csv", zones.as_bytes()).await.unwrap();
    let looked = look(&c, &act, id).await;
    assert_eq!((looked.row.state, looked.row.bad), (ImportState::Checked, 1));
    apply(&c, &act, id, true).await.unwrap();
    let rates = "card,zone,up_to_kg,goods_from,price,name,currency,zone_map\nspain,peninsula,2.5,,5.95,To Spain,EUR,spain\nspain,islands,,,12.50,,,\nspain,moon,,,1,,,\nspain,,,100,0,,,\nspain,peninsula,heavy,,1,,,\n";
    let id = bring(&c, &act, TableKind::Rates, "rates.csv", rates.as_bytes()).await.unwrap();
    assert_eq!(look(&c, &act, id).await.row.bad, 2);
    apply(&c, &act, id, true).await.unwrap();
    let transit = "service,zone,days\ntwo-day,europe,4\ntwo-day,moon,1\nteleport,europe,1\n";
    let id = bring(&c, &act, TableKind::Transit, "transit.csv", transit.as_bytes()).await.unwrap();
    assert_eq!(look(&c, &act, id).await.row.bad, 2);
    apply(&c, &act, id, true).await.unwrap();
    // What was taken in goes out again, in the columns in which it came.
    let later = c.services.act(act.actor);
    let out = async |kind| String::from_utf8(files::export_table(&mut *c.conn().await, &later, kind, TableFormat::Csv).await.unwrap()).unwrap();
    let rates = out(TableKind::Rates).await;
    for row in [
        "spain,peninsula,2.5,,5.95,To Spain,EUR,spain",
        "spain,islands,,,12.50,To Spain,EUR,spain",
        "spain,,,100.00,0.00,To Spain,EUR,spain",
        "standard,domestic,2,,3.95,Standard delivery,GBP,price",
    ] {
        assert!(rates.contains(row), "{row} is not in {rates}");
    }
    assert!(out(TableKind::Zones).await.contains("spain,islands,,ES,35"));
    assert!(out(TableKind::Transit).await.contains("two-day,europe,4"));
    let delivery = waybill::carriers::delivery_at(&mut *c.conn().await, later.now).await.unwrap();
    assert_eq!(delivery.rate_cards["spain"].rows.len(), 3);
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn products_are_looked_at_and_then_taken_in(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = admin(&c).await;
    let mut file = "Article;Handle;Title;Category;EAN;Weight;Discontinued\n".to_owned();
    file.push_str("VASE-S;vase;A vase;Home;;300\nVASE-L;vase;A vase;Home;;heavy\n");
    file.push_str("BOWL;bowl;A bowl;Home;6291041500213;400\nLAMP;;;Light;;750;yes\nMUG;;;;;;perhaps\nNEW;;Nameless;;;\n;x;;;;\n");
    // More than one chunk.
    for n in 0..420 {
        file.push_str(&format!("P{n};p-{};Thing {};Home;;{n}\n", n / 2, n / 2));
    }
    // Two variants of one thing differ in nothing: that is wrong, too.
    let id = bring(&c, &act, TableKind::Products, "things.csv", file.as_bytes()).await.unwrap();
    let looked = look(&c, &act, id).await;
    assert_eq!((looked.row.state, looked.row.rows, looked.done), (ImportState::Checked, 427, 427));
    let said = |line: i32| looked.problems.iter().find(|p| p.0 == line).map(|p| p.1.as_str());
    assert_eq!(said(2), Some("Another row of the product vase cannot be taken in."));
    assert_eq!(said(3), Some("weight_grams: “heavy” is no whole number."));
    assert_eq!(said(4), None);
    assert_eq!(said(6), Some("retired: “perhaps” is neither yes nor no."));
    assert_eq!(said(7), Some("NEW is new: write the handle of its product, such as brass-lantern."));
    assert_eq!(said(8), Some("Write the SKU."));
    assert!(catalog::product_record(&mut *c.conn().await, &act, "bowl").await.is_err(), "nothing was changed");
    let refused = apply(&c, &act, id, false).await.unwrap_err();
    assert!(refused.refusal().unwrap().fields[0].message.ends_with("Mend the file, or leave them out."));

    let done = apply(&c, &act, id, true).await.unwrap();
    assert_eq!(done.row.state, ImportState::Done);
    let bowl = catalog::product_record(&mut *c.conn().await, &act, "bowl").await.unwrap();
    assert_eq!((bowl.skus[0].sku.gtin.as_str(), bowl.skus[0].sku.weight_grams), ("6291041500213", 400));
    let lamp = catalog::products_by_codes(&mut *c.conn().await, &act, &["LAMP".to_owned()]).await.unwrap().remove(0).1;
    let lamp = catalog::product_record(&mut *c.conn().await, &act, &lamp).await.unwrap();
    assert_eq!(
        (lamp.product.name.as_str(), lamp.product.category.as_str(), lamp.skus[0].sku.weight_grams, lamp.skus[0].sku.retired),
        ("A lamp", "Light", 750, true),
        "what is not said stays"
    );
    assert!(catalog::product_record(&mut *c.conn().await, &act, "vase").await.is_err());
    let again = transact!(c.services.pool, conn => files::apply_import(conn, &act, id, true).await);
    assert_eq!(again.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    // The bad rows come back as a file.
    let bad = String::from_utf8(files::bad_rows(&mut *c.conn().await, &act, id).await.unwrap()).unwrap();
    assert!(bad.starts_with("\u{feff}line,problem,Article,Handle") && bad.contains("3,weight_grams: “heavy” is no whole number.,VASE-L"), "{bad}");
    // Who did it is known.
    let who: String = sqlx::query_scalar("select actor_kind from events where kind = 'product_saved' order by position desc limit 1")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(who, "user");
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn prices_and_tables_taken_away_come_back(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = admin(&c).await;
    let id =
        bring(&c, &act, TableKind::Prices, "p.csv", b"sku,channel,price\nLAMP,web,12.50\nLAMP,nowhere,1\nMUG,web,\nMUG,web,cheap\nMUG,phone,2.5\n")
            .await
            .unwrap();
    let looked = look(&c, &act, id).await;
    assert_eq!(looked.problems.iter().map(|p| p.0).collect::<Vec<_>>(), [3, 4, 5]);
    apply(&c, &act, id, true).await.unwrap();
    let events: i64 = sqlx::query_scalar("select count(*) from events where kind = 'price_set'").fetch_one(&pool).await.unwrap();
    assert_eq!(events, 1, "MUG cost 2.50 on the telephone already");
    // What is in force now, not when this began.
    let act = c.services.act(act.actor.clone());
    for kind in TableKind::ALL {
        for format in TableFormat::ALL {
            let bytes = files::export_table(&mut *c.conn().await, &act, *kind, *format).await.unwrap();
            if *kind == TableKind::Stock {
                continue;
            }
            let id = bring(&c, &act, *kind, &format!("out.{format}"), &bytes).await.unwrap();
            let looked = look(&c, &act, id).await;
            assert_eq!(looked.problems, [], "{kind} as {format}");
            assert!(looked.row.rows >= 3);
            apply(&c, &act, id, false).await.unwrap();
        }
    }
    let events: i64 = sqlx::query_scalar("select count(*) from events where kind = 'price_set'").fetch_one(&pool).await.unwrap();
    assert_eq!(events, 1, "what comes back as it went changes nothing");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn stock_is_true_for_the_moment_it_was_brought(pool: PgPool) {
    let c = company(&pool, &[("LAMP", "WH-NTH", 10), ("MUG", "WH-NTH", 5)]).await;
    let act = admin(&c).await;
    let file = b"sku,warehouse,qty\nLAMP,WH-NTH,8\nMUG,WH-NTH,7\nNONE,WH-NTH,1\nPIN,NOWHERE,1\nPIN,WH-NTH,many\n";
    let id = bring(&c, &act, TableKind::Stock, "stock.csv", file).await.unwrap();
    // Two are sold after the file was brought.
    c.place(&order(&[("LAMP", 2)])).await;
    let looked = look(&c, &act, id).await;
    assert_eq!(looked.problems.iter().map(|p| p.0).collect::<Vec<_>>(), [4, 5, 6]);
    assert_eq!(c.stock_of("MUG", None).await[0].on_hand, 5, "nothing was changed");
    apply(&c, &act, id, true).await.unwrap();
    assert_eq!((c.stock_of("MUG", None).await[0].on_hand, c.stock_of("LAMP", None).await[0].on_hand), (7, 8));
    c.assert_sound().await;
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn who_may_no_longer_do_it_takes_nothing_in(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = admin(&c).await;
    let clerk = c.services.act(Actor::User { id: waybill::ids::UserId::new(now()), role: Role::Warehouse, location: None });
    assert_eq!(bring(&c, &clerk, TableKind::Prices, "p.csv", b"sku\nA\n").await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    let id = bring(&c, &act, TableKind::Prices, "p.csv", b"sku,channel,price\nLAMP,web,12.50\n").await.unwrap();
    let missing = transact!(c.services.pool, conn => files::map_import(conn, &act, id, &[0, -1, -1, 9]).await).unwrap_err();
    assert_eq!(missing.refusal().unwrap().fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["/mapping/channel", "/mapping/price"]);
    assert_eq!(look(&c, &act, id).await.problems, []);
    sqlx::query("update user_roles set may_sign_in = false").execute(&pool).await.unwrap();
    let done = apply(&c, &act, id, false).await.unwrap();
    assert_eq!(done.problems, [(2, "Sign in first.".to_owned())]);
}
