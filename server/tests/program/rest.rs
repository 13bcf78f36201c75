use crate::node::{Client, Node, database, doctor, free_port, order, token};
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

    // It comes back, once for each key, and no more of it than was sent.
    let back = json!({ "order": number, "location": "WH-NTH", "reason": "changed_mind", "lines": [{ "sku": "LI100", "quantity": 1 }] });
    let (status, problem) = client
        .post(format!("{api}/returns"), "too much", &{
            let mut more = back.clone();
            more["lines"][0]["quantity"] = json!(2);
            more
        })
        .await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/lines/0")), "{problem}");
    let (status, agreed) = client.post(format!("{api}/returns"), "back", &back).await;
    let (_, twice) = client.post(format!("{api}/returns"), "back", &back).await;
    assert_eq!((status, &agreed["number"], agreed["state"].as_str()), (201, &twice["number"], Some("approved")), "{agreed}");
    let returned = format!("{api}/returns/{}", agreed["number"].as_str().unwrap());
    let come = json!({ "condition": "quarantined", "receipt": { "everything": true } });
    let (status, problem) = client.post(format!("{returned}/receipts"), "how", &json!({ "condition": "good" })).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/condition")), "{problem}");
    let (_, received) = client.post(format!("{returned}/receipts"), "come", &come).await;
    assert_eq!((received["state"].as_str(), &received["lines"][0]["matched"]), (Some("received"), &json!(1)), "{received}");
    assert_eq!(client.post(format!("{returned}/cancel"), "late", &Value::Null).await.0, 409);
    let (_, list) = client.get(format!("{api}/returns?state=received&location=WH-NTH")).await;
    assert_eq!((&list["returns"][0]["number"], list["returns"].as_array().map(Vec::len)), (&agreed["number"], Some(1)));
    let (_, page) = client.get(format!("{api}/stock/LI100/movements")).await;
    assert_eq!((&page["movements"][0]["return"], page["movements"][0]["condition"].as_str()), (&agreed["number"], Some("quarantined")), "{page}");

    // A page for staff asks strangers to sign in; a function that is in no table is refused.
    let plain = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = plain.get(format!("{}/desk/orders", node.url)).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["location"].to_str().unwrap()), (303, "/sign-in?next=/desk/orders"));
}

#[tokio::test]
async fn places_and_transfers_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);

    // A location is read, looked at as it would be, changed, and put back.
    let place = format!("{api}/locations/ST-LDS");
    let first = client.http.get(&place).bearer_auth(&client.token).send().await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let mut location: Value = first.json().await.unwrap();
    assert_eq!((location["code"].as_str(), location["hours"].as_array().map(Vec::len)), (Some("ST-LDS"), Some(6)));
    location["daily_order_capacity"] = json!(40);
    let (status, preview) = client.post(format!("{place}/preview"), "look", &location).await;
    assert_eq!((status, preview["changes"][0]["after"].as_str()), (200, Some("40")), "{preview}");
    let put = |body: Value, tag: Option<String>| {
        let request = client.http.put(&place).bearer_auth(&client.token).json(&body);
        let request = if let Some(tag) = tag { request.header("if-match", tag) } else { request };
        async move {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    };
    let (status, changed) = put(location.clone(), Some(tag.clone())).await;
    assert_eq!((status, changed["changes"].as_array().map(Vec::len)), (200, Some(1)), "{changed}");
    location["priority"] = json!(7);
    let (status, problem) = put(location.clone(), Some(tag)).await;
    assert_eq!((status, problem["type"].as_str()), (409, Some("urn:waybill:problem:conflict")));
    // What cannot be meant is not guessed.
    let mut wrong = location.clone();
    wrong["form"] = json!("2027-01-01T00:00:00Z");
    assert_eq!(put(wrong, None).await.0, 422);
    let mut wrong = location.clone();
    wrong.as_object_mut().unwrap().remove("daily_order_capacity");
    assert_eq!(put(wrong, None).await.0, 422);
    let (status, undone) = client.post(format!("{place}/undo"), "undo", &Value::Null).await;
    assert_eq!((status, undone["changes"][0]["after"].as_str()), (200, Some("no limit")), "{undone}");

    // Closed for a while: the same request twice is one closure.
    let (status, closed) = client.post(format!("{place}/closures"), "close", &json!({ "reason": "Stock-take" })).await;
    let (again, twice) = client.post(format!("{place}/closures"), "close", &json!({ "reason": "Stock-take" })).await;
    assert_eq!((status, again, &closed["id"]), (201, 201, &twice["id"]));
    let withdraw = client.http.delete(format!("{place}/closures/{}", closed["id"].as_str().unwrap())).bearer_auth(&client.token);
    assert_eq!(withdraw.send().await.unwrap().status().as_u16(), 204);

    // Goods go from one to the other, by SKU or GTIN, once for each key.
    let goods = json!({ "from": "WH-NTH", "to": "ST-LDS", "note": "For the weekend", "lines": [{ "sku": "LI100", "quantity": 3 }] });
    let (status, sent) = client.post(format!("{api}/transfers"), "send", &goods).await;
    let (_, replayed) = client.post(format!("{api}/transfers"), "send", &goods).await;
    assert_eq!((status, &sent["number"], sent["state"].as_str()), (201, &replayed["number"], Some("sent")), "{sent}");
    let transfer = format!("{api}/transfers/{}", sent["number"].as_str().unwrap());
    let (status, problem) = client.post(format!("{transfer}/receipts"), "nothing", &json!({})).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/lines")));
    let (_, part) = client.post(format!("{transfer}/receipts"), "part", &json!({ "lines": [{ "sku": "LI100", "quantity": 2 }] })).await;
    assert_eq!((part["state"].as_str(), &part["lines"][0]["received"]), (Some("sent"), &json!(2)));
    let (_, stock) = client.get(format!("{api}/stock/LI100")).await;
    let leeds = stock.as_array().unwrap().iter().find(|l| l["location"] == "Leeds store").unwrap().clone();
    assert_eq!(leeds["incoming"], json!(1), "{stock}");
    let (_, all) = client.post(format!("{transfer}/receipts"), "all", &json!({ "everything": true })).await;
    assert_eq!((all["state"].as_str(), &all["lines"][0]["received"]), (Some("received"), &json!(3)));
    let (_, list) = client.get(format!("{api}/transfers?state=received&location=ST-LDS")).await;
    assert_eq!(list["transfers"][0]["number"], sent["number"]);

    // Work that is turned down says why.
    let (_, placed) = client.post(format!("{api}/orders"), "turned down", &order(&[("LI100", 1)])).await;
    let work = format!("{api}/orders/{}/fulfilments/1/reject", placed["number"].as_str().unwrap());
    assert_eq!(client.post(work.clone(), "why", &json!({})).await.0, 422);
    let (status, done) = client.post(work, "busy", &json!({ "reason": "too_busy" })).await;
    assert_eq!((status, done["state"].as_str()), (200, Some("rejected")));
    let (sound, said) = doctor(dir.path(), Some(&url));
    assert!(sound, "{said}");
}

#[tokio::test]
async fn what_is_sold_and_on_which_terms_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);
    let pointers =
        |problem: &Value| problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>();

    // A product with two variants, its prices, and a kit.
    let variant =
        |code: &str, size: &str| json!({ "code": code, "name": "Felt slippers", "option_values": [size], "weight_grams": 300, "tax_rate_bp": 2000 });
    let product = json!({ "name": "Felt slippers", "category": "Home", "options": ["Size"], "skus": [variant("SL-S", "S"), variant("SL-L", "L")] });
    let (status, made) = client.put(format!("{api}/products/felt-slippers"), &product).await;
    assert_eq!((status, made["skus"].as_array().map(Vec::len)), (200, Some(2)), "{made}");
    let wrong = json!({ "name": "Felt slippers", "category": "Home", "options": ["Size"], "skus": [variant("SL S", "")] });
    let (status, problem) = client.put(format!("{api}/products/felt-slippers"), &wrong).await;
    assert_eq!((status, pointers(&problem)), (422, vec!["/skus/0/code".to_owned(), "/skus/0/option_values".to_owned()]));
    for (sku, price) in [("SL-S", "19.95"), ("SL-L", "21")] {
        assert_eq!(client.put(format!("{api}/skus/{sku}/price"), &json!({ "channel": "phone", "price": price })).await.0, 204);
    }
    let kit = json!({ "name": "Gift for two", "category": "Home", "skus": [{ "code": "GIFT", "name": "Gift for two", "weight_grams": 0, "tax_rate_bp": 2000 }] });
    assert_eq!(client.put(format!("{api}/products/gift-for-two"), &kit).await.0, 200);
    assert_eq!(client.put(format!("{api}/skus/GIFT/price"), &json!({ "channel": "phone", "price": "39.99" })).await.0, 204);
    let parts = json!([{ "sku": "SL-S", "quantity": 1 }, { "sku": "SL-L", "quantity": 1 }]);
    assert_eq!(client.put(format!("{api}/skus/GIFT/components"), &parts).await.0, 204);

    // Another system reports what stands there; a rule keeps some of it back; the number is explained.
    let now = chrono::Utc::now();
    let report = json!({ "location": "WH-NTH", "as_of": now, "lines": [{ "sku": "SL-S", "quantity": 9 }, { "sku": "SL-L", "quantity": 6 }] });
    let (status, taken) = client.post(format!("{api}/stock/readings"), "report", &report).await;
    assert_eq!((status, &taken["corrected"]), (200, &json!(2)), "{taken}");
    let (_, taken) = client.post(format!("{api}/stock/readings"), "report again", &report).await;
    assert_eq!((&taken["corrected"], &taken["agreed"]), (&json!(0), &json!(2)));
    let (status, rule) = client.post(format!("{api}/stock-rules"), "rule", &json!({ "kind": "safety", "sku": "SL-L", "units": 2 })).await;
    assert_eq!((status, rule["sentence"].as_str()), (201, Some("Keep back 2 units of SL-L at each location.")), "{rule}");
    let (status, problem) = client.post(format!("{api}/stock-rules"), "no rule", &json!({ "kind": "cap", "units": 2 })).await;
    assert_eq!((status, pointers(&problem)), (422, vec!["/channel".to_owned()]));
    let (_, told) = client.get(format!("{api}/stock/GIFT/offered?channel=phone")).await;
    assert_eq!((&told["offered"], told["parts"].as_array().map(Vec::len)), (&json!(4), Some(2)), "{told}");
    let (_, told) = client.get(format!("{api}/stock/SL-L/offered?channel=phone")).await;
    assert_eq!(told["places"][0]["kept_back"][0]["units"], json!(2), "{told}");

    // Shown, with a text on it, wrapped as a gift, and retired.
    let png = include_bytes!("../../../docs/order-page.png").to_vec();
    let pictures = format!("{api}/products/felt-slippers/images?description=Slippers");
    let (status, problem) = client.bring(pictures.clone(), "no picture", b"GIF89a".to_vec()).await;
    assert_eq!((status, pointers(&problem)), (422, vec!["/file".to_owned()]));
    for _ in 0..2 {
        let (status, shown) = client.bring(pictures.clone(), "a picture", png.clone()).await;
        assert_eq!((status, shown["images"].as_array().map(Vec::len), &shown["images"][0]["width"]), (201, Some(1), &json!(1_200)), "{shown}");
    }
    let (_, shown) = client.get(format!("{api}/products/felt-slippers")).await;
    let picture = &shown["images"][0];
    let file = reqwest::get(format!("{}{}", node.url, picture["small"].as_str().unwrap())).await.unwrap();
    assert_eq!((file.status().as_u16(), file.headers()["content-type"].to_str().unwrap()), (200, "image/jpeg"));
    assert!(file.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(reqwest::get(format!("{}/images/nothing-small.jpg", node.url)).await.unwrap().status().as_u16(), 404);
    let one = format!("{api}/products/felt-slippers/images/{}", picture["id"].as_str().unwrap());
    let (status, shown) = client.put(one.clone(), &json!({ "description": "Grey slippers", "first": true })).await;
    assert_eq!((status, &shown["images"][0]["description"]), (200, &json!("Grey slippers")), "{shown}");
    assert_eq!(client.delete(one).await, 204);
    let named = json!({ "code": "SL-S", "name": "Felt slippers", "option_values": ["S"], "weight_grams": 300, "tax_rate_bp": 2000, "personalisation_max": 3 });
    let product = json!({ "name": "Felt slippers", "category": "Home", "options": ["Size"], "skus": [named] });
    assert_eq!(client.put(format!("{api}/products/felt-slippers"), &product).await.0, 200);
    assert_eq!(client.put(format!("{api}/channels/phone"), &json!({ "hold_minutes": 0, "gift_wrap_price": "3.50" })).await.0, 204);
    let mut gift = order(&[("SL-S", 1)]);
    gift["lines"][0]["gift_wrap"] = json!(true);
    gift["lines"][0]["personalisation"] = json!("ADAM");
    gift["gift_message"] = json!("Warm feet!");
    let (status, problem) = client.post(format!("{api}/orders"), "too long", &gift).await;
    assert_eq!((status, pointers(&problem)), (422, vec!["/lines/0/personalisation".to_owned()]));
    gift["lines"][0]["personalisation"] = json!("ADA");
    let (status, wrapped) = client.post(format!("{api}/orders"), "wrapped", &gift).await;
    assert_eq!((status, &wrapped["lines"][0]["amount_minor"], &wrapped["gift_message"]), (201, &json!(2_345), &json!("Warm feet!")), "{wrapped}");
    let cancelled = client.post(format!("{api}/orders/{}/cancel", wrapped["id"].as_str().unwrap()), "off", &json!({ "reason": "a test" })).await;
    assert_eq!(cancelled.0, 200, "{}", cancelled.1);

    // Sold as a kit, kept for a basket, and owed when there is no more.
    let (status, placed) = client.post(format!("{api}/orders"), "kit", &order(&[("GIFT", 2)])).await;
    assert_eq!(
        (status, placed["lines"].as_array().map(Vec::len), placed["lines"][0]["kit"]["sku"].as_str()),
        (201, Some(2), Some("GIFT")),
        "{placed}"
    );
    let (status, problem) = client.post(format!("{api}/orders"), "too many", &order(&[("GIFT", 3)])).await;
    assert_eq!((status, pointers(&problem)), (409, vec!["/lines/0/quantity".to_owned()]));
    assert_eq!(
        client
            .put(format!("{api}/stock/SL-L/backorder-terms/WH-NTH"), &json!({ "kind": "backorder", "most_units": 5, "expected": "2199-01-01" }))
            .await
            .0,
        204
    );
    let (status, owed) = client.post(format!("{api}/orders"), "owed", &order(&[("SL-L", 5)])).await;
    assert_eq!(
        (status, owed["lines"][0]["queue"].as_str(), owed["lines"][0]["expected_on"].as_str()),
        (201, Some("backorder"), Some("2199-01-01")),
        "{owed}"
    );
    let (_, terms) = client.get(format!("{api}/stock/SL-L/backorder-terms")).await;
    assert_eq!(terms[0]["backordered"], json!(3), "{terms}");
    let follow = json!({ "kind": "backorder", "most_units": 5, "follows_purchasing": true });
    assert_eq!(client.put(format!("{api}/stock/SL-L/backorder-terms/WH-NTH"), &follow).await.0, 204);
    let (_, terms) = client.get(format!("{api}/stock/SL-L/backorder-terms")).await;
    assert_eq!((&terms[0]["follows_purchasing"], &terms[0]["expected_at"]), (&json!(true), &Value::Null), "{terms}");
    assert_eq!(client.delete(format!("{api}/stock/SL-L/backorder-terms/WH-NTH")).await, 204);
    let basket = json!({ "channel": "phone", "lines": [{ "sku": "SL-S", "quantity": 1 }] });
    let (status, problem) = client.post(format!("{api}/holds"), "no hold", &basket).await;
    assert_eq!((status, pointers(&problem)), (422, vec!["/channel".to_owned()]), "the phone keeps nothing for baskets");
    let (status, problem) = client.put(format!("{api}/channels/phone"), &json!({ "hold_minutes": 2_000 })).await;
    assert_eq!((status, pointers(&problem)), (422, vec!["/hold_minutes".to_owned()]));
    assert_eq!(client.put(format!("{api}/channels/phone"), &json!({ "hold_minutes": 5 })).await.0, 204);
    let (_, channels) = client.get(format!("{api}/channels")).await;
    assert!(channels.as_array().unwrap().iter().any(|c| c["channel"] == "phone" && c["hold_minutes"] == 5), "{channels}");
    // A basket of a group of customers.
    assert_eq!(client.put(format!("{api}/customer-groups/trade"), &json!({ "name": "Trade customers" })).await.0, 204);
    let (_, groups) = client.get(format!("{api}/customer-groups")).await;
    assert_eq!(groups, json!([{ "code": "trade", "name": "Trade customers" }]));
    let (status, problem) = client.put(format!("{api}/customer-groups/Trade"), &json!({ "name": "Trade customers" })).await;
    assert_eq!((status, pointers(&problem)), (422, vec!["/code".to_owned()]));
    let basket = json!({ "channel": "phone", "customer_group": "trade", "lines": [{ "sku": "SL-S", "quantity": 1 }] });
    let (status, kept) = client.post(format!("{api}/holds"), "a hold", &basket).await;
    assert_eq!(status, 201, "{kept}");
    assert_eq!(client.delete(format!("{api}/holds/{}", kept["hold"].as_str().unwrap())).await, 204);

    // Counted, found broken, set right.
    let (status, count) = client.post(format!("{api}/counts"), "count", &json!({ "location": "WH-NTH", "skus": ["SL-S"] })).await;
    assert_eq!(status, 201, "{count}");
    let count = format!("{api}/counts/{}", count["number"].as_str().unwrap());
    let (_, counted) = client.post(format!("{count}/lines"), "counted", &json!({ "lines": [{ "sku": "SL-S", "quantity": 8 }] })).await;
    assert_eq!((&counted["lines"][0]["counted"], &counted["lines"][0]["book"]), (&json!(8), &Value::Null), "nobody sees the books yet");
    let (_, handed_in) = client.post(format!("{count}/hand-in"), "hand in", &json!({})).await;
    assert_eq!((handed_in["state"].as_str(), &handed_in["lines"][0]["difference"]), (Some("review"), &json!(-1)), "{handed_in}");
    let (_, booked) = client.post(format!("{count}/approve"), "approve", &json!({})).await;
    assert_eq!(booked["state"].as_str(), Some("closed"), "{booked}");
    let aside = json!({ "sku": "SL-S", "location": "WH-NTH", "quantity": 2, "from": "sellable", "to": "damaged" });
    assert_eq!(client.post(format!("{api}/stock/conditions"), "aside", &aside).await.0, 204);
    let gone = json!({ "sku": "SL-S", "location": "WH-NTH", "quantity": 3, "from": "damaged", "to": "written_off" });
    assert_eq!(client.post(format!("{api}/stock/conditions"), "gone", &gone).await.0, 409, "only two are damaged");
    let (_, stock) = client.get(format!("{api}/stock/SL-S")).await;
    assert_eq!((&stock[0]["on_hand"], &stock[0]["damaged"], &stock[0]["reserved"]), (&json!(6), &json!(2), &json!(2)), "{stock}");

    // A group of locations, and a thing that is not sent from everywhere.
    let both = json!({ "locations": ["WH-NTH", "WH-WAR"] });
    let (status, look) = client.post(format!("{api}/location-groups/Warehouses/preview"), "look at a group", &both).await;
    assert_eq!((status, look["changes"][0]["after"].as_str()), (200, Some("WH-NTH, WH-WAR")), "{look}");
    assert_eq!(client.put(format!("{api}/location-groups/Warehouses"), &both).await.0, 200);
    let later = json!({ "locations": ["WH-NTH"], "from": chrono::Utc::now() + chrono::TimeDelta::days(1) });
    assert_eq!(client.put(format!("{api}/location-groups/Warehouses"), &later).await.0, 200);
    let (_, groups) = client.get(format!("{api}/location-groups")).await;
    assert_eq!(groups.as_array().unwrap().last().unwrap()["then"]["locations"], json!(["WH-NTH"]), "{groups}");
    for _ in 0..2 {
        assert_eq!(client.post(format!("{api}/location-groups/Warehouses/undo"), "never mind", &Value::Null).await.0, 204);
    }
    let (_, groups) = client.get(format!("{api}/location-groups")).await;
    assert_eq!(groups[0]["locations"], json!(["WH-NTH", "WH-WAR"]));
    assert_eq!(client.put(format!("{api}/stock/SL-S/allowed/WH-NTH"), &json!({ "ship": false, "pickup": true })).await.0, 204);
    let (_, told) = client.get(format!("{api}/stock/SL-S/offered?channel=phone")).await;
    assert_eq!((&told["offered"], told["places"][0]["notes"][0].as_str()), (&json!(0), Some("SL-S is not to be sent from here.")), "{told}");
    assert_eq!(client.delete(format!("{api}/stock-rules/{}", rule["id"].as_str().unwrap())).await, 204);
    let (sound, said) = doctor(dir.path(), Some(&url));
    assert!(sound, "{said}");
}

#[tokio::test]
async fn buying_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);
    let put = async |path: &str, body: Value| client.put(format!("{api}/{path}"), &body).await;
    let terms = json!({ "name": "Acme", "email": "orders@example.com", "currency": "GBP", "lead_days": 3 });
    assert_eq!(put("suppliers/ACME", terms.clone()).await.0, 204);
    let (status, problem) = put("suppliers/acme co", terms).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/code")));
    assert_eq!(put("suppliers/ACME/skus/LI107", json!({ "cost": "0.50", "min_quantity": 10, "pack_quantity": 10 })).await.0, 204);
    let (_, acme) = client.get(format!("{api}/suppliers/ACME")).await;
    assert_eq!((acme["name"].as_str(), acme["skus"][0]["cost"].as_str()), (Some("Acme"), Some("0.50")), "{acme}");
    assert_eq!(put("stock/LI107/reorder-point/ST-LDS", json!({ "point": 10000, "up_to": 10100, "supplier": "ACME" })).await.0, 204);
    let (_, low) = client.get(format!("{api}/reorder-points?low=true")).await;
    let row = low["reorder_points"].as_array().unwrap().iter().find(|r| r["location"] == "ST-LDS").unwrap().clone();
    assert_eq!((row["supplier"].as_str(), row["suggested"].as_i64().map(|n| n % 10)), (Some("ACME"), Some(0)), "{row}");

    let wanted = json!({ "lines": [{ "sku": "LI107", "location": "ST-LDS" }] });
    let (status, drafted) = client.post(format!("{api}/purchase-orders/suggested"), "suggested", &wanted).await;
    assert_eq!(status, 201, "{drafted}");
    let (_, twice) = client.post(format!("{api}/purchase-orders/suggested"), "suggested", &wanted).await;
    assert_eq!(drafted, twice, "the same key once");
    let (status, _) = client.post(format!("{api}/purchase-orders/suggested"), "again", &wanted).await;
    assert_eq!(status, 409, "it is in a draft already");
    let number = drafted["purchase_orders"][0].as_str().unwrap().to_owned();
    let order = format!("{api}/purchase-orders/{number}");
    let (status, changed) =
        put(&format!("purchase-orders/{number}"), json!({ "note": "At the back door", "lines": [{ "sku": "LI107", "quantity": 20 }] })).await;
    assert_eq!((status, &changed["total_minor"], changed["state"].as_str()), (200, &json!(1_000), Some("draft")), "{changed}");
    let (status, problem) = client.post(format!("{order}/receipts"), "too early", &json!({ "everything": true })).await;
    assert_eq!((status, problem["type"].as_str()), (409, Some("urn:waybill:problem:illegal-transition")));
    for step in ["approve", "send"] {
        assert_eq!(client.post(format!("{order}/{step}"), &format!("{step} it"), &json!({})).await.0, 200);
    }
    let fewer = json!({ "expected_on": null, "lines": [{ "sku": "LI107", "quantity": 12 }] });
    let (status, confirmed) = client.post(format!("{order}/confirm"), "confirm", &fewer).await;
    assert_eq!((status, &confirmed["lines"][0]["confirmed"]), (200, &json!(12)), "{confirmed}");
    let part = json!({ "lines": [{ "sku": "LI107", "quantity": 5 }] });
    let (_, first) = client.post(format!("{order}/receipts"), "first", &part).await;
    let (_, replayed) = client.post(format!("{order}/receipts"), "first", &part).await;
    assert_eq!((first["state"].as_str(), &replayed["lines"][0]["received"]), (Some("partly_received"), &json!(5)), "the same key once");
    let pdf = client.http.get(format!("{order}/document")).bearer_auth(&client.token).send().await.unwrap();
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-"));
    let (_, closed) = client.post(format!("{order}/receipts"), "rest", &json!({ "everything": true })).await;
    assert_eq!((closed["state"].as_str(), &closed["lines"][0]["received"]), (Some("closed"), &json!(12)));
    let (_, list) = client.get(format!("{api}/purchase-orders?state=closed&supplier=ACME")).await;
    assert_eq!(list["purchase_orders"][0]["number"].as_str(), Some(number.as_str()));
    assert_eq!(client.delete(format!("{api}/stock/LI107/reorder-point/ST-LDS")).await, 204);
    let (sound, said) = doctor(dir.path(), Some(&url));
    assert!(sound, "{said}");
}

#[tokio::test]
async fn tables_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);
    let bring = async |kind: &str, key: &str, bytes: Vec<u8>| client.bring(format!("{api}/imports?kind={kind}&name=table.csv"), key, bytes).await;
    let settled = async |import: &str| {
        loop {
            let (_, read) = client.get(import.to_owned()).await;
            if !["checking", "applying"].contains(&read["state"].as_str().unwrap()) {
                return read;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let (status, problem) = bring("furniture", "kind", b"sku\nA\n".to_vec()).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/kind")));
    let table = b"sku,channel,cost\nLI100,web,31.5\nNONE,web,1\n".to_vec();
    let (status, open) = bring("prices", "prices", table.clone()).await;
    let (_, twice) = bring("prices", "prices", table).await;
    assert_eq!((status, &open["id"], open["mapping"]["price"].is_null()), (201, &twice["id"], true), "{open}");
    let import = format!("{api}/imports/{}", open["id"].as_str().unwrap());
    let (status, problem) = client.put(format!("{import}/mapping"), &json!({ "mapping": {} })).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/mapping/price")), "{problem}");
    assert_eq!(client.put(format!("{import}/mapping"), &json!({ "mapping": { "price": "cost" } })).await.0, 200);
    let checked = settled(&import).await;
    assert_eq!((checked["state"].as_str(), &checked["bad_rows"], &checked["problems"][0]["line"]), (Some("checked"), &json!(1), &json!(3)));
    let (status, problem) = client.post(format!("{import}/apply"), "all", &json!({})).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/leave_out_bad")));
    assert_eq!(client.post(format!("{import}/apply"), "good", &json!({ "leave_out_bad": true })).await.0, 200);
    assert_eq!(settled(&import).await["state"].as_str(), Some("done"));
    let file = async |path: String| client.http.get(path).bearer_auth(&client.token).send().await.unwrap().text().await.unwrap();
    assert!(file(format!("{import}/errors")).await.contains("NONE,web,1"));
    assert!(file(format!("{api}/exports/prices")).await.contains("LI100,web,,31.50"));
    // A file may be larger than a request may be.
    let mut large = b"sku,location,on_hand\n".to_vec();
    while large.len() < 3 * 1024 * 1024 {
        large.extend_from_slice(b"NONE,WH-NTH,1\n");
    }
    let (status, problem) = bring("stock", "large", large).await;
    assert_eq!((status, problem["detail"].as_str()), (422, Some("The file has more than 100,000 rows. Bring it in parts.")), "{problem}");
}
