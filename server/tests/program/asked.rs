use crate::node::{Client, Node, database, free_port, order, receive, token};
use serde_json::{Value, json};

/// Reads something again and again until it is as it should be; the test's own limit ends it otherwise.
async fn until(client: &Client, url: &str, is: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..400 {
        let (status, answer) = client.get(url.to_owned()).await;
        assert_eq!(status, 200, "{answer}");
        if is(&answer) {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it never came to be: {}", client.get(url.to_owned()).await.1);
}

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
    let id = "0193a000-0000-7000-8000-000000000003";
    let (status, answer) = client.put(format!("{api}/rulesets/{id}/versions/1"), &json!({ "name": "Ask", "rules": { "rules": [rule] } })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(client.post(format!("{api}/rulesets/{id}/versions/1/activations"), "go", &json!({})).await.0, 201);
    let (status, placed) = client.post(format!("{api}/orders"), "asked", &order(&[("LI100", 2)])).await;
    assert_eq!(status, 201, "{placed}");
    let address = format!("{api}/orders/{}", placed["number"].as_str().unwrap());
    until(&client, &address, |order| released_at(order).is_some()).await;
    let early = client.post(format!("{address}/answer"), "early", &json!({ "answer": "wait" })).await;
    assert_eq!(early.0, 409, "nothing is missing: {}", early.1);
    // The location would not do it, and no other may.
    assert_eq!(client.post(format!("{address}/fulfilments/1/reject"), "no", &json!({ "reason": "too_busy" })).await.0, 200);
    until(&client, &address, |order| order["lines"][0]["queue"] == "asked").await;
    let wrong = client.post(format!("{address}/answer"), "wrong", &json!({ "answer": "perhaps" })).await;
    assert_eq!((wrong.0, wrong.1["errors"][0]["pointer"].as_str()), (422, Some("/answer")), "{}", wrong.1);
    for _ in 0..2 {
        let (status, answered) = client.post(format!("{address}/answer"), "without", &json!({ "answer": "without" })).await;
        assert_eq!((status, answered["status"].as_str()), (200, Some("cancelled")), "{answered}");
    }
}
