//! Background work: takes jobs from the queue and does them. Any number of nodes may run it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use waybill::identity::Act;
use waybill::ids::{SimulationId, WebhookId};
use waybill::integrations::files::Step;
use waybill::jobs::{self, Job, Taken};
use waybill::payments::RecordedOperation;
use waybill::refusal::Error;
use waybill::services::{Services, SettleError};
use waybill::simulation;

/// How long an idle worker waits before it looks again. New work rings it sooner.
const IDLE: Duration = Duration::from_millis(500);
const BATCH: i64 = 20;

/// Works for ever.
pub async fn run(services: Services) {
    let one_at_a_time = Arc::new(Semaphore::new(1));
    loop {
        match round(&services, &one_at_a_time).await {
            Ok(0) => {
                let _rung_or_not = tokio::time::timeout(IDLE, services.changed.notified()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "the job queue cannot be read");
                tokio::time::sleep(IDLE).await;
            }
        }
    }
}

const BETWEEN_CLEANINGS: Duration = Duration::from_secs(3_600);

/// Drops what no longer counts and looks at what waits, every hour, for ever. Any number of nodes may.
pub async fn clean(services: Services) {
    let mut due = tokio::time::interval(BETWEEN_CLEANINGS);
    loop {
        due.tick().await;
        if let Err(error) = services.forget_old().await {
            tracing::warn!(%error, "what no longer counts could not be dropped; it is tried again in an hour");
        }
        if let Err(error) = services.measure_demand().await {
            tracing::warn!(%error, "what is sold in a day could not be measured; it is tried again in an hour");
        }
        if let Err(error) = services.close_months().await {
            tracing::warn!(%error, "a month that is over could not be closed; it is tried again in an hour");
        }
        if let Err(error) = services.look_at_waiting().await {
            tracing::warn!(%error, "not all orders that wait could be planned again; they are tried again in an hour");
        }
    }
}

/// However much happens, levels are looked at no more often.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
/// What another node has changed is seen after this long, should nothing happen on this one.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);

/// Looks at the levels that have a reorder point after every change, for ever. Any number of nodes may.
pub async fn watch_levels(services: Services) {
    loop {
        let changed = services.changed.notified();
        tokio::pin!(changed);
        // What changes while this looks calls for another look.
        changed.as_mut().enable();
        if let Err(error) = services.watch_levels().await {
            tracing::warn!(%error, "the stock levels could not be looked at; they are again in a moment");
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let _rung_or_not = tokio::time::timeout(LOOK_ANYWAY, changed).await;
    }
}

/// Promises are looked at so often, and as soon as the network is another.
const BETWEEN_PROMISES: Duration = Duration::from_secs(10);

/// Looks for promises in danger, for ever. Any number of nodes may.
pub async fn watch_promises(services: Services) {
    let mut due = tokio::time::interval(BETWEEN_PROMISES);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = None;
    loop {
        due.tick().await;
        if let Err(error) = services.watch_promises(&mut seen).await {
            tracing::warn!(%error, "not all promises could be looked at; they are again in a moment");
        }
    }
}

/// What another node has done calls for messages after this long, should nothing happen on this one.
const NOTIFY_ANYWAY: Duration = Duration::from_secs(5);

/// Writes and sends messages to customers, for ever. Any number of nodes may.
pub async fn notify(services: Services) {
    loop {
        let changed = services.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        match services.notify().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "messages to customers could not be worked on; they are again in a moment"),
        }
        let _rung_or_not = tokio::time::timeout(NOTIFY_ANYWAY, changed).await;
    }
}

/// What another node has done calls for other systems to be told after this long, should nothing happen on this one.
const DELIVER_ANYWAY: Duration = Duration::from_secs(2);

/// Tells other systems what happens, for ever. Any number of nodes may.
pub async fn deliver(services: Services) {
    let mut busy: HashMap<WebhookId, JoinHandle<()>> = HashMap::new();
    loop {
        let changed = services.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        match services.webhooks_due().await {
            Ok(due) => {
                busy.retain(|_, calls| !calls.is_finished());
                for webhook in due {
                    busy.entry(webhook).or_insert_with(|| tokio::spawn(deliver_to(services.clone(), webhook)));
                }
            }
            Err(error) => tracing::warn!(%error, "it could not be seen what other systems are to be told; it is again in a moment"),
        }
        let _rung_or_not = tokio::time::timeout(DELIVER_ANYWAY, changed).await;
    }
}

/// Tells one system what is due.
async fn deliver_to(services: Services, webhook: WebhookId) {
    loop {
        match services.deliver(webhook).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(%error, "another system could not be told; it is again in a moment");
                break;
            }
        }
    }
}

async fn round(services: &Services, one_at_a_time: &Arc<Semaphore>) -> Result<usize, Error> {
    let mut conn = services.pool.acquire().await?;
    let taken = jobs::take(&mut conn, services.clock.now(), BATCH).await?;
    drop(conn);
    let count = taken.len();
    for job in taken {
        if let Job::RunSimulation { simulation_id } = job.job {
            tokio::spawn(run_aside(services.clone(), Arc::clone(one_at_a_time), job, simulation_id));
            continue;
        }
        let outcome = perform(services, &job.job).await;
        let mut conn = services.pool.acquire().await?;
        match outcome {
            Ok(()) => jobs::finish(&mut conn, job.job_id).await?,
            Err(error) => put_back(services, &mut conn, &job, &error).await?,
        }
    }
    Ok(count)
}

/// Runs a simulation beside everything else, one at a time on each node, and keeps its job meanwhile.
async fn run_aside(services: Services, one_at_a_time: Arc<Semaphore>, job: Taken, id: SimulationId) {
    let work = async {
        let _its_turn = one_at_a_time.acquire().await;
        let (its, asked, runtime) = (services.clone(), job.job.clone(), Handle::current());
        // A thread of its own: it reckons for long between one question to the database and the next.
        tokio::task::spawn_blocking(move || runtime.block_on(perform(&its, &asked))).await
    };
    tokio::pin!(work);
    let mut due = tokio::time::interval((jobs::LEASE / 3).to_std().unwrap_or(IDLE));
    let outcome = loop {
        tokio::select! {
            outcome = &mut work => break outcome,
            _ = due.tick() => {
                if let Err(error) = renew(&services, &job).await {
                    tracing::warn!(%error, "the lease of a simulation could not be renewed; it is tried again in a moment");
                }
            }
        }
    };
    let ended = async {
        let mut conn = services.pool.acquire().await?;
        match outcome {
            Ok(Ok(())) => jobs::finish(&mut conn, job.job_id).await,
            Ok(Err(error)) => put_back(&services, &mut conn, &job, &error).await,
            Err(panicked) => {
                tracing::error!(%panicked, "a simulation broke down");
                simulation::fail_simulation(&mut conn, services.clock.now(), id, "It broke down. Tell those who run Waybill.").await?;
                jobs::finish(&mut conn, job.job_id).await
            }
        }
    };
    if let Err(error) = ended.await {
        tracing::error!(%error, "how a simulation ended could not be noted; it runs again");
    }
}

async fn renew(services: &Services, job: &Taken) -> Result<(), Error> {
    jobs::renew(&mut *services.pool.acquire().await?, job.job_id, services.clock.now()).await
}

async fn put_back(services: &Services, conn: &mut sqlx::PgConnection, job: &Taken, error: &SettleError) -> Result<(), Error> {
    tracing::debug!(job = job.job_id, attempts = job.attempts, %error, "a job will be tried again");
    jobs::retry_later(conn, job, services.clock.now(), &error.to_string()).await
}

async fn perform(services: &Services, job: &Job) -> Result<(), SettleError> {
    match job {
        Job::SettlePaymentOperation { order_id, operation_id } => {
            services.settle(RecordedOperation { order_id: *order_id, operation_id: *operation_id }).await
        }
        Job::ExpireUnpaidOrder { order_id } => Ok(services.expire_unpaid_order(*order_id).await?),
        Job::ReleaseOrder { order_id } => Ok(services.release_order(*order_id).await?),
        Job::ExpireBooking { booking_id } => Ok(services.expire_booking(*booking_id).await?),
        Job::ExpireHold { hold_id, .. } => Ok(services.expire_hold(*hold_id).await?),
        Job::RerouteOrder { order_id, .. } => Ok(services.reroute_order(*order_id).await.map(|_| ())?),
        Job::SendSubstitutes { order_id, .. } => Ok(services.send_substitutes(*order_id).await?),
        Job::RunFileImport { file_import_id, applies, after, .. } => {
            Ok(services.run_file_import(Step { import: *file_import_id, applies: *applies, after: *after }).await?)
        }
        Job::RunSimulation { simulation_id } => Ok(services.run_simulation(*simulation_id).await?),
        Job::EndOffer { order_id, fulfilment_no } => Ok(services.end_offer(*order_id, *fulfilment_no).await?),
        Job::ReplanDisrupted { disruption_id, after } => Ok(services.replan_disrupted(*disruption_id, *after).await?),
        Job::EndDisruption { disruption_id } => Ok(services.end_disruption(&Act::system(services.clock.now()), *disruption_id).await?),
        Job::BringBack { disruption_id, after } => Ok(services.bring_back(*disruption_id, *after).await?),
        Job::RerouteWaiting { sku_id, .. } => Ok(services.reroute_waiting(*sku_id).await?),
    }
}
