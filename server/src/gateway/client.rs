//! Our side of the gateway: the port's implementation over HTTP, and the built-in gateway's process.

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use waybill::payments::GatewayRequest;
use waybill::services::{Gateway, GatewayCall, GatewayUnreachable};

/// A gateway behind an address.
#[derive(Clone, Debug)]
pub struct HttpGateway {
    operations: String,
    http: reqwest::Client,
}

/// The gateway is given this long; then the operation counts as unanswered and is asked about again.
const PATIENCE: Duration = Duration::from_secs(10);

impl HttpGateway {
    pub fn new(url: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { operations: format!("{}/operations", url.trim_end_matches('/')), http })
    }
}

impl Gateway for HttpGateway {
    fn send(&self, request: GatewayRequest) -> GatewayCall<'_> {
        Box::pin(async move {
            let unreachable = |error: reqwest::Error| GatewayUnreachable(error.to_string());
            let response = self.http.post(&self.operations).json(&request).send().await.map_err(unreachable)?;
            response.error_for_status().map_err(unreachable)?.json().await.map_err(unreachable)
        })
    }
}

/// The built-in gateway's process.
#[derive(Debug)]
pub struct Running {
    pub url: String,
    pid: Pid,
    child: Option<std::process::Child>,
}

/// Starts the built-in gateway on its store, or adopts the one that runs there.
pub async fn start_or_adopt(store: &Path, callback: &str, key: &str) -> Result<Running> {
    if let Some((url, pid)) = address(store)
        && reqwest::get(format!("{url}/summary")).await.is_ok_and(|r| r.status().is_success())
    {
        return Ok(Running { url, pid, child: None });
    }
    std::fs::create_dir_all(store)?;
    let stale = store.join("gateway.address");
    if stale.exists() {
        std::fs::remove_file(stale)?;
    }
    let mut child = Command::new(std::env::current_exe()?)
        .args(["gateway", "--callback", callback, "--store"])
        .arg(store)
        .env("WAYBILL_GATEWAY_KEY", key)
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .context("starting the payment gateway")?;
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some((url, pid)) = address(store) {
            return Ok(Running { url, pid, child: Some(child) });
        }
        if let Some(status) = child.try_wait()? {
            bail!("the payment gateway stopped while starting ({status})");
        }
        if Instant::now() > until {
            bail!("the payment gateway did not start in time");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn address(store: &Path) -> Option<(String, Pid)> {
    let text = std::fs::read_to_string(store.join("gateway.address")).ok()?;
    let (url, pid) = text.trim().split_once(' ')?;
    Some((url.to_owned(), Pid::from_raw(pid.parse().ok()?)))
}

impl Running {
    /// Ends the gateway. Whatever it has answered is on its disk.
    pub fn stop(mut self) -> Result<()> {
        kill(self.pid, Signal::SIGTERM).context("stopping the payment gateway")?;
        if let Some(child) = &mut self.child {
            child.wait()?;
        }
        Ok(())
    }
}
