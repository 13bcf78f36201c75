use crate::node::{Client, Node, database, doctor, free_port, order, receive, token};
use serde_json::{Value, json};

/// A way of delivery in an answer about a basket.
fn way<'a>(promises: &'a Value, code: &str) -> &'a Value {
    promises["deliveries"].as_array().unwrap().iter().find(|d| d["code"] == code).unwrap()
}

#[tokio::test]
async fn promises_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);
    receive(&client, &node.url, "some", "LI107", "WH-NTH", 50).await;

    // What a basket is told is what the order is held to.
    let basket = format!("{api}/promises?channel=phone&lines=LI107:2&country=GB&postcode=LS1%204AP&services=true");
    let (status, told) = client.get(basket.clone()).await;
    assert_eq!(status, 200, "{told}");
    let express = way(&told, "express");
    let by = express["promise"]["by"].clone();
    assert_eq!((express["services"][0]["code"].as_str(), by.is_string(), &express["slots"]), (Some("next-day"), true, &Value::Null), "{express}");
    assert!(told["stores"].as_array().is_some_and(|stores| !stores.is_empty()));
    for (query, pointer) in
        [("channel=phone&lines=LI107", "/lines"), ("channel=tv&lines=LI107:1", "/channel"), ("channel=phone&lines=LI107:1&country=XX", "/country")]
    {
        let (status, problem) = client.get(format!("{api}/promises?{query}")).await;
        assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some(pointer)), "{problem}");
    }
    let wanted = |more: Value| {
        let mut body = order(&[("LI107", 2)]);
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let early = json!({ "delivery_method": "express", "promised_by": "2026-01-01T12:00:00Z" });
    let (status, problem) = client.post(format!("{api}/orders"), "too early", &wanted(early)).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/promised_by")), "{problem}");
    let (status, placed) = client.post(format!("{api}/orders"), "express", &wanted(json!({ "delivery_method": "express", "promised_by": by }))).await;
    assert_eq!(status, 201, "{placed}");

    // An evening: kept once for the same key, given back, and needed by the way of delivery that comes then.
    let evening = way(&told, "evening");
    let slot = evening["slots"][0].clone();
    let wish = json!({ "plan": slot["plan"], "starts_at": slot["starts_at"] });
    let (status, kept) = client.post(format!("{api}/slots"), "evening", &wish).await;
    assert_eq!(status, 201, "{kept}");
    assert_eq!(client.post(format!("{api}/slots"), "evening", &wish).await.1, kept, "the same key once");
    let (_, less) = client.get(basket.clone()).await;
    assert_eq!(way(&less, "evening")["slots"][0]["left"].as_i64(), slot["left"].as_i64().map(|n| n - 1));
    let (status, problem) = client.post(format!("{api}/slots"), "no such", &json!({ "plan": "evenings", "starts_at": "2020-01-01T12:00:00Z" })).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/slot")), "{problem}");
    let (status, problem) = client.post(format!("{api}/orders"), "no time", &wanted(json!({ "delivery_method": "evening" }))).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/slot")), "{problem}");
    let in_evening = wanted(json!({ "delivery_method": "evening", "slot": kept["booking"], "promised_by": slot["ends_at"] }));
    let (status, placed) = client.post(format!("{api}/orders"), "in the evening", &in_evening).await;
    assert_eq!(status, 201, "{placed}");
    let booking = format!("{api}/slots/{}", kept["booking"].as_str().unwrap());
    let (_, ordered) = client.get(booking.clone()).await;
    assert_eq!((ordered["state"].as_str(), &ordered["order_number"]), (Some("ordered"), &placed["number"]), "{ordered}");
    assert_eq!(client.delete(booking).await, 409, "it is the order's");
    assert_eq!(client.delete(format!("{api}/slots/00000000-0000-0000-0000-000000000000")).await, 404);
    let (_, another) = client.post(format!("{api}/slots"), "another", &wish).await;
    assert_eq!(client.delete(format!("{api}/slots/{}", another["booking"].as_str().unwrap())).await, 204);
    let (_, after) = client.get(basket).await;
    assert_eq!(way(&after, "evening")["slots"][0]["left"].as_i64(), slot["left"].as_i64().map(|n| n - 1), "one is an order's, one was given back");

    // A service is booked with its line, done in another way than it was said first, and done once.
    let (_, told) = client.get(format!("{api}/promises?channel=phone&lines=LI107:1,INSTALL-LAMP:1&country=GB&postcode=LS1%204AP")).await;
    let times = &told["appointments"][0]["slots"];
    let book = |n: usize| json!({ "plan": times[n]["plan"], "starts_at": times[n]["starts_at"] });
    let (_, kept) = client.post(format!("{api}/slots"), "installation", &book(0)).await;
    let mut body = order(&[("LI107", 1), ("INSTALL-LAMP", 1)]);
    let (status, problem) = client.post(format!("{api}/orders"), "no appointment", &body).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/lines/1/slot")), "{problem}");
    body["lines"][1]["slot"] = kept["booking"].clone();
    let (status, placed) = client.post(format!("{api}/orders"), "installed", &body).await;
    assert_eq!((status, &placed["lines"][1]["appointment"]["starts_at"]), (201, &times[0]["starts_at"]), "{placed}");
    let number = placed["number"].as_str().unwrap();
    let line = format!("{api}/orders/{number}/appointments/2");
    assert_eq!(client.put(line.clone(), &book(1)).await.0, 204);
    let (_, read) = client.get(format!("{api}/orders/{number}")).await;
    assert_eq!(read["lines"][1]["appointment"]["starts_at"], times[1]["starts_at"], "{read}");
    let (_, to_do) = client.get(format!("{api}/appointments?location=WH-NTH")).await;
    assert!(to_do.as_array().unwrap().iter().any(|a| a["order"] == number && a["skill"] == "installation"), "{to_do}");
    assert_eq!(client.post(format!("{line}/perform"), "done", &json!({})).await.0, 204);
    assert_eq!(client.post(format!("{line}/perform"), "done", &json!({})).await.0, 204, "the same key once");
    assert_eq!(client.post(format!("{line}/perform"), "done again", &json!({})).await.0, 409);
    let (_, read) = client.get(format!("{api}/orders/{number}")).await;
    assert_eq!((read["lines"][1]["performed"].as_i64(), read["lines"][1]["open"].as_i64()), (Some(1), Some(0)), "{read}");

    // What is set is read, looked at, changed and taken back.
    let card = format!("{api}/delivery-settings/rate_card/express");
    let (_, read) = client.get(card.clone()).await;
    let mut dearer = read["content"].clone();
    dearer["minimum_minor"] = json!(9_900);
    let (status, preview) = client.post(format!("{card}/preview"), "look", &json!({ "content": dearer })).await;
    assert_eq!((status, preview["changes"].as_array().map(Vec::len)), (200, Some(1)), "{preview}");
    let price = async || {
        let trial = format!("{api}/delivery-trials?location=ST-LDS&country=GB&postcode=M1%201AE&grams=1200");
        let (_, tried) = client.get(trial).await;
        tried["methods"].as_array().unwrap().iter().find(|m| m["code"] == "express").unwrap()["price"]["amount_minor"].as_i64()
    };
    assert_eq!(price().await, Some(695), "looking changes nothing");
    assert_eq!(client.put(card.clone(), &json!({ "content": dearer, "read": read["since"] })).await.0, 200);
    assert_eq!(price().await, Some(9_900));
    let (status, _) = client.put(card.clone(), &json!({ "content": dearer, "read": read["since"] })).await;
    assert_eq!(status, 409, "somebody else's change since then is not overwritten");
    assert_eq!(client.post(format!("{card}/undo"), "undo", &json!({})).await.0, 204);
    assert_eq!(price().await, Some(695));
    assert_eq!(client.delete(card.clone()).await, 409, "the way of delivery needs it");
    let (status, problem) = client.put(card, &json!({ "content": { "nonsense": true } })).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("/content")), "{problem}");
    let (_, all) = client.get(format!("{api}/delivery-settings")).await;
    assert!(all.as_array().unwrap().iter().any(|s| s["kind"] == "slots" && s["code"] == "evenings"), "{all}");

    // The customer was told, and nothing is in danger of what was placed just now.
    let number = placed["number"].as_str().unwrap().to_owned();
    let about = format!("{api}/notifications?order={number}");
    let kept = async || {
        let (_, messages) = client.get(about.clone()).await;
        let kept: Vec<Value> = messages["notifications"].as_array().unwrap().iter().filter(|m| m["state"] == "kept").cloned().collect();
        kept
    };
    for _ in 0..100 {
        if kept().await.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    for kind in ["confirmed", "appointment_moved"] {
        let messages = kept().await;
        let message = messages.iter().find(|m| m["kind"] == kind).unwrap_or_else(|| panic!("{kind} is not in {messages:?}"));
        let (_, whole) = client.get(format!("{api}/notifications/{}", message["id"].as_str().unwrap())).await;
        let body = whole["body"].as_str().unwrap();
        assert!(body.contains(&number) && body.contains("1 × Lamp installation, on "), "{whole}");
    }
    let (_, alerts) = client.get(format!("{api}/promise-alerts")).await;
    assert!(!alerts.as_array().unwrap().iter().any(|a| a["order_number"] == number.as_str()), "{alerts}");
    let (status, report) = client.get(format!("{api}/promise-report?from=2026-01-01&until=2026-12-31")).await;
    assert_eq!((status, report["all"]["promised"].is_i64()), (200, true), "{report}");
    let (sound, said) = doctor(dir.path(), Some(&url));
    assert!(sound, "{said}");
}
