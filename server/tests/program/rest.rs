use crate::node::{Client, Node, database, free_port, order, token};
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);

    // Who are you, and what is wrong with it?
    let stranger = client.http.get(format!("{api}/orders")).send().await.unwrap();
    assert_eq!((stranger.status().as_u16(), stranger.headers()["content-type"].to_str().unwrap()), (401, "application/problem+json"));
    let (status, problem) = client.post(format!("{api}/orders"), "bad", &order(&[("NOPE", 1), ("LI100", 0)])).await;
    assert_eq!((status, problem["type"].as_str()), (422, Some("urn:waybill:problem:invalid")));
    let pointers: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/lines/0/sku", "/lines/1/quantity"]);
    let (status, problem) = client.post(format!("{api}/orders"), "", &order(&[("LI100", 1)])).await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("Idempotency-Key"));
    let (status, _) = client.get(format!("{api}/nothing")).await;
    assert_eq!(status, 404);
    // An address that cannot be read is a problem document like any other.
    for address in ["kpis", "kpis?from=x&until=y", "fulfilments", "tracking", "stock/LI100?at=yesterday"] {
        let (status, problem) = client.get(format!("{api}/{address}")).await;
        assert_eq!((status, problem["type"].as_str()), (422, Some("urn:waybill:problem:invalid")), "{address}: {problem}");
    }
    let (_, found) = client.get(format!("{api}/products?search=Brass+lantern")).await;
    assert_eq!(found["products"][0]["skus"], json!(["LI100"]));

    // An order of the demo's made-up past can be sent and charged, too.
    let (_, waiting) = client.get(format!("{api}/orders?status=released")).await;
    let old = waiting["orders"][0]["number"].as_str().unwrap();
    for step in ["pick", "pack", "ship"] {
        let (status, result) = client.post(format!("{api}/orders/{old}/fulfilments/1/{step}"), &format!("old {step}"), &json!({})).await;
        assert_eq!(status, 200, "{result}");
    }
    let (_, sent) = client.get(format!("{api}/orders/{old}")).await;
    assert!(sent["payment"]["captured_minor"].as_i64() > Some(0), "{sent}");

    // From capture to the door.
    let (status, placed) = client.post(format!("{api}/orders"), "one", &order(&[("LI100", 1)])).await;
    assert_eq!((status, placed["status"].as_str()), (201, Some("released")), "{placed}");
    let (_, again) = client.post(format!("{api}/orders"), "one", &order(&[("LI100", 1)])).await;
    assert_eq!(again["id"], placed["id"]);
    let (status, other) = client.post(format!("{api}/orders"), "one", &order(&[("LI100", 2)])).await;
    assert_eq!((status, other["type"].as_str()), (422, Some("urn:waybill:problem:idempotency-key-reused")));
    let number = placed["number"].as_str().unwrap();
    let steps = format!("{api}/orders/{number}/fulfilments/1");
    let (status, refused) = client.post(format!("{steps}/ship"), "early", &json!({})).await;
    assert_eq!((status, refused["type"].as_str()), (409, Some("urn:waybill:problem:illegal-transition")));
    for (step, state) in [("pick", "picking"), ("pack", "packed"), ("ship", "shipped"), ("deliver", "delivered")] {
        let (status, result) = client.post(format!("{steps}/{step}"), step, &json!({})).await;
        assert_eq!((status, result["state"].as_str()), (200, Some(state)), "{result}");
    }
    let (_, done) = client.get(format!("{api}/orders/{number}")).await;
    assert_eq!((done["status"].as_str(), done["payment"]["state"].as_str()), (Some("completed"), Some("captured")));
    let tracking = done["fulfilments"][0]["tracking_number"].as_str().unwrap();
    let (_, found) = client.get(format!("{api}/orders?search={tracking}")).await;
    assert_eq!(found["orders"].as_array().unwrap().len(), 1);

    let (_, history) = client.get(format!("{api}/orders/{number}/history")).await;
    let kinds: Vec<&str> = history["events"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"order_captured"), Some(&"delivered")));
    assert!(history["explanation"]["summary"][0].as_str().unwrap().contains("sends everything"), "{history}");

    // Every unit has a story.
    let (_, stock) = client.get(format!("{api}/stock/LI100")).await;
    let on_hand = |levels: &Value| levels.as_array().unwrap().iter().map(|l| l["on_hand"].as_i64().unwrap()).sum::<i64>();
    let (_, page) = client.get(format!("{api}/stock/LI100/movements")).await;
    let newest = &page["movements"][0];
    assert_eq!(
        (newest["quantity"].as_i64(), newest["reason"].as_str(), newest["order"].as_str()),
        (Some(-1), Some("shipment"), Some(number)),
        "{newest}"
    );
    let (mut sum, mut next) = (0, page["next"].as_str().map(str::to_owned));
    let mut add = |page: &Value| page["movements"].as_array().unwrap().iter().for_each(|m| sum += m["quantity"].as_i64().unwrap());
    add(&page);
    while let Some(after) = next {
        let (_, page) = client.get(format!("{api}/stock/LI100/movements?after={}", after.replace('+', "%2B"))).await;
        add(&page);
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(sum, on_hand(&stock), "the pages hold every movement once");
    let (_, before) = client.get(format!("{api}/stock/LI100?at={}", placed["placed_at"].as_str().unwrap())).await;
    assert_eq!(on_hand(&before), on_hand(&stock) + 1, "it had not left when it was ordered");
    let (_, found) = client.get(format!("{api}/stock?search=li100")).await;
    assert_eq!((found["skus"][0]["sku"].as_str(), found["skus"][0]["on_hand"].as_i64()), (Some("LI100"), Some(on_hand(&stock))));
    assert_eq!(client.get(format!("{api}/stock/NOPE")).await.0, 404);

    // The customer, without a token.
    let look_up = |proof: &str| client.http.get(format!("{api}/tracking?number={number}&proof={proof}")).send();
    assert_eq!(look_up("someone@example.com").await.unwrap().status().as_u16(), 422);
    let tracked: Value = look_up("LS14AP").await.unwrap().json().await.unwrap();
    assert_eq!(tracked["parcels"][0]["state"], "delivered");
    let page = client.http.get(format!("{}{}", node.url, tracked["path"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(page.headers()["x-robots-tag"], "noindex");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("'wasm-unsafe-eval'"));
    assert!(page.text().await.unwrap().contains("Delivered."));

    // A page for staff asks strangers to sign in; a function that is in no table is refused.
    let plain = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = plain.get(format!("{}/desk/orders", node.url)).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["location"].to_str().unwrap()), (303, "/sign-in?next=/desk/orders"));
}
