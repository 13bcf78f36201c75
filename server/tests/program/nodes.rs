use crate::node::{Client, Node, database, doctor, free, free_port, order, receive, token};
use serde_json::json;
use std::collections::BTreeMap;

/// Two processes on one database, 200 buyers of the last 50 units over two locations, in mixed baskets, with cancels among them.
#[tokio::test]
async fn two_nodes_sell_the_last_fifty_once() {
    let (dir, other_dir, url) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), database().await);
    let first = Node::start(dir.path(), Some(&url), free_port(), &[]).await;
    let gateway = first.gateway().unwrap().0;
    let second = Node::start(other_dir.path(), Some(&url), free_port(), &["--gateway-url", &gateway]).await;
    let client = Client::new(token(dir.path(), Some(&url)));

    // Exactly 30 and 20 of it are left, nothing anywhere else.
    let codes: BTreeMap<String, String> = {
        let (_, places) = client.get(format!("{}/api/v1/locations", first.url)).await;
        places.as_array().unwrap().iter().map(|p| (p["name"].as_str().unwrap().to_owned(), p["code"].as_str().unwrap().to_owned())).collect()
    };
    for (n, (place, units)) in free(&client, &first.url, "LI100").await.into_iter().enumerate() {
        let left = match codes[&place].as_str() {
            "WH-NTH" => 30,
            "WH-WAR" => 20,
            _ => 0,
        };
        if units != left {
            receive(&client, &first.url, &format!("level {n}"), "LI100", &codes[&place], left - units).await;
        }
    }
    let mut buyers = Vec::new();
    for n in 0..200 {
        let (client, url) = (client.clone(), if n % 2 == 0 { first.url.clone() } else { second.url.clone() });
        buyers.push(tokio::spawn(async move {
            let basket = match n % 4 {
                0 => order(&[("LI100", 1)]),
                1 => order(&[("LI101", 1), ("LI100", 1)]),
                2 => order(&[("LI100", 2), ("LI102", 1)]),
                _ => order(&[("LI103", 1), ("LI100", 1), ("LI101", 1)]),
            };
            let (status, answer) = client.post(format!("{url}/api/v1/orders"), &format!("buyer {n}"), &basket).await;
            let units =
                basket["lines"].as_array().unwrap().iter().filter(|l| l["sku"] == "LI100").map(|l| l["quantity"].as_i64().unwrap()).sum::<i64>();
            match status {
                201 if n % 10 == 0 => {
                    let cancel = format!("{url}/api/v1/orders/{}/cancel", answer["number"].as_str().unwrap());
                    let (status, answer) = client.post(cancel, &format!("cancel {n}"), &json!({ "reason": "changed my mind" })).await;
                    assert_eq!((status, answer["status"].as_str()), (200, Some("cancelled")), "{answer}");
                    0
                }
                201 => units,
                409 => {
                    assert_eq!(answer["type"], "urn:waybill:problem:out-of-stock", "{answer}");
                    0
                }
                other => panic!("buyer {n} was answered {other}: {answer}"),
            }
        }));
    }
    let mut sold = 0;
    for buyer in buyers {
        sold += buyer.await.unwrap();
    }
    let left: i64 = free(&client, &first.url, "LI100").await.iter().map(|f| f.1).sum();
    assert_eq!(sold + left, 50);
    let (sound, words) = doctor(dir.path(), Some(&url));
    assert!(sound, "{words}");
}
