use crate::node::{Client, Node, database, free_port, order, receive, token};
use serde_json::{Value, json};

/// What the store lacks is sent to it and handed over there, through the REST interface.
#[tokio::test]
async fn what_the_store_lacks_is_brought_to_it_through_the_rest_interface() {
    let (dir, url) = (tempfile::tempdir().unwrap(), database().await);
    let node = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let client = Client::new(token(dir.path(), Some(&url)));
    let api = format!("{}/api/v1", node.url);
    receive(&client, &node.url, "stock", "LI100", "WH-NTH", 500).await;
    let mut collected = order(&[("LI100", 400)]);
    (collected["method"], collected["pickup_location"]) = (json!("pickup"), json!("ST-LDS"));
    let (status, problem) = client.post(format!("{api}/orders"), "too much", &collected).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (409, Some("/lines/0/quantity")), "{problem}");

    let bring = json!({ "act": { "do": "transfer_to_store", "rest": "unfillable" } });
    let then = json!({ "full": { "act": { "do": "assign", "rest": "unfillable" } }, "partial": bring, "none": bring });
    client.decide_by(&api, json!({ "id": "bring", "name": "Bring it", "prefer": { "ranked": [{ "by": "distance" }] }, "then": then })).await;
    let (status, placed) = client.post(format!("{api}/orders"), "collected", &collected).await;
    assert_eq!(status, 201, "{placed}");
    let address = format!("{api}/orders/{}", placed["number"].as_str().unwrap());
    let is_brought = |f: &&Value| f["method"] == "to_store";
    let brought = |order: &Value| order["fulfilments"].as_array().unwrap().iter().find(is_brought).cloned();
    let shown = client.until(&address, |order| brought(order).is_some_and(|f| f["state"] == "released")).await;
    let parcel = brought(&shown).unwrap();
    assert_eq!((&parcel["location"], &parcel["to_store"]), (&json!("Northampton warehouse"), &json!("Leeds store")));
    let step = async |step: &str, body: Value| client.post(format!("{address}/fulfilments/{}/{step}", parcel["no"]), step, &body).await;
    for word in ["pick", "pack", "ship"] {
        assert_eq!(step(word, json!({})).await.0, 200);
    }
    let (_, coming) = client.get(format!("{api}/fulfilments?location=ST-LDS&state=shipped")).await;
    assert_eq!(coming["fulfilments"][0]["order_number"], placed["number"], "{coming}");
    assert!(coming["fulfilments"][0]["why"].as_str().unwrap().contains("The rule “Bring it” sent it here."), "{coming}");
    assert_eq!(step("deliver", json!({})).await.0, 409, "it goes to the store");
    assert_eq!(step("ready", json!({})).await.1["state"], "arrived");
    assert_eq!(step("collect", json!({ "pickup_code": "no" })).await.0, 422);
    let (_, there) = client.get(format!("{api}/fulfilments?location=ST-LDS&state=arrived")).await;
    assert_eq!(there["fulfilments"][0]["order_number"], placed["number"], "{there}");
}
