use crate::node::{Client, Node, doctor, free_port, order, token};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const ORDERS: usize = 500;
const CLIENTS: usize = 16;

/// Sends all orders, each with its key; calls `at` once when so many were answered. Connections that break are left for the next round.
async fn send_all(client: &Client, url: &str, sku: &str, at: usize, act: impl FnOnce() + Send + 'static) -> usize {
    let (next, taken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let act = Arc::new(std::sync::Mutex::new(Some(act)));
    let mut senders = Vec::new();
    for _ in 0..CLIENTS {
        let (client, url, sku) = (client.clone(), format!("{url}/api/v1/orders"), sku.to_owned());
        let (next, taken, act) = (Arc::clone(&next), Arc::clone(&taken), Arc::clone(&act));
        senders.push(tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                // What was killed does not come back by itself: the rest is for the next round.
                if n >= ORDERS || act.lock().unwrap().is_none() {
                    return;
                }
                let sent = client.try_post(url.clone(), &format!("order {n}"), &order(&[(&sku, 1)])).await;
                if sent.is_ok_and(|r| r.status().as_u16() == 201)
                    && taken.fetch_add(1, Ordering::SeqCst) + 1 == at
                    && let Some(act) = act.lock().unwrap().take()
                {
                    act();
                }
            }
        }));
    }
    for sender in senders {
        sender.await.unwrap();
    }
    taken.load(Ordering::SeqCst)
}

/// `kill -9` of the server, then of the Postgres under it, in the middle of 500 orders; everything is sent again after each.
#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let port = free_port();
    let mut node = Node::start(dir.path(), None, port, &[]).await;
    let client = Client::new(token(dir.path(), None));
    crate::node::receive(&client, &node.url, "plenty", "LI100", "WH-NTH", 2_000).await;
    let authorisations = async |node: &Node| -> u64 {
        let summary: Value = reqwest::get(format!("{}/summary", node.gateway().unwrap().0)).await.unwrap().json().await.unwrap();
        summary["authorisations"].as_u64().unwrap()
    };
    let (before, orders_before) = (authorisations(&node).await, count_orders(&client, &node.url).await);

    let server = Pid::from_raw(i32::try_from(node.process.id()).unwrap());
    let first = send_all(&client, &node.url, "LI100", 120, move || kill(server, Signal::SIGKILL).unwrap()).await;
    assert!((120..ORDERS).contains(&first), "the server died in the middle: {first} were answered");
    node.leave();
    node = Node::start(dir.path(), None, port, &[]).await;

    let postmaster = std::fs::read_to_string(dir.path().join("postgres/postmaster.pid")).unwrap();
    let postgres = Pid::from_raw(postmaster.lines().next().unwrap().trim().parse().unwrap());
    let second = send_all(&client, &node.url, "LI100", 300, move || kill(postgres, Signal::SIGKILL).unwrap()).await;
    assert!((300..ORDERS).contains(&second), "Postgres died in the middle: {second} were answered");
    // The server lives on, and starts Postgres again by itself.
    node.wait_until_ready().await;

    assert_eq!(send_all(&client, &node.url, "LI100", usize::MAX, || ()).await, ORDERS);
    assert_eq!(count_orders(&client, &node.url).await - orders_before, ORDERS);
    // Recovery asks about what was left unanswered: wait for the last of it.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while authorisations(&node).await - before != ORDERS as u64 && std::time::Instant::now() < until {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(authorisations(&node).await - before, ORDERS as u64);
    let (sound, words) = doctor(dir.path(), None);
    assert!(sound, "{words}");
}

async fn count_orders(client: &Client, url: &str) -> usize {
    let (mut count, mut after) = (0, String::new());
    loop {
        let (_, page) = client.get(format!("{url}/api/v1/orders?channel=phone{after}")).await;
        count += page["orders"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", next.replace('+', "%2B")),
            None => return count,
        }
    }
}
