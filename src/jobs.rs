//! The queue of follow-up work: a row in the same transaction as its cause, taken by any node with `for update skip locked`.

use crate::refusal::Result;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::ids::{BookingId, DisruptionId, FileImportId, HoldId, OperationId, OrderId, SimulationId, SkuId};

/// What can be asked for. Each is safe to run twice: a node may die between doing the work and saying so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Ask the gateway what became of an operation, and send it (again) where it never arrived.
    SettlePaymentOperation { order_id: OrderId, operation_id: OperationId },
    /// Free the stock of an order that was not paid in time.
    ExpireUnpaidOrder { order_id: OrderId },
    /// Hand an order to its locations, whose time to wait is over.
    ReleaseOrder { order_id: OrderId },
    /// Give a slot back that was kept while somebody decided.
    ExpireBooking { booking_id: BookingId },
    /// Free what a basket kept, whose time is over `at`.
    ExpireHold { hold_id: HoldId, at: DateTime<Utc> },
    /// Plan again what waits of an order.
    RerouteOrder { order_id: OrderId, since: DateTime<Utc> },
    /// Send something else in the place of what is missing of an order.
    SendSubstitutes { order_id: OrderId, since: DateTime<Utc> },
    /// Units of a SKU have come: plan again the orders that wait for them.
    RerouteWaiting { sku_id: SkuId, since: DateTime<Utc> },
    /// Work on the rows of an import behind a line of its file: take them in, or only look at them.
    RunFileImport { file_import_id: FileImportId, applies: bool, after: i32, since: DateTime<Utc> },
    /// Route a period's orders again. It may take minutes.
    RunSimulation { simulation_id: SimulationId },
    /// Work that several locations were asked for is given to one of them.
    EndOffer { order_id: OrderId, fulfilment_no: i32 },
    /// Plan the orders anew that count on what is out of order: some, behind a number.
    ReplanDisrupted { disruption_id: DisruptionId, after: i32 },
    /// What is out of order should work again.
    EndDisruption { disruption_id: DisruptionId },
    /// Look at the orders of a disruption that is over: some, behind a number.
    BringBack { disruption_id: DisruptionId, after: i32 },
}

impl Job {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::SettlePaymentOperation { .. } => "settle_payment_operation",
            Self::ExpireUnpaidOrder { .. } => "expire_unpaid_order",
            Self::ReleaseOrder { .. } => "release_order",
            Self::ExpireBooking { .. } => "expire_booking",
            Self::ExpireHold { .. } => "expire_hold",
            Self::RerouteOrder { .. } => "reroute_order",
            Self::SendSubstitutes { .. } => "send_substitutes",
            Self::RerouteWaiting { .. } => "reroute_waiting",
            Self::RunFileImport { .. } => "run_file_import",
            Self::RunSimulation { .. } => "run_simulation",
            Self::EndOffer { .. } => "end_offer",
            Self::ReplanDisrupted { .. } => "replan_disrupted",
            Self::EndDisruption { .. } => "end_disruption",
            Self::BringBack { .. } => "bring_back",
        }
    }

    pub(crate) fn dedupe_key(&self) -> String {
        match self {
            Self::SettlePaymentOperation { operation_id, .. } => format!("settle:{operation_id}"),
            Self::ExpireUnpaidOrder { order_id } => format!("expire:{order_id}"),
            Self::ReleaseOrder { order_id } => format!("release:{order_id}"),
            Self::ExpireBooking { booking_id } => format!("booking:{booking_id}"),
            // Extended, it is another job.
            Self::ExpireHold { hold_id, at } => format!("hold:{hold_id}:{}", at.timestamp_micros()),
            // What happens while one of these is being done calls for another.
            Self::RerouteOrder { order_id, since } => format!("reroute:{order_id}:{}", since.timestamp_micros()),
            Self::SendSubstitutes { order_id, since } => format!("substitutes:{order_id}:{}", since.timestamp_micros()),
            // A file is looked at anew when its columns are said anew.
            Self::RunFileImport { file_import_id, applies, after, since } => {
                format!("import:{file_import_id}:{applies}:{after}:{}", since.timestamp_micros())
            }
            Self::RunSimulation { simulation_id } => format!("simulation:{simulation_id}"),
            Self::EndOffer { order_id, fulfilment_no } => format!("offer:{order_id}:{fulfilment_no}"),
            Self::ReplanDisrupted { disruption_id, after } => format!("disrupted:{disruption_id}:{after}"),
            Self::EndDisruption { disruption_id } => format!("disruption-over:{disruption_id}"),
            Self::BringBack { disruption_id, after } => format!("bring-back:{disruption_id}:{after}"),
            Self::RerouteWaiting { sku_id, since } => format!("waiting:{sku_id}:{}", since.timestamp_micros()),
        }
    }
}

/// A job taken by this node until `LEASE` is over.
#[derive(Clone, Debug)]
pub struct Taken {
    pub job_id: i64,
    pub attempts: i32,
    pub job: Job,
}

/// A node that dies loses its jobs to the others after this long.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// After this many tries a job waits for a person.
const MAX_ATTEMPTS: i32 = 20;

/// Enqueues in the caller's transaction. The same job twice is one job.
pub async fn enqueue(conn: &mut PgConnection, jobs: &[(Job, DateTime<Utc>)]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let kinds: Vec<String> = jobs.iter().map(|(job, _)| job.name().to_owned()).collect();
    let keys: Vec<String> = jobs.iter().map(|(job, _)| job.dedupe_key()).collect();
    let payloads: Vec<serde_json::Value> = jobs.iter().map(|(job, _)| serde_json::to_value(job).unwrap_or_default()).collect();
    let times: Vec<DateTime<Utc>> = jobs.iter().map(|(_, at)| *at).collect();
    sqlx::query!(
        "insert into jobs (kind, dedupe_key, payload, run_at)
        select * from unnest($1::text[], $2::text[], $3::jsonb[], $4::timestamptz[])
        on conflict (dedupe_key) do nothing",
        &kinds,
        &keys,
        &payloads,
        &times
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops jobs that have become pointless, in the transaction that made them so.
pub async fn forget(conn: &mut PgConnection, jobs: &[Job]) -> Result<()> {
    let keys: Vec<String> = jobs.iter().map(Job::dedupe_key).collect();
    sqlx::query!("delete from jobs where dedupe_key = any ($1)", &keys).execute(conn).await?;
    Ok(())
}

/// Drops what is due, and not begun, of looking at the orders that wait for a SKU: whoever calls this looks at them right after.
pub async fn absorb_waiting(conn: &mut PgConnection, sku: SkuId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "delete from jobs
        where job_id in (
            select job_id
            from jobs
            where kind = 'reroute_waiting' and payload ->> 'sku_id' = $1 and run_at <= $2 and locked_until is null and failed_at is null
            for update skip locked
        )",
        sku.to_string(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes up to `limit` jobs that are due. No two nodes get the same one while its lease lasts.
pub async fn take(conn: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Taken>> {
    let rows = sqlx::query!(
        r#"update jobs
        set locked_until = $2, attempts = attempts + 1
        where job_id in (
            select job_id
            from jobs
            where run_at <= $1 and failed_at is null and (locked_until is null or locked_until < $1)
            order by run_at
            limit $3
            for update skip locked
        )
        returning job_id, attempts, payload as "job: Json<Job>""#,
        now,
        now + LEASE,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| Taken { job_id: r.job_id, attempts: r.attempts, job: r.job.0 }).collect())
}

/// Whoever works on a job for longer than its lease keeps it.
pub async fn renew(conn: &mut PgConnection, job_id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update jobs set locked_until = $2 where job_id = $1", job_id, now + LEASE).execute(conn).await?;
    Ok(())
}

/// The job is done.
pub async fn finish(conn: &mut PgConnection, job_id: i64) -> Result<()> {
    sqlx::query!("delete from jobs where job_id = $1", job_id).execute(conn).await?;
    Ok(())
}

/// The job failed: it runs again later, ever more slowly, and in the end waits visibly.
pub async fn retry_later(conn: &mut PgConnection, taken: &Taken, now: DateTime<Utc>, error: &str) -> Result<()> {
    let seconds = 2i64.pow(taken.attempts.clamp(0, 10).unsigned_abs());
    let failed_at = (taken.attempts >= MAX_ATTEMPTS).then_some(now);
    sqlx::query!(
        "update jobs set locked_until = null, run_at = $2, last_error = $3, failed_at = $4 where job_id = $1",
        taken.job_id,
        now + TimeDelta::seconds(seconds),
        error,
        failed_at
    )
    .execute(conn)
    .await?;
    Ok(())
}
