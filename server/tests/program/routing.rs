use crate::node::{Client, Node, database, free_port, order, receive, token};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Rules that say twice in an order's history which version they are: with one rule for its kind, and with what is done besides.
fn rules(version: usize) -> Value {
    let step = json!({ "act": { "do": "assign", "rest": "unfillable" }, "also": [{ "do": "announce", "word": format!("by version {version}") }] });
    let rule = |id: &str, fact: &str, test: Value| {
        let mut when = json!({ "fact": fact });
        when.as_object_mut().unwrap().extend(test.as_object().unwrap().clone());
        json!({ "id": id, "name": format!("{id} of version {version}"), "when": { "order": when }, "then": { "full": step, "partial": step, "none": { "act": { "do": "next_rule" } } } })
    };
    let few = rule("few", "units", json!({ "at_most": 1.0 }));
    let many = rule("many", "units", json!({ "at_least": 2.0 }));
    json!({ "name": "Under load", "rules": { "rules": [few, many] } })
}

async fn activate(client: &Client, url: &str, ruleset: &str, version: usize) -> String {
    let address = format!("{url}/api/v1/rulesets/{ruleset}/versions/{version}/activations");
    let (status, answer) = client.post(address, &format!("activate {version}"), &json!({})).await;
    assert_eq!(status, 201, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

/// The version that an order's decision names, and the one that its rules have announced.
async fn versions_of(client: &Client, url: &str, number: &str) -> (String, String) {
    let (_, history) = client.get(format!("{url}/api/v1/orders/{number}/history")).await;
    let ruleset = history["explanation"]["ruleset"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    let told = history["events"].as_array().unwrap().iter().find(|e| e["kind"] == "order_announced").unwrap_or(&Value::Null);
    let announced = told["reason"].as_str().unwrap_or_default().rsplit(' ').next().unwrap_or_default().to_owned();
    (ruleset, announced)
}

#[tokio::test]
async fn rules_through_the_rest_interface_on_two_nodes_under_load() {
    let (dir, other_dir, url) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), database().await);
    let first = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let gateway = first.gateway().unwrap().0;
    let second = Node::start(other_dir.path(), Some(&url), free_port(), &["--gateway-url", &gateway]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    receive(&client, &first.url, "plenty", "LI100", "WH-NTH", 5_000).await;
    let api = format!("{}/api/v1", first.url);

    // What is wrong is told with its place; the same again changes nothing; a version never changes.
    let id = "0193a000-0000-7000-8000-000000000001";
    let address = |version: usize| format!("{api}/rulesets/{id}/versions/{version}");
    let mut wrong = rules(1);
    wrong["rules"]["rules"][0]["when"] = json!({ "order": { "fact": "moon", "one_of": ["full"] } });
    let (status, problem) = client.put(address(1), &wrong).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/rules/rules/0/when/order")), "{problem}");
    for _ in 0..2 {
        let (status, version) = client.put(address(1), &rules(1)).await;
        assert_eq!((status, version["state"].as_str()), (200, Some("published")), "{version}");
    }
    assert_eq!(client.put(address(1), &rules(7)).await.0, 409);
    assert_eq!(client.put(address(3), &rules(3)).await.0, 409, "the next one is 2");
    assert_eq!(client.put(address(2), &rules(2)).await.0, 200);
    let (_, catalogue) = client.get(format!("{api}/routing/catalogue")).await;
    assert!(catalogue["order"].as_array().unwrap().iter().any(|f| f["code"] == "channel" && !f["choices"].as_array().unwrap().is_empty()));

    // Activated on one node, used by the other within a second.
    activate(&client, &first.url, id, 1).await;
    let begun = Instant::now();
    let (status, placed) = client.post(format!("{}/api/v1/orders", second.url), "at once", &order(&[("LI100", 1)])).await;
    assert_eq!(status, 201, "{placed}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(versions_of(&client, &first.url, placed["number"].as_str().unwrap()).await, ("1".to_owned(), "1".to_owned()));

    // While versions change, no order is planned by two of them.
    let (done, placed_so_far) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut buyers = Vec::new();
    for n in 0..8usize {
        let (client, done, count) = (client.clone(), Arc::clone(&done), Arc::clone(&placed_so_far));
        let url = if n % 2 == 0 { first.url.clone() } else { second.url.clone() };
        buyers.push(tokio::spawn(async move {
            let mut numbers = Vec::new();
            for m in 0.. {
                if done.load(Ordering::Relaxed) {
                    return numbers;
                }
                let basket = order(&[("LI100", if m % 2 == 0 { 1 } else { 2 })]);
                let (status, answer) = client.post(format!("{url}/api/v1/orders"), &format!("buyer {n} {m}"), &basket).await;
                assert_eq!(status, 201, "{answer}");
                count.fetch_add(1, Ordering::Relaxed);
                numbers.push(answer["number"].as_str().unwrap().to_owned());
            }
            numbers
        }));
    }
    let mut activation = String::new();
    for version in 2..10 {
        if version > 2 {
            assert_eq!(client.put(address(version), &rules(version)).await.0, 200);
        }
        activation = activate(&client, if version % 2 == 0 { &first.url } else { &second.url }, id, version).await;
        // Some orders are planned by each.
        let before = placed_so_far.load(Ordering::Relaxed);
        while placed_so_far.load(Ordering::Relaxed) < before + 8 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    done.store(true, Ordering::Relaxed);
    let mut seen = std::collections::BTreeSet::new();
    for buyer in buyers {
        for number in buyer.await.unwrap() {
            let (decided, announced) = versions_of(&client, &first.url, &number).await;
            assert_eq!(decided, announced, "order {number}");
            seen.insert(decided);
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");

    // Taken back, what was before it comes again at once, on both.
    assert_eq!(client.delete(format!("{api}/ruleset-activations/{activation}")).await, 204);
    assert_eq!(client.delete(format!("{api}/ruleset-activations/{activation}")).await, 409);
    let (_, all) = client.get(format!("{api}/rulesets")).await;
    let in_force = all["activations"].as_array().unwrap().iter().find(|a| a["in_force"] == true).unwrap();
    assert_eq!(in_force["version"], 8);
    let (_, placed) = client.post(format!("{}/api/v1/orders", second.url), "rolled back", &order(&[("LI100", 1)])).await;
    assert_eq!(versions_of(&client, &first.url, placed["number"].as_str().unwrap()).await.0, "8");

    // Stopped, orders are taken and not given to anybody.
    assert_eq!(client.put(format!("{api}/routing/stop"), &json!({ "reason": "" })).await.0, 422);
    assert_eq!(client.put(format!("{api}/routing/stop"), &json!({ "reason": "wrong rules" })).await.0, 204);
    let (status, held) = client.post(format!("{}/api/v1/orders", second.url), "stopped", &order(&[("LI100", 1)])).await;
    assert_eq!((status, held["fulfilments"][0]["state"].as_str()), (201, Some("planned")), "{held}");
    assert_eq!(client.put(format!("{api}/routing/stop"), &json!({ "reason": null })).await.0, 204);
}

/// A simulation through the REST interface, carried on by the other node when the one that runs it is killed.
#[tokio::test]
async fn a_period_is_simulated_through_the_rest_interface_and_outlives_a_node() {
    let (dir, other_dir, url) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), database().await);
    let first = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let gateway = first.gateway().unwrap().0;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", first.url);
    let from = (chrono::Utc::now() - chrono::TimeDelta::days(60)).to_rfc3339();
    let (status, problem) = client.post(format!("{api}/simulations"), "half", &json!({ "from": from, "version": 1 })).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/version")), "{problem}");

    // What was in force decides as it did. Whoever dies on the way is taken over from.
    let (status, asked) = client.post(format!("{api}/simulations"), "as it was", &json!({ "from": from })).await;
    assert_eq!(status, 202, "{asked}");
    let again = client.post(format!("{api}/simulations"), "as it was", &json!({ "from": from })).await;
    assert_eq!(again.1["id"], asked["id"], "the same key is the same simulation");
    kill(Pid::from_raw(i32::try_from(first.process.id()).unwrap()), Signal::SIGKILL).unwrap();
    first.leave();
    let second = Node::start(other_dir.path(), Some(&url), free_port(), &["--gateway-url", &gateway]).await;
    let api = format!("{}/api/v1", second.url);
    let done = async |id: &str| {
        let begun = Instant::now();
        loop {
            let (status, one) = client.get(format!("{api}/simulations/{id}")).await;
            assert_eq!(status, 200, "{one}");
            if one["state"] == "done" {
                return one;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{one}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let found = done(asked["id"].as_str().unwrap()).await["findings"].clone();
    assert!(found["decisions"].as_u64().unwrap() > 2_000, "{}", found["decisions"]);
    assert_eq!((&found["alike"], &found["moved"]), (&found["decisions"], &json!(0)));

    // Other rules send it from elsewhere, and tell which orders and why.
    let id = "0193a000-0000-7000-8000-000000000002";
    let prefer = |code: &str| json!({ "ranked": [{ "by": "location", "first": [code] }] });
    let step = json!({ "act": { "do": "assign", "rest": "unfillable" } });
    let rules = |code: &str| json!({ "rules": [{ "id": "all", "name": "All", "prefer": prefer(code), "then": { "full": step, "partial": step, "none": { "act": { "do": "hold", "queue": "unfillable" } } } }] });
    let (status, looked) = client.put(format!("{api}/routing/lint"), &json!({ "rules": rules("WH-NTH") })).await;
    assert_eq!((status, looked["problems"].as_array().map(Vec::len)), (200, Some(0)), "{looked}");
    let body = json!({ "name": "Elsewhere", "rules": rules("WH-NTH") });
    assert_eq!(client.put(format!("{api}/rulesets/{id}/versions/1"), &body).await.0, 200);
    // It is put in force only once it was simulated, where that is asked for.
    assert_eq!(client.put(format!("{api}/routing/demands"), &json!({ "four_eyes": false, "simulated_first": true })).await.0, 204);
    let activations = format!("{api}/rulesets/{id}/versions/1/activations");
    assert_eq!(client.post(activations.clone(), "too early", &json!({})).await.0, 409);
    let asked = client.post(format!("{api}/simulations"), "elsewhere", &json!({ "from": from, "ruleset": id, "version": 1 })).await.1;
    let id_of = asked["id"].as_str().unwrap();
    let found = done(id_of).await["findings"].clone();
    assert!(found["moved"].as_u64().unwrap() > 500, "{}", found["moved"]);
    let (_, moves) = client.get(format!("{api}/simulations/{id_of}/orders")).await;
    let (_, next) = client.get(format!("{api}/simulations/{id_of}/orders?after={}", moves["next"].as_str().unwrap())).await;
    assert_ne!(moves["orders"][0]["number"], next["orders"][0]["number"]);
    assert_ne!(moves["orders"][0]["real"]["places"], moves["orders"][0]["simulated"]["places"]);
    let trial = json!({ "ruleset": id, "version": 1, "order": order(&[("LI100", 2)]) });
    let (status, tried) = client.put(format!("{api}/routing/trial"), &trial).await;
    assert_eq!((status, &tried["is_taken"]), (200, &json!(true)), "{tried}");
    assert!(tried["explanation"]["summary"][0].as_str().unwrap().contains("by the rule “All”"), "{tried}");
    assert_eq!(client.post(activations, "in time", &json!({})).await.0, 201);
    assert_eq!(client.get(format!("{api}/simulations/{id_of}/orders?after=x")).await.0, 422);
    assert_eq!(client.delete(format!("{api}/simulations/{id_of}")).await, 204);
    assert_eq!(client.get(format!("{api}/simulations/{id_of}")).await.0, 404);
    assert_eq!(client.get(format!("{api}/simulations/{id_of}/orders")).await.0, 404);

    // The same as a draft: begun, tried, simulated, called off, published once, and talked about.
    let drafts = format!("{api}/routing/drafts");
    assert_eq!(client.post(drafts.clone(), "nothing", &json!({})).await.0, 422);
    let (status, draft) = client.post(drafts.clone(), "draft", &json!({ "ruleset": id, "version": 1 })).await;
    assert_eq!((status, &draft["based_on"], &draft["problems"]), (201, &json!(1), &json!([])), "{draft}");
    assert_eq!(client.post(drafts.clone(), "draft", &json!({ "ruleset": id, "version": 1 })).await.1["id"], draft["id"]);
    let address = format!("{drafts}/{}", draft["id"].as_str().unwrap());
    let mut unsound = json!({ "name": "Elsewhere", "rules": rules("WH-WAR"), "revision": draft["revision"] });
    unsound["rules"]["rules"][0]["name"] = json!("");
    let (status, saved) = client.put(address.clone(), &unsound).await;
    assert_eq!((status, saved["problems"].as_array().map(Vec::len)), (200, Some(1)), "{saved}");
    let asked = json!({ "from": from, "draft": draft["id"] });
    assert_eq!(client.post(format!("{api}/simulations"), "unsound", &asked).await.0, 422);
    let sound = json!({ "name": "Elsewhere", "rules": rules("WH-WAR"), "revision": draft["revision"] });
    assert_eq!(client.put(address.clone(), &sound).await.0, 409, "somebody has saved it meanwhile");
    let sound = json!({ "name": "Elsewhere", "rules": rules("WH-WAR"), "revision": saved["revision"] });
    let (status, saved) = client.put(address.clone(), &sound).await;
    assert_eq!((status, &saved["problems"]), (200, &json!([])), "{saved}");
    let trial = json!({ "draft": draft["id"], "order": order(&[("LI100", 2)]) });
    assert_eq!(client.put(format!("{api}/routing/trial"), &trial).await.1["is_taken"], json!(true));
    let (status, asked) = client.post(format!("{api}/simulations"), "of a draft", &asked).await;
    assert_eq!((status, &asked["version"]), (202, &Value::Null), "{asked}");
    let simulation = format!("{api}/simulations/{}", asked["id"].as_str().unwrap());
    let (status, ended) = client.post(format!("{simulation}/cancel"), "cancel", &json!({})).await;
    assert!((status, ended["state"].as_str()) == (200, Some("cancelled")) || status == 409, "{ended}");
    let publish = json!({ "revision": saved["revision"] });
    for key in ["publish", "publish again"] {
        let (status, version) = client.post(format!("{address}/publish"), key, &publish).await;
        assert_eq!((status, &version["version"]), (200, &json!(2)), "{version}");
    }
    assert_eq!(client.get(address).await.0, 404);
    let comments = format!("{api}/rulesets/{id}/versions/2/comments");
    assert_eq!(client.post(comments.clone(), "nothing", &json!({ "text": " " })).await.0, 422);
    for _ in 0..2 {
        let (status, version) = client.post(comments.clone(), "word", &json!({ "text": "Warrington first." })).await;
        assert_eq!(
            (status, version["comments"].as_array().map(Vec::len), &version["comments"][0]["text"]),
            (201, Some(1), &json!("Warrington first.")),
            "{version}"
        );
    }
}
