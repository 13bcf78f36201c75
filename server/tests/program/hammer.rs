use crate::node::{Client, Node, database, doctor, free_port, order, token};
use serde_json::{Value, json};
use sqlx::Connection;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const HOT: [&str; 5] = ["LI100", "LI101", "LI102", "LI103", "LI104"];
const CLIENTS: u64 = 64;
const FOR: Duration = Duration::from_secs(60);

/// Numbers that look random and are the same every time (Steele, Lea and Flood, “Fast splittable pseudorandom number generators”).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, among: &[&'a T]) -> &'a T {
        among[self.roll(among.len())]
    }
}

/// One of those who do everything at once.
struct Hand {
    client: Client,
    api: String,
    name: u64,
    dice: Dice,
    asked: u32,
    orders: Vec<String>,
    /// How often each thing was answered how.
    answers: BTreeMap<(&'static str, u16), u32>,
    /// The longest that each thing took.
    slowest: BTreeMap<&'static str, Duration>,
}

impl Hand {
    async fn post(&mut self, what: &'static str, path: &str, body: Value) -> (u16, Value) {
        self.asked += 1;
        let key = format!("hand {} {}", self.name, self.asked);
        let asked_at = Instant::now();
        let (status, answer) = self.client.post(format!("{}/{path}", self.api), &key, &body).await;
        let slowest = self.slowest.entry(what).or_default();
        *slowest = asked_at.elapsed().max(*slowest);
        assert!([200, 201, 204, 404, 409, 422].contains(&status), "{what} was answered {status}: {answer}");
        *self.answers.entry((what, status)).or_default() += 1;
        (status, answer)
    }

    fn basket(&mut self) -> Vec<(&'static str, i32)> {
        let mut basket: BTreeMap<&str, i32> = BTreeMap::new();
        for _ in 0..=self.dice.roll(3) {
            *basket.entry(self.dice.pick(&HOT)).or_default() += 1;
        }
        // Some come with their lines in another order: rows are locked in one order all the same.
        let mut basket: Vec<_> = basket.into_iter().collect();
        if self.dice.roll(2) == 0 {
            basket.reverse();
        }
        basket
    }

    async fn order(&mut self, hold: Option<&str>) {
        let basket = self.basket();
        let mut new = order(&basket);
        new["external_id"] = json!(format!("hammer-{}-{}", self.name, self.asked));
        new["hold"] = json!(hold);
        if self.dice.roll(12) == 0 {
            new["payment_token"] = json!("tok_declined");
        }
        let (status, answer) = self.post("order", "orders", new).await;
        if status == 201 {
            self.orders.push(answer["number"].as_str().unwrap().to_owned());
        }
    }

    async fn hold(&mut self) {
        let lines: Vec<Value> = self.basket().into_iter().map(|(sku, n)| json!({ "sku": sku, "quantity": n })).collect();
        let (status, kept) = self.post("hold", "holds", json!({ "channel": "web", "lines": lines })).await;
        let Some(hold) = kept["hold"].as_str().filter(|_| status == 201).map(str::to_owned) else { return };
        match self.dice.roll(4) {
            0 => self.order(Some(&hold)).await,
            1 => _ = self.post("extend", &format!("holds/{hold}/extend"), json!({})).await,
            2 => {
                let released = self.client.http.delete(format!("{}/holds/{hold}", self.api)).bearer_auth(&self.client.token).send().await.unwrap();
                assert_eq!(released.status().as_u16(), 204);
            }
            // Left behind: its time runs out.
            _ => {}
        }
    }

    async fn work(&mut self) {
        let Some(number) = self.orders.pop() else { return };
        if self.dice.roll(2) == 0 {
            self.post("cancel", &format!("orders/{number}/cancel"), json!({ "reason": "changed my mind" })).await;
        } else {
            for step in ["pick", "pack", "ship"] {
                self.post(step, &format!("orders/{number}/fulfilments/1/{step}"), json!({})).await;
            }
        }
    }

    async fn transfer(&mut self, places: &[&str]) {
        let lines = json!([{ "sku": self.dice.pick(&HOT), "quantity": 1 + self.dice.roll(3) }]);
        let body = json!({ "from": self.dice.pick(places), "to": self.dice.pick(places), "lines": lines });
        let (status, sent) = self.post("send", "transfers", body).await;
        if status == 201 {
            let number = sent["number"].as_str().unwrap();
            let all = self.dice.roll(4) > 0;
            self.post("receive", &format!("transfers/{number}/receipts"), json!({ "everything": all, "close": true })).await;
        }
    }

    async fn count(&mut self, places: &[&str]) {
        let skus: Vec<&str> = HOT[..=self.dice.roll(HOT.len())].to_vec();
        let new = json!({ "location": self.dice.pick(places), "skus": skus });
        let (status, count) = self.post("count", "counts", new).await;
        if status != 201 {
            return;
        }
        let number = count["number"].as_str().unwrap().to_owned();
        let lines: Vec<Value> = skus.iter().map(|sku| json!({ "sku": sku, "quantity": self.dice.roll(40) })).collect();
        self.post("counted", &format!("counts/{number}/lines"), json!({ "lines": lines })).await;
        self.post("hand in", &format!("counts/{number}/hand-in"), json!({})).await;
        self.post("approve", &format!("counts/{number}/approve"), json!({})).await;
    }

    /// A purchase order from the draft to the shelf; sometimes fewer come, sometimes it is called off.
    async fn buy(&mut self, places: &[&str]) {
        let sku = self.dice.pick(&["LI100", "LI102", "LI104"]);
        let new = json!({ "supplier": "BRASS-CO", "location": self.dice.pick(places), "lines": [{ "sku": sku, "quantity": 24 }] });
        let (_, bought) = self.post("buy", "purchase-orders", new).await;
        let order = format!("purchase-orders/{}", bought["number"].as_str().unwrap());
        for step in ["approve", "send"] {
            self.post(step, &format!("{order}/{step}"), json!({})).await;
        }
        if self.dice.roll(4) == 0 {
            self.post("call off", &format!("{order}/cancel"), json!({})).await;
        }
        let some = json!({ "lines": [{ "sku": sku, "quantity": 1 + self.dice.roll(5) }] });
        self.post("come", &format!("{order}/receipts"), some).await;
        let all = self.dice.roll(2) == 0;
        self.post("come", &format!("{order}/receipts"), json!({ "everything": all, "close": true })).await;
    }

    async fn do_something(&mut self, places: &[&str]) {
        let (sku, place) = (self.dice.pick(&HOT), self.dice.pick(places));
        match self.dice.roll(21) {
            0..=8 => self.order(None).await,
            9..=11 => self.hold().await,
            12..=14 => self.work().await,
            15 => {
                let units = 1 + self.dice.roll(15);
                self.post("movement", "stock/movements", json!({ "sku": sku, "location": place, "quantity": units, "reason": "receipt" })).await;
            }
            16 => {
                let aside = json!({ "sku": sku, "location": place, "quantity": 1, "from": "sellable", "to": "damaged" });
                self.post("condition", "stock/conditions", aside).await;
            }
            17 => {
                let lines = json!([{ "sku": sku, "quantity": self.dice.roll(40) }]);
                self.post("reading", "stock/readings", json!({ "location": place, "as_of": chrono::Utc::now(), "lines": lines })).await;
            }
            18 => self.transfer(places).await,
            19 => self.buy(places).await,
            _ => self.count(places).await,
        }
    }
}

/// Two processes on one database, 64 who do everything at once to five hot SKUs for a minute: nothing is oversold, nothing is lost, nobody is told
/// that the server failed.
#[tokio::test(flavor = "multi_thread")]
async fn a_minute_of_everything_at_once() {
    let (dir, other_dir, url) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), database().await);
    let first = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let gateway = first.gateway().unwrap().0;
    let second = Node::start(other_dir.path(), Some(&url), free_port(), &["--gateway-url", &gateway]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let mut db = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("update channels set hold_seconds = 3 where channel = 'web'; update network_state set version = version + 1")
        .execute(&mut db)
        .await
        .unwrap();
    let until = Instant::now() + FOR;
    let hands: Vec<_> = (0..CLIENTS)
        .map(|name| {
            let api = format!("{}/api/v1", if name % 2 == 0 { &first.url } else { &second.url });
            let mut hand = Hand {
                client: client.clone(),
                api,
                name,
                dice: Dice(name),
                asked: 0,
                orders: Vec::new(),
                answers: BTreeMap::new(),
                slowest: BTreeMap::new(),
            };
            tokio::spawn(async move {
                while Instant::now() < until {
                    hand.do_something(&["WH-NTH", "WH-WAR", "ST-LDS"]).await;
                }
                (hand.answers, hand.slowest)
            })
        })
        .collect();
    let mut answers: BTreeMap<(&str, u16), u32> = BTreeMap::new();
    let mut slowest: BTreeMap<&str, Duration> = BTreeMap::new();
    for hand in hands {
        let (answered, took) = hand.await.unwrap();
        for (answer, times) in answered {
            *answers.entry(answer).or_default() += times;
        }
        for (what, time) in took {
            let longest = slowest.entry(what).or_default();
            *longest = time.max(*longest);
        }
    }
    println!("answered: {answers:?}\nat most: {slowest:?}");
    for done in ["order", "hold", "cancel", "ship", "movement", "condition", "reading", "send", "receive", "come", "approve"] {
        assert!(answers.iter().any(|((what, status), times)| *what == done && *status < 300 && *times > 10), "hardly any {done}: {answers:?}");
    }
    // What is left behind ends by itself.
    let over = Instant::now() + Duration::from_secs(60);
    let open = "select count(*) from holds where state = 'open'";
    while sqlx::query_scalar::<_, i64>(open).fetch_one(&mut db).await.unwrap() > 0 {
        assert!(Instant::now() < over, "baskets are kept beyond their time");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let expired: i64 = sqlx::query_scalar("select count(*) from holds where state = 'expired'").fetch_one(&mut db).await.unwrap();
    assert!(expired > 10, "{expired} holds ran out");
    let taken: i64 = sqlx::query_scalar("select count(*) from orders where external_id like 'hammer-%'").fetch_one(&mut db).await.unwrap();
    assert_eq!(taken, i64::from(answers[&("order", 201)]), "every order that was answered is there, and no other");
    let (sound, words) = doctor(dir.path(), Some(&url));
    assert!(sound, "{words}");
}
