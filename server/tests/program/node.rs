//! Running nodes and talking to them.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running server. Dropped, it is killed, with everything it started.
pub struct Node {
    pub url: String,
    pub process: Child,
    data: std::path::PathBuf,
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn waybill(data: &Path, database_url: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waybill"));
    command.env_remove("DATABASE_URL").env("WAYBILL_LOG", "error").arg("--data-dir").arg(data);
    if let Some(url) = database_url {
        command.env("DATABASE_URL", url);
    }
    command
}

impl Node {
    /// Starts a server on its data folder and waits until it is ready.
    pub async fn start(data: &Path, database_url: Option<&str>, port: u16, more: &[&str]) -> Self {
        let process = waybill(data, database_url)
            .args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}")])
            .args(more)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut node = Self { url: format!("http://127.0.0.1:{port}"), process, data: data.to_owned() };
        node.wait_until_ready().await;
        node
    }

    pub async fn wait_until_ready(&mut self) {
        let until = Instant::now() + Duration::from_secs(120);
        while !reqwest::get(format!("{}/readyz", self.url)).await.is_ok_and(|r| r.status().is_success()) {
            assert!(self.process.try_wait().unwrap().is_none(), "the server has stopped");
            assert!(Instant::now() < until, "the server was not ready in time");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Forgets a server that was killed: what it started stays, for the next one to adopt.
    pub fn leave(mut self) {
        let _waited = self.process.wait();
        std::mem::forget(self);
    }

    /// The gateway's process and address.
    pub fn gateway(&self) -> Option<(String, i32)> {
        let text = std::fs::read_to_string(self.data.join("gateway/gateway.address")).ok()?;
        let (url, pid) = text.trim().split_once(' ')?;
        Some((url.to_owned(), pid.parse().ok()?))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _may_be_gone = self.process.kill();
        let _waited = self.process.wait();
        let postmaster = std::fs::read_to_string(self.data.join("postgres/postmaster.pid")).ok();
        let postgres = postmaster.and_then(|text| text.lines().next()?.trim().parse().ok());
        for pid in self.gateway().map(|g| g.1).into_iter().chain(postgres) {
            let _may_be_gone = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
    }
}

/// A database of its own on the test cluster; its address.
pub async fn database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let base = std::env::var("DATABASE_URL").expect("run the tests through bin/test: it starts a Postgres for them");
    let name = format!("program_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut conn = <sqlx::PgConnection as sqlx::Connection>::connect(&base).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut conn).await.unwrap();
    let (server, _) = base.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// A token with all permissions, from the command line.
pub fn token(data: &Path, database_url: Option<&str>) -> String {
    let output = waybill(data, database_url).args(["token", "test"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().last().unwrap().trim().to_owned()
}

/// What `waybill doctor` says, and whether it is content.
pub fn doctor(data: &Path, database_url: Option<&str>) -> (bool, String) {
    let output = waybill(data, database_url).arg("doctor").output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// A client with a token.
#[derive(Clone)]
pub struct Client {
    pub http: reqwest::Client,
    pub token: String,
}

impl Client {
    pub fn new(token: String) -> Self {
        // A machine that is busy with everything else may take long: only what never ends is waited for in vain.
        Self { http: reqwest::Client::builder().timeout(Duration::from_secs(180)).build().unwrap(), token }
    }

    pub async fn get(&self, url: String) -> (u16, Value) {
        answer(self.http.get(url).bearer_auth(&self.token).send().await.unwrap()).await
    }

    pub async fn post(&self, url: String, key: &str, body: &Value) -> (u16, Value) {
        answer(self.try_post(url, key, body).await.unwrap()).await
    }

    /// Sends a file.
    pub async fn bring(&self, url: String, key: &str, bytes: Vec<u8>) -> (u16, Value) {
        answer(self.http.post(url).bearer_auth(&self.token).header("idempotency-key", key).body(bytes).send().await.unwrap()).await
    }

    pub async fn put(&self, url: String, body: &Value) -> (u16, Value) {
        answer(self.http.put(url).bearer_auth(&self.token).json(body).send().await.unwrap()).await
    }

    /// Reads something again and again until it is as it should be. A dead node's work is another's after its lease.
    pub async fn until(&self, url: &str, is: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2_400 {
            let (status, answer) = self.get(url.to_owned()).await;
            assert_eq!(status, 200, "{answer}");
            if is(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came to be: {}", self.get(url.to_owned()).await.1);
    }

    /// Publishes rules and puts them in force.
    pub async fn decide_by(&self, api: &str, rule: Value) {
        let id = uuid::Uuid::new_v4();
        let body = serde_json::json!({ "name": "Test", "rules": { "rules": [rule] } });
        let (status, answer) = self.put(format!("{api}/rulesets/{id}/versions/1"), &body).await;
        assert_eq!(status, 200, "{answer}");
        let (status, answer) = self.post(format!("{api}/rulesets/{id}/versions/1/activations"), &format!("{id} goes"), &serde_json::json!({})).await;
        assert_eq!(status, 201, "{answer}");
    }

    pub async fn delete(&self, url: String) -> u16 {
        self.http.delete(url).bearer_auth(&self.token).send().await.unwrap().status().as_u16()
    }

    pub async fn try_post(&self, url: String, key: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        self.http.post(url).bearer_auth(&self.token).header("idempotency-key", key).json(body).send().await
    }
}

async fn answer(response: reqwest::Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

pub fn order(lines: &[(&str, i32)]) -> Value {
    let lines: Vec<Value> = lines.iter().map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity })).collect();
    json!({
        "channel": "phone", "method": "ship", "payment_token": "tok_ok", "lines": lines,
        "contact": { "name": "Wren Sampleton", "email": "wren@example.com", "street": "1 Example Street", "city": "Leeds", "postcode": "LS1 4AP", "country": "GB" },
    })
}

/// Units of a SKU at a location, from or to nowhere.
pub async fn receive(client: &Client, url: &str, key: &str, sku: &str, location: &str, quantity: i64) {
    let body = json!({ "sku": sku, "location": location, "quantity": quantity, "reason": "adjustment" });
    let (status, problem) = client.post(format!("{url}/api/v1/stock/movements"), key, &body).await;
    assert_eq!(status, 204, "{problem}");
}

/// Units free of a SKU, by name of the location.
pub async fn free(client: &Client, url: &str, sku: &str) -> Vec<(String, i64)> {
    let (_, levels) = client.get(format!("{url}/api/v1/stock/{sku}")).await;
    levels.as_array().unwrap().iter().map(|l| (l["location"].as_str().unwrap().to_owned(), l["available"].as_i64().unwrap())).collect()
}
