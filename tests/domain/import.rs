use crate::company::{now, violations};
use sqlx::PgPool;
use waybill::integrations::world::{demo, online_retail};

/// Every oddity of the real file, by hand.
const ODDITIES: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850.0,United Kingdom
536366,85123a,WHITE HANGING HEART T-LIGHT HOLDER,2,2010-12-01 08:30:00,2.55,,United Kingdom
536367,22423,REGENCY CAKESTAND,3,2010-12-02 09:00:00,12.755,12680.0,France
536368,16216,LETTER SHAPE PENCIL,700,2010-12-02 10:00:00,0.001,14646.0,Netherlands
536369,22423,REGENCY CAKESTAND,1,2010-12-02 11:00:00,0.0,14646.0,Netherlands
536370,22423,,10,2010-12-02 11:05:00,0.0,,United Kingdom
536371,71053,damaged,-4,2010-12-02 11:10:00,0.0,,United Kingdom
536372,M,Manual,1,2010-12-02 12:00:00,20.00,17850.0,United Kingdom
536373,POST,POSTAGE,1,2010-12-02 12:30:00,9.00,17850.0,France
536374,gift_0001_20,Dotcomgiftshop Gift Voucher,1,2010-12-02 13:00:00,16.67,,United Kingdom
C536375,85123A,WHITE HANGING HEART T-LIGHT HOLDER,-4,2010-12-09 08:26:00,2.55,17850.0,United Kingdom
C536376,85123A,WHITE HANGING HEART T-LIGHT HOLDER,-5,2010-12-10 08:26:00,2.55,17850.0,United Kingdom
C536377,71053,WHITE METAL LANTERN,-1,2010-12-10 09:00:00,3.39,,United Kingdom
C536378,D,Discount,-1,2010-12-10 10:00:00,27.50,14527.0,United Kingdom
A563187,B,Adjust bad debt,1,2011-08-12 14:52:00,-11062.06,,United Kingdom
";

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn every_oddity_has_its_place_and_the_sums_agree(pool: PgPool) {
    let import =
        async |text: &'static str| online_retail::import(&pool, now(), text.as_bytes(), &online_retail::Weights::default(), &mut |_, _| {}).await;
    let report = import(ODDITIES).await.unwrap();
    let t = report.totals.clone();
    assert_eq!(t.orders, 5, "two with goods, the pencils, the cake stand, the free gift");
    for (file, imported, rejected) in
        [(t.sales_file, t.sales_imported, t.sales_rejected), (t.cancellations_file, t.cancellations_imported, t.cancellations_rejected)]
    {
        assert_eq!(file.micros, imported.micros + rejected.micros);
        assert_eq!(file.lines, imported.lines + rejected.lines);
    }
    assert_eq!(t.bad_debts_file.micros, -11_062_060_000);
    // £12.755 × 3 is £38.265, booked as £38.27; 700 × £0.001 is £0.70.
    assert_eq!(t.sales_booked_minor * 10_000 - t.sales_imported.micros, 5_000);
    // Nine came back of the six that were sold: six find their sale, in two parts, three and the stranger's are blind.
    assert_eq!((t.matched_returns, t.blind_returns), (2, 2));
    let reasons: Vec<(&str, &str)> = report.rejected.iter().map(|r| (r.invoice.as_str(), r.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("536370", "no price and no customer: a stock adjustment"),
            ("536371", "negative quantity without a cancellation: a stock write-off"),
            ("536372", "manual entry: not a product"),
            ("536373", "delivery charge without goods"),
            ("536374", "gift voucher: not stock"),
            ("C536378", "discount: not a product"),
            ("A563187", "bad-debt entry: not an order"),
        ]
    );
    assert_eq!(violations(&pool).await, Vec::<String>::new());

    let count = async || -> (i64, i64) {
        sqlx::query_as("select (select count(*) from orders), (select count(*) from stock_movements)").fetch_one(&pool).await.unwrap()
    };
    let before = count().await;
    let again = import(ODDITIES).await.unwrap();
    assert!(again.already_in);
    assert_eq!((again.totals, count().await), (t, before), "a second run changes nothing");
    assert_eq!(again.rejected, report.rejected, "and names the same lines");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_stopped_import_goes_on_where_it_was(pool: PgPool) {
    let mut text = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n".to_owned();
    for n in 0..600 {
        let (day, hour, minute) = (1 + n / 25, 9 + n % 25 / 5, n % 5 * 10);
        let customer = if n % 3 == 0 { String::new() } else { format!("{}", 12_000 + n % 40) };
        text += &format!("{n},{},Lantern,{},2010-12-{day:02} {hour:02}:{minute:02}:00,1.25,{customer},France\n", 10_000 + n % 20, 1 + n % 7);
        text += &format!("{n},M,Manual,1,2010-12-{day:02} {hour:02}:{minute:02}:00,2.00,{customer},France\n");
        text += &format!("C{n},{},Lantern,-1,2010-12-{day:02} {hour:02}:{:02}:00,1.25,{customer},France\n", 10_000 + n % 20, minute + 5);
    }
    let weights = online_retail::Weights::default();
    let mut heard = 0;
    let (stop, mut stopped) = tokio::sync::mpsc::unbounded_channel();
    {
        let mut progress = |done, _| {
            heard = done;
            let _received_or_not = stop.send(());
        };
        tokio::select! {
            biased;
            _ = stopped.recv() => {}
            report = online_retail::import(&pool, now(), text.as_bytes(), &weights, &mut progress) => panic!("it was not stopped: {report:?}"),
        }
    }
    assert_eq!(heard, 250, "one chunk is in");
    let report = online_retail::import(&pool, now(), text.as_bytes(), &weights, &mut |_, _| {}).await.unwrap();
    let t = report.totals;
    assert_eq!((t.orders, t.sales_file.lines, t.sales_imported.lines, t.lines_planned), (600, 1_200, 600, 600));
    assert_eq!((t.cancellations_imported.lines, t.matched_returns, t.blind_returns), (600, 400, 200));
    assert_eq!(report.rejected.len(), 600, "the lines of before the stop are named, too");
    assert_eq!(violations(&pool).await, Vec::<String>::new());
    let left: i64 = sqlx::query_scalar("select sum(on_hand) from stock").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0, "every unit that came went out once");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_wrong_file_says_what_is_wrong(pool: PgPool) {
    let refused = online_retail::import(&pool, now(), b"a,b\n1,2\n", &online_retail::Weights::default(), &mut |_, _| {}).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().message, "Line 2 of the file has fewer than eight columns. Is this the Online Retail CSV?");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_demo_company_is_sound_and_in_every_state(pool: PgPool) {
    // At night, when few order.
    let now = now().date_naive().and_hms_opt(5, 30, 0).unwrap().and_utc();
    waybill::transact!(pool, conn => demo::load(conn, now, &mut |_| {}).await).unwrap();
    let unpaid: i64 = sqlx::query_scalar("select count(*) from orders where held_until > $1").bind(now).fetch_one(&pool).await.unwrap();
    assert_eq!(unpaid, 2, "the bank has time to decide");
    assert_eq!(violations(&pool).await, Vec::<String>::new());
    let states: Vec<String> = sqlx::query_scalar("select distinct status from orders order by 1").fetch_all(&pool).await.unwrap();
    for state in ["cancelled", "completed", "in_progress", "pending_payment", "ready_for_pickup", "released"] {
        assert!(states.iter().any(|s| s == state), "{state} is missing from {states:?}");
    }
    let orders: i64 = sqlx::query_scalar("select count(*) from orders").fetch_one(&pool).await.unwrap();
    assert!(orders > 4_500, "{orders}");
}
