//! A small company to test with, arranged through the real use cases, and a gateway that answers as it is told.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use std::sync::{Arc, Mutex};
use waybill::catalog::{NewProduct, put_products};
use waybill::clock::Clock;
use waybill::customers::RawContact;
use waybill::identity::{Act, Actor};
use waybill::ids::{ActivationId, OrderId, RulesetId, SkuId};
use waybill::integrations::world::open_company;
use waybill::inventory::MovementReason;
use waybill::money::Currency;
use waybill::orders::{Marks, Method, NewLine, NewOrder, correct_stock};
use waybill::payments::{GatewayAnswer, GatewayRequest, Verdict};
use waybill::routing;
use waybill::routing::rules::Rules;
use waybill::services::{Gateway, GatewayCall, Services};

/// Answers every request with the verdict its card calls for, and remembers what it was asked.
#[derive(Default)]
pub struct ScriptedGateway {
    pub asked: Mutex<Vec<GatewayRequest>>,
}

impl Gateway for ScriptedGateway {
    fn send(&self, request: GatewayRequest) -> GatewayCall<'_> {
        self.asked.lock().unwrap().push(request.clone());
        let (verdict, reason) = match request.token.as_deref() {
            Some("tok_declined") => (Verdict::Declined, Some("The bank declined the card.".to_owned())),
            Some("tok_late") => (Verdict::Pending, None),
            _ => (Verdict::Succeeded, None),
        };
        let reference = request.reference.clone().or_else(|| Some(format!("auth_{}", request.key)));
        Box::pin(async move { Ok(GatewayAnswer { key: request.key, verdict, reference, reason }) })
    }
}

pub struct Company {
    pub services: Services,
    pub gateway: Arc<ScriptedGateway>,
}

pub fn now() -> DateTime<Utc> {
    Clock::System.now()
}

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

/// The same company at another time. Thursday, 10 June 2027, is a day like any other: in London the clocks are an hour ahead of UTC.
pub fn then(c: &Company, time: &str) -> Company {
    let services = Services::new(c.services.pool.clone(), Clock::Fixed(at(time)), Arc::from(&b"test key"[..]), c.gateway.clone());
    Company { services, gateway: c.gateway.clone() }
}

/// The same node at another time: it keeps what it has read.
pub fn later(c: &Company, time: &str) -> Company {
    Company { services: c.services.with_clock(Clock::Fixed(at(time))), gateway: c.gateway.clone() }
}

/// A company that sells LAMP at £10.00, MUG at £2.50 and PIN at £0.001, with the stock given as (SKU, location, units).
pub async fn company(pool: &PgPool, stock: &[(&str, &str, i32)]) -> Company {
    let mut conn = pool.acquire().await.unwrap();
    open_company(&mut conn).await.unwrap();
    let act = Act::system(now() - chrono::TimeDelta::hours(1));
    let product = |code: &str, price: &str| NewProduct {
        sku_id: SkuId::new(act.now),
        code: code.to_owned(),
        name: format!("A {}", code.to_lowercase()),
        description: String::new(),
        category: "Test".to_owned(),
        gtin: None,
        weight_grams: 500,
        tax_rate_bp: 2_000,
        unit_price: price.parse().unwrap(),
    };
    let products = [product("LAMP", "10"), product("MUG", "2.5"), product("PIN", "0.001")];
    put_products(&mut conn, &act, &["web", "phone", "store", "marketplace"], Currency::GBP, &products).await.unwrap();
    for (sku, location, units) in stock {
        correct_stock(&mut conn, &act, sku, location, *units, MovementReason::Receipt, 0).await.unwrap();
    }
    Company::on(pool)
}

pub fn order(lines: &[(&str, i32)]) -> NewOrder {
    NewOrder {
        channel: "web".to_owned(),
        customer_group: None,
        external_id: None,
        contact: RawContact {
            name: "Wren Sampleton".to_owned(),
            email: Some("wren@example.com".to_owned()),
            phone: None,
            street: "1 Example Street".to_owned(),
            city: "Leeds".to_owned(),
            postcode: "LS1 4AP".to_owned(),
            country: "GB".to_owned(),
        },
        method: Method::Ship,
        pickup_location: None,
        delivery_method: None,
        promised_by: None,
        slot: None,
        currency: None,
        lines: lines.iter().map(|(sku, quantity)| NewLine { sku: (*sku).to_owned(), quantity: *quantity, ..NewLine::default() }).collect(),
        shipping_minor: None,
        total_minor: None,
        payment_token: "tok_ok".to_owned(),
        hold: None,
        gift_message: None,
        marks: Marks::default(),
    }
}

impl Company {
    /// Whatever company is in a database.
    pub fn on(pool: &PgPool) -> Self {
        let gateway = Arc::new(ScriptedGateway::default());
        let services = Services::new(pool.clone(), Clock::System, Arc::from(&b"test key"[..]), gateway.clone());
        Self { services, gateway }
    }

    pub fn system(&self) -> Act {
        self.services.act(Actor::System)
    }

    pub async fn place(&self, order: &NewOrder) -> OrderId {
        self.services.place_order(&self.system(), order, None).await.unwrap().order_id
    }

    /// Why an order is refused.
    pub async fn place_error(&self, order: &NewOrder) -> waybill::refusal::RefusalCode {
        self.services.place_order(&self.system(), order, None).await.unwrap_err().refusal().unwrap().code
    }

    pub async fn conn(&self) -> sqlx::pool::PoolConnection<sqlx::Postgres> {
        self.services.pool.acquire().await.unwrap()
    }

    /// Publishes a version of routing rules and puts it in force at once.
    pub async fn decide_by(&self, rules: &Rules) {
        let (act, id) = (self.system(), RulesetId::new(self.system().now));
        waybill::transact!(self.services.pool, conn => {
            routing::publish_ruleset(conn, &act, id, "Test", rules, &[]).await?;
            routing::activate_ruleset(conn, &act, ActivationId::new(act.now), (id, 1), None, None).await
        })
        .unwrap();
    }

    /// One SKU everywhere, now or then.
    pub async fn stock_of(&self, sku: &str, at: Option<DateTime<Utc>>) -> Vec<waybill::inventory::views::StockRow> {
        let network = self.services.network_of(at).await.unwrap();
        waybill::inventory::stock_of_sku(&mut *self.conn().await, &self.system(), &network, sku, at).await.unwrap()
    }

    pub async fn status(&self, order: OrderId) -> String {
        self.text("select status from orders where order_id = $1", order).await
    }

    /// One text of one order.
    pub async fn text(&self, sql: &'static str, order: OrderId) -> String {
        sqlx::query_scalar(sql).bind(order.0).fetch_one(&self.services.pool).await.unwrap()
    }

    /// Until all events are read: readers stay below the oldest transaction of the whole cluster, which other tests share.
    pub async fn notify(&self) {
        loop {
            while self.services.notify().await.unwrap() {}
            let sql = "select exists (select from events e join event_readers r on (e.horizon::text::bigint, e.position) > (r.horizon, r.position)
                where r.reader = 'notifications')";
            if !sqlx::query_scalar::<_, bool>(sql).fetch_one(&self.services.pool).await.unwrap() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// Every invariant holds.
    pub async fn assert_sound(&self) {
        assert_eq!(violations(&self.services.pool).await, Vec::<String>::new());
    }
}

pub async fn violations(pool: &PgPool) -> Vec<String> {
    let mut tx = pool.begin().await.unwrap();
    let conn: &mut PgConnection = &mut tx;
    waybill::doctor::examine(conn).await.unwrap().into_iter().map(|v| format!("{}: {}", v.invariant, v.detail)).collect()
}
