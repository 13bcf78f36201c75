use crate::node::{Client, Node, database, free_port, order, receive, token};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Another system: what it was called with, and what it answers.
#[derive(Default)]
struct Other {
    calls: Mutex<Vec<(HeaderMap, String)>>,
    status: AtomicU16,
}

impl Other {
    /// Listens until the test ends.
    async fn start() -> (Arc<Self>, String) {
        let other = Arc::new(Self { status: AtomicU16::new(204), ..Self::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = axum::Router::new().route("/hook", axum::routing::post(Self::take)).with_state(Arc::clone(&other));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (other, url)
    }

    async fn take(State(other): State<Arc<Self>>, headers: HeaderMap, body: Bytes) -> StatusCode {
        other.calls.lock().unwrap().push((headers, String::from_utf8(body.to_vec()).unwrap()));
        StatusCode::from_u16(other.status.load(Ordering::SeqCst)).unwrap()
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Waits until the calls are as they should be.
    async fn until(&self, what: &str, is: impl Fn(&[(HeaderMap, String)]) -> bool) {
        let until = Instant::now() + Duration::from_secs(240);
        while !is(&self.calls.lock().unwrap()) {
            assert!(Instant::now() < until, "{what}: {:?}", self.calls.lock().unwrap().len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Of each order the numbers of its events, in the order in which they came first.
fn told(calls: &[(HeaderMap, String)]) -> BTreeMap<String, Vec<i64>> {
    let mut told: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (_, body) in calls {
        let body: Value = serde_json::from_str(body).unwrap();
        if let (Some(order), Some(version)) = (body["data"]["order"].as_str(), body["data"]["version"].as_i64()) {
            let of_order = told.entry(order.to_owned()).or_default();
            if !of_order.contains(&version) {
                of_order.push(version);
            }
        }
    }
    told
}

/// A rule tells another system, and everything else that happens arrives too, signed and in order, though the other system fails and the node is killed.
#[tokio::test]
async fn another_system_is_told_though_it_fails_and_the_node_is_killed() {
    let (dir, other_dir, url) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), database().await);
    let first = Node::start(dir.path(), Some(&url), free_port(), &["--webhooks-anywhere"]).await;
    let gateway = first.gateway().unwrap().0;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", first.url);
    receive(&client, &first.url, "stock", "LI100", "WH-NTH", 500).await;
    let act = json!({ "do": "assign", "rest": "unfillable" });
    let rule = json!({ "id": "tell", "name": "Tell them", "prefer": { "ranked": [{ "by": "distance" }] }, "then": {
        "full": { "act": act, "also": [{ "do": "announce", "word": "brass goes" }] }, "partial": { "act": act }, "none": { "act": { "do": "hold", "queue": "unfillable" } } } });
    client.decide_by(&api, rule).await;

    let (other, hook) = Other::start().await;
    for (wrong, pointer) in [
        (json!({ "name": "", "url": hook }), "/name"),
        (json!({ "name": "ERP", "url": "erp" }), "/url"),
        (json!({ "name": "ERP", "url": hook, "kinds": ["moon"] }), "/kinds"),
        (json!({ "name": "ERP", "url": hook, "kinds": ["signed_in"] }), "/kinds"),
    ] {
        let (status, problem) = client.post(format!("{api}/webhooks"), &format!("wrong {pointer} {wrong}"), &wrong).await;
        assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some(pointer)), "{problem}");
    }
    let wanted = json!({ "name": "ERP", "url": hook });
    let (status, made) = client.post(format!("{api}/webhooks"), "erp", &wanted).await;
    assert_eq!(status, 201, "{made}");
    let (status, again) = client.post(format!("{api}/webhooks"), "erp", &wanted).await;
    assert_eq!((status, &again["id"], again.get("secret")), (201, &made["id"], None), "the secret is told once");
    let (webhook, id) = (Webhook::new(made["secret"].as_str().unwrap()).unwrap(), made["id"].as_str().unwrap().to_owned());

    let (status, trial) = client.post(format!("{api}/webhooks/{id}/trial"), "try", &json!({})).await;
    assert_eq!((status, &trial["kind"]), (202, &json!("trial")), "{trial}");
    let tried = client.until(&format!("{api}/webhook-deliveries/{}", trial["id"].as_str().unwrap()), |d| d["state"] == "delivered").await;
    assert_eq!((&tried["log"][0]["status"], &tried["body"]["type"]), (&json!(204), &json!("trial")), "{tried}");

    // It fails while orders come, and the node is killed meanwhile.
    other.answer(500);
    let mut placed = BTreeSet::new();
    for n in 0..10 {
        let (status, answer) = client.post(format!("{api}/orders"), &format!("order {n}"), &order(&[("LI100", 1)])).await;
        assert_eq!(status, 201, "{answer}");
        placed.insert(answer["number"].as_str().unwrap().to_owned());
    }
    other.until("it is called while it fails", |calls| calls.len() > 3).await;
    kill(Pid::from_raw(i32::try_from(first.process.id()).unwrap()), Signal::SIGKILL).unwrap();
    first.leave();
    let second = Node::start(other_dir.path(), Some(&url), free_port(), &["--webhooks-anywhere", "--gateway-url", &gateway]).await;
    let api = format!("{}/api/v1", second.url);
    other.answer(204);
    // What failed twice is tried again in minutes: nobody waits for that here.
    let queued = client.get(format!("{api}/webhooks/{id}/deliveries?state=queued")).await.1;
    assert!(queued["deliveries"].as_array().is_some(), "{queued}");
    let mut db = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let is_done = async |db: &mut sqlx::PgConnection| {
        sqlx::raw_sql("update webhook_deliveries set due_at = now() where state = 'queued' and due_at > now() + interval '61 seconds'")
            .execute(&mut *db)
            .await
            .unwrap();
        let open = "select count(*) from webhook_deliveries where state = 'queued'";
        let unread = "select count(*) from events e, event_readers r where r.reader = 'webhooks' and (e.horizon::text::bigint, e.position) > (r.horizon, r.position)";
        let waiting: i64 = sqlx::query_scalar(open).fetch_one(&mut *db).await.unwrap();
        let behind: i64 = sqlx::query_scalar(unread).fetch_one(&mut *db).await.unwrap();
        waiting + behind == 0
    };
    let until = Instant::now() + Duration::from_secs(240);
    while !is_done(&mut db).await {
        assert!(Instant::now() < until, "not everything was delivered");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    let calls = other.calls.lock().unwrap().clone();
    let of_orders = told(&calls);
    assert_eq!(of_orders.keys().cloned().collect::<BTreeSet<_>>(), placed, "every order is told of");
    for (number, versions) in &of_orders {
        assert!(versions.is_sorted(), "{number}: {versions:?}");
        let (_, history) = client.get(format!("{api}/orders/{number}/history")).await;
        assert_eq!(history["events"].as_array().map(Vec::len), Some(versions.len()), "{number}: {history}");
        let announced = |(_, body): &&(HeaderMap, String)| {
            body.contains(number.as_str()) && body.contains(r#""type":"order_announced""#) && body.contains("brass goes")
        };
        assert!(calls.iter().any(|call| announced(&call)), "{number}");
    }
    for (headers, body) in &calls {
        webhook.verify(body.as_bytes(), headers).unwrap();
    }
    let (_, shown) = client.get(format!("{api}/webhooks/{id}")).await;
    assert_eq!((&shown["waiting"], &shown["failed"]), (&json!(0), &json!(0)), "{shown}");

    // Changed by the version that was read, and gone.
    let change = json!({ "name": "ERP", "url": hook, "kinds": ["shipped"], "paused": true, "version": 7 });
    assert_eq!(client.put(format!("{api}/webhooks/{id}"), &change).await.0, 409);
    let change = json!({ "name": "ERP", "url": hook, "kinds": ["shipped"], "paused": true, "version": shown["version"] });
    let (status, changed) = client.put(format!("{api}/webhooks/{id}"), &change).await;
    assert_eq!((status, &changed["kinds"], &changed["paused"]), (200, &json!(["shipped"]), &json!(true)), "{changed}");
    let (status, renewed) = client.post(format!("{api}/webhooks/{id}/secret"), "renew", &json!({})).await;
    assert!(status == 200 && renewed["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{renewed}");
    assert_eq!(client.post(format!("{api}/webhooks/{id}/trial"), "paused", &json!({})).await.0, 409);
    assert_eq!(client.delete(format!("{api}/webhooks/{id}")).await, 204);
    assert_eq!(client.get(format!("{api}/webhooks/{id}")).await.0, 404);
    assert_eq!(client.get(format!("{api}/webhooks")).await.1, json!([]));
}
