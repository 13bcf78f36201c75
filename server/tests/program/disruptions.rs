use crate::node::{Client, Node, database, free_port, order, receive, token};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

fn released_at(answer: &Value) -> Option<String> {
    let parcels = answer["fulfilments"].as_array().unwrap();
    parcels.iter().find(|f| f["state"] == "released").and_then(|f| f["location"].as_str()).map(str::to_owned)
}

/// What is missing is asked about, and answered through the REST interface.
#[tokio::test]
async fn what_is_missing_is_answered_for_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);
    receive(&client, &node.url, "only", "LI100", "WH-NTH", 500).await;
    let ask = json!({ "act": { "do": "ask_customer" } });
    let far = json!([{ "fact": "location", "one_of": ["WH-NTH"], "hard": true }]);
    let assign = json!({ "act": { "do": "assign", "rest": "unfillable" } });
    let rule = json!({ "id": "ask", "name": "Ask", "candidates": far, "then": { "full": assign, "partial": ask, "none": ask } });
    client.decide_by(&api, rule).await;
    let (status, placed) = client.post(format!("{api}/orders"), "asked", &order(&[("LI100", 2)])).await;
    assert_eq!(status, 201, "{placed}");
    let address = format!("{api}/orders/{}", placed["number"].as_str().unwrap());
    client.until(&address, |order| released_at(order).is_some()).await;
    let early = client.post(format!("{address}/answer"), "early", &json!({ "answer": "wait" })).await;
    assert_eq!(early.0, 409, "nothing is missing: {}", early.1);
    // The location would not do it, and no other may.
    assert_eq!(client.post(format!("{address}/fulfilments/1/reject"), "no", &json!({ "reason": "too_busy" })).await.0, 200);
    client.until(&address, |order| order["lines"][0]["queue"] == "asked").await;
    let wrong = client.post(format!("{address}/answer"), "wrong", &json!({ "answer": "perhaps" })).await;
    assert_eq!((wrong.0, wrong.1["errors"][0]["pointer"].as_str()), (422, Some("/answer")), "{}", wrong.1);
    for _ in 0..2 {
        let (status, answered) = client.post(format!("{address}/answer"), "without", &json!({ "answer": "without" })).await;
        assert_eq!((status, answered["status"].as_str()), (200, Some("cancelled")), "{answered}");
    }

    // Something else is sent in the place of what is missing, at the same price.
    let product = |code: &str, substitutes: &[&str]| {
        json!({ "name": format!("Tray {code}"), "category": "Home", "skus": [{ "code": code,
        "name": format!("Tray {code}"), "weight_grams": 300, "tax_rate_bp": 2000, "substitutes": substitutes }] })
    };
    let (status, problem) = client.put(format!("{api}/products/tray-a"), &product("TRAY-A", &["NO-TRAY"])).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/skus/0/substitutes")), "{problem}");
    for (handle, code, substitutes, price) in [("tray-b", "TRAY-B", &[][..], "15"), ("tray-a", "TRAY-A", &["TRAY-B"][..], "12")] {
        let (status, made) = client.put(format!("{api}/products/{handle}"), &product(code, substitutes)).await;
        assert_eq!((status, &made["skus"][0]["substitutes"]), (200, &json!(substitutes)), "{made}");
        assert_eq!(client.put(format!("{api}/skus/{code}/price"), &json!({ "channel": "phone", "price": price })).await.0, 204);
        receive(&client, &node.url, code, code, "WH-NTH", 3).await;
    }
    let (status, placed) = client.post(format!("{api}/orders"), "trays", &order(&[("TRAY-A", 2)])).await;
    assert_eq!(status, 201, "{placed}");
    let address = format!("{api}/orders/{}", placed["number"].as_str().unwrap());
    client.until(&address, |order| released_at(order).is_some()).await;
    assert_eq!(client.post(format!("{address}/fulfilments/1/reject"), "none", &json!({ "reason": "not_in_stock" })).await.0, 200);
    let asked = client.until(&address, |order| order["lines"][0]["queue"] == "asked").await;
    assert_eq!(asked["missing"], json!([{ "line_no": 1, "units": 2, "instead": "TRAY-B" }]), "{asked}");
    for _ in 0..2 {
        let (status, answered) = client.post(format!("{address}/answer"), "instead", &json!({ "answer": "instead" })).await;
        let line = &answered["lines"][1];
        assert_eq!(
            (status, line["sku"].as_str(), &line["instead_of"], &line["amount_minor"]),
            (200, Some("TRAY-B"), &json!(1), &json!(2_400)),
            "{answered}"
        );
        assert_eq!((&answered["missing"], released_at(&answered).as_deref()), (&json!([]), Some("Northampton warehouse")), "{answered}");
    }
}

/// Puts one rule in force: from the near location or the far one, in this order, and what is done besides where everything is found.
async fn from_two(client: &Client, api: &str, also: Value) {
    let near = json!({ "ranked": [{ "by": "location", "first": ["WH-NTH"] }] });
    let only = json!([{ "fact": "location", "one_of": ["WH-NTH", "WH-WAR"], "hard": true }]);
    let act = json!({ "do": "assign", "rest": "unfillable" });
    let step = json!({ "act": act, "also": also });
    let rule = json!({ "id": "two", "name": "From two", "candidates": only, "prefer": near,
        "then": { "full": step, "partial": { "act": act }, "none": { "act": { "do": "hold", "queue": "unfillable" } } } });
    client.decide_by(api, rule).await;
}

/// A location is closed and opens again, and its work is with another meanwhile, though the node dies in the middle of it.
#[tokio::test]
async fn what_is_out_of_order_is_worked_around_though_a_node_dies_meanwhile() {
    let (dir, other_dir, url) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), database().await);
    let first = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let gateway = first.gateway().unwrap().0;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", first.url);
    receive(&client, &first.url, "near", "LI100", "WH-NTH", 500).await;
    receive(&client, &first.url, "far", "LI100", "WH-WAR", 500).await;
    from_two(&client, &api, json!([])).await;
    let mut placed = Vec::new();
    for n in 0..8 {
        let (status, answer) = client.post(format!("{api}/orders"), &format!("order {n}"), &order(&[("LI100", 2)])).await;
        assert_eq!(status, 201, "{answer}");
        placed.push(answer["number"].as_str().unwrap().to_owned());
    }
    let mut from = String::new();
    for number in &placed {
        from = released_at(&client.until(&format!("{api}/orders/{number}"), |order| released_at(order).is_some()).await).unwrap();
    }
    for (wrong, pointer) in [(json!({ "kind": "moon", "reason": "x" }), "/kind"), (json!({ "kind": "location", "reason": "x" }), "/location")] {
        let (status, problem) = client.put(format!("{api}/disruptions/preview"), &wrong).await;
        assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some(pointer)), "{problem}");
    }
    let asked = json!({ "kind": "location", "location": "WH-NTH", "reason": "a burst pipe" });
    let (status, said) = client.put(format!("{api}/disruptions/preview"), &asked).await;
    assert_eq!(status, 200, "{said}");
    assert!(said["counts"]["moved"].as_i64().unwrap() >= 8, "{said}");
    assert_eq!(client.get(format!("{api}/disruptions")).await.1["disruptions"], json!([]), "nothing has changed");

    let (status, noted) = client.post(format!("{api}/disruptions"), "pipe", &asked).await;
    assert_eq!(status, 202, "{noted}");
    kill(Pid::from_raw(i32::try_from(first.process.id()).unwrap()), Signal::SIGKILL).unwrap();
    first.leave();
    let second = Node::start(other_dir.path(), Some(&url), free_port(), &["--gateway-url", &gateway]).await;
    let api = format!("{}/api/v1", second.url);
    let again = client.post(format!("{api}/disruptions"), "pipe", &asked).await;
    assert_eq!(again.1["id"], noted["id"], "the same key is the same disruption");
    let address = format!("{api}/disruptions/{}", noted["id"].as_str().unwrap());
    let done = client.until(&address, |answer| answer["counts"]["to_do"] == 0).await;
    assert!(done["counts"]["moved"].as_i64().unwrap() >= 8, "{done}");
    for number in &placed {
        let (_, shown) = client.get(format!("{api}/orders/{number}")).await;
        assert_ne!(released_at(&shown), Some(from.clone()), "{shown}");
    }
    assert_eq!(client.get(format!("{address}?after=x")).await.0, 422);
    assert_eq!(client.delete(address.clone()).await, 204);
    let back = client.until(&address, |answer| answer["counts"]["back"].as_i64().unwrap() >= 8).await;
    assert!(!back["ended_at"].is_null());
    let (_, shown) = client.get(format!("{api}/orders/{}", placed[0])).await;
    assert_eq!(released_at(&shown), Some(from), "{shown}");
    assert_eq!(client.get(format!("{api}/disruptions/0193a000-0000-7000-8000-00000000dead")).await.0, 404);
}

/// Work that several are asked for, through the REST interface.
#[tokio::test]
async fn who_is_asked_first_answers_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);
    receive(&client, &node.url, "near", "LI100", "WH-NTH", 500).await;
    receive(&client, &node.url, "far", "LI100", "WH-WAR", 500).await;
    from_two(&client, &api, json!([{ "do": "offer", "places": 2, "minutes": 30 }])).await;
    let (status, placed) = client.post(format!("{api}/orders"), "asked", &order(&[("LI100", 2)])).await;
    assert_eq!(status, 201, "{placed}");
    let number = placed["number"].as_str().unwrap();
    let asked = async |code: &str| client.get(format!("{api}/fulfilment-offers?location={code}")).await.1["offers"].as_array().unwrap().len();
    client.until(&format!("{api}/fulfilment-offers?location=WH-WAR"), |answer| answer["offers"][0]["order_number"] == number).await;
    assert_eq!(asked("WH-NTH").await, 1);
    let address = format!("{api}/orders/{number}/fulfilments/1/offer");
    let (status, problem) = client.post(address.clone(), "maybe", &json!({ "location": "WH-WAR", "answer": "maybe" })).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/answer")), "{problem}");
    for _ in 0..2 {
        let (status, answer) = client.post(address.clone(), "taken", &json!({ "location": "WH-WAR", "answer": "take" })).await;
        assert_eq!(status, 204, "{answer}");
    }
    let late = client.post(address, "too late", &json!({ "location": "WH-NTH", "answer": "take" })).await;
    assert_eq!(late.0, 409, "{}", late.1);
    let (_, shown) = client.get(format!("{api}/orders/{number}")).await;
    let from = released_at(&shown).unwrap();
    assert!(from.contains("WAR") || from.contains("Warrington"), "{shown}");
    assert_eq!((asked("WH-NTH").await, asked("WH-WAR").await), (0, 0));
}
