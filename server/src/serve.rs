//! `waybill serve`: everything a node does, from start to orderly stop.

use crate::config::{Serve, Store};
use crate::database::{self, Use};
use crate::mail::Smtp;
use crate::poster::HttpPoster;
use crate::{embedded, gateway, live, router, worker};
use anyhow::{Context as _, Result};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use waybill::clock::Clock;
use waybill::notifications::Mailer;
use waybill::services::Services;

/// Runs a node until it is asked to stop.
pub async fn serve(store: &Store, args: Serve) -> Result<()> {
    // The port first: where it is taken, nothing else has been touched.
    let listener = TcpListener::bind(args.listen).await.with_context(|| format!("listening on {}", args.listen))?;
    let address = listener.local_addr()?;
    let database = database::open(store, Use::Serve).await?;
    let clock = Clock::System;
    if args.demo {
        crate::commands::load_demo(&database.pool, clock, args.company.data.as_deref()).await?;
    }
    let mut conn = database.pool.acquire().await?;
    let link_key: Arc<[u8]> = waybill::shared_key(&mut conn, "links").await?.into();
    let gateway_key = gateway_key(&waybill::shared_key(&mut conn, "gateway").await?);
    drop(conn);
    let (gateway_url, own_gateway) = match &args.gateway_url {
        Some(url) => (url.clone(), None),
        None => {
            let dir = embedded::data_dir(store.data_dir.as_deref()).join("gateway");
            let running = gateway::start_or_adopt(&dir, &format!("http://{address}/hooks/gateway"), &gateway_key).await?;
            (running.url.clone(), Some(running))
        }
    };
    let mailer = match (&args.smtp_url, &args.mail_from) {
        (Some(url), Some(from)) => Some(Arc::new(Smtp::new(url, from)?) as Arc<dyn Mailer>),
        _ => None,
    };
    let site = args.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let gateway = Arc::new(gateway::HttpGateway::new(&gateway_url)?);
    let services = Services::new(database.pool.clone(), clock, link_key, gateway)
        .with_mail(mailer, &site)
        .with_poster(Arc::new(HttpPoster::new(args.webhooks_anywhere)?));
    if args.demo && own_gateway.is_some() {
        services.introduce_authorisations().await?;
    }
    let hub = live::start(services.clone(), database.options.clone()).await?;
    let work = [
        tokio::spawn(worker::run(services.clone())),
        tokio::spawn(worker::clean(services.clone())),
        tokio::spawn(worker::watch_levels(services.clone())),
        tokio::spawn(worker::watch_promises(services.clone())),
        tokio::spawn(worker::notify(services.clone())),
        tokio::spawn(worker::deliver(services.clone())),
    ];
    let app = router::build(services, hub, gateway_key, &args.site_root, address)?;
    println!("Waybill is running on http://{address}");
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;
    work.iter().for_each(tokio::task::JoinHandle::abort);
    if let Some(running) = own_gateway {
        running.stop()?;
    }
    database.close().await
}

/// The text key that gateway reports are signed with.
fn gateway_key(bytes: &[u8]) -> String {
    waybill::sign(bytes, b"gateway")
}

/// Resolves on Ctrl-C or `SIGTERM`. Open event streams would keep the server up: they end with the runtime, so a short grace is enough.
async fn asked_to_stop() {
    let (mut interrupt, mut terminate) = match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(interrupt), Ok(terminate)) => (interrupt, terminate),
        _ => return,
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    println!("Stopping…");
    live::STOPPING.notify_waiters();
}
