//! Reading disruptions.

use super::views::DisruptionRow;
use super::{DisruptionKind, Stopped};
use crate::identity::{Act, Permission};
use crate::ids::{DisruptionId, LocationId, SkuId};
use crate::inventory::{Allowed, Network};
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Disruptions, those that are not over before the others, the newest first, at most so many.
pub async fn list_disruptions(conn: &mut PgConnection, act: &Act, most: i64) -> Result<Vec<DisruptionRow>> {
    act.require(Permission::ReadRouting)?;
    rows(conn, None, most).await
}

/// One of them.
pub async fn disruption(conn: &mut PgConnection, act: &Act, id: DisruptionId) -> Result<DisruptionRow> {
    act.require(Permission::ReadRouting)?;
    rows(conn, Some(id), 1).await?.pop().ok_or_else(|| Refusal::not_found("such disruption").into())
}

async fn rows(conn: &mut PgConnection, only: Option<DisruptionId>, most: i64) -> Result<Vec<DisruptionRow>> {
    let only = only.map(|id| id.0);
    Ok(sqlx::query_file_as!(DisruptionRow, "src/inventory/disruptions/sql/list_disruptions.sql", only, most).fetch_all(conn).await?)
}

/// What planning left out at a moment, besides locations that were closed.
pub async fn stopped_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<Vec<Stopped>> {
    let rows = sqlx::query!(
        r#"select carrier, service, sku_id as "sku: SkuId", location_id as "location: LocationId", lasts_until
        from disruptions
        where kind <> $2 and valid @> $1::timestamptz and (lasts_until is null or lasts_until > $1)
        order by lower(valid), disruption_id"#,
        at,
        DisruptionKind::Location.as_str()
    )
    .fetch_all(conn)
    .await?;
    let stopped = rows.into_iter().filter_map(|r| match (r.carrier, r.service) {
        (Some(name), _) => Some(Stopped::Carrier(name, r.lasts_until)),
        (None, Some(code)) => Some(Stopped::Service(code, r.lasts_until)),
        (None, None) => Some(Stopped::Sku(r.sku?, r.location)),
    });
    Ok(stopped.collect())
}

impl Network {
    /// One that is stopped for two reasons takes parcels again when both are over.
    fn stop_service(&mut self, code: String, until: Option<DateTime<Utc>>) {
        self.delivery.stopped.entry(code).and_modify(|known| *known = known.zip(until).map(|(a, b)| a.max(b))).or_insert(until);
    }

    /// Leaves out what is out of order.
    pub(in crate::inventory) fn leave_out(&mut self, stopped: Stopped) {
        match stopped {
            Stopped::Carrier(name, until) => {
                let its = self.delivery.services.iter().filter(|(_, service)| service.carrier == name);
                for code in its.map(|(code, _)| code.clone()).collect::<Vec<_>>() {
                    self.stop_service(code, until);
                }
            }
            Stopped::Service(code, until) => self.stop_service(code, until),
            Stopped::Sku(sku, at) => {
                let flags = self.flags.entry(sku).or_default();
                let places: Vec<LocationId> = self.locations.iter().map(|l| l.id).filter(|id| at.is_none_or(|at| at == *id)).collect();
                flags.retain(|(id, _)| !places.contains(id));
                flags.extend(places.into_iter().map(|id| (id, Allowed { ship: false, pickup: false })));
            }
        }
    }
}
